export type EpcErrorCode =
  | "NOT_HEX"
  /** Not as many bits as the scheme needs, or more than an EPC can have. */
  | "BAD_LENGTH"
  /** Bits after the encoding are not zero (TDS 2.3 §15.1.1). */
  | "BAD_PADDING"
  /** Partition 7, or a company prefix not of 6 to 12 digits. */
  | "BAD_PARTITION"
  /** More than the digits or the bits of the field can say. */
  | "OUT_OF_RANGE"
  /** A value that the standard keeps for later: bits that are to be zero, encoding indicators, date types. */
  | "RESERVED"
  /** A character that the field cannot have. */
  | "BAD_CHARACTER"
  | "BAD_CHECK_DIGIT"
  /** A day that no calendar has. */
  | "BAD_DATE"
  /** A GS1 key, serial or filter that this scheme cannot hold. */
  | "BAD_VALUE"
  /** No EPC URI, GS1 Digital Link URI or element string of one object. */
  | "BAD_TEXT"
  /** No scheme of that name, or none for these elements. */
  | "NO_SCHEME";

/** An EPC that its own header's scheme does not allow, or an identity that a scheme cannot hold. */
export class EpcError extends Error {
  readonly code: EpcErrorCode;
  /** "sgtin-96", …; "unknown" where none is known yet. */
  readonly scheme: string;
  /** The field of the scheme: "partition", "gtin", "serial", … */
  readonly field: string;
  /** What is wrong with the field, for people. */
  readonly detail: string;

  constructor(code: EpcErrorCode, scheme: string, field: string, detail: string) {
    super(`${scheme}, ${field}: ${detail}`);
    this.name = "EpcError";
    this.code = code;
    this.scheme = scheme;
    this.field = field;
    this.detail = detail;
  }
}
