import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1ErrorOf } from "../../test/gs1-error.js";
import { dinCheckCharacter, parseBarcode, parseIsbt } from "./index.js";
import { type IsbtStructure, isbtStructures } from "./tables/isbt.js";

const read = (text: string) =>
  parseIsbt(text).elements.map(({ ai, value, date }) => [ai, value, ...(date ? [date] : [])]);

const errorOf = (text: string) => gs1ErrorOf(() => parseIsbt(text));

describe("ISBT 128", () => {
  it("reads a compound message (ST-017 §4.3)", () => {
    expect(read("=+04000=/A9997XYZ100T0479=A99991712345600=,000012=>019031")).toEqual([
      ["=+", "04000"],
      ["=/", "A9997XYZ100T0479"],
      ["=", "A99991712345600"],
      ["=,", "000012"],
      ["=>", "019031", "2019-01-31"],
    ]);
  });

  it("reads blood bags, whose DI is the container's, with a blank between", () => {
    const barcode = parseBarcode("=)1TE123456A &)RZ12345678");
    expect(barcode).toMatchObject({ ok: true, di: "1TE123456A", pi: { lot: "RZ12345678" } });
  });

  it("reads dates with times, centuries and leap years", () => {
    expect(read("&>0260601200&}9993652359=*024366&*1010010000")).toEqual([
      ["&>", "0260601200", "2026-03-01T12:00"],
      ["&}", "9993652359", "1999-12-31T23:59"],
      ["=*", "024366", "2024-12-31"],
      ["&*", "1010010000", "2101-01-01T00:00"],
    ]);
    expect(parseBarcode("=/A9999XYZ100T0944&>0260601200")).toMatchObject({
      pi: { expiry: "2026-03-01", expiryTime: "12:00" },
    });
  });

  it("reads a unit of blood, and keeps what has no part in a UDI", () => {
    expect(read("=<E0206000=%5100")).toEqual([
      ["=<", "E0206000"],
      ["=%", "5100"],
    ]);
    expect(parseIsbt("=/A9999XYZ100T0944&(N0008=,000001").notInterpreted).toMatchObject([
      { ai: "&(", value: "N0008", position: 20 },
    ]);
  });

  it("knows the check character of the standard's example (ST-001 appendix A)", () => {
    expect(dinCheckCharacter("G123417654321")).toBe("A");
    expect(dinCheckCharacter("P000206019063")).toBe("X");
    expect(() => dinCheckCharacter("G1234")).toThrow(RangeError);
  });

  it("checks flags that are a check value", () => {
    expect(read("=G12341765432170")).toHaveLength(1);
    expect(errorOf("=G12341765432171")).toEqual(["BAD_CHECK", 14]);
    expect(errorOf("=G12341765432270")).toEqual(["BAD_CHECK", 14]);
  });

  it("says where it is wrong", () => {
    expect(errorOf("=/A9999XYZ100T094")).toEqual(["TOO_SHORT", 17]);
    expect(errorOf("=/O9999XYZ100T0944")).toEqual(["BAD_CHARACTER", 2]);
    expect(errorOf("=/A9999XYZ100T0944X")).toEqual(["UNKNOWN_IDENTIFIER", 18]);
    expect(errorOf("=>014366")).toEqual(["BAD_DATE", 5]);
    expect(errorOf("&>0140322400")).toEqual(["BAD_TIME", 8]);
    expect(errorOf("&>0140322360")).toEqual(["BAD_TIME", 10]);
    expect(errorOf("=+02000=,000012")).toEqual(["BAD_COUNT", 2]);
    expect(errorOf("=")).toEqual(["UNKNOWN_IDENTIFIER", 0]);
  });
});

describe("every ISBT 128 data structure that is interpreted", () => {
  const two = (most: number) => fc.nat(most).map((number) => String(number).padStart(2, "0"));
  const date = fc
    .tuple(fc.nat(99), fc.integer({ min: 1, max: 365 }))
    .map(([year, day]) => `0${String(year).padStart(2, "0")}${String(day).padStart(3, "0")}`);
  const contentOf = ({ meaning, pattern }: IsbtStructure): fc.Arbitrary<string> => {
    if (meaning === "date") return date;
    if (meaning === "date and time") return fc.tuple(date, two(23), two(59)).map((parts) => parts.join(""));
    if (meaning === "count") return two(99).map(() => "00000");
    // Flags from 60 on are a check value, which another test has.
    if (meaning === "din") return fc.stringMatching(pattern).map((number) => `${number.slice(0, 13)}00`);
    return fc.stringMatching(pattern);
  };

  it.each(
    Object.entries(isbtStructures).map(([ai, structure]) => [`${ai} ${structure.title}`, ai, structure] as const),
  )("%s is read whole, alone and before another, and refused where it is cut off", (_, ai, structure) => {
    fc.assert(
      fc.property(contentOf(structure), (value) => {
        expect(parseIsbt(ai + value).elements).toMatchObject([{ ai, value, title: structure.title }]);
        if (structure.meaning === "count") return;
        expect(parseIsbt(`${ai}${value}=%5100`).elements).toMatchObject([
          { ai, value },
          { ai: "=%", value: "5100" },
        ]);
        if (ai !== "&,1") expect(errorOf(ai + value.slice(0, -1))[0]).toBe("TOO_SHORT");
      }),
      { numRuns: 50 },
    );
  });
});
