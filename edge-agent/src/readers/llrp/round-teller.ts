import type { Clock, Timer } from "@storeward/runtime";
import type { ReaderEvent, TagRead } from "../driver.js";
import { SliceTeller } from "../slice-teller.js";

const SLICE_MS = 250;
/** A cycle takes a second or two; none for this long means that the reader does not read, whatever its keepalives say. */
const STALL_MS = 15_000;
/** Which of a cycle's report and its AISpecEvent comes first is not said anywhere; the reads of a round are told before the round. */
const LATE_REPORT_MS = 50;

export interface RoundTellerOptions {
  readonly clock: Clock;
  /** Whether the reader tells the end of each cycle; else rounds are slices of time. */
  readonly cycles: boolean;
  readonly used: readonly number[];
  /** Those of them that take part now. */
  readonly antennas: () => readonly number[];
  readonly emit: (event: ReaderEvent) => void;
  /** No cycle has ended since `since`, mono ms. */
  readonly onStalled: (since: number) => void;
}

/** Tells when the antennas had their chance to read. */
export class RoundTeller {
  readonly #options: RoundTellerOptions;
  #slices: SliceTeller | undefined;
  #sliceTimer: Timer | undefined;
  #stall: Timer | undefined;
  #late: Timer | undefined;
  #reported = false;
  /** Those that took part in the cycle that ended. */
  #took: readonly number[] = [];
  #lastCycle = 0;
  /** Reports since the last cycle end; a reader that reports but tells no cycles is sliced. */
  #reportsSinceCycle = 0;

  constructor(options: RoundTellerOptions) {
    this.#options = options;
  }

  start(): void {
    if (!this.#options.cycles) {
      this.#slice();
      return;
    }
    this.#lastCycle = this.#options.clock.mono();
    this.#stall = this.#options.clock.every(STALL_MS / 3, () => this.#checkStall());
  }

  stop(): void {
    for (const timer of [this.#sliceTimer, this.#stall, this.#late]) timer?.stop();
  }

  /** These reads have come and are told next: slices that were over before them are told before them. */
  coming(reads: readonly TagRead[]): void {
    if (this.#slices === undefined) return;
    let earliest = this.#options.clock.mono();
    for (const { first } of reads) earliest = Math.min(earliest, first);
    this.#slices.alive(earliest);
  }

  /** A report has been told. */
  reported(): void {
    this.#reported = true;
    this.#reportsSinceCycle++;
    if (this.#late !== undefined) this.#tell();
  }

  /** A cycle ended at `at`. */
  cycleEnded(at: number): void {
    if (!this.#options.cycles) return;
    this.#sliceTimer?.stop();
    this.#slices = undefined;
    if (this.#late !== undefined) this.#tell();
    this.#lastCycle = at;
    this.#took = this.#options.antennas();
    this.#reportsSinceCycle = 0;
    if (this.#reported) this.#tell();
    else this.#late = this.#options.clock.after(LATE_REPORT_MS, () => this.#tell());
  }

  #tell(): void {
    this.#late?.stop();
    this.#late = undefined;
    this.#reported = false;
    const antennas = this.#took;
    if (antennas.length > 0) this.#options.emit({ type: "round", antennas, at: this.#lastCycle });
  }

  /**
   * A reader with nothing before it says nothing, so time has to tell its slices: one turn of the timer after they ended, for what was read
   * in them has come by then. Not by a turn that comes late: a process that is late with its timers has not read what its sockets hold.
   */
  #slice(): void {
    if (this.#slices !== undefined) return;
    const { clock, antennas, used, emit } = this.#options;
    let before = clock.mono();
    const slices = new SliceTeller({
      roles: new Map(used.map((antenna) => [antenna, "portal"])),
      lengths: { portal: SLICE_MS, shelf: SLICE_MS },
      startedAt: before,
      watching: (antenna) => antennas().includes(antenna),
      emit,
    });
    this.#slices = slices;
    this.#sliceTimer = clock.every(SLICE_MS, () => {
      const now = clock.mono();
      if (now - before < 2 * SLICE_MS) slices.alive(before);
      before = now;
    });
  }

  #checkStall(): void {
    const now = this.#options.clock.mono();
    if (this.#slices !== undefined || now - this.#lastCycle < STALL_MS) return;
    if (this.#reportsSinceCycle > 0) this.#slice();
    else this.#options.onStalled(this.#lastCycle);
  }
}
