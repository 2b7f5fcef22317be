import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invalidValues, today, validValues } from "../../test/gs1-values.js";
import { encodeElementString, Gs1Error, identifierOf, identifiers, parseElementString } from "./index.js";
import { dictionary } from "./tables/dictionary.js";

const source = fileURLToPath(new URL("../../../../../shared/data/gs1/gs1-syntax-dictionary.txt", import.meta.url));

it.skipIf(!existsSync(source))("the table is the syntax dictionary's, line by line (needs ../shared/data/gs1)", () => {
  const lines = readFileSync(source, "utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => line.trim().replace(/\s+/g, " "));
  expect(dictionary.trim().split("\n")).toEqual(lines);
});

describe("the table", () => {
  it("has every identifier once, in order", () => {
    const names = identifiers().map(({ ai }) => ai);
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.length).toBe(541);
  });

  it("says what the standard says of a lot, a price and a link's key", () => {
    expect(identifierOf("10")).toMatchObject({ title: "BATCH/LOT", maxLength: 20, predefined: false, attribute: true });
    expect(identifierOf("3932")).toMatchObject({ format: "N3,iso4217 N..15", minLength: 4, maxLength: 18 });
    expect(identifierOf("01")?.qualifiers).toEqual([["22", "10", "21"], ["235"]]);
    expect(identifierOf("250")?.requires).toEqual([
      [
        ["01", "21"],
        ["03", "21"],
        ["8006", "21"],
      ],
    ]);
    expect(identifierOf("18")).toBeUndefined();
  });
});

describe("every Application Identifier", () => {
  it.each(identifiers().map((identifier) => [`(${identifier.ai}) ${identifier.title}`.trim(), identifier] as const))(
    "%s accepts what its format allows and refuses the rest",
    (_, identifier) => {
      const { ai } = identifier;
      fc.assert(
        fc.property(validValues(identifier), (value) => {
          expect(parseElementString(ai + value, { today })).toMatchObject([{ ai, value }]);
        }),
        { numRuns: 20 },
      );
      for (const [why, values] of invalidValues(identifier)) {
        fc.assert(
          fc.property(values, (value) => {
            expect(() => encodeOne(ai, value), `${why}: ${value}`).toThrow(Gs1Error);
            // A value of predefined length ends where it must, whatever follows.
            if (!identifier.predefined || why !== "too long") {
              expect(() => parseElementString(ai + value, { today }), `${why}: ${value}`).toThrow(Gs1Error);
            }
          }),
          { numRuns: 10 },
        );
      }
    },
  );
});

function encodeOne(ai: string, value: string): string {
  try {
    return encodeElementString([{ ai, value }], { today });
  } catch (error) {
    // Alone, most identifiers lack their companions; the value is what is tested here.
    if (error instanceof Gs1Error && error.code === "MISSING_COMPANION") return ai + value;
    throw error;
  }
}
