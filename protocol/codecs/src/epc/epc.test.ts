import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEpc,
  EpcError,
  type EpcIdentity,
  encodeGiai96,
  encodeGrai96,
  encodeGsrn96,
  encodeGsrnp96,
  encodeSgln96,
  encodeSgtin96,
  encodeSgtin198,
  encodeSscc96,
  gs1CheckDigit,
  isPersonTag,
  isValidGtin,
} from "./index.js";

const annexE = fileURLToPath(new URL("../../../../../shared/data/epc/tds-2.3-annex-e.csv", import.meta.url));

function encodeAgain(epc: EpcIdentity): string {
  switch (epc.scheme) {
    case "sgtin-96":
      return encodeSgtin96(epc);
    case "sgtin-198":
      return encodeSgtin198(epc);
    case "sscc-96":
      return encodeSscc96(epc);
    case "sgln-96":
      return encodeSgln96(epc);
    case "grai-96":
      return encodeGrai96(epc);
    case "giai-96":
      return encodeGiai96(epc);
    case "gsrn-96":
      return encodeGsrn96(epc);
    case "gsrnp-96":
      return encodeGsrnp96(epc);
    case "unknown":
      return epc.hex;
  }
}

function errorOf(action: () => unknown): [string, string] {
  try {
    action();
  } catch (error) {
    if (error instanceof EpcError) return [error.code, error.field];
    throw error;
  }
  throw new Error("no error");
}

const numberBelow = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n).map(String);
const prefixLength = fc.integer({ min: 6, max: 12 });
const filter = fc.integer({ min: 0, max: 7 });
const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const key = (length: number) => digits(length - 1).map((start) => start + gs1CheckDigit(start));

describe.skipIf(!existsSync(annexE))("the examples of TDS 2.3 annex E (needs ../shared/data/epc)", () => {
  const schemes = new Set(["sgtin-96", "sgtin-198", "sscc-96", "sgln-96", "grai-96", "giai-96", "gsrn-96", "gsrnp-96"]);
  const lines = existsSync(annexE) ? readFileSync(annexE, "utf8").trim().split("\n").slice(1) : [];
  const rows = lines.map((line) => line.split(",")).filter(([scheme]) => schemes.has(scheme ?? ""));

  it("has every scheme of the table", () => expect(rows).toHaveLength(schemes.size));

  it.each(rows)("%s %s", (scheme, elementString, uri, hex = "") => {
    const epc = decodeEpc(hex);
    expect(epc).toMatchObject({ scheme, elementString, uri, hex });
    expect(encodeAgain(epc)).toBe(hex);
  });
});

describe("encoding and decoding", () => {
  it("give an SGTIN with GTIN of 14 digits and serial", () => {
    const epc = decodeEpc("3066c4409047e140075bcd15");
    expect(epc).toEqual({
      scheme: "sgtin-96",
      hex: "3066C4409047E140075BCD15",
      uri: "urn:epc:id:sgtin:95060001343.05.123456789",
      elementString: "(01)09506000134352(21)123456789",
      gtin: "09506000134352",
      serial: "123456789",
      companyPrefixLength: 11,
      filter: 3,
    });
  });

  it("are inverse for every company prefix length, key and serial", () => {
    const common = { companyPrefixLength: prefixLength, filter };
    const serial198 = fc.stringMatching(/^[!-"%-?A-Z_a-z]{1,20}$/);
    const giai = fc.tuple(digits(6), fc.integer({ min: 0, max: 999_999 })).map(([p, r]) => `${p}${r}`);
    fc.assert(
      fc.property(
        fc.record({ ...common, gtin: key(14), serial: numberBelow(38), long: serial198 }),
        fc.record({ ...common, sscc: key(18), gsrn: key(18) }),
        fc.record({ ...common, gln: key(13), grai: key(13), extension: numberBelow(41), serial: numberBelow(38) }),
        fc.record({ filter, giai }),
        (sgtin, serialised, typed, asset) => {
          expect(decodeEpc(encodeSgtin96(sgtin))).toMatchObject({ gtin: sgtin.gtin, serial: sgtin.serial });
          const long = { ...sgtin, serial: sgtin.long };
          expect(decodeEpc(encodeSgtin198(long))).toMatchObject({ gtin: sgtin.gtin, serial: sgtin.long });
          expect(decodeEpc(encodeSscc96(serialised))).toMatchObject({
            sscc: serialised.sscc,
            filter: serialised.filter,
          });
          expect(decodeEpc(encodeGsrn96(serialised))).toMatchObject({ scheme: "gsrn-96", gsrn: serialised.gsrn });
          expect(decodeEpc(encodeGsrnp96(serialised))).toMatchObject({ scheme: "gsrnp-96", gsrn: serialised.gsrn });
          expect(decodeEpc(encodeSgln96(typed))).toMatchObject({ gln: typed.gln, extension: typed.extension });
          expect(decodeEpc(encodeGrai96(typed))).toMatchObject({ grai: typed.grai, serial: typed.serial });
          expect(decodeEpc(encodeGiai96({ ...asset, companyPrefixLength: 6 }))).toMatchObject({ giai: asset.giai });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("either refuse 96 bits or give them back unchanged", () => {
    const header = fc.constantFrom(0x30, 0x31, 0x32, 0x33, 0x34, 0x2d, 0x2e);
    fc.assert(
      fc.property(header, fc.uint8Array({ minLength: 11, maxLength: 11 }), (first, rest) => {
        const hex = Buffer.from([first, ...rest])
          .toString("hex")
          .toUpperCase();
        let epc: EpcIdentity;
        try {
          epc = decodeEpc(hex);
        } catch (error) {
          expect(error).toBeInstanceOf(EpcError);
          return;
        }
        expect(encodeAgain(epc)).toBe(hex);
      }),
      { numRuns: 2000 },
    );
  });

  it("leave a header that is not in the table unknown", () => {
    expect(decodeEpc("e2801160600002042a6c8a10")).toEqual({ scheme: "unknown", hex: "E2801160600002042A6C8A10" });
  });

  it.each([
    ["an odd number of digits", "306", "NOT_HEX", "hex"],
    ["other characters", "30zz", "NOT_HEX", "hex"],
    ["bits missing", "3066C4409047E140075BCD", "BAD_LENGTH", "hex"],
    ["bits over", "3066C4409047E140075BCD150000", "BAD_LENGTH", "hex"],
    ["partition 7", "307EC4409047E140075BCD15", "BAD_PARTITION", "partition"],
    ["a company prefix above its digits", "3063FFFFFFFFE140075BCD15", "OUT_OF_RANGE", "company prefix"],
    ["a reference above its digits", "3066C4409047FFC0075BCD15", "OUT_OF_RANGE", "reference"],
    ["reserved bits set", "311BA1B300CE0A6A83000001", "RESERVED_BITS", "reserved bits"],
    ["a hole in a serial", `3666C4409047E159${"00".repeat(16)}4000`, "BAD_CHARACTER", "serial"],
  ])("refuse %s", (_, hex, code, field) => expect(errorOf(() => decodeEpc(hex))).toEqual([code, field]));

  it("refuse what a scheme cannot hold", () => {
    const sgtin = { gtin: "09506000134352", companyPrefixLength: 11, filter: 3, serial: "1" };
    expect(errorOf(() => encodeSgtin96({ ...sgtin, gtin: "09506000134353" }))).toEqual(["BAD_CHECK_DIGIT", "gtin"]);
    expect(errorOf(() => encodeSgtin96({ ...sgtin, gtin: "9506000134352" }))).toEqual(["BAD_VALUE", "gtin"]);
    expect(errorOf(() => encodeSgtin96({ ...sgtin, serial: "01" }))).toEqual(["BAD_VALUE", "serial"]);
    expect(errorOf(() => encodeSgtin96({ ...sgtin, serial: String(2 ** 38) }))).toEqual(["OUT_OF_RANGE", "serial"]);
    expect(errorOf(() => encodeSgtin96({ ...sgtin, companyPrefixLength: 5 }))).toEqual(["BAD_PARTITION", "gtin"]);
    expect(errorOf(() => encodeSgtin96({ ...sgtin, filter: 8 }))).toEqual(["BAD_VALUE", "filter"]);
    expect(errorOf(() => encodeSgtin198({ ...sgtin, serial: "a b" }))).toEqual(["BAD_CHARACTER", "serial"]);
    const giai = { giai: "9521141A", companyPrefixLength: 7, filter: 0 };
    expect(errorOf(() => encodeGiai96(giai))).toEqual(["BAD_VALUE", "giai"]);
  });
});

describe("check digits and headers", () => {
  it("know valid GTINs of every length", () => {
    expect(["09506000134352", "9506000134352", "614141007349", "40170725"].map(isValidGtin)).toEqual(
      Array(4).fill(true),
    );
    expect(["09506000134353", "0950600013435", "", "abc", "950600013435x"].map(isValidGtin)).toEqual(
      Array(5).fill(false),
    );
  });

  it("tell people's tags by their header", () => {
    expect(["2D76451FD4499602D2000000", "2e", "F4", "f5", "E7", "e8"].every(isPersonTag)).toBe(true);
    expect(["3066C4409047E140075BCD15", "E2", "", "2"].some(isPersonTag)).toBe(false);
  });
});
