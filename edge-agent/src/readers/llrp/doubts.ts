import type { Clock, Timer } from "@storeward/runtime";
import type { AntennaBook } from "../antenna-book.js";
import type { TagRead } from "../driver.js";

/** An antenna of which nothing bad has been heard for so long reads, whether there are tags or not. */
const OVER_MS = 10_000;
/** A reader that complains again and again is doubtful all the time, and not in turns. */
const CALM_MS = 2_000;

/** Antennas that may have missed something, as a reader exception said: doubtful until they are seen to work again. */
export class Doubts {
  readonly #clock: Clock;
  readonly #book: AntennaBook;
  /** Since when, mono ms, by antenna. */
  readonly #open = new Map<number, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, book: AntennaBook) {
    this.#clock = clock;
    this.#book = book;
  }

  stop(): void {
    this.#timer?.stop();
    this.#open.clear();
  }

  /** What reads is doubtful from `at` on; what is blind stays so. */
  raise(antennas: readonly number[], at: number, why: string): void {
    const watching = this.#book.numbers.filter(
      (antenna) => antennas.includes(antenna) && this.#book.state(antenna) !== "blind",
    );
    for (const antenna of watching) this.#open.set(antenna, at);
    this.#book.set(watching, "doubtful", at, why);
    this.#timer?.stop();
    this.#timer = this.#clock.after(OVER_MS, () => this.#settle([...this.#open.keys()], "no exception any more"));
  }

  /** An antenna that reads a tag after it works. */
  read(reads: readonly TagRead[]): void {
    if (this.#open.size === 0) return;
    const working = new Set<number>();
    for (const { antenna, last } of reads)
      if (last >= (this.#open.get(antenna) ?? last) + CALM_MS) working.add(antenna);
    this.#settle([...working], "the antenna reads");
  }

  /** A cycle that ended at `at` has been through all antennas. */
  cycleEnded(at: number): void {
    if (this.#open.size === 0) return;
    const calm = [...this.#open].filter(([, since]) => at >= since + CALM_MS).map(([antenna]) => antenna);
    this.#settle(calm, "a cycle ended");
  }

  #settle(antennas: readonly number[], why: string): void {
    for (const antenna of antennas) this.#open.delete(antenna);
    if (this.#open.size === 0) this.#timer?.stop();
    const doubtful = this.#book.inState("doubtful").filter((antenna) => antennas.includes(antenna));
    this.#book.set(doubtful, "watching", this.#clock.mono(), why);
  }
}
