import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aiLength, formatOf } from "./aidc-table.js";
import { decodeEpc, encodeEpc, toEpc } from "./index.js";

const sgtin = { scheme: "sgtin+", filter: 1, gtin: "09506000134352", serial: "S1" } as const;
/** 8 + 1 + 3 + 56 bits, and 3 + 5 + 12 of the serial: they end 8 bits after a word. */
const EPC_BITS = 88;

/** The EPC above with these bits after it. */
function withBits(toggle: 0 | 1, bits: string): string {
  const hex = encodeEpc(sgtin).slice(0, EPC_BITS / 4);
  const first = (BigInt(`0x${hex}`) | (BigInt(toggle) << BigInt(EPC_BITS - 9))).toString(2).padStart(EPC_BITS, "0");
  const all = (first + bits).padEnd(Math.ceil((EPC_BITS + bits.length) / 16) * 16, "0");
  return BigInt(`0b${all}`)
    .toString(16)
    .toUpperCase()
    .padStart(all.length / 4, "0");
}

describe("+AIDC data (TDS 2.3 §15.3)", () => {
  it.each<[ai: string, value: string, method: string]>([
    ["00", "095201234567891235", "fixed-length numeric"],
    ["01", "09506000134352", "fixed-length numeric"],
    ["10", "00123", "alphanumeric, digits with zeros in front"],
    ["10", "AB-123", "alphanumeric"],
    ["17", "270531", "date"],
    ["17", "270500", "date without day"],
    ["20", "07", "fixed-bit-length numeric"],
    ["3103", "001250", "fixed-bit-length numeric"],
    ["30", "24", "numeric with a length"],
    ["3932", "978001450", "two components"],
    ["253", "9521141123454ab", "two components"],
    ["253", "9521141123454", "the second missing"],
    ["255", "9521141678909", "the second missing"],
    ["421", "276D-1", "two components"],
    ["4330", "001850-", "minus sign"],
    ["4333", "001850", "no minus sign"],
    ["4307", "DE", "country"],
    ["4321", "1", "one bit"],
    ["7003", "2705312359", "date and time"],
    ["7003", "2705312400", "date and time, the end of the day"],
    ["7007", "260101", "date"],
    ["7007", "260101260131", "date range"],
    ["7011", "260101", "date and time of any precision"],
    ["8008", "26011514", "date and time of any precision"],
    ["8008", "2601151430", "date and time of any precision"],
    ["8008", "260115143059", "date and time of any precision"],
    ["7258", "1/3", "sequence"],
    ["7023", "9521141A-1", "delimited"],
    ["8010", "9521141#A/1", "delimited, with characters of set 39"],
    ["8003", "095211411234545678", "two components"],
    ["715", "12345-678-90", "alphanumeric"],
    ["7240", "PROTO/1", "alphanumeric"],
    ["8020", "REF-1", "alphanumeric"],
    ["91", "x".repeat(25), "alphanumeric"],
  ])("holds (%s)%s: %s", (ai, value) => {
    const elements = [{ ai, value }];
    const hex = encodeEpc({ ...sgtin, aidc: { elements } });
    expect(decodeEpc(hex)).toMatchObject({ ...sgtin, aidcToggle: true, aidc: { elements }, canonical: true });
    const [digits = 0] = [Number.parseInt(hex[2] ?? "", 16)];
    expect(digits >> 3).toBe(1);
  });

  it("holds several elements, which are in every form", () => {
    const epc = toEpc("(01)09506000134352(21)S1(10)AB-123(17)270531(422)276", { scheme: "sgtin+" });
    expect(epc).toMatchObject({
      elementString: "(01)09506000134352(21)S1(10)AB-123(17)270531(422)276",
      digitalLink: "https://id.gs1.org/01/09506000134352/10/AB-123/21/S1?17=270531&422=276",
    });
    if (epc.scheme !== "sgtin+" || epc.digitalLink === undefined) throw new Error("it is an SGTIN+");
    expect(toEpc(epc.digitalLink, { scheme: "sgtin+" }).elements).toEqual(
      expect.arrayContaining([{ ai: "422", value: "276" }]),
    );
  });

  it("is read where the toggle bit is wrong, and the bit is told", () => {
    const lot = "00010000" + "000" + "00010" + "0001100"; // (10), digits, two of them: 12
    expect(decodeEpc(withBits(1, lot))).toMatchObject({
      aidcToggle: true,
      aidc: { elements: [{ ai: "10", value: "12" }] },
      canonical: true,
    });
    expect(decodeEpc(withBits(0, lot))).toMatchObject({
      aidcToggle: false,
      aidc: { elements: [{ ai: "10", value: "12" }] },
      canonical: false,
    });
    expect(decodeEpc(withBits(1, ""))).toMatchObject({ ...sgtin, aidcToggle: true, canonical: false });
  });

  it("is given raw from where it cannot be read, and the EPC is known all the same", () => {
    const lot = "00010000" + "000" + "00010" + "0001100";
    const reserved = decodeEpc(withBits(1, `${lot}1010000111111111`));
    expect(reserved).toMatchObject({
      ...sgtin,
      canonical: false,
      aidc: {
        elements: [{ ai: "10", value: "12" }],
        undecoded: { hex: "A1FF0", detail: "the header A1 is a special or reserved one" },
      },
    });
    expect(decodeEpc(withBits(1, "00010100".padEnd(24, "1")))).toMatchObject({
      aidc: { elements: [], undecoded: { detail: "table F has no Application Identifier 14" } },
    });
    expect(decodeEpc(withBits(1, "00010111" + "0011010" + "0010" + "11110"))).toMatchObject({
      aidc: { undecoded: { detail: "260230 is no date YYMMDD" } },
    });
  });

  it("is an SSCC of zeros only where the tag says that data follow and there is room for it", () => {
    expect(decodeEpc(withBits(1, "0".repeat(88)))).toMatchObject({
      aidc: { elements: [{ ai: "00", value: "0".repeat(18) }] },
    });
    expect(decodeEpc(withBits(0, "0".repeat(88)))).not.toHaveProperty("aidc");
    expect(decodeEpc(withBits(1, "0".repeat(72)))).not.toHaveProperty("aidc");
  });

  it("of any bits never hides the EPC, and is written again as it was where it is canonical", () => {
    const ais = ["10", "17", "20", "30", "3103", "421", "4307", "4330", "7003", "7007", "8004", "8008", "7258"];
    const header = fc.constantFrom(...ais).map((ai) => BigInt(`0x1${ai}`).toString(2).slice(1));
    const some = fc.array(fc.constantFrom("0", "1"), { maxLength: 120 }).map((bits) => bits.join(""));
    fc.assert(
      fc.property(header, some, (ai, rest) => {
        const hex = withBits(1, ai + rest);
        const epc = decodeEpc(hex);
        expect(epc).toMatchObject({ ...sgtin, hex });
        if (epc.scheme !== "sgtin+") throw new Error("it is an SGTIN+");
        const again = encodeEpc(epc).replace(/0+$/, "") === hex.replace(/0+$/, "");
        expect(epc.canonical).toBe(again);
        const elements = epc.aidc?.elements ?? [];
        expect(toEpc(encodeEpc(epc)).elements.slice(2)).toEqual(elements);
      }),
      { numRuns: 3000 },
    );
  });

  it("has every Application Identifier of table F with the length of table K", () => {
    const known = [2, 3, 4].flatMap((length) =>
      Array.from({ length: 10 ** length }, (_, ai) => String(ai).padStart(length, "0")).filter((ai) => formatOf(ai)),
    );
    expect(known.filter((ai) => ai.length !== aiLength(ai))).toEqual([]);
    expect([known.length, known.at(0), known.at(-1)]).toEqual([532, "00", "8200"]);
  });

  it("knows what the table leaves out", () => {
    expect(["03", "8014", "717", "12345", "4"].map(formatOf)).toEqual(Array(5).fill(undefined));
  });
});
