/** Bits that are known, from the first on, and compared with an EPC's hex digit by digit: no number is made of it. */
export class NibbleMask {
  /** Of every digit the bits that are known, and what they are. */
  readonly #masks: number[] = [];
  readonly #values: number[] = [];
  #length = 0;

  /** The first `bits` bits of these hex digits. */
  static ofHex(hex: string, bits: number): NibbleMask {
    const mask = new NibbleMask();
    for (let at = 0; at * 4 < bits; at++) {
      const width = Math.min(4, bits - at * 4);
      mask.known(Number.parseInt(hex.charAt(at), 16) >> (4 - width), width);
    }
    return mask;
  }

  /** The next `width` bits, at most 49, are those of a number. */
  known(value: number, width: number): this {
    for (let bit = width - 1; bit >= 0; bit--) this.#add(1, Math.floor(value / 2 ** bit) % 2);
    return this;
  }

  /** The next bits may be any. */
  unknown(width: number): this {
    for (let bit = 0; bit < width; bit++) this.#add(0, 0);
    return this;
  }

  /** Whether an EPC (upper-case hex) has these bits. One that ends before them has not. */
  matches(hex: string): boolean {
    const masks = this.#masks;
    if (hex.length * 4 < this.#length) return false;
    for (let at = 0; at < masks.length; at++) {
      const code = hex.charCodeAt(at);
      const digit = code < 58 ? code - 48 : code - 55;
      if ((digit & (masks[at] ?? 0)) !== this.#values[at]) return false;
    }
    return true;
  }

  #add(known: number, bit: number): void {
    const at = this.#length >> 2;
    const shift = 3 - (this.#length & 3);
    this.#masks[at] = (this.#masks[at] ?? 0) | (known << shift);
    this.#values[at] = (this.#values[at] ?? 0) | (bit << shift);
    this.#length++;
  }
}
