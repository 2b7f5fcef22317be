import { ReaderClock } from "./reader-clock.js";

interface Micros {
  readonly Microseconds: bigint;
}

/** A reader that was restarted, or whose clock was set, shows by a jump of its clock against ours. */
const JUMP_MS = 5_000;

/** The reader's UTC and its uptime, each mapped on its own: which of them a reader sends is its choice (LLRP 1.1 §14.2.3). */
export class ReaderClocks {
  readonly #utc = new ReaderClock();
  readonly #uptime = new ReaderClock();

  pair(utc: Micros | undefined, uptime: Micros | undefined, arrival: number): void {
    if (utc !== undefined) this.#utc.pair(utc.Microseconds, arrival);
    if (uptime !== undefined) this.#uptime.pair(uptime.Microseconds, arrival);
  }

  toMono(utc: Micros | undefined, uptime: Micros | undefined, arrival: number): number | undefined {
    // Uptime never steps, so it goes first.
    if (uptime !== undefined) return this.#uptime.toMono(uptime.Microseconds, arrival);
    if (utc !== undefined) return this.#utc.toMono(utc.Microseconds, arrival);
    return undefined;
  }

  /** Whether these clocks go on where those of an earlier connection left off: no restart in between. */
  continues(earlier: ReaderClocks): boolean {
    const pairs = [
      [this.#uptime.offset, earlier.#uptime.offset],
      [this.#utc.offset, earlier.#utc.offset],
    ];
    const known = pairs.filter(([now, then]) => now !== undefined && then !== undefined);
    return known.length > 0 && known.every(([now = 0, then = 0]) => Math.abs(now - then) < JUMP_MS);
  }
}
