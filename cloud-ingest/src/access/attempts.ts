import type { Clock } from "@storeward/runtime";

const MAX_KEYS = 20_000;

/** Counts what is tried by key within a window that begins with the first try; bounded, the oldest keys go first. */
export class Attempts {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #windowMs: number;
  readonly #tries = new Map<string, { count: number; readonly since: number }>();

  constructor(clock: Clock, { max, windowMs }: { readonly max: number; readonly windowMs: number }) {
    this.#clock = clock;
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** Counts a try. Undefined when it may go on; else the milliseconds until the next may. */
  take(key: string): number | undefined {
    const now = this.#clock.mono();
    const known = this.#tries.get(key);
    if (known === undefined || now - known.since >= this.#windowMs) {
      this.#tries.delete(key);
      const [oldest] = this.#tries.keys();
      if (oldest !== undefined && this.#tries.size >= MAX_KEYS) this.#tries.delete(oldest);
      this.#tries.set(key, { count: 1, since: now });
      return undefined;
    }
    if (known.count >= this.#max) return this.#windowMs - (now - known.since);
    known.count++;
    return undefined;
  }

  /** Takes back a try that turned out well. */
  forgive(key: string): void {
    const known = this.#tries.get(key);
    if (known !== undefined) known.count = Math.max(0, known.count - 1);
  }
}
