import { statSync } from "node:fs";
import { type KeptEpoch, type Lost, MAX_BATCH_ROWS } from "@storeward/contracts";
import { type Clock, describeError, type Logger, randomHex, type StorewardError, type Timer } from "@storeward/runtime";
import { Ballast } from "./ballast.js";
import { openDatabase } from "./database.js";
import type { EpochRow } from "./epoch-store.js";
import { E, journalError, openingError, sqliteCode } from "./errors.js";
import { Fork } from "./fork.js";
import { GroupCommit, type Pending } from "./group-commit.js";
import { HeadFile, type KnownHead } from "./head-file.js";
import type { EdgeJournal, Entry, JournalRow, StoredPresence } from "./journal.js";
import { lastingProblems } from "./lasting-problems.js";
import { Room } from "./room.js";
import { RowStore } from "./row-store.js";
import { salvaging } from "./salvage.js";
import { SoundReader } from "./sound-reader.js";
import { declareMissing } from "./went-back.js";
import { WrittenEpoch } from "./written-epoch.js";

export interface JournalOptions {
  /** The SQLite file; beside it lie `-wal`, `.ballast` and `.head`. */
  readonly file: string;
  /** Bytes the journal may take on the disk, all its files together. Looked at anew each time, as is `config`: either may be a getter. */
  readonly maxBytes: number;
  /** Version of the agent's configuration, in every row. */
  readonly config: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a row waits for others to share its sync; at most 50 ms by the rules. */
const COMMIT_MS = 20;
const ALIVE_MS = 5_000;

/** Opens the journal, or makes it; one that is damaged is put aside, and what is readable of it carried into a new one. Errors: see `openDatabase`. */
export function openJournal(options: JournalOptions): EdgeJournal {
  return salvaging(options, () => new SqliteJournal(options));
}

/** The journal as a whole. What it does in its parts: rows (`WrittenEpoch`), fullness (`Room`), another life (`Fork`). */
class SqliteJournal implements EdgeJournal {
  readonly boot = randomHex(16);
  readonly lastAlive: number | undefined;
  readonly #options: JournalOptions;
  readonly #store: RowStore;
  readonly #reader: SoundReader;
  readonly #ballast: Ballast;
  readonly #headFile: HeadFile;
  readonly #pending: GroupCommit;
  readonly #rows: WrittenEpoch;
  readonly #room: Room;
  readonly #fork: Fork;
  readonly #aliveTimer: Timer;
  readonly #wentBack: StorewardError | undefined;
  #damaged = 0;
  #broken: unknown;
  #closed = false;

  constructor(options: JournalOptions) {
    const { file, clock, log } = options;
    this.#options = options;
    const store = new RowStore(openDatabase(file));
    const reader = new SoundReader(store, (rows) => this.#onDamage(rows));
    this.#store = store;
    this.#reader = reader;
    this.#headFile = new HeadFile(file, log);
    const ballast = new Ballast(`${file}.ballast`);
    this.#ballast = ballast;
    try {
      const { written, target } = openEpochs(store);
      const rows = new WrittenEpoch({ store, epoch: written, boot: this.boot, options, clock });
      if (!store.tailIsSound(written.number, rows.head.seq, MAX_BATCH_ROWS))
        throw E.JOURNAL_CORRUPT({ file, reason: "its last rows do not follow from one another" });
      const alive = Number(store.note("alive") ?? Number.NaN);
      const lastAlive = Number.isFinite(alive) ? alive : undefined;
      this.lastAlive = lastAlive;
      this.#rows = rows;
      this.#wentBack = declareMissing({ file, store, rows, ballast, lastAlive, log }, this.#headFile.read());
      const room = new Room({ store, rows, ballast, file, options, clock, log });
      this.#room = room;
      const onThrough = () => this.#headFile.write(this.#known());
      this.#fork = new Fork({ store, reader, rows, room, lastAlive, clock, log, onThrough });
      if (target !== undefined) this.#fork.goOn(target);
    } catch (cause) {
      store.close();
      throw openingError(cause, file);
    }
    const commit = (group: readonly Pending[]) => this.#commit(group);
    this.#pending = new GroupCommit({ waitMs: COMMIT_MS, maxRows: MAX_BATCH_ROWS, clock, commit });
    ballast.restore();
    this.#headFile.write(this.#known());
    this.#aliveTimer = clock.every(ALIVE_MS, () => this.#alive());
  }

  get epoch(): string {
    return this.#rows.row.epoch;
  }

  get forking(): boolean {
    return this.#fork.target !== undefined;
  }

  append(entries: readonly Entry[], through?: number): Promise<void> {
    if (this.#closed) return Promise.reject(E.JOURNAL_CLOSED());
    const before = this.#rows.through;
    if (through !== undefined) this.#rows.observedUpTo(through);
    if (entries.length === 0) return Promise.resolve();
    return this.#pending.add(() => this.#rows.prepare(entries, before));
  }

  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[] {
    return this.#reader.read(this.#rows.number, Math.max(afterSeq, this.#rows.cut.seq), maxRows, maxBytes);
  }

  lostAfter(afterSeq: number, limit: number): Lost[] {
    return this.#store.lost.after(this.#rows.number, Math.max(afterSeq, this.#rows.cut.seq), limit);
  }

  chainAt(seq: number): string | undefined {
    return this.#rows.chainAt(seq);
  }

  kept(): KeptEpoch[] {
    const { head, cut, state } = this.#rows;
    const { acked, ackedChain } = state;
    const { epoch } = this;
    const written = { epoch, head: head.seq, headChain: head.chain, oldest: cut.seq + 1, acked, ackedChain };
    // The rows that are in the new epoch already were before those that are still in this one.
    const { target } = this.#fork;
    return target === undefined ? [written] : [this.#store.keptEpoch(target), written];
  }

  sent(seq: number): void {
    this.#rows.sent = seq;
  }

  acknowledge(epoch: string, committed: number, chain: string, upTo: number): void {
    if (epoch !== this.epoch || this.#closed) return;
    const rows = this.#rows;
    const own = rows.chainAt(committed);
    // A lost run is told as a whole: who stands within one has another life's rows.
    const unknown = own === undefined && committed > rows.cut.seq;
    if (this.forking || unknown || (own !== undefined && own !== chain))
      throw E.JOURNAL_FORKED({ committed, epoch, head: rows.head.seq });
    const released = Math.min(upTo, committed);
    rows.release(released);
    rows.acknowledged({ acked: committed, ackedChain: chain, released });
    this.#room.lookAgain();
  }

  fork(committed: number): void {
    if (this.#closed || this.forking) return;
    this.#pending.flush();
    this.#fork.begin(committed);
  }

  presences(): StoredPresence[] {
    return this.#store.presence.all();
  }

  note(key: string): string | undefined {
    return this.#store.note(key);
  }

  stats() {
    const { file, maxBytes } = this.#options;
    const { head, cut, state } = this.#rows;
    return {
      head: head.seq,
      acked: state.acked,
      released: state.released,
      oldest: cut.seq + 1,
      bytes: sizeOf(file) + sizeOf(`${file}-wal`) + this.#ballast.bytes,
      maxBytes,
      full: this.#room.isFull,
      refused: this.#room.refused,
    };
  }

  problems(): StorewardError[] {
    const { file, clock } = this.#options;
    const damaged = this.#damaged > 0 ? E.JOURNAL_DAMAGED_ROWS({ rows: this.#damaged, file }) : undefined;
    const broken = sqliteCode(this.#broken) === undefined ? undefined : journalError(this.#broken, file);
    const now = [broken as StorewardError | undefined, this.#wentBack, this.#room.problem(), damaged];
    return [
      ...now.filter((problem) => problem !== undefined),
      ...lastingProblems((key) => (this.#closed ? undefined : this.#store.note(key)), clock),
    ];
  }

  close(): void {
    if (this.#closed) return;
    this.#pending.flush();
    this.#closed = true;
    this.#aliveTimer.stop();
    this.#fork.stop();
    this.#headFile.write(this.#known());
    try {
      this.#store.transaction(() => {
        this.#rows.housekeep();
        this.#store.setNote("stopped", "1");
      });
    } catch (error) {
      this.#options.log.warn({ err: error }, "the journal could not note its clean stop");
    }
    this.#store.close();
  }

  #commit(group: readonly Pending[]): void {
    const entries = group.flatMap((pending) => pending.entries);
    try {
      if (this.#room.takes(entries)) {
        this.#rows.write(entries, { fold: true });
        for (const { resolve } of group) resolve();
        return;
      }
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_FULL") {
        this.#broken = error;
        const reason = journalError(error, this.#options.file);
        this.#options.log.error({ err: reason }, "the journal could not keep what was observed");
        for (const { reject } of group) reject(reason);
        return;
      }
      this.#room.become("disk", entries);
    }
    this.#room.refuse(entries.length);
    for (const { reject } of group) reject(this.#room.error());
  }

  /** Every few seconds: the mark that says we live, the head beside the file, deletions that waited, space given back. */
  #alive(): void {
    try {
      this.#room.lookAgain();
      this.#rows.write([], { fold: !this.#room.isFull });
      this.#store.shrink(1_024);
      this.#ballast.restore();
      this.#headFile.write(this.#known());
      this.#room.countLost();
    } catch (error) {
      this.#options.log.debug({ err: error }, `the journal's mark could not be written: ${describeError(error)}`);
    }
  }

  #known(): KnownHead {
    return { epoch: this.epoch, ...this.#rows.head, wall: this.#options.clock.wall(), kept: this.kept() };
  }

  #onDamage(rows: number): void {
    this.#damaged += rows;
    this.#options.log.error({ rows }, "rows on the disk are not what was written: they are declared lost");
  }
}

/** The epoch that is written, and the one that its rows are carried into where a fork is under way. */
function openEpochs(store: RowStore): { written: EpochRow; target: EpochRow | undefined } {
  const epochs = store.epochs.kept(randomHex(16));
  const last = epochs.at(-1);
  if (last === undefined) throw new RangeError("a journal has at least one epoch");
  const source = epochs.find(({ number }) => number === last.source);
  return source === undefined ? { written: last, target: undefined } : { written: source, target: last };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
