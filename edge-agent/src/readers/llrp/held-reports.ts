import type { Clock, Timer } from "@storeward/runtime";
import type { ReaderEvent, TagRead } from "../driver.js";

/** Held reports come in one stream; this long without one, and there are none left. */
const QUIET_MS = 1_000;
/** A reader's clock is mapped to ours no better than this: what was read just before it greeted is of the present. */
const GRACE_MS = 100;

export interface HeldReportsOptions {
  readonly clock: Clock;
  readonly emit: (event: ReaderEvent) => void;
  /** When the reader greeted, mono ms: what was read before is held. */
  readonly connectedAt: number;
  /** Where the reader went on reading and holding: since when that is sure; `since` undefined: from its first held report on. */
  readonly held: { readonly since: number | undefined } | undefined;
  /** The present begins: the reader has watched since `since`. */
  readonly onSettled: (since: number, why: string) => void;
}

/** Tells apart what the reader held while nobody was connected from what it reads now, and when the one ends and the other begins. */
export class HeldReports {
  readonly #options: HeldReportsOptions;
  #settled = false;
  #spoilt: string | undefined;
  #firstHeld: number | undefined;
  #quiet: Timer | undefined;

  constructor(options: HeldReportsOptions) {
    this.#options = options;
  }

  get settled(): boolean {
    return this.#settled;
  }

  start(): void {
    if (this.#options.held === undefined) this.#settle();
    else this.#rearm();
  }

  stop(): void {
    this.#quiet?.stop();
  }

  take(reads: readonly TagRead[]): void {
    const { emit, connectedAt } = this.#options;
    const present = connectedAt - GRACE_MS;
    if (this.#settled && reads.every((read) => read.last >= present)) {
      emit({ type: "reads", reads });
      return;
    }
    const held = reads.filter((read) => read.last < present);
    const fresh = reads.filter((read) => read.last >= present);
    if (held.length > 0) {
      emit({ type: "reads", reads: held, held: true });
      this.#firstHeld = held.reduce((least, read) => Math.min(least, read.first), this.#firstHeld ?? connectedAt);
      if (!this.#settled) this.#rearm();
    }
    if (fresh.length === 0) return;
    // Reports come in order: with one of the present all that were held have been told. Events may overtake them, and end nothing.
    if (!this.#settled) this.#settle();
    emit({ type: "reads", reads: fresh });
  }

  /** The reader did not read, or lost what it read: the time without a connection stays blind. */
  spoil(why: string): void {
    this.#spoilt ??= why;
  }

  #rearm(): void {
    this.#quiet?.stop();
    this.#quiet = this.#options.clock.after(QUIET_MS, () => this.#settle());
  }

  #settle(): void {
    this.#quiet?.stop();
    this.#settled = true;
    const { held, connectedAt, clock, onSettled } = this.#options;
    if (held === undefined) onSettled(clock.mono(), "connected");
    else if (this.#spoilt !== undefined) onSettled(connectedAt, `connected; ${this.#spoilt}`);
    else onSettled(held.since ?? this.#firstHeld ?? connectedAt, "the reader held its reports");
  }
}
