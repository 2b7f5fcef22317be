import { describe, expect, it } from "vitest";
import { decodeEpc, type EpcData, EpcError, type EpcErrorCode, encodeEpc, encodeSgtin96, toEpc } from "./index.js";

function errorOf(action: () => unknown): [EpcErrorCode, string, string] {
  try {
    action();
  } catch (error) {
    if (error instanceof EpcError) return [error.code, error.scheme, error.field];
    throw error;
  }
  throw new Error("no error");
}

const sgtin = { scheme: "sgtin-96", gtin: "09506000134352", companyPrefixLength: 11, filter: 3, serial: "1" } as const;
const plus = { scheme: "sgtin+", gtin: "09506000134352", filter: 3, serial: "1" } as const;
const dated = { ...plus, scheme: "dsgtin+", date: { ai: "17", value: "260228" } } as const;
const cpi = { scheme: "cpi-var", cpi: "9521141A", companyPrefixLength: 7, filter: 0, serial: "1" } as const;
const encode = (data: unknown) => () => encodeEpc(data as EpcData);
const decode = (epc: string | Uint8Array) => () => decodeEpc(epc);

/** What, the action, and scheme and field of its error. */
type Case = readonly [what: string, action: () => unknown, scheme: string, field: string];

const cases: Readonly<Record<EpcErrorCode, readonly Case[]>> = {
  NOT_HEX: [
    ["other characters", decode("30zz"), "unknown", "hex"],
    ["a character above ASCII", decode("30é0"), "unknown", "hex"],
    ["no digits", decode(""), "unknown", "hex"],
    ["no bytes", decode(new Uint8Array()), "unknown", "hex"],
  ],
  BAD_LENGTH: [
    ["less than a header", decode("3"), "unknown", "header"],
    ["a scheme cut short", decode("3066C4409047E140075BCD"), "sgtin-96", "hex"],
    ["a serial cut short", decode("F737952114112345385"), "sgtin+", "serial"],
    ["more than length bits can say", decode("30".repeat(63)), "unknown", "hex"],
    ["more bytes than length bits can say", decode(new Uint8Array(63)), "unknown", "hex"],
    [
      "more than a tag can have",
      encode({ ...plus, aidc: { elements: Array(9).fill({ ai: "91", value: "!".repeat(90) }) } }),
      "sgtin+",
      "epc",
    ],
  ],
  BAD_PADDING: [
    ["a bit within the word", decode("3666C4409047E159B2C2BF100000000000000000000000000001"), "sgtin-198", "padding"],
    ["a bit in a later word", decode("3066C4409047E140075BCD150001"), "sgtin-96", "padding"],
    ["bits after a '+' scheme that are no data", decode("F90095201234567891235F00"), "sscc+", "padding"],
    [
      "SSCC++ with the header that the annex prints",
      decode("F9009520123456789123592832F8C3B786CCB6C0"),
      "sscc+",
      "padding",
    ],
  ],
  BAD_PARTITION: [
    ["partition 7", decode("307EC4409047E140075BCD15"), "sgtin-96", "partition"],
    ["a company prefix of 5 digits", encode({ ...sgtin, companyPrefixLength: 5 }), "sgtin-96", "company prefix"],
    ["a company prefix of 13 digits", encode({ ...sgtin, companyPrefixLength: 13 }), "sgtin-96", "company prefix"],
    ["no company prefix", encode({ ...sgtin, companyPrefixLength: undefined }), "sgtin-96", "company prefix"],
  ],
  OUT_OF_RANGE: [
    ["a company prefix above its digits", decode("3063FFFFFFFFE140075BCD15"), "sgtin-96", "company prefix"],
    ["a reference above its digits", decode("3066C4409047FFC0075BCD15"), "sgtin-96", "gtin"],
    ["a serial above its bits", encode({ ...sgtin, serial: String(2 ** 38) }), "sgtin-96", "serial"],
    ["a piece above its digits", decode("4076451FD40C0E79820000000F54"), "itip-110", "itip"],
    ["a serial of 13 digits", decode("3D16451FD4103FFFFFFFFFC0"), "cpi-var", "serial"],
    ["a length above the most", decode("F73795211411234531E66CB0AFC4000000000000000000000000"), "sgtin+", "serial"],
    ["a number above its length", decode("F737952114112345301C"), "sgtin+", "serial"],
    ["too many characters", encode({ ...plus, serial: "a".repeat(21) }), "sgtin+", "serial"],
    [
      "too many characters after the prefix",
      decode("386376B9B19D660C183060C183060C183060C183060C18304000"),
      "giai-202",
      "giai",
    ],
    ["too long a host name", encode({ ...plus, scheme: "sgtin++", hostname: "a".repeat(64) }), "sgtin++", "hostname"],
  ],
  RESERVED: [
    ["bits that are to be zero", decode("311BA1B300CE0A6A83000001"), "sscc-96", "reserved bits"],
    ["encoding indicator 6", decode("F7379521141123453C566CB0AFC4"), "sgtin+", "serial"],
    ["date type 7", decode("FB372CDE795211411234538566CB0AFC4"), "dsgtin+", "date"],
    ["a digit A before a terminator", decode("FA395A1F"), "giai+", "giai"],
    ["no name ending of that number", decode("EF009520123456789123582040"), "sscc++", "hostname"],
  ],
  BAD_CHARACTER: [
    ["a hole in a serial", decode(`3666C4409047E159${"00".repeat(16)}4000`), "sgtin-198", "serial"],
    ["a space", encode({ ...sgtin, scheme: "sgtin-198", serial: "a b" }), "sgtin-198", "serial"],
    ["letters in a CPI serial", encode({ ...cpi, serial: "A" }), "cpi-var", "serial"],
    ["small letters in a CPI", encode({ ...cpi, cpi: "9521141a" }), "cpi-var", "cpi"],
    ["a digit above 9", decode("F90095201234567891A35"), "sscc+", "sscc"],
    ["no group of URN Code 40", decode("F7379521141123453A5FFFFFFFF"), "sgtin+", "serial"],
    [
      "a letter I in a CAGE code",
      encode({ scheme: "usdod-96", filter: 0, cage: "1IAAA", serial: "1" }),
      "usdod-96",
      "cage",
    ],
    ["a space in a host name", encode({ ...plus, scheme: "sgtin++", hostname: "a b" }), "sgtin++", "hostname"],
  ],
  BAD_CHECK_DIGIT: [
    ["of a GTIN", encode({ ...sgtin, gtin: "09506000134353" }), "sgtin-96", "gtin"],
    ["of an SSCC in memory", decode("F90095201234567891236"), "sscc+", "sscc"],
    ["of the GTIN of an ITIP", decode("F3309521141123455010266AE27FDF35"), "itip+", "itip"],
  ],
  BAD_DATE: [
    ["the 29th of February", encode({ ...dated, date: { ai: "17", value: "260229" } }), "dsgtin+", "date"],
    ["month 13", encode({ ...dated, date: { ai: "17", value: "261301" } }), "dsgtin+", "date"],
    ["a month 0 in memory", decode("FB342C1E795211411234538566CB0AFC4"), "dsgtin+", "date"],
    [
      "an hour 25 in AIDC data",
      encode({ ...plus, aidc: { elements: [{ ai: "7003", value: "2602282500" }] } }),
      "sgtin+",
      "(7003)",
    ],
  ],
  BAD_VALUE: [
    ["a GTIN of 13 digits", encode({ ...sgtin, gtin: "9506000134352" }), "sgtin-96", "gtin"],
    ["a leading zero", encode({ ...sgtin, serial: "01" }), "sgtin-96", "serial"],
    ["a filter above its bits", encode({ ...sgtin, filter: 8 }), "sgtin-96", "filter"],
    ["a field that is missing", encode({ ...sgtin, serial: undefined }), "sgtin-96", "serial"],
    ["a date that is missing", encode({ ...dated, date: undefined }), "dsgtin+", "date"],
    ["a date of another kind", encode({ ...dated, date: { ai: "12", value: "260228" } }), "dsgtin+", "date"],
    ["an empty serial", encode({ ...plus, serial: "" }), "sgtin+", "serial"],
    ["an empty serial in memory", decode("F73795211411234538000"), "sgtin+", "serial"],
    [
      "letters where only a number fits",
      encode({ scheme: "giai-96", filter: 0, giai: "9521141A", companyPrefixLength: 7 }),
      "giai-96",
      "giai",
    ],
    ["a key that is only its prefix", encode({ ...cpi, cpi: "9521141" }), "cpi-var", "cpi"],
    ["a GRAI without its filler", decode("F13195211411234548566CB0AFC4"), "grai+", "grai"],
    ["a coupon without the 1 before its digits", decode("3F76451FD612600000000007"), "sgcn-96", "serial"],
    ["letters before the prefix of a GIAI", encode({ scheme: "giai+", filter: 0, giai: "AB12" }), "giai+", "giai"],
    ["an empty host name", decode("EF00952012345678912358000"), "sscc++", "hostname"],
    [
      "elements that only '+' schemes hold",
      () => toEpc("(01)09506000134352(21)1(10)A", { scheme: "sgtin-96", companyPrefixLength: 11 }),
      "sgtin-96",
      "+AIDC data",
    ],
    [
      "an element that may not be on a tag",
      encode({ ...plus, aidc: { elements: [{ ai: "03", value: "09506000134352" }] } }),
      "sgtin+",
      "(03)",
    ],
  ],
  BAD_TEXT: [
    ["a URI of another kind", () => toEpc("urn:epc:pat:sgtin-96:3.*.*.*"), "unknown", "uri"],
    ["a URI of no identifier", () => toEpc("urn:epc:id:lgtin:4012345.012345.998877"), "unknown", "uri"],
    ["a tag URI that TDS does not have", () => toEpc("urn:epc:tag:sgtin+:3.9521141.012345.1"), "unknown", "uri"],
    ["control fields", () => toEpc("urn:epc:tag:[att=x01]:sgtin-96:3.9521141.112345.400"), "unknown", "uri"],
    ["too few parts", () => toEpc("urn:epc:id:sgtin:9521141"), "unknown", "uri"],
    ["a wrong escape", () => toEpc("urn:epc:id:sgtin:9521141.012345.%2"), "unknown", "uri"],
    ["a filter that is no number", () => toEpc("urn:epc:tag:sgtin-96:x.9521141.012345.1"), "unknown", "filter"],
    ["a link without a key", () => toEpc("https://example.com/about"), "unknown", "uri"],
    ["elements without a key", () => toEpc("(10)ABC"), "unknown", "element string"],
    ["text before the first bracket", () => toEpc("(01"), "unknown", "element string"],
    ["a GTIN without serial", () => toEpc("(01)09506000134352"), "unknown", "serial"],
    ["a GRAI without serial", () => toEpc("(8003)09521141123454"), "unknown", "serial"],
    ["a GRAI without filler", () => toEpc("(8003)9521141123454A"), "unknown", "(8003)"],
    ["a GTIN of 15 digits", () => toEpc("(01)095060001343521(21)1"), "unknown", "(01)"],
    ["a header that no scheme has", () => toEpc("E2801160600002042A6C8A10"), "unknown", "header"],
  ],
  NO_SCHEME: [
    ["a name that is none", encode({ ...sgtin, scheme: "sgtin-64" }), "unknown", "scheme"],
    ["a name of every object", encode({ ...sgtin, scheme: "toString" }), "unknown", "scheme"],
    [
      "a scheme asked for that is none",
      () => toEpc("(00)095201234567891235", { scheme: "x" as "sscc+" }),
      "unknown",
      "scheme",
    ],
    ["a scheme of another key", () => toEpc("(00)095201234567891235", { scheme: "sgtin+" }), "sgtin+", "scheme"],
    [
      "a host name for what has none",
      () => toEpc("urn:epc:id:gid:1.2.3", { hostname: "example.com" }),
      "unknown",
      "scheme",
    ],
  ],
};

describe.each(Object.entries(cases))("%s is said of", (code, list) => {
  it.each(list)("%s", (_, action, scheme, field) => expect(errorOf(action)).toEqual([code, scheme, field]));
});

it("an error says scheme, field and what is wrong in one sentence", () => {
  expect(() => encodeSgtin96({ ...sgtin, gtin: "09506000134353" })).toThrow(
    "sgtin-96, gtin: 09506000134353 ends with 3, and 2 is right",
  );
});
