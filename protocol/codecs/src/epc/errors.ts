export type EpcErrorCode =
  | "NOT_HEX"
  /** Not as many bits as the header's scheme has. */
  | "BAD_LENGTH"
  /** Partition 7, or a company prefix not of 6 to 12 digits. */
  | "BAD_PARTITION"
  /** More than the digits of the partition can say. */
  | "OUT_OF_RANGE"
  /** Bits that the scheme keeps at zero are not. */
  | "RESERVED_BITS"
  /** A character that GS1 does not allow in a serial (GS1 General Specifications, AI 82 set). */
  | "BAD_CHARACTER"
  | "BAD_CHECK_DIGIT"
  /** A GS1 key, serial or filter that this scheme cannot hold. */
  | "BAD_VALUE";

/** An EPC that its own header's scheme does not allow, or an identity that a scheme cannot hold. */
export class EpcError extends Error {
  readonly code: EpcErrorCode;
  readonly scheme: string;
  /** The field of the scheme: "company prefix", "reference", "serial", … */
  readonly field: string;

  constructor(code: EpcErrorCode, scheme: string, field: string, detail: string) {
    super(`${scheme}, ${field}: ${detail}`);
    this.name = "EpcError";
    this.code = code;
    this.scheme = scheme;
    this.field = field;
  }
}
