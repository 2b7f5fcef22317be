import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Barcode, type Flag, type Gs1ErrorCode, parseBarcode, readNdc } from "./index.js";

const today = "2026-11-25";
const GTIN = "09506000134352";
const parse = (text: string) => parseBarcode(text, { today });

function read(text: string): Barcode {
  const result = parse(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.code} at ${result.error.position}: ${result.error.message}`);
  return result;
}
const codes = ({ flags }: Barcode) => flags.map(({ code }: Flag) => code);

function errorOf(text: string): [Gs1ErrorCode, number] {
  const result = parse(text);
  if (result.ok) throw new Error(`${text} was read`);
  expect(result.error.message).toMatch(/^\S.{10,}/);
  return [result.error.code, result.error.position];
}

const pi = { productionDate: "2026-01-01", expiry: "2027-05-31", lot: "AB-123", serial: "6789" };

describe("a UDI is read with DI and PI apart from", () => {
  it.each([
    ["GS1 in brackets", `(01)${GTIN}(11)260101(17)270531(10)AB-123(21)6789`, "bracketed"],
    ["GS1 as scanned", `]d201${GTIN}112601011727053110AB-123\x1d216789`, "element string"],
    [
      "GS1 as scanned, without symbology identifier",
      `01${GTIN}112601011727053110AB-123\x1d216789\r\n`,
      "element string",
    ],
    ["GS1 with FNC1 in front", `\x1d01${GTIN}112601011727053110AB-123\x1d216789`, "element string"],
    ["GS1 Digital Link", `https://id.gs1.org/01/${GTIN}/10/AB-123/21/6789?17=270531&11=260101`, "Digital Link"],
    [
      "GS1 Digital Link in a QR Code",
      `]Q1https://example.com/x/01/${GTIN}/10/AB-123/21/6789?17=270531&11=260101`,
      "Digital Link",
    ],
  ])("%s", (_, text, syntax) => {
    expect(read(text)).toMatchObject({ agency: "GS1", syntax, di: GTIN, pi, flags: [] });
  });

  it("a Digital Link without a production date", () => {
    const { pi: found } = read(`https://id.gs1.org/01/${GTIN}/10/AB-123/21/6789?17=270531`);
    expect(found).toEqual({ expiry: "2027-05-31", lot: "AB-123", serial: "6789" });
  });

  it("HIBC", () => {
    expect(read("+A123BJC5D6E71G")).toMatchObject({ agency: "HIBCC", syntax: "HIBC", di: "A123BJC5D6E71", pi: {} });
    expect(read("]d1+A999XYZ1234560/$$3270531AB-123/S6789/16D20260101E")).toMatchObject({ di: "A999XYZ1234560", pi });
  });

  it("ISBT 128", () => {
    const text = "=/A9999XYZ100T0944=,000025=A99971312345600=>014032=}013032&,1000000000000XYZ123";
    expect(read(text)).toMatchObject({
      agency: "ICCBBA",
      syntax: "ISBT 128",
      di: "A9999XYZ100T0944",
      pi: {
        serial: "000025",
        donationIdentificationNumber: "A999713123456",
        expiry: "2014-02-01",
        productionDate: "2013-02-01",
        lot: "000000000000XYZ123",
      },
    });
  });

  it.each([
    ["EAN-13", "9506000134352"],
    ["EAN-13 by its symbol", "]E09506000134352"],
    ["ITF-14", `]I1${GTIN}`],
    ["14 digits", ` ${GTIN} `],
  ])("the GTIN alone of %s", (_, text) => {
    expect(read(text)).toMatchObject({ syntax: "GTIN", di: GTIN, pi: {}, elements: [{ ai: "01", value: GTIN }] });
  });

  it("UPC-A and EAN-8", () => {
    expect(read("300021433802").di).toBe("00300021433802");
    expect(readNdc("0002-1433-80")[0]?.gtin).toBe("00300021433802");
    expect(read("]E495060002").di).toBe("00000095060002");
  });
});

describe("what a result says besides", () => {
  it("is plain: JSON carries it whole", () => {
    for (const text of [`]d201${GTIN}17270500`, "+A123BJC5D6E71G", "nothing"]) {
      const result = parse(text);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    }
  });

  it("has the symbology, and positions that point into the text as given", () => {
    const text = `  ]C101${GTIN}10AB<GS>216789`;
    const { symbology, elements } = read(text);
    expect(symbology).toEqual({ identifier: "]C1", name: "GS1-128" });
    for (const { value, position } of elements) expect(text.slice(position, position + value.length)).toBe(value);
  });

  it("only use by is an expiry: best before and sell by are not", () => {
    expect(read(`(01)${GTIN}(15)270531(16)270531`).pi).toEqual({});
    expect(read(`(01)${GTIN}(7003)2705311430`).pi).toEqual({ expiry: "2027-05-31", expiryTime: "14:30" });
    expect(read(`(03)${GTIN}(21)7`)).toMatchObject({ di: GTIN, pi: { serial: "7" } });
  });

  it("flags a day of 00 and means the last of the month, leap years right", () => {
    const expiry = (digits: string) => {
      const barcode = read(`01${GTIN}17${digits}`);
      return [barcode.pi.expiry, ...codes(barcode)];
    };
    expect(expiry("280200")).toEqual(["2028-02-29", "DAY_UNSPECIFIED"]);
    expect(expiry("270200")).toEqual(["2027-02-28", "DAY_UNSPECIFIED"]);
    expect(expiry("000200")).toEqual(["2000-02-29", "DAY_UNSPECIFIED"]);
    expect(expiry("260430")).toEqual(["2026-04-30"]);
  });

  it("flags pairs that the standard does not allow, and companions that another symbol must have", () => {
    expect(codes(read(`(01)${GTIN}(37)5`))).toEqual(["EXCLUDED_PAIR", "MISSING_COMPANION"]);
    expect(codes(read("]C11727053110AB"))).toEqual(["MISSING_COMPANION", "MISSING_COMPANION"]);
  });

  it("flags GS1 elements in a symbol that is none of GS1", () => {
    expect(codes(read(`]C001${GTIN}17270531`))).toEqual(["NOT_A_GS1_SYMBOL"]);
  });

  it("flags digits that can be a date too, and takes a date alone for one only where it is no GTIN", () => {
    expect(read("17270531").elements).toMatchObject([{ ai: "17", date: "2027-05-31" }]);
    // One in ten dates ends with what is a check digit of the rest.
    const [gtin, ...others] = ["17270502", ...["1", "3", "4", "5", "6", "7", "8", "9"].map((day) => `1727050${day}`)];
    expect(codes(read(gtin ?? ""))).toEqual(["AMBIGUOUS"]);
    expect(read(gtin ?? "")).toMatchObject({ syntax: "GTIN", di: "00000017270502" });
    for (const text of others) expect(read(text).syntax).toBe("element string");
  });

  it("flags ISBT 128 structures that it does not interpret", () => {
    expect(codes(read("=/A9999XYZ100T0944&(N0008"))).toEqual(["NOT_INTERPRETED"]);
  });
});

describe("what scanners send for FNC1 is recognised:", () => {
  const others = [
    "<GS>",
    "<gs>",
    "{GS}",
    "[GS]",
    "<FNC1>",
    "{FNC1}",
    "~1",
    "~d029",
    "^",
    "^]",
    "|",
    "\\u001d",
    "\\x1d",
    "[F8]",
    "␝",
    "è",
    "ø",
  ];
  it.each(others)("%s", (instead) => {
    const text = `01${GTIN}10AB-123${instead}17270531`;
    const barcode = read(text);
    expect(barcode).toMatchObject({ pi: { lot: "AB-123", expiry: "2027-05-31" } });
    expect(codes(barcode)).toEqual(["SEPARATOR_REPLACED"]);
    expect(barcode.flags[0]?.position).toBe(24);
    expect(text.slice(barcode.elements[2]?.position)).toBe("270531");
    expect(errorOf(`01${GTIN}10AB-123${instead}17260229`)).toEqual(["BAD_DATE", 24 + instead.length + 6]);
  });

  it("but not where a real one is there, nor where nothing sensible follows", () => {
    expect(read(`01${GTIN}10AB<GS>\x1d17270531`).pi.lot).toBe("AB<GS>");
    expect(errorOf(`01${GTIN}10AB^9`)).toEqual(["BAD_CHARACTER", 20]);
    expect(read(`01${GTIN}10AB<GS>X`).pi.lot).toBe("AB<GS>X");
  });
});

describe("every error has its code and place:", () => {
  const errors: [string, Gs1ErrorCode, number][] = [
    ["", "EMPTY", 0],
    ["]d2", "EMPTY", 3],
    ["1".repeat(4297), "INPUT_TOO_LONG", 4296],
    ["hello", "NOT_RECOGNISED", 0],
    ["]C1+A123BJC5D6E71G", "SYMBOLOGY_MISMATCH", 3],
    ["]d2https://id.gs1.org/01/09506000134352", "SYMBOLOGY_MISMATCH", 3],
    [`01${GTIN}18X`, "UNKNOWN_IDENTIFIER", 16],
    [`01${GTIN}1727053`, "TOO_SHORT", 23],
    [`01${GTIN}10ABCDEFGHIJ1234567890X`, "TOO_LONG", 38],
    [`01${GTIN}10AB 1`, "BAD_CHARACTER", 20],
    [`01${GTIN}17A70531`, "BAD_CHARACTER", 18],
    ["0109506000134353", "BAD_CHECK", 15],
    ["9506000134353", "BAD_CHECK", 12],
    ["]E09506000134353", "BAD_CHECK", 15],
    ["(8013)1987654Ad4X4bL5ttr2310cXK", "BAD_CHECK", 29],
    [`01${GTIN}17260229`, "BAD_DATE", 22],
    [`01${GTIN}17261301`, "BAD_DATE", 20],
    [`(01)${GTIN}(7003)2705312400`, "BAD_TIME", 30],
    [`(01)${GTIN}(422)001`, "BAD_CODE", 23],
    ["(8003)19521141123454", "BAD_VALUE", 6],
    [`(01)${GTIN}(10)A(10)B`, "CONFLICT", 27],
    ["https://example.com/about", "BAD_LINK", 25],
    ["https://example.com/AQnYUc1gmiwK8nBBVA4Aw", "COMPRESSED_LINK", 20],
    ["=+03000=/A9997XYZ100T0479=,000012", "BAD_COUNT", 2],
    ["]E012345", "TOO_SHORT", 8],
    ["]E0123456789012345", "TOO_LONG", 17],
    ["]E012345A789012", "BAD_CHARACTER", 8],
  ];
  const rows = errors.map(
    ([text, code, position]) => [JSON.stringify(text).slice(0, 60), code, position, text] as const,
  );
  it.each(rows)("%s is %s at %i", (_, code, position, text) => {
    expect(errorOf(text)).toEqual([code, position]);
  });
});

describe("any text", () => {
  const samples = [
    `]d201${GTIN}112601011727053110AB-123\x1d216789`,
    `(01)${GTIN}(11)260101(17)270531(10)AB-123(21)6789`,
    `https://id.gs1.org/01/${GTIN}/10/AB-123/21/6789?17=270531`,
    "+A999XYZ1234560/$$3270531AB-123/S6789/16D20260101E",
    "+$$52001510X3GD",
    "=+06000=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032&,1000000000000XYZ123",
  ];
  const characters = fc.oneof(
    fc.constantFrom("\x1d", "(", ")", "+", "=", "&", "/", "$", "%", "]", "*", " ", "é", "\u{1f600}", "\0", "<GS>"),
    fc.string({ minLength: 1, maxLength: 3 }),
  );
  const mutated = fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(90), fc.nat(3), characters), { minLength: 1, maxLength: 4 }),
    )
    .map(([text, changes]) =>
      changes.reduce((now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut), text),
    );

  it("gives a result or an error that points into it, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(mutated, fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 })),
        (text) => {
          const result = parse(text);
          const positions = result.ok
            ? [...result.elements, ...result.flags].map(({ position }) => position)
            : [result.error.position];
          for (const position of positions) expect(position >= 0 && position <= text.length, text).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("of the same length takes about the same time, whatever it is", () => {
    const length = 4296;
    const shapes = [
      "1",
      "(",
      "(10)",
      "10A\x1d",
      "=,000001",
      "10A^",
      "\n",
      " ",
      "01095060001343521727053110",
      "+/S",
      "https://x/01/",
      "=&",
      "<GS>",
      "%41",
      "91",
    ];
    for (const shape of shapes) {
      for (const start of ["", "10", `]d201${GTIN}91`, "https://x.org/01/", "+", "=/"]) {
        const text = (start + shape.repeat(length)).slice(0, length - 1);
        const begin = performance.now();
        parse(text);
        parse(`${text}x`);
        expect(performance.now() - begin, JSON.stringify((start + shape).slice(0, 30))).toBeLessThan(500);
      }
    }
  });
});
