export type Gs1ErrorCode =
  | "EMPTY"
  /** Longer than any symbol holds. */
  | "INPUT_TOO_LONG"
  /** None of the forms that a medical package carries. */
  | "NOT_RECOGNISED"
  /** The symbology identifier says that something else must follow. */
  | "SYMBOLOGY_MISMATCH"
  /** No Application Identifier, or no data identifier, stands where one must. */
  | "UNKNOWN_IDENTIFIER"
  | "TOO_SHORT"
  | "TOO_LONG"
  /** A character that the field's character set does not have. */
  | "BAD_CHARACTER"
  /** The check digit or the check characters are not those of the rest. */
  | "BAD_CHECK"
  | "BAD_DATE"
  | "BAD_TIME"
  /** Not in the code list of the field: country, currency, package type, … */
  | "BAD_CODE"
  /** Breaks another rule of the field. */
  | "BAD_VALUE"
  /** The same identifier with two values. */
  | "CONFLICT"
  /** Identifiers that must not stand together. */
  | "EXCLUDED_PAIR"
  /** An identifier whose companion is missing. */
  | "MISSING_COMPANION"
  | "BAD_LINK"
  /** A compressed GS1 Digital Link: only its resolver's domain can open it. */
  | "COMPRESSED_LINK"
  /** Not as many data structures as the ISBT 128 compound message announces. */
  | "BAD_COUNT"
  /** An NDC that can be read in more than one way. */
  | "AMBIGUOUS";

/** What is wrong with a barcode, where, and what to do. */
export class Gs1Error extends Error {
  readonly code: Gs1ErrorCode;
  /** Characters before the offending one, in the text as it was given. */
  readonly position: number;

  constructor(code: Gs1ErrorCode, position: number, message: string) {
    super(message);
    this.name = "Gs1Error";
    this.code = code;
    this.position = position;
  }
}

/** A value's breach of a rule: code, offset in the value, and words. */
export type Problem = readonly [code: Gs1ErrorCode, offset: number, message: string];
