import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entityTag, isMet, preconditionOf } from "./precondition.js";

const json = fc.jsonValue({ maxDepth: 4 });

describe("an entity tag", () => {
  it("is the same for the same content, in whatever order its keys are, and another for another", () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, turned(inner)]),
            )
          : value;
    fc.assert(
      fc.property(json, json, (one, other) => {
        expect(entityTag(turned(one))).toBe(entityTag(one));
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(entityTag(one) === entityTag(other)).toBe(isSame);
      }),
    );
  });

  it("is asked for among any others, also weakened, and of what is not there never met", () => {
    const others = fc.array(json.map(entityTag), { maxLength: 3 });
    fc.assert(
      fc.property(json, others, fc.boolean(), fc.nat(3), (content, tags, isWeak, at) => {
        const own = `${isWeak ? "W/" : ""}${entityTag(content)}`;
        const asked = (list: readonly string[]) => preconditionOf({ "if-match": list.join(", ") });
        expect(isMet(asked(tags.toSpliced(at, 0, own)), content)).toBe(true);
        expect(isMet(asked([...tags, '"none"']), content)).toBe(tags.includes(entityTag(content)));
        expect(isMet(asked([own]), undefined)).toBe(false);
      }),
    );
    expect([
      isMet({}, undefined),
      isMet({}, 1),
      isMet({ absent: true }, undefined),
      isMet({ absent: true }, 1),
    ]).toEqual([true, true, true, false]);
    expect([isMet({ match: "*" }, 1), isMet({ match: "*" }, undefined)]).toEqual([true, false]);
  });
});

/** Lists and objects as lists that are told apart, the latter in the order of their keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ["list", ...value.map(sorted)];
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)]);
  return ["object", ...entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))];
}
