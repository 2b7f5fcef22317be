export type LlrpDecodeErrorCode =
  /** The bytes end before the field or parameter does. */
  | "TRUNCATED"
  /** A length that cannot be: shorter than its own header, or not that of the frame. */
  | "BAD_LENGTH"
  | "BAD_VERSION"
  /** A TV parameter of unknown type: it has no length, so nothing after it can be found (LLRP 1.1 §17.2.1.2). */
  | "UNKNOWN_TV"
  | "MISSING_PARAMETER"
  | "DUPLICATE_PARAMETER"
  /** Bytes after the last field of a parameter that has no parameters of its own. */
  | "TRAILING_BYTES"
  /** Parameters nested more deeply than the standard ever does. */
  | "TOO_DEEP";

/** A frame, or a parameter in it, that is not LLRP. The stream is unharmed: the next frame starts where this one ends. */
export class LlrpDecodeError extends Error {
  readonly code: LlrpDecodeErrorCode;
  /** Bytes from the start of the frame. */
  readonly offset: number;
  /** What was being decoded, from the message inwards: `ADD_ROSPEC.ROSpec.ROBoundarySpec`. */
  readonly path: string;

  constructor(code: LlrpDecodeErrorCode, offset: number, path: string, detail: string) {
    super(`${path} at byte ${offset}: ${detail}`);
    this.name = "LlrpDecodeError";
    this.code = code;
    this.offset = offset;
    this.path = path;
  }
}

export type LlrpEncodeErrorCode = "BAD_VALUE" | "MISSING_FIELD" | "MISSING_PARAMETER" | "UNKNOWN_TYPE" | "TOO_LONG";

/** A message that cannot be put on the wire: a mistake of the program that built it. */
export class LlrpEncodeError extends Error {
  readonly code: LlrpEncodeErrorCode;
  readonly path: string;

  constructor(code: LlrpEncodeErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.name = "LlrpEncodeError";
    this.code = code;
    this.path = path;
  }
}
