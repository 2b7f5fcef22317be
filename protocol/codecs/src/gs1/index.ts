/**
 * GS1 identities and barcodes, and the other two kinds of unique device identifier, HIBC and ISBT 128. Loads in a browser.
 *
 * ```ts
 * const scan = parseBarcode("]d2010950600013435217270531" + "10AB-123\x1d216789");
 * if (scan.ok) {
 *   scan.di; //        "09506000134352"
 *   scan.pi; //        { expiry: "2027-05-31", lot: "AB-123", serial: "6789" }
 *   scan.elements; //  each with identifier, value, title, position
 *   scan.flags; //     what to look at twice
 * } else {
 *   scan.error; //     { code, position, message }
 * }
 * ```
 */
export { type Association, associationsOf } from "./associations.js";
export type {
  Agency,
  Barcode,
  BarcodeError,
  BarcodeResult,
  Flag,
  FlagCode,
  ProductionIdentifiers,
  Syntax,
} from "./barcode.js";
export { parseBracketed } from "./bracketed.js";
export { gs1CheckCharacters } from "./check-characters.js";
export { gs1CheckDigit, hasValidCheckDigit, isValidGtin } from "./check-digit.js";
export { hibcCheckCharacter } from "./check-mod43.js";
export { combineBarcodes } from "./combine.js";
export { encodeDigitalLink, type LinkOptions, parseDigitalLink } from "./digital-link.js";
export { bracketed, type Element } from "./element.js";
export { checkElements, encodeElementString, FNC1, parseElementString, type ReadOptions } from "./element-string.js";
export { Gs1Error, type Gs1ErrorCode } from "./errors.js";
export { type Hibc, parseHibc } from "./hibc.js";
export { type Component, type Identifier, identifierOf, identifiers } from "./identifiers.js";
export { dinCheckCharacter, type Isbt, parseIsbt } from "./isbt.js";
export { gtinOfNdc, type Ndc, type NdcShape, ndcOfGtin, parseNdc, readNdc } from "./ndc.js";
export { parseBarcode } from "./parse-barcode.js";
export type { ParsedElement } from "./parsed-element.js";
export type { Symbology } from "./symbology.js";
