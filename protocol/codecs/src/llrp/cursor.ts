import { LlrpDecodeError, type LlrpDecodeErrorCode } from "./errors.js";

/** Where the decoder stands in a frame, and inside which parameters. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Names of what is being decoded, outermost first. */
  readonly path: string[] = [];
  offset = 0;
  /** Where the innermost parameter ends; nothing reads beyond. */
  end: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.end = bytes.byteLength;
  }

  /** Steps over `count` bytes and says where they begin. Throws TRUNCATED beyond the end of the parameter. */
  take(count: number): number {
    const start = this.offset;
    if (start + count > this.end) throw this.error("TRUNCATED", `${count} bytes wanted, ${this.end - start} left`);
    this.offset = start + count;
    return start;
  }

  error(code: LlrpDecodeErrorCode, detail: string): LlrpDecodeError {
    return new LlrpDecodeError(code, this.offset, this.path.join("."), detail);
  }
}
