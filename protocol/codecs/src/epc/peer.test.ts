import peer from "epc-tds";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shows } from "../../test/differences.js";
import { decodeEpc, EpcError, type EpcScheme, encodeEpc, epcSchemes, toEpc } from "./index.js";
import type { Scheme } from "./schemes.js";

/*
 * Beside epc-tds 1.4.1, which somebody else has written from the same standard: where both are right they say the same, of every
 * partition; and the inputs that show where it differs from the standard.
 */

/** Its types say that there is a default export in it, and there is none. */
const epcTds = peer as unknown as typeof peer.default;

const PEER = "epc-tds 1.4.1";

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

/** What the standard says, the hex or tag URI of an EPC, what epc-tds and what this codec make of it. */
type Row = readonly [rule: string, input: string, theirs: string, ours: string];

const lastOf = (uri: string | undefined) => uri?.split(":").at(-1) ?? "";

/** The tag URI of this codec without its beginning, or the code of the error. */
const ourOutcome = (action: () => string | undefined): string => {
  try {
    return lastOf(action());
  } catch (error) {
    if (error instanceof EpcError) return error.code;
    throw error;
  }
};

const decoding: readonly Row[] = [
  [
    "URIs escape characters (table A-1)",
    "3666C4409047E159B2C2BF100000000000000000000000000000",
    "3.95060001343.05.32a/b",
    "3.95060001343.05.32a%2Fb",
  ],
  [
    "with a company prefix of 12 digits, a location reference has none (§14.4.3)",
    "322376B9B19D640000000000",
    "1.952114112345.0.0",
    "1.952114112345..0",
  ],
  [
    "a company prefix is not above its digits (§14.4.3)",
    "3063FFFFFFFFE140075BCD15",
    "3.1099511627768.5.123456789",
    "OUT_OF_RANGE",
  ],
  [
    "a reference is not above its digits (§14.4.3)",
    "3066C4409047FFC0075BCD15",
    "3.95060001343.127.123456789",
    "OUT_OF_RANGE",
  ],
  ["reserved bits are zero (§14.6.2.1)", "311BA1B300CE0A6A83000001", "0.952012.03456789123", "RESERVED"],
  [
    "no character follows the end of a serial (§14.4.2)",
    "3666C4409047E159000000000000000000000000000000004000",
    "3.95060001343.05.2\u0010",
    "BAD_CHARACTER",
  ],
  ["an EPC has all bits of its scheme (§14.4)", "3066C4409047E1", "3.95060001343.04.0", "BAD_LENGTH"],
  ["bits after an EPC are zero (§15.1.1)", "3066C4409047E140075BCD15FFFF", "3.95060001343.05.123456789", "BAD_PADDING"],
];

const encoding: readonly Row[] = [
  [
    "an escape is one character (§14.3.2)",
    "urn:epc:tag:sgtin-198:3.0614141.812345.a%2Fb",
    "3674257BF7194E70A5651B1000000000000000000000000000",
    "3674257BF7194E70AFC400000000000000000000000000000000",
  ],
  [
    "a serial may have a dot (§5)",
    "urn:epc:tag:sgtin-198:3.0614141.812345.a.b",
    "3674257BF7194E708000000000000000000000000000000000",
    "3674257BF7194E70AEC400000000000000000000000000000000",
  ],
  [
    "a coupon's serial keeps its zeros behind a 1 (§14.3.6)",
    "urn:epc:tag:sgcn-96:3.9521141.67890.04711",
    "3F76451FD612640000003977",
    "3F76451FD612640000019907",
  ],
  [
    "a serial of SGTIN-96 has no leading zero (§14.3.1)",
    "urn:epc:tag:sgtin-96:3.0614141.812345.0123",
    "3074257BF7194E400000007B",
    "BAD_VALUE",
  ],
  [
    "an asset reference of GIAI-96 has no leading zeros (§14.3.4)",
    "urn:epc:tag:giai-96:0.0614141.0012",
    "3414257BF40000000000000C",
    "BAD_VALUE",
  ],
  [
    "prefix and reference have 13 digits together (§14.3.3)",
    "urn:epc:tag:sgtin-96:3.061414.812345.1",
    "30783BF983194E4000000001",
    "BAD_VALUE",
  ],
  [
    "a serial has no blank (table A-1)",
    "urn:epc:tag:sgtin-198:3.0614141.812345.a b",
    "3674257BF7194E70A0C4000000000000000000000000000000",
    "BAD_CHARACTER",
  ],
];

describe("where epc-tds 1.4.1 differs from TDS 2.3", () => {
  it.for(decoding)("decoding: %s", ([rule, hex, theirs, ours], context) => {
    expect([lastOf(theirTagUri(hex)), ourOutcome(() => ourTagUri(hex))]).toEqual([theirs, ours]);
    const shown = theirs.replace("\u0010", "<10>");
    shows(context, { peer: PEER, rule, input: hex, theirs: shown, ours });
  });

  it.for(encoding)("encoding: %s", ([rule, uri, theirs, ours], context) => {
    // It fills 198 bits up to 200, and not to a word of memory.
    expect(epcTds.fromTagURI(uri).toHexString()).toBe(theirs);
    expect(ourOutcome(() => toEpc(uri).hex)).toBe(ours);
    shows(context, { peer: PEER, rule, input: uri, theirs, ours });
  });

  it("a GLN has 13 digits, with a company prefix of 12 too", (context) => {
    const input = "322376B9B19D640000000000";
    const [theirs, ours] = ["95211411234504", "9521141123454"];
    expect(epcTds.valueOf(input).toBarcode()).toBe(theirs);
    expect(decodeEpc(input)).toMatchObject({ gln: ours });
    shows(context, { peer: PEER, rule: "a GLN has 13 digits", input, theirs, ours });
  });

  it("knows 15 of the 45 schemes that are not deprecated", (context) => {
    const unknown = Object.entries(epcSchemes).filter(([name, { header }]) => {
      if (name === "gdti-113") return false;
      try {
        epcTds.valueOf(header.toString(16).padEnd(60, "0"));
        return false;
      } catch {
        return true;
      }
    });
    expect([Object.keys(epcSchemes).length - 1, unknown.length]).toEqual([45, 30]);
    const headers = unknown.map(([, { header }]) => header.toString(16).toUpperCase());
    shows(context, {
      peer: PEER,
      rule: "table 14-1 has 45 schemes that are not deprecated",
      input: `any EPC whose header is one of ${headers.sort().join(" ")}`,
      theirs: "an error",
      ours: "read",
    });
  });
});
