import type { ObservationDraft } from "@storeward/contracts";
import { type Clock, crashPoint } from "@storeward/runtime";
import { bodyOf, headText, instantNow } from "./body.js";
import type { EpochRow, EpochState } from "./epoch-store.js";
import type { Entry } from "./journal.js";
import type { Position } from "./lost.js";
import type { PreparedEntry, RowStore } from "./row-store.js";

export interface WrittenEpochOptions {
  readonly store: RowStore;
  readonly epoch: EpochRow;
  readonly boot: string;
  /** Version of the agent's configuration; looked at anew each time. */
  readonly options: { readonly config: number };
  readonly clock: Clock;
}

/** Rows deleted with one commit, so that a large release does not hold up what is observed. */
const PURGE_ROWS = 2_000;

/** The epoch that is being written: where it stands, and the transaction that adds to it. */
export class WrittenEpoch {
  readonly #parts: WrittenEpochOptions;
  readonly #store: RowStore;
  #epoch: EpochRow;
  #head: Position;
  /** Rows up to here are no longer kept; up to `#purged` they are deleted. */
  #cut: Position;
  #purged: number;
  #state: EpochState;
  #stateIsStored = true;
  #hasSpoken = false;
  #through: number;
  /** Rows up to here may be on their way to the cloud, or there. */
  sent: number;

  constructor(parts: WrittenEpochOptions) {
    const { store, epoch, clock } = parts;
    this.#parts = parts;
    this.#store = store;
    this.#epoch = epoch;
    this.#head = store.head(epoch);
    ({ cut: this.#cut, purged: this.#purged, state: this.#state } = standsOf(epoch));
    this.sent = this.#state.acked;
    this.#through = Math.floor(clock.mono());
  }

  get row(): EpochRow {
    return this.#epoch;
  }

  get number(): number {
    return this.#epoch.number;
  }

  get head(): Position {
    return this.#head;
  }

  get cut(): Position {
    return this.#cut;
  }

  get state(): EpochState {
    return this.#state;
  }

  /** Rows that are no longer kept are still to be deleted. */
  get isToPurge(): boolean {
    return this.#purged < this.#cut.seq;
  }

  /** Everything observed up to here is in the rows. */
  get through(): number {
    return this.#through;
  }

  /** Never goes back. */
  observedUpTo(through: number): void {
    this.#through = Math.max(this.#through, Math.floor(through));
  }

  chainAt(seq: number): string | undefined {
    if (seq === this.#head.seq) return this.#head.chain;
    if (seq === this.#cut.seq) return this.#cut.chain;
    return seq < this.#cut.seq ? undefined : this.#store.chainAt(this.number, seq);
  }

  /** Makes the bodies. All but the last say `throughBefore`: only with the last of them is everything said that `through` promises. */
  prepare(entries: readonly Entry[], throughBefore = this.#through): PreparedEntry[] {
    const { clock, boot, options } = this.#parts;
    const at = instantNow(clock, boot);
    const head = headText({ at, config: options.config });
    return entries.map(({ draft, presence, note }, i) => {
      const { body, bytes } = bodyOf(draft, head);
      const through = i === entries.length - 1 ? this.#through : throughBefore;
      return { body, bytes, presence, note, through, mono: at.mono };
    });
  }

  /** A gap: something may be missing since then (wall ms), or nobody knows since when. */
  gap(why: string, sinceWall: number | undefined): PreparedEntry[] {
    const { clock } = this.#parts;
    const to = Math.floor(clock.mono());
    const ago = sinceWall === undefined ? 0 : Math.max(0, clock.wall() - sinceWall);
    const draft: ObservationDraft = { type: "gap", why, from: Math.floor(to - ago), to };
    return this.prepare([{ draft }]);
  }

  /** One transaction: rows, presence, notes, and what was waiting to be stored. Heads move only when it is on disk. */
  write(entries: readonly PreparedEntry[], { fold = false } = {}): void {
    this.#hasSpoken ||= entries.length > 0;
    const { head, purged } = this.#store.transaction(() => {
      const head = this.#store.add(this.number, this.#head, entries);
      // What is not asked for by a row is left for later where the disk is full.
      if (fold) this.#store.presence.fold();
      return { head, purged: this.housekeep() };
    });
    if (entries.length > 0) crashPoint("after-commit");
    this.#head = head;
    this.#purged = purged;
    this.#stateIsStored = true;
  }

  /** Part of the caller's transaction; returns up to where rows are deleted then. */
  housekeep(): number {
    // Not before this boot has journaled something: what it says first is since when it was blind, and a crash before must not forget that.
    if (this.#hasSpoken) this.#store.setNote("alive", String(this.#parts.clock.wall()));
    if (!this.#stateIsStored) this.#store.epochs.setState(this.number, this.#state);
    return this.#store.purge(this.number, this.#purged, this.#cut, PURGE_ROWS);
  }

  /** Stored with the next commit: an agent that has forgotten it says an older `acked`, and is told again. */
  acknowledged(state: EpochState): void {
    this.#state = state;
    this.#stateIsStored = false;
  }

  /** Rows up to there need not be kept any more; within a lost run, those before it. */
  release(upTo: number): void {
    let seq = upTo;
    let chain = this.chainAt(seq);
    if (chain === undefined) {
      const [run] = this.#store.lost.after(this.number, Math.max(seq, this.#cut.seq), 1);
      seq = run === undefined || run.from > upTo ? this.#cut.seq : run.from - 1;
      chain = this.chainAt(seq);
    }
    if (seq > this.#cut.seq && chain !== undefined) this.#cut = { seq, chain };
  }

  /** Up to a number of rows that are acknowledged; false when there are none. */
  releaseAcknowledged(): boolean {
    const before = this.#cut.seq;
    this.release(Math.min(this.#state.acked, before + PURGE_ROWS));
    return this.#cut.seq > before;
  }

  /** Rows and runs that the caller has added are its own now. */
  movedTo(head: Position): void {
    this.#head = head;
  }

  /** The rows up to there lie in another epoch now. */
  carriedUpTo(position: Position): void {
    this.#cut = position;
    this.#purged = position.seq;
  }

  /** What comes is written to another epoch. */
  goOnIn(epoch: EpochRow, head: Position): void {
    this.#epoch = epoch;
    this.#head = head;
    ({ cut: this.#cut, purged: this.#purged, state: this.#state } = standsOf(epoch));
    this.#stateIsStored = true;
    this.sent = 0;
  }
}

function standsOf({ cut, cut_chain, acked, acked_chain, released }: EpochRow) {
  return {
    cut: { seq: cut, chain: cut_chain },
    purged: cut,
    state: { acked, ackedChain: acked_chain, released },
  };
}
