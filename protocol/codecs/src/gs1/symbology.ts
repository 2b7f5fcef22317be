/** What kind of symbol a scan came from, by its ISO/IEC 15424 symbology identifier. */
export interface Symbology {
  /** As it was sent: "]d2". */
  readonly identifier: string;
  readonly name: string;
}

/** What a symbol of a kind holds: GS1 elements, a GTIN, or anything. */
export type Content = "elements" | "gtin" | "any";

/** Those of the GS1 symbologies, and the others that medical packages carry (ISO/IEC 15424). */
const symbologies: Readonly<Record<string, readonly [name: string, content: Content]>> = {
  C1: ["GS1-128", "elements"],
  d2: ["GS1 DataMatrix", "elements"],
  Q3: ["GS1 QR Code", "elements"],
  J1: ["GS1 DotCode", "elements"],
  e0: ["GS1 DataBar", "elements"],
  e1: ["GS1 Composite", "elements"],
  e2: ["GS1 Composite", "elements"],
  E0: ["EAN-13, UPC-A or UPC-E", "gtin"],
  E4: ["EAN-8", "gtin"],
  I1: ["ITF-14", "gtin"],
  I0: ["Interleaved 2 of 5", "gtin"],
  C0: ["Code 128", "any"],
  C4: ["Code 128 (ISBT 128, concatenated)", "any"],
  A0: ["Code 39", "any"],
  A1: ["Code 39", "any"],
  d1: ["Data Matrix", "any"],
  Q1: ["QR Code", "any"],
  J0: ["DotCode", "any"],
  z0: ["Aztec Code", "any"],
  L0: ["PDF417", "any"],
};

/** The symbology identifier that a scan has at `at`, if it has one. */
export function symbologyOf(text: string, at: number): (Symbology & { readonly content: Content }) | undefined {
  if (text.charAt(at) !== "]") return undefined;
  const identifier = text.slice(at, at + 3);
  if (!/^\][A-Za-z][0-9A-Za-z]$/.test(identifier)) return undefined;
  const [name, content] = symbologies[identifier.slice(1)] ?? ["another symbology", "any"];
  return { identifier, name, content };
}
