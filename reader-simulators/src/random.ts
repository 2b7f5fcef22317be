/** Anything from which a stream or a draw is named. */
type Key = number | string;

/** 32 well-mixed bits of a seed and a key: the same for the same input, in any order of asking (murmur3's mixing). */
export function hash32(seed: number, ...key: Key[]): number {
  let hash = seed | 0;
  for (const part of key) {
    if (typeof part === "number") hash = mix(hash, part);
    else for (let i = 0; i < part.length; i++) hash = mix(hash, part.charCodeAt(i));
  }
  return finish(hash);
}

/** A draw from [0, 1) that belongs to the key: asking for others in between does not change it. */
export function uniformAt(seed: number, ...key: Key[]): number {
  return hash32(seed, ...key) / 0x1_0000_0000;
}

/** A draw from the standard normal distribution that belongs to the key. */
export function normalAt(seed: number, ...key: Key[]): number {
  const hash = hash32(seed, ...key);
  return normalOf(hash / 0x1_0000_0000, finish(hash ^ 0x5bd1e995) / 0x1_0000_0000);
}

/** A stream of draws whose whole state is one number, so that it can be stored and taken up again (mulberry32). */
export class Random {
  state: number;

  constructor(state: number) {
    this.state = state >>> 0;
  }

  /** From [0, 1). */
  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  normal(mean = 0, deviation = 1): number {
    return mean + deviation * normalOf(this.uniform(), this.uniform());
  }

  /** With mean `mean`. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** One of them; undefined only for none. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.uniform() * from.length)];
  }
}

/** The stream of this name: streams of different names do not disturb each other. */
export function randomStream(seed: number, name: string): Random {
  return new Random(hash32(seed, name));
}

function mix(hash: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Box and Muller, 1958. */
function normalOf(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
}
