import { describe, expect, it } from "vitest";
import { dinCheckCharacter, Gs1Error, parseBarcode, parseIsbt } from "./index.js";

const read = (text: string) =>
  parseIsbt(text).elements.map(({ ai, value, date }) => [ai, value, ...(date ? [date] : [])]);

function errorOf(text: string): [string, number] {
  try {
    parseIsbt(text);
  } catch (error) {
    if (error instanceof Gs1Error) return [error.code, error.position];
    throw error;
  }
  throw new Error("no error");
}

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
