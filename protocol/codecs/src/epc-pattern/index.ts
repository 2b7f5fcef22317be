/**
 * Which EPCs are meant: tag pattern URIs (TDS 2.3 §13), schemes with company prefix, and leading bits, to include and to exclude.
 * Compiled to masks over the bits, so that most tags are judged without being decoded. Loads in a browser.
 */
export { type BitPattern, type EpcPatternText, epcPattern, type SchemePattern } from "./pattern.js";
export type { EpcPattern } from "./pattern-mask.js";
export { EpcSelection, type EpcSelectionText, type NotSelected, selectionProblems } from "./selection.js";
