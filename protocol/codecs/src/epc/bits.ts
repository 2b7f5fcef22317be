import { numeral } from "./decimal.js";
import { EpcError, type EpcErrorCode } from "./errors.js";

/** 31 words of 16 bits, which is as much as the length bits of a Gen 2 tag can say (TDS 2.3 §9.3). */
export const MOST_BITS = 496;

/** Value of a character code as a hex digit; 16 for others. */
const HEX_VALUES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 16 : value;
});

/** The bits of one EPC from the first to the last. Numbers only, for a tag is decoded at every read. */
export class BitReader {
  /** The scheme that errors name. */
  scheme = "unknown";
  /** The next bit. */
  at = 0;
  /** All bits. */
  end = 0;
  /** Four bytes more than an EPC has, so that a window of 32 bits never ends outside. */
  readonly #bytes = new Uint8Array(MOST_BITS / 8 + 4);

  /** Reads hex of either case from now on; an odd last digit is four bits, as the standard prints '+' schemes. */
  ofHex(hex: string): void {
    const digits = hex.length;
    if (digits * 4 > MOST_BITS) this.#tooLong(digits * 4);
    const bytes = this.#bytes;
    let wrong = digits === 0 ? 16 : 0;
    for (let i = 0; i < digits; i += 2) {
      const high = HEX_VALUES[hex.charCodeAt(i)] ?? 16;
      const low = i + 1 < digits ? (HEX_VALUES[hex.charCodeAt(i + 1)] ?? 16) : 0;
      wrong |= high | low;
      bytes[i >> 1] = (high << 4) | low;
    }
    this.#start(digits * 4);
    if ((wrong & 16) !== 0) this.fail("NOT_HEX", "hex", `"${hex}" is not hex`);
  }

  ofBytes(bytes: Uint8Array): void {
    if (bytes.length * 8 > MOST_BITS) this.#tooLong(bytes.length * 8);
    for (let i = 0; i < bytes.length; i++) this.#bytes[i] = bytes[i] ?? 0;
    this.#start(bytes.length * 8);
    if (bytes.length === 0) this.fail("NOT_HEX", "hex", "there are no bytes");
  }

  /** An unsigned number of up to 49 bits. */
  uint(width: number, field: string): number {
    if (this.at + width > this.end) {
      this.fail("BAD_LENGTH", field, `${this.at + width - this.end} more bits wanted than the ${this.end} there are`);
    }
    if (width <= 25) return this.#window(width);
    const high = this.#window(width - 24);
    return high * 0x1000000 + this.#window(24);
  }

  /** An unsigned number of any width as a decimal numeral without leading zeros. */
  decimal(width: number, field: string): string {
    if (width <= 49) return numeral(this.uint(width, field));
    const high = width <= 81 ? this.uint(width - 32, field) : Number.POSITIVE_INFINITY;
    if (high < 0x200000) return numeral(high * 0x100000000 + this.uint(32, field));
    let value = width <= 81 ? BigInt(high) : 0n;
    for (let left = width <= 81 ? 32 : width; left > 0; left -= 32) {
      const step = Math.min(left, 32);
      value = (value << BigInt(step)) | BigInt(this.uint(step, field));
    }
    return value.toString();
  }

  /** Whether all bits from the next on are zero. */
  restIsZero(): boolean {
    for (let bit = this.at; bit < this.end; bit += 8 - (bit & 7)) {
      const rest = (this.#bytes[bit >> 3] ?? 0) & (0xff >> (bit & 7));
      const over = Math.max(0, 8 - (this.end - (bit & ~7)));
      if (rest >> over !== 0) return false;
    }
    return true;
  }

  /** The bits from a place on, in hex; zeros fill the last digit. */
  hex(from = 0): string {
    let hex = "";
    for (this.at = from; this.at < this.end; ) {
      const width = Math.min(4, this.end - this.at);
      hex += (this.#window(width) << (4 - width)).toString(16);
    }
    return hex.toUpperCase();
  }

  /** All bits as numbers of 24, for whoever may want the hex later. */
  words(): readonly number[] {
    const start = this.at;
    this.at = 0;
    // Written out for the 96 bits of nearly every tag.
    const words = [this.#window(24), this.#window(24), this.#window(24), this.#window(24)];
    while (this.at < this.end) words.push(this.#window(24));
    this.at = start;
    return words;
  }

  fail(code: EpcErrorCode, field: string, detail: string): never {
    throw new EpcError(code, this.scheme, field, detail);
  }

  #start(bits: number): void {
    this.at = 0;
    this.end = bits;
    this.scheme = "unknown";
  }

  #tooLong(bits: number): never {
    this.scheme = "unknown";
    this.fail("BAD_LENGTH", "hex", `${bits} bits, and an EPC has at most ${MOST_BITS}`);
  }

  /** Up to 25 bits, which lie in four bytes wherever they start. */
  #window(width: number): number {
    const at = this.at;
    this.at = at + width;
    if (width === 0) return 0;
    const bytes = this.#bytes;
    const i = at >> 3;
    const word =
      ((bytes[i] ?? 0) << 24) | ((bytes[i + 1] ?? 0) << 16) | ((bytes[i + 2] ?? 0) << 8) | (bytes[i + 3] ?? 0);
    return (word << (at & 7)) >>> (32 - width);
  }
}

/** Bits one after the other, as text: an EPC is encoded once and read for years. */
export class BitWriter {
  readonly scheme: string;
  #bits = "";

  constructor(scheme: string) {
    this.scheme = scheme;
  }

  get length(): number {
    return this.#bits.length;
  }

  uint(value: number, width: number): void {
    if (width > 0) this.#bits += value.toString(2).padStart(width, "0");
  }

  /** A decimal numeral of any length. */
  decimal(digits: string, width: number, field: string): void {
    const bits = BigInt(digits).toString(2);
    if (bits.length > width && digits !== "0") {
      this.fail("OUT_OF_RANGE", field, `${digits} does not fit ${width} bits`);
    }
    if (width > 0) this.#bits += bits.padStart(width, "0");
  }

  zeros(count: number): void {
    this.#bits += "0".repeat(count);
  }

  bits(other: string): void {
    this.#bits += other;
  }

  /** In hex, filled up with zeros to whole words of memory (TDS 2.3 §15.1.1). */
  hex(): string {
    const bits = this.#bits.padEnd(Math.ceil(this.#bits.length / 16) * 16, "0");
    if (bits.length > MOST_BITS) {
      this.fail("BAD_LENGTH", "epc", `it takes ${this.#bits.length} bits, and a tag can have at most ${MOST_BITS}`);
    }
    return bits.replace(/.{4}/g, (four) => Number.parseInt(four, 2).toString(16)).toUpperCase();
  }

  fail(code: EpcErrorCode, field: string, detail: string): never {
    throw new EpcError(code, this.scheme, field, detail);
  }
}

/** The hex of so many bits of `words()`. */
export function hexOfWords(words: readonly number[], bits: number): string {
  const hex = words.map((word) => word.toString(16).padStart(6, "0")).join("");
  return hex.slice(0, Math.ceil(bits / 4)).toUpperCase();
}
