import type { Clock, Logger, StorewardError } from "@storeward/runtime";
import { BALLAST_BYTES, type Ballast } from "./ballast.js";
import { WAL_BYTES } from "./database.js";
import { E } from "./errors.js";
import { bytesOf } from "./group-commit.js";
import { GIVING_WAY, WHY } from "./lost.js";
import type { PreparedEntry, RowStore } from "./row-store.js";
import type { WrittenEpoch } from "./written-epoch.js";

export interface RoomOptions {
  readonly store: RowStore;
  readonly rows: WrittenEpoch;
  readonly ballast: Ballast;
  readonly file: string;
  /** Bytes that all files of the journal may take; looked at anew each time. */
  readonly options: { readonly maxBytes: number };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Free space that is only for what must be said when the journal is full. */
const RESERVE_BYTES = 128 * 1024;
/** Rows that give way with one commit. */
const GIVE_WAY_ROWS = 500;
/** A full journal makes room for so much of its size at once, and not anew for every row. */
const ROOM_SHARE = 1 / 64;

/** The room that the journal has, what is done when it has none, and what is said of that. */
export class Room {
  readonly #parts: RoomOptions;
  readonly #rows: WrittenEpoch;
  readonly #store: RowStore;
  #full: { because: "size" | "disk"; since: number; count: number } | undefined;
  #refused = 0;
  /** Rows that had to give way and are not yet released. */
  #lost: number;

  constructor(parts: RoomOptions) {
    this.#parts = parts;
    this.#rows = parts.rows;
    this.#store = parts.store;
    this.#lost = this.#store.lost.count(WHY.full);
  }

  get isFull(): boolean {
    return this.#full !== undefined;
  }

  /** Rows that were refused in this run. */
  get refused(): number {
    return this.#refused;
  }

  problem(): StorewardError | undefined {
    if (this.#full !== undefined)
      return this.#full.because === "disk" ? E.JOURNAL_DISK_FULL({ file: this.#parts.file }) : this.error();
    return this.#lost > 0 ? E.JOURNAL_GIVES_WAY({ lost: this.#lost }) : undefined;
  }

  error(): StorewardError {
    return E.JOURNAL_FULL({ bytes: this.#store.usedBytes(), maxBytes: this.#parts.options.maxBytes });
  }

  /** Whether the journal takes these rows now, after what may go for them has gone. */
  takes(entries: readonly PreparedEntry[]): boolean {
    this.lookAgain();
    if (this.#full === undefined && !this.make(bytesOf(entries))) this.become("size", entries);
    return this.#full === undefined;
  }

  /**
   * Acknowledged rows go first when space is short: they are kept only for a cloud that may come back from a backup. Then rows give way by their
   * types. False when there is nothing left that may.
   */
  make(bytes: number): boolean {
    if (this.#fits(bytes)) return true;
    const wanted = bytes + this.#parts.options.maxBytes * ROOM_SHARE;
    while (!this.#fits(wanted)) {
      if (!this.#rows.isToPurge && !this.#rows.releaseAcknowledged() && !this.#giveWay()) return this.#fits(bytes);
      this.#rows.write([]);
    }
    return true;
  }

  become(because: "size" | "disk", refused: readonly PreparedEntry[]): void {
    const { clock, log, file, ballast, options } = this.#parts;
    // What is refused first has waited for this commit: the gap begins where it was observed.
    this.#full = { because, since: refused[0]?.mono ?? Math.floor(clock.mono()), count: 0 };
    const error = because === "disk" ? E.JOURNAL_DISK_FULL({ file }) : this.error();
    log.error({ err: error, maxBytes: options.maxBytes }, "the journal is full");
    // The reserve and the ballast are for this: that the cloud learns from when on something is missing.
    if (because === "disk") ballast.free();
    this.#declareGap(0);
  }

  refuse(rows: number): void {
    this.#refused += rows;
    if (this.#full !== undefined) this.#full.count += rows;
  }

  /** A full journal takes rows again when there is room enough that it is not full again at once, after saying what had none. */
  lookAgain(): void {
    const { ballast, options, log } = this.#parts;
    const full = this.#full;
    if (full === undefined) return;
    if (full.because === "disk" && !ballast.hasRoom()) return;
    try {
      if (!this.make(options.maxBytes / 8) || !this.#declareGap(full.count)) return;
    } catch (error) {
      log.debug({ err: error }, "the journal is still full");
      return;
    }
    this.#full = undefined;
    ballast.restore();
    log.info({ refused: full.count }, "the journal has room again");
  }

  /** Rows that gave way may have been released since. */
  countLost(): void {
    if (this.#lost > 0) this.#lost = this.#store.lost.count(WHY.full);
  }

  #fits(bytes: number): boolean {
    const { maxBytes } = this.#parts.options;
    return this.#store.usedBytes() + bytes * 1.1 + RESERVE_BYTES <= maxBytes - BALLAST_BYTES - 2 * WAL_BYTES;
  }

  #giveWay(): boolean {
    const { number, sent, state, cut } = this.#rows;
    const after = Math.max(sent, state.acked, cut.seq);
    for (const types of GIVING_WAY) {
      const gone = this.#store.transaction(() => this.#store.giveWay(number, after, types, GIVE_WAY_ROWS, WHY.full));
      if (gone === 0) continue;
      if (this.#lost === 0)
        this.#parts.log.error({ err: E.JOURNAL_GIVES_WAY({ lost: gone }) }, "observations give way to newer ones");
      this.#lost += gone;
      return true;
    }
    return false;
  }

  /** What never had a number. False when even this did not fit. */
  #declareGap(count: number): boolean {
    const { clock, log } = this.#parts;
    const to = Math.floor(clock.mono());
    const from = this.#full?.since ?? to;
    const why = this.#full?.because === "disk" ? "the disk is full" : "the journal is full";
    const told = count === 0 ? {} : { count };
    try {
      this.#rows.write(this.#rows.prepare([{ draft: { type: "gap", why, from, to, ...told } }]));
      return true;
    } catch (error) {
      log.debug({ err: error }, "no room for the gap either");
      return false;
    }
  }
}
