import { describe, expect, it } from "vitest";
import { type Barcode, combineBarcodes, parseBarcode } from "./index.js";

const GTIN = "09506000134352";

function together(...texts: [string, ...string[]]) {
  const [first, ...others] = texts.map((text): Barcode => {
    const result = parseBarcode(text, { today: "2026-11-25" });
    if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
    return result;
  });
  if (first === undefined) throw new Error("no text");
  return combineBarcodes([first, ...others]);
}
const conflict = (position: number) => ({ ok: false, error: { code: "CONFLICT", position } });

describe("the symbols on one package", () => {
  it("say together what each says in part, and lack no companion that another has", () => {
    expect(together(`]C101${GTIN}`, "]C11727050010AB")).toMatchObject({
      ok: true,
      di: GTIN,
      pi: { expiry: "2027-05-31", lot: "AB" },
      flags: [{ code: "DAY_UNSPECIFIED" }],
    });
    expect(together("]C11727053110AB", "]C121X")).toMatchObject({ flags: [{}, {}, {}] });
  });

  it("may repeat each other but not contradict", () => {
    const twice = together(`01${GTIN}10A`, `(01)${GTIN}(10)A`);
    expect(twice).toMatchObject({ ok: true, elements: [{ ai: "01" }, { ai: "10" }], flags: [] });
    expect(together(`01${GTIN}10A`, `(01)${GTIN}(10)B`)).toMatchObject(conflict(22));
    expect(together("=/A9999XYZ100T0944", "=/A9999XYZ100T0945")).toMatchObject(conflict(2));
  });

  it("of HIBC belong together by their link character", () => {
    expect(together("+A123BJC5D6E71G", "+$$52001510X3GD")).toMatchObject({
      di: "A123BJC5D6E71",
      pi: { expiry: "2020-01-15", lot: "10X3" },
    });
    expect(together("+A999ABC1230V", "+$$52001510X3GD")).toMatchObject(conflict(0));
  });

  it("of ISBT 128 are the structures of one product", () => {
    expect(together("=A99991712345600", "=/A9999XYZ100T0944", "=,000001")).toMatchObject({
      di: "A9999XYZ100T0944",
      pi: { serial: "000001", donationIdentificationNumber: "A999917123456" },
    });
  });

  it("of different agencies are no one UDI", () => {
    expect(together(`01${GTIN}`, "+A123BJC5D6E71G")).toMatchObject(conflict(0));
  });
});
