import type { ObservationDraft } from "@storeward/contracts";
import { type Clock, isoMs } from "@storeward/runtime";
import type { ClockSample } from "./sender.js";

type ClockDraft = Extract<ObservationDraft, { type: "clock" }>;

/** A difference worth a row: between the cloud's clock and what was learnt, or in the wall clock. */
const STEP_MS = 250;
/** A reading whose round trip took longer says too little, unless there is no other. */
const MAX_ROUND_TRIP_MS = 2_000;

/** What this boot's monotonic clock is in UTC, learnt from the cloud's answers. Gives the `clock` observations to journal. */
export class CloudClock {
  readonly #clock: Pick<Clock, "mono" | "wall">;
  /** UTC minus mono, ms, and how wrong it may be. */
  #learnt: { offset: number; plusMinusMs: number } | undefined;
  #wallOffset: number;

  constructor(clock: Pick<Clock, "mono" | "wall">) {
    this.#clock = clock;
    this.#wallOffset = clock.wall() - clock.mono();
  }

  /** The cloud read its clock somewhere between the two moments. A row when first learnt, much better known, or drifted. */
  learn({ sentAt, receivedAt, utc }: ClockSample): ClockDraft | undefined {
    const plusMinusMs = Math.ceil((receivedAt - sentAt) / 2) + 1;
    const offset = Date.parse(utc) - (sentAt + receivedAt) / 2;
    const before = this.#learnt;
    if (before !== undefined) {
      if (receivedAt - sentAt > MAX_ROUND_TRIP_MS) return undefined;
      const drifted = Math.abs(offset - before.offset) > STEP_MS + plusMinusMs;
      const better = plusMinusMs < before.plusMinusMs / 4 && before.plusMinusMs > STEP_MS / 5;
      if (!drifted && !better) return undefined;
    }
    this.#learnt = { offset, plusMinusMs };
    return this.#draft(this.#learnt);
  }

  /** What the wall clock is behind UTC, ms; undefined before the cloud has told. */
  reading():
    | { readonly offsetMs: number; readonly plusMinusMs: number; readonly source: ClockDraft["source"] }
    | undefined {
    if (this.#learnt === undefined) return undefined;
    const { offset, plusMinusMs } = this.#learnt;
    return { offsetMs: offset - (this.#clock.wall() - this.#clock.mono()), plusMinusMs, source: "cloud" };
  }

  /** To be asked every few seconds: a row when the wall clock stepped since the last row, once UTC is known. */
  check(): ClockDraft | undefined {
    const wallOffset = this.#clock.wall() - this.#clock.mono();
    if (Math.abs(wallOffset - this.#wallOffset) <= STEP_MS) return undefined;
    this.#wallOffset = wallOffset;
    return this.#learnt && this.#draft(this.#learnt);
  }

  #draft({ offset, plusMinusMs }: { offset: number; plusMinusMs: number }): ClockDraft {
    this.#wallOffset = this.#clock.wall() - this.#clock.mono();
    // The row's own instant is whole milliseconds: this is UTC at that very instant.
    return { type: "clock", utc: isoMs(Math.floor(this.#clock.mono()) + offset), plusMinusMs, source: "cloud" };
  }
}
