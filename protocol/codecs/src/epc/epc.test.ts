import { describe, expect, expectTypeOf, it } from "vitest";
import {
  decodeEpc,
  type EpcData,
  type EpcIdentityOf,
  type EpcScheme,
  encodeEpc,
  encodeGiai96,
  encodeGrai96,
  encodeGsrn96,
  encodeGsrnp96,
  encodeSgln96,
  encodeSgtin96,
  encodeSgtin198,
  encodeSscc96,
  epcSchemes,
  filterMeaning,
  isPersonTag,
  isValidGtin,
  pureIdentityUriOf,
  toEpc,
} from "./index.js";

const SGTIN = "3066C4409047E140075BCD15";

describe("a decoded EPC", () => {
  it("has GTIN of 14 digits and serial, and its forms when they are asked for", () => {
    const epc = decodeEpc(SGTIN.toLowerCase());
    expect({ ...epc }).toEqual({
      scheme: "sgtin-96",
      filter: 3,
      companyPrefixLength: 11,
      gtin: "09506000134352",
      serial: "123456789",
    });
    expect(JSON.parse(JSON.stringify(epc))).toEqual({
      ...epc,
      hex: SGTIN,
      padding: 0,
      canonical: true,
      elements: [
        { ai: "01", value: "09506000134352" },
        { ai: "21", value: "123456789" },
      ],
      elementString: "(01)09506000134352(21)123456789",
      uri: "urn:epc:id:sgtin:95060001343.05.123456789",
      tagUri: "urn:epc:tag:sgtin-96:3.95060001343.05.123456789",
      digitalLink: "https://id.gs1.org/01/09506000134352/21/123456789",
    });
  });

  it("is typed by its scheme", () => {
    const epc = decodeEpc(SGTIN);
    if (epc.scheme === "sgtin-96") {
      expectTypeOf(epc.gtin).toEqualTypeOf<string>();
      expectTypeOf(epc.companyPrefixLength).toEqualTypeOf<number>();
    }
    if (epc.scheme === "dsgtin++") expectTypeOf(epc.date.ai).toEqualTypeOf<string>();
    expectTypeOf<EpcIdentityOf<"gid-96">>().not.toHaveProperty("filter");
    expectTypeOf<EpcIdentityOf<"sscc+">["companyPrefixLength"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<EpcIdentityOf<"usdod-96">>().toExtend<EpcData>();
  });

  it("does not change with the bytes it was read from", () => {
    const bytes = Uint8Array.from(Buffer.from(SGTIN, "hex"));
    const epc = decodeEpc(bytes);
    bytes.fill(0);
    decodeEpc("F90095201234567891235");
    expect(epc).toMatchObject({ hex: SGTIN, canonical: true });
  });

  it("can be written again with another serial", () => {
    const epc = decodeEpc(SGTIN);
    if (epc.scheme !== "sgtin-96") throw new Error("it is an SGTIN-96");
    expect(encodeEpc({ ...epc, serial: "6789" })).toBe("3066C4409047E14000001A85"); // TDS 2.3 §E.1
  });

  it("is unknown where no scheme has its header", () => {
    expect(decodeEpc("e2801160600002042a6c8a10")).toEqual({ scheme: "unknown", hex: "E2801160600002042A6C8A10" });
    expect(decodeEpc("0000")).toEqual({ scheme: "unknown", hex: "0000" });
  });

  it.each([0, 1, 4, 25])("counts %i zeros after its bits as padding, whatever the reader has sent", (words) => {
    expect(decodeEpc(SGTIN + "0000".repeat(words))).toMatchObject({ padding: 16 * words, canonical: true });
  });

  it("may end within a word, as the standard prints it", () => {
    expect(decodeEpc("F90095201234567891235")).toMatchObject({ scheme: "sscc+", padding: 0, canonical: true });
    expect(decodeEpc("F90095201234567891235000")).toMatchObject({ scheme: "sscc+", padding: 12, canonical: true });
  });

  it("says when fewer bits would do", () => {
    // Serial 5678 as hex digits (indicator 001), where a number (000) is shorter.
    const wasteful = decodeEpc("F63952114112345424567800");
    expect(wasteful).toMatchObject({ scheme: "gdti+", serial: "5678", canonical: false });
    expect(toEpc("F63952114112345424567800").hex).toBe("F6395211411234540458B800");
  });

  it("has a pure identity URI with a company prefix that is told", () => {
    const epc = decodeEpc("F73795211411234538566CB0AFC4");
    if (epc.scheme !== "sgtin+") throw new Error("it is an SGTIN+");
    expect(epc.uri).toBeUndefined();
    expect(pureIdentityUriOf(epc, 7)).toBe("urn:epc:id:sgtin:9521141.712345.32a%2Fb");
    expect(toEpc(epc.hex, { companyPrefixLength: 7 }).scheme).toBe("sgtin+");
  });
});

describe("toEpc", () => {
  const gtin = "(01)09506000134352";
  it.each<[text: string, options: Parameters<typeof toEpc>[1], scheme: EpcScheme]>([
    [`${gtin}(21)12`, {}, "sgtin+"],
    [`${gtin}(21)12`, { companyPrefixLength: 11 }, "sgtin-96"],
    [`${gtin}(21)012`, { companyPrefixLength: 11 }, "sgtin-198"],
    [`${gtin}(21)12(17)270531`, {}, "dsgtin+"],
    [`${gtin}(21)12(10)A`, { companyPrefixLength: 11 }, "sgtin+"],
    [`${gtin}(21)12(17)270531`, { hostname: "example.com" }, "dsgtin++"],
    ["https://id.gs1.org/01/9506000134352/21/12", {}, "sgtin+"],
    ["https://example.com/some/01/09506000134352/21/12?linkType=all", {}, "sgtin++"],
    ["urn:epc:id:sgtin:95060001343.05.12", {}, "sgtin-96"],
    ["urn:epc:id:sgtin:95060001343.05.a.b", {}, "sgtin-198"],
    ["urn:epc:tag:sgtin-198:3.95060001343.05.12", {}, "sgtin-198"],
    ["(414)9521141123454", {}, "sgln+"],
    ["(253)9521141123454A", { companyPrefixLength: 7 }, "gdti-174"],
    ["(8004)95211415678", { companyPrefixLength: 7 }, "giai-96"],
    ["(8004)95211415678", { companyPrefixLength: 7, scheme: "giai-202" }, "giai-202"],
    ["urn:epc:id:adi:35962..12", {}, "adi-var"],
  ])("%s with %o is an EPC of %s", (text, options, scheme) => expect(toEpc(text, options).scheme).toBe(scheme));

  it("changes the scheme and keeps the rest", () => {
    const epc = toEpc(SGTIN, { scheme: "sgtin++", hostname: "example.com" });
    expect(epc).toMatchObject({ filter: 3, digitalLink: "https://example.com/01/09506000134352/21/123456789" });
    expect(epc).toHaveProperty("uri", "urn:epc:id:sgtin:95060001343.05.123456789");
  });

  it("keeps brackets in a value that are no identifier", () => {
    expect(toEpc(`${gtin}(21)a(b)c(1)`)).toMatchObject({ serial: "a(b)c(1)" });
  });
});

describe("encoders of one scheme", () => {
  it.each([
    ["sgtin-96", encodeSgtin96],
    ["sgtin-198", encodeSgtin198],
    ["sscc-96", encodeSscc96],
    ["sgln-96", encodeSgln96],
    ["grai-96", encodeGrai96],
    ["giai-96", encodeGiai96],
    ["gsrn-96", encodeGsrn96],
    ["gsrnp-96", encodeGsrnp96],
  ])("%s does as encodeEpc", (scheme, encode) => {
    const keys = { gtin: "09506000134352", sscc: "095201234567891235", gln: "9521141123454", grai: "9521141123454" };
    const all = { ...keys, giai: "95211415678", gsrn: "952114112345678906", serial: "7", extension: "7" };
    const input = { ...all, companyPrefixLength: 7, filter: 1 };
    expect(encode(input)).toBe(encodeEpc({ ...input, scheme } as unknown as EpcData));
    expect(decodeEpc(encode(input)).scheme).toBe(scheme);
  });
});

describe("headers, filters and check digits", () => {
  it("are as in table 14-1", () => {
    const headers = Object.values(epcSchemes).map(({ header }) => header.toString(16).toUpperCase());
    expect(new Set(headers).size).toBe(headers.length);
    const plus = "F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 FA FB E6 E7 E8 E9 EA EB EC ED EE EF FC FD";
    const others = "2C 2D 2E 2F 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F 40 41";
    expect(headers.sort()).toEqual(`${plus} ${others}`.split(" ").sort());
  });

  it("tell people's tags", () => {
    expect(["2D76451FD4499602D2000000", "2e", "F4", "f5", "E7", "e8"].every(isPersonTag)).toBe(true);
    expect([SGTIN, "E2", "", "2"].some(isPersonTag)).toBe(false);
  });

  it("say what a filter value means", () => {
    expect(filterMeaning("sgtin-96", 1)).toBe("Point of Sale (POS) Trade Item");
    expect(filterMeaning("dsgtin++", 3)).toBe("Reserved");
    expect(filterMeaning("sscc+", 6)).toBe("Unit Load");
    expect(filterMeaning("gsrn-96", 0)).toBe("All Others");
    expect(filterMeaning("giai-202", 1)).toBe("Rail Vehicle");
    expect(filterMeaning("usdod-96", 0)).toBe("Pallet");
    expect(filterMeaning("adi-var", 14)).toBe("Life vests");
    expect(filterMeaning("adi-var", 26)).toBe("Reserved");
  });

  it("know valid GTINs of every length", () => {
    const right = ["09506000134352", "9506000134352", "614141007349", "40170725"];
    const wrong = ["09506000134353", "0950600013435", "", "abc", "950600013435x"];
    expect([right.every(isValidGtin), wrong.some(isValidGtin)]).toEqual([true, false]);
  });
});
