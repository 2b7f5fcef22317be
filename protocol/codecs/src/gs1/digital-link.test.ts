import { describe, expect, it } from "vitest";
import { gs1ErrorOf } from "../../test/gs1-error.js";
import { encodeDigitalLink, parseBracketed, parseDigitalLink } from "./index.js";

const today = "2026-11-25";
const read = (uri: string) =>
  parseDigitalLink(uri, { today }).map(({ ai, value, position }) => `(${ai})${value}@${position}`);
const write = (text: string, prefix?: string) =>
  encodeDigitalLink(parseBracketed(text, { today }), { today, ...(prefix === undefined ? {} : { prefix }) });

const errorOf = (uri: string) => gs1ErrorOf(() => parseDigitalLink(uri, { today }));

describe("reading a Digital Link", () => {
  it("takes key, qualifiers and attributes from any domain behind any path", () => {
    expect(read("https://id.gs1.org/01/09506000134352/10/AB-123/21/6789?17=270531")).toEqual([
      "(01)09506000134352@22",
      "(10)AB-123@40",
      "(21)6789@50",
      "(17)270531@58",
    ]);
    expect(read("HTTP://example.com:8080/a/01/b/8004/9506000134352AB?11=260101#x")).toEqual([
      "(8004)9506000134352AB@36",
      "(11)260101@55",
    ]);
    expect(read("https://example.com/414/9521141123454/254/32a%2Fb/")).toEqual([
      "(414)9521141123454@24",
      "(254)32a/b@42",
    ]);
  });

  it("leaves out what is not of the item and accepts ; for &", () => {
    expect(read("https://x.org/01/09506000134352?linkType=gs1:pip;17=270531&lang=de")).toHaveLength(2);
    expect(read("https://x.org/01/09506000134352?")).toHaveLength(1);
  });

  it("fills up a GTIN of 8, 12 or 13 digits", () => {
    expect(read("https://x.org/01/9506000134352")).toEqual(["(01)09506000134352@17"]);
    expect(read("https://x.org/01/95060002")).toEqual(["(01)00000095060002@17"]);
    expect(errorOf("https://x.org/01/9506000134353")).toEqual(["BAD_CHECK", 29]);
  });

  it("says where a link is wrong", () => {
    expect(errorOf("ftp://x.org/01/09506000134352")).toEqual(["BAD_LINK", 0]);
    expect(errorOf("https://x.org/")).toEqual(["BAD_LINK", 14]);
    expect(errorOf("https://x.org/about/us")).toEqual(["BAD_LINK", 22]);
    expect(errorOf("https://x.org/AQnYUc1gmiwK8nBBVA4Aw")).toEqual(["COMPRESSED_LINK", 14]);
    expect(errorOf("https://x.org/01/09506000134353")).toEqual(["BAD_CHECK", 30]);
    expect(errorOf("https://x.org/01/09506000134352/21/1/10/A")).toEqual(["BAD_LINK", 37]);
    expect(errorOf("https://x.org/01/09506000134352/10/A/235/B")).toEqual(["BAD_LINK", 37]);
    expect(errorOf("https://x.org/01/09506000134352/10/A%2")).toEqual(["BAD_LINK", 36]);
    expect(errorOf("https://x.org/01/09506000134352/10/A%2Fb%20c")).toEqual(["BAD_CHARACTER", 40]);
    expect(errorOf("https://x.org/01/09506000134352?21=1")).toEqual(["BAD_LINK", 32]);
    expect(errorOf("https://x.org/01/09506000134352?18=1")).toEqual(["UNKNOWN_IDENTIFIER", 32]);
    expect(errorOf("https://x.org/01/09506000134352?17=260229")).toEqual(["BAD_DATE", 39]);
  });
});

describe("writing a Digital Link", () => {
  it("puts qualifiers in the standard's order and attributes in ascending order", () => {
    expect(write("(17)270531(21)6789(10)AB-123(11)260101(01)09506000134352")).toBe(
      "https://id.gs1.org/01/09506000134352/10/AB-123/21/6789?11=260101&17=270531",
    );
    expect(write("(01)09506000134352(235)XY")).toBe("https://id.gs1.org/01/09506000134352/235/XY");
    expect(write("(8018)952114112345678906(8019)7", "https://example.com/p")).toBe(
      "https://example.com/p/8018/952114112345678906/8019/7",
    );
  });

  it("escapes all but letters, digits and - . _", () => {
    expect(write(`(01)09506000134352(10)A/b%!"+`)).toBe("https://id.gs1.org/01/09506000134352/10/A%2Fb%25%21%22%2B");
  });

  it("refuses what has no key or no place in a link", () => {
    expect(() => write("(400)A")).toThrow(expect.objectContaining({ code: "BAD_LINK" }));
    expect(() => write("(01)09506000134352(8200)x")).toThrow(expect.objectContaining({ code: "BAD_LINK" }));
  });
});
