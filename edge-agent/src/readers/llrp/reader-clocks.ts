import { ReaderClock } from "./reader-clock.js";

/** A reader that was restarted, or whose clock was set, shows by a jump of its clock against ours. */
const JUMP_MS = 5_000;

/** The reader's UTC and its uptime, each mapped on its own: which of them a reader sends is its choice (LLRP 1.1 §14.2.3). */
export class ReaderClocks {
  readonly #utc = new ReaderClock();
  readonly #uptime = new ReaderClock();

  /** Microseconds; NaN for what was not sent. True when the reader's clock turns out to have been set back. */
  pair(utc: number, uptime: number, arrival: number, live: boolean): boolean {
    let jumped = false;
    if (!Number.isNaN(utc)) jumped = this.#utc.pair(utc, arrival, live);
    if (!Number.isNaN(uptime)) jumped = this.#uptime.pair(uptime, arrival, live) || jumped;
    return jumped;
  }

  /** mono ms of what has these reader times; NaN where it has neither. */
  toMono(utc: number, uptime: number, arrival: number): number {
    // Uptime never steps, so it goes first.
    if (!Number.isNaN(uptime)) return this.#uptime.toMono(uptime, arrival);
    if (!Number.isNaN(utc)) return this.#utc.toMono(utc, arrival);
    return Number.NaN;
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

  /** How far the reader's UTC is ahead of ours, ms; undefined for a reader that tells no UTC. `wallMinusMono` is of our clocks. */
  utcAhead(wallMinusMono: number): number | undefined {
    const { offset } = this.#utc;
    return offset === undefined ? undefined : Math.round(-offset - wallMinusMono);
  }
}

/** Of a parameter that holds Microseconds, NaN where it is absent. */
export function microsOf(time: { readonly Microseconds: bigint } | undefined): number {
  return time === undefined ? Number.NaN : Number(time.Microseconds);
}
