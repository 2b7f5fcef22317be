import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEpc, EpcError, toEpc } from "../epc/index.js";
import { EpcSelection, type EpcSelectionText, epcPattern, selectionProblems } from "./index.js";

const of = (characters: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
const digits = (length: number) => of("0123456789", length);
const hexDigits = (most: number, least = most) => of("0123456789ABCDEF", least, most);
const upTo = (max: number) => fc.integer({ min: 0, max }).map(String);
/** Few prefixes, so that two EPCs often share one. */
const prefix = fc.constantFrom("0614141", "9521141", "952114", "095060001343");
const ofPrefix = (length: number) => prefix.chain((text) => fc.tuple(fc.constant(text), digits(length - text.length)));
const serial = fc.oneof(upTo(30), upTo(2 ** 31 - 1));
const letters = of("0123789AZaz.", 1, 12);

/** Components of tag URIs of many schemes. */
const uris: Record<string, fc.Arbitrary<string[]>> = {
  "sgtin-96": fc.tuple(upTo(7), ofPrefix(13), serial).map((parts) => parts.flat()),
  "sgtin-198": fc.tuple(upTo(7), ofPrefix(13), letters).map((parts) => parts.flat()),
  "sscc-96": fc.tuple(upTo(7), ofPrefix(17)).map((parts) => parts.flat()),
  "sgln-96": fc.tuple(upTo(7), ofPrefix(12), serial).map((parts) => parts.flat()),
  "grai-96": fc.tuple(upTo(7), ofPrefix(12), serial).map((parts) => parts.flat()),
  "giai-96": fc.tuple(upTo(7), prefix, serial),
  "giai-202": fc.tuple(upTo(7), prefix, letters),
  "gsrn-96": fc.tuple(upTo(7), ofPrefix(17)).map((parts) => parts.flat()),
  "sgcn-96": fc.tuple(upTo(7), ofPrefix(12), digits(4)).map((parts) => parts.flat()),
  "itip-110": fc.tuple(upTo(7), ofPrefix(13), fc.constant(["01", "02"]), serial).map((parts) => parts.flat()),
  "cpi-96": fc.tuple(upTo(7), prefix, upTo(99), serial),
  "gid-96": fc.tuple(upTo(1000), upTo(1000), serial),
};
const names = Object.keys(uris);
const anyUri = fc
  .constantFrom(...names)
  .chain((name) => fc.tuple(fc.constant(name), uris[name] ?? fc.constant([])))
  .map(([name, components]) => ({ name, components }));

const hexOf = ({ name, components }: { name: string; components: readonly string[] }) =>
  toEpc(`urn:epc:tag:${name}:${components.join(".")}`).hex;

/** The EPC's own components, each of them, a wildcard or a range; the reference is no value where the prefix is none. */
const patternOf = (uri: { name: string; components: readonly string[] }, choices: readonly number[]) => {
  const { name, components } = uri;
  const [prefixAt, referenceAt] = name === "gid-96" ? [-1, -1] : [1, 2];
  const parts = components.map((text, at) => {
    const choice = choices[at] ?? 0;
    if (choice === 1 || (at === prefixAt && choice === 2)) return "*";
    if (choice === 2 && /^\d{1,15}$/.test(text) && at !== prefixAt)
      return `[${Math.max(0, Number(text) - 3)}-${at === 0 ? Number(text) : Number(text) + 2}]`;
    return text;
  });
  if (parts[prefixAt] === "*") parts[referenceAt] = "*";
  return parts;
};
const choices = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 });

/** What a pattern means, read off the text of the tag URI. */
function inPattern(hex: string, name: string, parts: readonly string[]): boolean {
  let uri: string | undefined;
  try {
    const epc = decodeEpc(hex);
    uri = epc.scheme === "unknown" ? undefined : epc.tagUri;
  } catch (error) {
    if (!(error instanceof EpcError)) throw error;
  }
  const body = uri?.startsWith(`urn:epc:tag:${name}:`) ? uri.slice(`urn:epc:tag:${name}:`.length) : undefined;
  if (body === undefined) return false;
  const texts = body.split(".");
  const components = [...texts.slice(0, parts.length - 1), texts.slice(parts.length - 1).join(".")];
  return parts.every((part, at) => {
    const text = components[at] ?? "";
    const [, low, high] = /^\[(\d+)-(\d+)\]$/.exec(part) ?? [];
    if (low !== undefined)
      return /^\d+$/.test(text) && BigInt(low) <= BigInt(text) && BigInt(text) <= BigInt(high ?? "");
    return part === "*" || part === text;
  });
}

const included = (text: EpcSelectionText, hex: string) => new EpcSelection(text).against(hex) === undefined;
const bitsOf = (hex: string) =>
  [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");

describe("patterns of EPCs", () => {
  it("have the EPC in them of which they were made, whatever is left open", () => {
    fc.assert(
      fc.property(anyUri, choices, (uri, open) => {
        const parts = patternOf(uri, open);
        expect(included({ include: [`urn:epc:pat:${uri.name}:${parts.join(".")}`] }, hexOf(uri))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("mean by their bits what they mean decoded, for EPCs of all kinds and for bits that are none", () => {
    let hits = 0;
    fc.assert(
      fc.property(
        anyUri,
        choices,
        fc.oneof(
          anyUri.map(hexOf),
          fc.tuple(fc.constantFrom("30", "31", "32", "33", "34", "36"), hexDigits(22)).map((parts) => parts.join("")),
          hexDigits(32, 4),
        ),
        fc.boolean(),
        (uri, open, other, near) => {
          const parts = patternOf(uri, open);
          const own = hexOf(uri);
          // Half of another EPC behind half of this one: near misses.
          const hex = near
            ? own.slice(0, 8) +
              other
                .slice(8)
                .padEnd(own.length - 8, "0")
                .slice(0, own.length - 8)
            : other;
          const expected = inPattern(hex, uri.name, parts);
          if (expected) hits++;
          expect(included({ include: [`urn:epc:pat:${uri.name}:${parts.join(".")}`] }, hex)).toBe(expected);
          expect(included({ exclude: [`urn:epc:pat:${uri.name}:${parts.join(".")}`] }, hex)).toBe(!expected);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(hits).toBeGreaterThan(20);
  });

  it("of a scheme, an identifier and a company prefix have what decodes to them", () => {
    fc.assert(
      fc.property(anyUri, prefix, fc.boolean(), (uri, companyPrefix, wide) => {
        const epc = toEpc(`urn:epc:tag:${uri.name}:${uri.components.join(".")}`);
        const scheme = wide ? uri.name.replace(/-.*/, "") : uri.name;
        expect(included({ include: [{ scheme }] }, epc.hex)).toBe(true);
        if (uri.name === "gid-96") return;
        expect(included({ include: [{ scheme, companyPrefix }] }, epc.hex)).toBe(uri.components[1] === companyPrefix);
        expect(included({ include: [{ scheme: "adi-var" }] }, epc.hex)).toBe(false);
      }),
    );
  });

  it("of a company prefix have the EPCs of '+' schemes, whose bits are digits", () => {
    const hex = toEpc("(01)09506000134352(21)32a/b", { scheme: "sgtin+" }).hex;
    expect(included({ include: [{ scheme: "sgtin+", companyPrefix: "95060001343" }] }, hex)).toBe(true);
    expect(included({ include: [{ scheme: "sgtin", companyPrefix: "9506000" }] }, hex)).toBe(true);
    expect(included({ include: [{ scheme: "sgtin", companyPrefix: "9506001" }] }, hex)).toBe(false);
  });

  it("of bits compare so many bits, and no more", () => {
    fc.assert(
      fc.property(hexDigits(8, 1), fc.integer({ min: 1, max: 32 }), hexDigits(12, 4), (hex, width, epc) => {
        const bits = Math.min(width, hex.length * 4);
        const near = hex.slice(0, 2) + epc;
        for (const text of [epc, near])
          expect(included({ include: [{ hex, bits }] }, text)).toBe(
            bitsOf(text).startsWith(bitsOf(hex).slice(0, bits)),
          );
      }),
    );
    expect(included({ prefixes: ["3034"] }, "303400000000")).toBe(true);
  });

  it("let through what is included and not excluded, and say why not", () => {
    const selection = new EpcSelection({
      prefixes: ["34"],
      include: [{ scheme: "sgtin-96" }],
      exclude: [{ hex: "3038" }],
    });
    const sgtin = toEpc("urn:epc:tag:sgtin-96:1.0614141.112345.7").hex;
    expect(selection.against(sgtin)).toBeUndefined();
    expect(selection.against("3400")).toBeUndefined();
    expect(selection.against(`3038${"0".repeat(20)}`)).toBe("excluded");
    // A header of SGTIN-96 before bits that are none: partition 7.
    expect(selection.against(`301C${"0".repeat(20)}`)).toBe("foreign");
    expect(selection.against("E280")).toBe("foreign");
    expect([sgtin, "3400", "E280"].map((hex) => selection.decodes(hex))).toEqual([true, false, false]);
    expect(new EpcSelection({}).against("E280")).toBeUndefined();
  });

  it.each([
    ["urn:epc:pat:sgtin-97:*.*.*.*", 'scheme: "sgtin-97" is no scheme of TDS 2.3, such as sgtin-96'],
    [
      "urn:epc:pat:sgtin+:*.*.*.*",
      "scheme: sgtin+ has no tag URI (TDS 2.3 §14.4); name it by scheme and companyPrefix instead",
    ],
    ["urn:epc:pat:sgtin-96:*.*.*", 'uri: sgtin-96 has 4 components, and "*.*.*" has 3'],
    ["urn:epc:pat:sgtin-96:8.0614141.*.*", "filter: it is a number from 0 to 7, * or a range of them"],
    ["urn:epc:pat:sgtin-96:[1-9].0614141.*.*", "filter: it is a number from 0 to 7, * or a range of them"],
    ["urn:epc:pat:sgtin-96:3.06141.*.*", "company prefix: it is 6 to 12 digits, or *, and no range"],
    ["urn:epc:pat:sgtin-96:3.*.112345.*", "sgtin-96: where the company prefix is *, the reference is * as well"],
    ["urn:epc:pat:sgtin-96:3.0614141.112345.[9-3]", "range: [9-3] begins after its end"],
    ["urn:epc:pat:sgtin-96:3.0614141.112345.12*", 'uri: "12*" is no value, no * and no [low-high]'],
    ["urn:epc:pat:sgtin-96:3.0614141.12.*", 'gtin: "0614141.12" are not a prefix and a reference of 13 digits'],
    ["urn:epc:pat:sgtin-96:3.0614141..*", "uri: a component is empty; it is a value, * or [low-high]"],
    ["urn:epc:pat:sgln-96:3.0614141..*", 'gln: "0614141." are not a prefix and a reference of 12 digits'],
    ["urn:epc:tag:sgtin-96:3.0614141.112345.1", '"urn:epc:tag:sgtin-96:3.0614141.112345.1" is no urn:epc:pat:'],
    [{ scheme: "sgtin-95" }, '"sgtin-95" is no scheme of TDS 2.3'],
    [{ scheme: "gid-96", companyPrefix: "0614141" }, "companyPrefix: gid-96 has no GS1 company prefix"],
    [{ scheme: "giai", companyPrefix: "06141" }, 'companyPrefix: it has 6 to 12 digits, and "06141" is not that'],
    [{ hex: "30", bits: 9 }, "bits: 30 has 8 bits, not 9"],
    [{ hex: "3X" }, 'hex: "3X" is not hex'],
  ])("name what is wrong with %j", (pattern, said) => {
    expect(() => epcPattern(pattern)).toThrow(EpcError);
    const [problem] = selectionProblems({ include: [{ scheme: "giai" }, pattern] });
    expect(problem).toMatchObject({ path: "include[1]", message: expect.stringContaining(said) });
  });
});
