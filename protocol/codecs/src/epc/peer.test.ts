import peer from "epc-tds";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEpc, EpcError, type EpcScheme, encodeEpc, epcSchemes, toEpc } from "./index.js";
import type { Scheme } from "./schemes.js";

/*
 * Beside epc-tds 1.4.1, which somebody else has written from the same standard: where both are right they say the same, of every
 * partition; and the inputs that show where it differs from the standard.
 */

/** Its types say that there is a default export in it, and there is none. */
const epcTds = peer as unknown as typeof peer.default;

const theirTagUri = (hex: string): string => epcTds.valueOf(hex).toTagURI();
const ourTagUri = (hex: string): string | undefined => {
  const epc = decodeEpc(hex);
  return epc.scheme === "unknown" ? undefined : epc.tagUri;
};

/** Schemes of numbers, which need no escapes; with bits for the fields after the partition. */
const agreed: readonly EpcScheme[] = [
  "sgtin-96",
  "sscc-96",
  "sgln-96",
  "grai-96",
  "giai-96",
  "gsrn-96",
  "gdti-96",
  "cpi-96",
];

describe("epc-tds", () => {
  it.each(agreed)("and this codec give any %s of every partition the same tag URI, or this one refuses it", (name) => {
    const { header }: Scheme = epcSchemes[name];
    const random = fc.tuple(fc.nat(7), fc.nat(6), fc.uint8Array({ minLength: 11, maxLength: 11 }));
    let compared = 0;
    fc.assert(
      fc.property(random, ([filter, partition, rest]) => {
        const memory = Buffer.from([header, (filter << 5) | (partition << 2), ...rest.slice(1)]);
        const hex = memory.toString("hex").toUpperCase();
        let ours: string | undefined;
        try {
          ours = ourTagUri(hex);
        } catch (error) {
          if (error instanceof EpcError) return;
          throw error;
        }
        // No digit at all is written as one by epc-tds; see below.
        if (!ours?.includes("..")) expect(theirTagUri(hex)).toBe(ours);
        compared++;
      }),
      { numRuns: 1500 },
    );
    // The reserved bits of SSCC-96 and GSRN-96 are zero by chance in none.
    if (name !== "sscc-96" && name !== "gsrn-96") expect(compared).toBeGreaterThan(100);
  });

  it.each(["sscc-96", "gsrn-96"] as const)("and this codec give every partition of %s the same tag URI", (name) => {
    for (let companyPrefixLength = 6; companyPrefixLength <= 12; companyPrefixLength++) {
      const key = { sscc: "095201234567891235", gsrn: "952114112345678906" };
      const hex = encodeEpc({ scheme: name, filter: 5, companyPrefixLength, ...key });
      expect(theirTagUri(hex)).toBe(ourTagUri(hex));
    }
  });
});

describe("where epc-tds 1.4.1 differs from TDS 2.3", () => {
  it.each([
    [
      "no escapes in URIs (table A-1)",
      "3666C4409047E159B2C2BF100000000000000000000000000000",
      "3.95060001343.05.32a/b",
      "3.95060001343.05.32a%2Fb",
    ],
    [
      "a digit for a reference of none (§14.4.3)",
      "322376B9B19D640000000000",
      "1.952114112345.0.0",
      "1.952114112345..0",
    ],
  ])("%s: %s", (_, hex, theirs, ours) => {
    expect(theirTagUri(hex).split(":").at(-1)).toBe(theirs);
    expect(ourTagUri(hex)?.split(":").at(-1)).toBe(ours);
  });

  it("a GLN of 14 digits for a company prefix of 12", () => {
    expect(epcTds.valueOf("322376B9B19D640000000000").toBarcode()).toBe("95211411234504");
    expect(decodeEpc("322376B9B19D640000000000")).toMatchObject({ gln: "9521141123454" });
  });

  it.each([
    [
      "a company prefix above its digits (§14.4.3)",
      "3063FFFFFFFFE140075BCD15",
      "3.1099511627768.5.123456789",
      "OUT_OF_RANGE",
    ],
    [
      "a reference above its digits (§14.4.3)",
      "3066C4409047FFC0075BCD15",
      "3.95060001343.127.123456789",
      "OUT_OF_RANGE",
    ],
    ["reserved bits that are not zero (§14.6.2.1)", "311BA1B300CE0A6A83000001", "0.952012.03456789123", "RESERVED"],
    [
      "characters after the end (§14.4.2)",
      "3666C4409047E159000000000000000000000000000000004000",
      "3.95060001343.05.2\u0010",
      "BAD_CHARACTER",
    ],
    ["fewer bits than the scheme has (§14.4)", "3066C4409047E1", "3.95060001343.04.0", "BAD_LENGTH"],
    ["bits after it (§15.1.1)", "3066C4409047E140075BCD15FFFF", "3.95060001343.05.123456789", "BAD_PADDING"],
  ])("takes %s: %s", (_, hex, theirs, code) => {
    expect(theirTagUri(hex).split(":").at(-1)).toBe(theirs);
    expect(() => decodeEpc(hex)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [
      "an escape as three characters (§14.3.2)",
      "urn:epc:tag:sgtin-198:3.0614141.812345.a%2Fb",
      "3674257BF7194E70A5651B1000000000000000000000000000",
      "3674257BF7194E70AFC400000000000000000000000000000000",
    ],
    [
      "only what stands before a dot (§5)",
      "urn:epc:tag:sgtin-198:3.0614141.812345.a.b",
      "3674257BF7194E708000000000000000000000000000000000",
      "3674257BF7194E70AEC400000000000000000000000000000000",
    ],
    [
      "a coupon's serial without its 1 and its zeros (§14.3.6)",
      "urn:epc:tag:sgcn-96:3.9521141.67890.04711",
      "3F76451FD612640000003977",
      "3F76451FD612640000019907",
    ],
  ])("writes %s: %s", (_, uri, theirs, ours) => {
    // It fills 198 bits up to 200, and not to a word of memory.
    expect(epcTds.fromTagURI(uri).toHexString().replace(/0+$/, "")).toBe(theirs.replace(/0+$/, ""));
    expect(toEpc(uri).hex).toBe(ours);
  });

  it.each([
    ["a serial with a leading zero (§14.3.1)", "urn:epc:tag:sgtin-96:3.0614141.812345.0123"],
    ["an asset reference with leading zeros (§14.3.4)", "urn:epc:tag:giai-96:0.0614141.0012"],
    ["a reference too short for its prefix (§14.3.3)", "urn:epc:tag:sgtin-96:3.061414.812345.1"],
    ["a space in a serial (table A-1)", "urn:epc:tag:sgtin-198:3.0614141.812345.a b"],
  ])("writes %s: %s", (_, uri) => {
    expect(epcTds.fromTagURI(uri).toHexString()).toMatch(/^[0-9A-F]+$/);
    expect(() => toEpc(uri)).toThrow(EpcError);
  });

  it("knows 15 of the 45 schemes that are not deprecated", () => {
    const unknown = Object.values(epcSchemes).filter(({ header }) => {
      try {
        epcTds.valueOf(header.toString(16).padEnd(60, "0"));
        return false;
      } catch {
        return true;
      }
    });
    expect([Object.keys(epcSchemes).length - 1, unknown.length - 1]).toEqual([45, 30]);
  });
});
