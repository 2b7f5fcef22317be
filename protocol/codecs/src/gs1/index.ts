/** GS1 identities and barcodes. Loads in a browser. */
export { gs1CheckDigit, hasValidCheckDigit, isValidGtin } from "./check-digit.js";
export { bracketed, type Element } from "./element.js";
