import { type Clock, crashPoint, type Logger, randomHex, type Timer } from "@storeward/runtime";
import { wallOf } from "./body.js";
import { EpochMove } from "./epoch-move.js";
import type { EpochRow } from "./epoch-store.js";
import { forkedNote, forkedOf } from "./lasting-problems.js";
import type { Room } from "./room.js";
import type { RowStore } from "./row-store.js";
import type { SoundReader } from "./sound-reader.js";
import type { WrittenEpoch } from "./written-epoch.js";

export interface ForkOptions {
  readonly store: RowStore;
  readonly reader: SoundReader;
  readonly rows: WrittenEpoch;
  readonly room: Room;
  readonly lastAlive: number | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Another epoch is written now. */
  readonly onThrough: () => void;
}

/** Between two pieces, and when one failed. */
const MOVE_MS = 2;
const MOVE_AGAIN_MS = 1_000;
/** Origins take some room. */
const PIECE_ROOM = 512 * 1024;

/** Carries the rows of a journal that has another life into a new epoch, a piece at a time beside what goes on, and then changes over. */
export class Fork {
  readonly #parts: ForkOptions;
  #move: EpochMove | undefined;
  #timer: Timer | undefined;

  constructor(parts: ForkOptions) {
    this.#parts = parts;
  }

  /** The new epoch, while it is not the one that is written. */
  get target(): EpochRow | undefined {
    return this.#move?.target;
  }

  begin(committed: number): void {
    const { store, rows, clock, log } = this.#parts;
    const { seq: head } = rows.head;
    const forked = rows.row.epoch;
    const since = this.#sinceWhen(committed);
    const because = forkedNote({ wall: clock.wall(), since, forked, committed, head });
    const target = store.transaction(() => {
      store.setNote(because.key, because.value);
      return store.epochs.add(randomHex(16), rows.number);
    });
    log.error(
      { epoch: forked, committed, head, into: target.epoch },
      "the journal has forked: everything that is kept is carried into a new epoch",
    );
    this.goOn(target);
  }

  /** Also after a restart in the middle of it. */
  goOn(target: EpochRow): void {
    const { store, reader, rows, clock } = this.#parts;
    this.#move = new EpochMove(store, reader, rows.row, target);
    this.#timer = clock.after(MOVE_MS, () => this.#moveOn());
  }

  stop(): void {
    this.#timer?.stop();
  }

  /** One more piece; the last one changes over. */
  #moveOn(): void {
    const move = this.#move;
    if (move === undefined) return;
    const { rows, room, clock, log } = this.#parts;
    let wait = MOVE_MS;
    try {
      // What was released need not be carried.
      if (rows.isToPurge) rows.write([]);
      else if (rows.cut.seq < rows.head.seq) {
        room.make(PIECE_ROOM);
        rows.carriedUpTo(move.step(rows.cut));
      } else {
        this.#changeOver(move);
        return;
      }
    } catch (error) {
      // A full disk may have room again; what was carried so far stands.
      log.warn({ err: error }, "a forked journal could not be carried on; trying again");
      wait = MOVE_AGAIN_MS;
    }
    this.#timer = clock.after(wait, () => this.#moveOn());
  }

  #changeOver(move: EpochMove): void {
    const { store, rows, log, onThrough } = this.#parts;
    const { target } = move;
    const because = forkedOf(store.note("forked"));
    const why = `the journal forked: of another life of epoch ${because?.forked}, rows after ${because?.committed} may be missing`;
    const gap = rows.gap(why, because?.since);
    const head = store.transaction(() => {
      move.finish();
      crashPoint("before-changing-over");
      return store.add(target.number, move.head, gap);
    });
    rows.goOnIn(target, head);
    this.#move = undefined;
    onThrough();
    log.info({ epoch: target.epoch, head: head.seq }, "the fork is through");
  }

  /**
   * Since when the other life may have had rows that nobody here knows (wall ms): since the last row that both are known to have had. The first
   * row behind it says nothing of that, for the other life may have observed something before this one did.
   */
  #sinceWhen(committed: number): number {
    const { store, reader, rows, clock, lastAlive } = this.#parts;
    const both = Math.max(0, Math.min(rows.state.acked, committed - 1));
    const [first] = reader.read(rows.number, Math.max(both, rows.cut.seq), 1, Number.MAX_SAFE_INTEGER);
    const now = clock.wall();
    const began = store.lastJournaled(rows.number, both) ?? (first && wallOf(first.body));
    return Math.min(lastAlive ?? now, began ?? now);
  }
}
