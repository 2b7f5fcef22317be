import { CUSTOM } from "./compile.js";
import { table } from "./tables/index.js";

export type LlrpFramingErrorCode =
  /** A length shorter than the header itself, or longer than anything that is worth waiting for. */
  | "BAD_LENGTH"
  /** A version that does not exist, or reserved bits that are set: these bytes are no header. */
  | "BAD_VERSION"
  /** A frame longer than the framer's limit. */
  | "TOO_LONG";

/**
 * Something in the stream that is no frame. After TOO_LONG the frame is skipped by its length and the stream stays in
 * step ("skipping"); after the others the bytes are searched for the next plausible header ("searching"), so frames may
 * have been lost. A client had best drop the link on "searching"; one that stays gets what can be found.
 */
export interface LlrpFramingError {
  readonly code: LlrpFramingErrorCode;
  /** Bytes of the stream before this header. */
  readonly offset: number;
  /** The ten bytes taken for a header. */
  readonly header: Uint8Array;
  readonly recovery: "skipping" | "searching";
}

export interface LlrpFramerResult {
  readonly frames: readonly Uint8Array[];
  readonly errors: readonly LlrpFramingError[];
}

export interface LlrpFramerCounters {
  frames: number;
  /** All bytes received. */
  bytes: number;
  /** Bytes that were part of no frame: skipped or searched through. */
  discarded: number;
  badLength: number;
  badVersion: number;
  tooLong: number;
}

const HEADER_SIZE = 10;
const DEFAULT_MAX_FRAME = 1024 * 1024;
/** A claim of more frames' worth than this is a damaged length: to skip by it would stop the stream for hours. */
const MOST_SKIPPED = 16;
const knownTypes: ReadonlySet<number> = new Set(
  Object.values(table.messages).map((message) => ("type" in message ? message.type : CUSTOM)),
);

/**
 * Cuts a byte stream into LLRP frames, however TCP split or glued it. Never throws; holds at most one frame of
 * `maxFrameBytes` (default 1 MiB); a damaged length stops the frames behind it for 16 times that at most. Frames may be views into the chunk given: a chunk must not be written to afterwards.
 */
export class LlrpFramer {
  readonly counters: LlrpFramerCounters = {
    frames: 0,
    bytes: 0,
    discarded: 0,
    badLength: 0,
    badVersion: 0,
    tooLong: 0,
  };
  readonly #maxFrameBytes: number;
  /** The beginning of a frame whose end has not come; only the first `#held` bytes count. */
  #buffer = new Uint8Array(0);
  #held = 0;
  /** Bytes still to come of a frame that is too long. */
  #skip = 0;
  #searching = false;

  constructor(options: { readonly maxFrameBytes?: number } = {}) {
    this.#maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_FRAME;
  }

  /** Bytes kept until the rest of their frame comes. */
  get buffered(): number {
    return this.#held;
  }

  /** Takes the next bytes of the stream and gives the frames that they complete, in order. */
  push(chunk: Uint8Array): LlrpFramerResult {
    const result = { frames: [] as Uint8Array[], errors: [] as LlrpFramingError[] };
    this.counters.bytes += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) at += this.#skipIn(chunk.length - at);
      else if (this.#held > 0) at += this.#fill(chunk, at, result);
      else at += this.#cut(chunk, at, result);
    }
    return result;
  }

  /** Forgets what is half received: a new connection begins. Counters go on. */
  reset(): void {
    this.#buffer = new Uint8Array(0);
    this.#held = 0;
    this.#skip = 0;
    this.#searching = false;
  }

  /** Bytes of the stream were lost, or it is joined in its midst: the next plausible header is searched for. */
  lose(): void {
    this.reset();
    this.#searching = true;
  }

  #skipIn(available: number): number {
    const skipped = Math.min(this.#skip, available);
    this.#skip -= skipped;
    this.counters.discarded += skipped;
    return skipped;
  }

  /** Takes from the chunk, with nothing held: a whole frame as a view, or the rest into the buffer. */
  #cut(chunk: Uint8Array, at: number, result: { frames: Uint8Array[]; errors: LlrpFramingError[] }): number {
    const available = chunk.length - at;
    if (available >= HEADER_SIZE) {
      const length = this.#frameLength(chunk, at, this.counters.bytes - available, result.errors);
      if (length === 0) return this.#skip > 0 ? 0 : 1;
      if (length <= available) {
        this.#deliver(chunk.subarray(at, at + length), result.frames);
        return length;
      }
      this.#buffer = new Uint8Array(Math.min(length, Math.max(available * 2, 4096)));
    } else if (this.#buffer.length < HEADER_SIZE) this.#buffer = new Uint8Array(256);
    this.#buffer.set(chunk.subarray(at));
    this.#held = available;
    return available;
  }

  /** Takes from the chunk what the held beginning lacks: first its header, then its frame. */
  #fill(chunk: Uint8Array, at: number, result: { frames: Uint8Array[]; errors: LlrpFramingError[] }): number {
    const available = chunk.length - at;
    if (this.#held < HEADER_SIZE) {
      const taken = this.#hold(chunk, at, Math.min(HEADER_SIZE - this.#held, available));
      if (this.#held < HEADER_SIZE) return taken;
      const start = this.counters.bytes - available + taken - HEADER_SIZE;
      if (this.#frameLength(this.#buffer, 0, start, result.errors) === 0) this.#dropHeld();
      else this.#deliverHeld(result.frames);
      return taken;
    }
    const taken = this.#hold(chunk, at, Math.min(this.#wanted() - this.#held, available));
    this.#deliverHeld(result.frames);
    return taken;
  }

  #wanted(): number {
    return lengthAt(this.#buffer, 0);
  }

  #deliverHeld(frames: Uint8Array[]): void {
    if (this.#held < this.#wanted()) return;
    const frame = this.#buffer.subarray(0, this.#held);
    this.#buffer = new Uint8Array(0);
    this.#held = 0;
    this.#deliver(frame, frames);
  }

  #deliver(frame: Uint8Array, frames: Uint8Array[]): void {
    this.counters.frames++;
    this.#searching = false;
    frames.push(frame);
  }

  /** The held header is none: all of it belongs to the frame to skip, or all but its first byte is searched again. */
  #dropHeld(): void {
    if (this.#skip > 0) {
      this.#skipIn(this.#held);
      this.#held = 0;
    } else {
      this.#buffer.copyWithin(0, 1, this.#held);
      this.#held--;
    }
  }

  #hold(chunk: Uint8Array, at: number, count: number): number {
    if (this.#held + count > this.#buffer.length) {
      // Doubling, so that a frame in tiny chunks is not copied for each; a claimed length alone takes no memory.
      const limit = this.#held < HEADER_SIZE ? this.#maxFrameBytes : this.#wanted();
      const grown = new Uint8Array(Math.max(this.#held + count, Math.min(limit, this.#buffer.length * 2)));
      grown.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = grown;
    }
    this.#buffer.set(chunk.subarray(at, at + count), this.#held);
    this.#held += count;
    return count;
  }

  /** Length of the frame whose header stands at `at`; 0 if it is no frame to deliver, which is counted and reported. */
  #frameLength(bytes: Uint8Array, at: number, offset: number, errors: LlrpFramingError[]): number {
    const first = bytes[at] ?? 0;
    const version = first >> 2;
    const length = lengthAt(bytes, at);
    if (version >= 1 && version <= 3 && length >= HEADER_SIZE) {
      const type = ((first & 3) << 8) | (bytes[at + 1] ?? 0);
      // While searching, only what surely is a header ends the search: a wrong one would swallow good frames.
      if (length <= this.#maxFrameBytes && (!this.#searching || knownTypes.has(type))) return length;
      if (!this.#searching && length <= this.#maxFrameBytes * MOST_SKIPPED) {
        this.counters.tooLong++;
        this.#skip = length;
        errors.push({ code: "TOO_LONG", offset, header: bytes.slice(at, at + HEADER_SIZE), recovery: "skipping" });
        return 0;
      }
    }
    this.counters.discarded++;
    if (this.#searching) return 0;
    this.#searching = true;
    const code = version < 1 || version > 3 ? "BAD_VERSION" : "BAD_LENGTH";
    if (code === "BAD_LENGTH") this.counters.badLength++;
    else this.counters.badVersion++;
    errors.push({ code, offset, header: bytes.slice(at, at + HEADER_SIZE), recovery: "searching" });
    return 0;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  const low = ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
  return high * 0x1_0000 + low;
}
