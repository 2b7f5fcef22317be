/**
 * EPC (GS1 Tag Data Standard 2.3) between the bits of a tag's memory and GS1 identities: every scheme, with '+' and '++'.
 * Loads in a browser.
 *
 * ```ts
 * const epc = decodeEpc("3066C4409047E140075BCD15");
 * if (epc.scheme === "sgtin-96") {
 *   epc.gtin; //           "09506000134352"
 *   epc.serial; //         "123456789"
 *   epc.uri; //            "urn:epc:id:sgtin:95060001343.05.123456789"
 *   epc.elementString; //  "(01)09506000134352(21)123456789"
 *   epc.digitalLink; //    "https://id.gs1.org/01/09506000134352/21/123456789"
 *   encodeEpc(epc); //     the hex again
 * }
 * toEpc("(01)09506000134352(21)32a/b").hex; // SGTIN+, for it needs no company prefix
 * ```
 */
export { gs1CheckDigit, hasValidCheckDigit, isValidGtin } from "../gs1/check-digit.js";
export type { Element } from "../gs1/element.js";
export type { Aidc } from "./aidc.js";
export { decodeEpc } from "./decode.js";
export {
  encodeEpc,
  encodeGiai96,
  encodeGrai96,
  encodeGsrn96,
  encodeGsrnp96,
  encodeSgln96,
  encodeSgtin96,
  encodeSgtin198,
  encodeSscc96,
} from "./encode.js";
export { EpcError, type EpcErrorCode } from "./errors.js";
export { filterMeaning } from "./filter.js";
export type { EpcData, EpcForms, EpcIdentity, EpcIdentityOf, EpcInput, UnknownEpc } from "./identity.js";
export { isPersonTag } from "./person-tag.js";
export { type SchemeName as EpcScheme, schemes as epcSchemes } from "./schemes.js";
export { type EpcOptions, toEpc } from "./to-epc.js";
export { pureIdentityUriOf } from "./uri.js";
