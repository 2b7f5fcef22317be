/** Repeatable chance (mulberry32): conditions and intervals must not change what the simulated hospital draws. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** One of them. */
  of<T>(values: readonly T[]): T | undefined {
    return values[Math.floor(this.uniform() * values.length)];
  }

  /** Mean 0, deviation 1, near enough. */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.uniform();
    return sum;
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }
}
