import { hexOf } from "@storeward/codecs/llrp";

const WAYS = 4;
const FIRST_SETS = 256;
const MAX_SETS = 8192;

/**
 * The hex of EPCs that come again and again, made once: what reads thousands of tags a second gives them few different strings, which
 * everything behind finds in its maps by the same hash. A set of four places for EPCs of one hash, oldest out; it doubles while more tags
 * come than it holds, up to 32,768, which is a megabyte.
 */
export class EpcCache {
  #sets = 0;
  /** Three words an EPC. */
  #words = new Uint32Array(0);
  #hex: string[] = [];
  #next = new Uint8Array(0);
  /** What had to go for others since the last doubling. */
  #evicted = 0;

  constructor() {
    this.#allocate(FIRST_SETS);
  }

  /** EPCs that it has room for. */
  get capacity(): number {
    return this.#sets * WAYS;
  }

  /** Upper-case hex of the 12 bytes from `at` on. */
  hex96(bytes: Uint8Array, at: number): string {
    const a = word(bytes, at);
    const b = word(bytes, at + 4);
    const c = word(bytes, at + 8);
    const words = this.#words;
    const first = (hash(a, b, c) & (this.#sets - 1)) * WAYS;
    for (let i = first; i < first + WAYS; i++) {
      const w = i * 3;
      if (words[w + 2] === c && words[w + 1] === b && words[w] === a) {
        const known = this.#hex[i];
        if (known !== undefined && known !== "") return known;
      }
    }
    const hex = hexOf(bytes.subarray(at, at + 12));
    this.#add(a, b, c, hex);
    return hex;
  }

  #add(a: number, b: number, c: number, hex: string): void {
    if (this.#evicted > this.capacity / 4 && this.#sets < MAX_SETS) this.#allocate(this.#sets * 2);
    const set = hash(a, b, c) & (this.#sets - 1);
    const way = this.#next[set] ?? 0;
    this.#next[set] = (way + 1) % WAYS;
    const i = set * WAYS + way;
    if (this.#hex[i] !== "") this.#evicted++;
    this.#hex[i] = hex;
    this.#words[i * 3] = a;
    this.#words[i * 3 + 1] = b;
    this.#words[i * 3 + 2] = c;
  }

  /** Empty: what is needed comes again. */
  #allocate(sets: number): void {
    this.#sets = sets;
    this.#words = new Uint32Array(sets * WAYS * 3);
    this.#hex = new Array<string>(sets * WAYS).fill("");
    this.#next = new Uint8Array(sets);
    this.#evicted = 0;
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
