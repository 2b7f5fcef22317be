import { hexOf } from "@storeward/codecs/llrp";

const WAYS = 4;

/**
 * The hex of EPCs that come again and again, made once: what reads thousands of tags a second gives them few different strings, which
 * everything behind finds in its maps by the same hash. Bounded: a set of four places for EPCs of one hash, oldest out.
 */
export class EpcCache {
  readonly #mask: number;
  /** Three words an EPC. */
  readonly #words: Uint32Array;
  readonly #hex: string[];
  readonly #next: Uint8Array;

  /** `capacity` EPCs of 96 bits, rounded up to a power of two. */
  constructor(capacity = 32_768) {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, capacity / WAYS)));
    this.#mask = sets - 1;
    this.#words = new Uint32Array(sets * WAYS * 3);
    this.#hex = new Array<string>(sets * WAYS).fill("");
    this.#next = new Uint8Array(sets);
  }

  /** Upper-case hex of the 12 bytes from `at` on. */
  hex96(bytes: Uint8Array, at: number): string {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = word(bytes, at + 8);
    const set = hash(a, b, c) & this.#mask;
    const first = set * WAYS;
    for (let i = first; i < first + WAYS; i++) {
      const w = i * 3;
      if (this.#words[w + 2] === c && this.#words[w + 1] === b && this.#words[w] === a) {
        const known = this.#hex[i];
        if (known !== undefined && known !== "") return known;
      }
    }
    return this.#add(set, a, b, c, hexOf(bytes.subarray(at, at + 12)));
  }

  #add(set: number, a: number, b: number, c: number, hex: string): string {
    const way = this.#next[set] ?? 0;
    this.#next[set] = (way + 1) % WAYS;
    const i = set * WAYS + way;
    this.#hex[i] = hex;
    this.#words[i * 3] = a;
    this.#words[i * 3 + 1] = b;
    this.#words[i * 3 + 2] = c;
    return hex;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

/** Serial numbers are in the last bits, what they are of in the first: all take part (murmur's finish). */
function hash(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ c;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
