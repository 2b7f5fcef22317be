/**
 * EPC (GS1 Tag Data Standard 2.3) between the hex of a tag's memory and GS1 identities. Loads in a browser.
 *
 * ```ts
 * const epc = decodeEpc("3066C4409047E140075BCD15");
 * if (epc.scheme === "sgtin-96") {
 *   epc.gtin; //           "09506000134352"
 *   epc.serial; //         "123456789"
 *   epc.uri; //            "urn:epc:id:sgtin:95060001343.05.123456789"
 *   epc.elementString; //  "(01)09506000134352(21)123456789"
 *   encodeSgtin96(epc); // the hex again
 * }
 * ```
 */
export { gs1CheckDigit, hasValidCheckDigit, isValidGtin } from "../gs1/check-digit.js";
export { decodeEpc } from "./decode.js";
export {
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
export type { EpcIdentity, EpcIdentityOf, EpcInput } from "./identity.js";
export { isPersonTag } from "./person-tag.js";
export type { SchemeName as EpcScheme } from "./schemes.js";
