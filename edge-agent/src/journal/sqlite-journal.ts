import { statSync } from "node:fs";
import { type KeptEpoch, MAX_BATCH_ROWS } from "@storeward/contracts";
import { type Clock, describeError, type Logger, randomHex, type StorewardError, type Timer } from "@storeward/runtime";
import { BALLAST_BYTES, Ballast } from "./ballast.js";
import { bodyOf, instantNow } from "./body.js";
import { openDatabase, WAL_BYTES } from "./database.js";
import { E, journalError, sqliteCode } from "./errors.js";
import { bytesOf, GroupCommit, type Pending } from "./group-commit.js";
import { HeadFile } from "./head-file.js";
import type { EdgeJournal, Entry, JournalRow, StoredPresence } from "./journal.js";
import { type EpochState, type PreparedEntry, RowStore } from "./row-store.js";

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
/** Rows deleted with one commit, so that a large release does not hold up what is observed. */
const PURGE_ROWS = 2_000;
/** Free space that is only for what must be said when the journal is full. */
const RESERVE_BYTES = 128 * 1024;
/** Opens the journal, or makes it. Errors: see `openDatabase`. */
export function openJournal(options: JournalOptions): EdgeJournal {
  return new SqliteJournal(options);
}

class SqliteJournal implements EdgeJournal {
  readonly epoch: string;
  readonly boot = randomHex(16);
  readonly lastAlive: number | undefined;
  readonly #options: JournalOptions;
  readonly #store: RowStore;
  readonly #ballast: Ballast;
  /** The epoch's number in the file. */
  readonly #number: number;
  #head: { seq: number; chain: string };
  /** Rows up to here are no longer kept; up to `#purged` they are deleted. */
  #cut: { seq: number; chain: string };
  #purged: number;
  #state: EpochState;
  #stateIsStored = true;
  #through: number;
  readonly #pending: GroupCommit;
  readonly #aliveTimer: Timer;
  #full: { because: "size" | "disk"; since: number; count: number } | undefined;
  #refused = 0;
  readonly #headFile: HeadFile;
  readonly #wentBack: StorewardError | undefined;
  #closed = false;

  constructor(options: JournalOptions) {
    const { file, clock, log } = options;
    this.#options = options;
    this.#store = new RowStore(openDatabase(file));
    try {
      const epoch = this.#store.current(randomHex(16));
      this.epoch = epoch.epoch;
      this.#number = epoch.number;
      this.#head = this.#store.head(epoch);
      this.#cut = { seq: epoch.cut, chain: epoch.cut_chain };
      this.#purged = epoch.cut;
      this.#state = { acked: epoch.acked, ackedChain: epoch.acked_chain, released: epoch.released };
      if (!this.#store.tailIsSound(this.#number, this.#head.seq, MAX_BATCH_ROWS))
        throw E.JOURNAL_CORRUPT({ file, reason: "its last rows do not follow from one another" });
      const alive = Number(this.#store.note("alive"));
      this.lastAlive = this.#store.note("alive") === undefined ? undefined : alive;
      this.#store.setNote("alive", String(clock.wall()));
    } catch (cause) {
      this.#store.close();
      throw journalError(cause, file);
    }
    const commit = (group: readonly Pending[]) => this.#commit(group);
    this.#pending = new GroupCommit({ waitMs: COMMIT_MS, maxRows: MAX_BATCH_ROWS, clock, commit });
    this.#through = Math.floor(clock.mono());
    this.#ballast = new Ballast(`${file}.ballast`);
    this.#ballast.restore();
    this.#headFile = new HeadFile(file, log);
    this.#wentBack = this.#headFile.compare({ epoch: this.epoch, ...this.#head });
    this.#aliveTimer = clock.every(ALIVE_MS, () => this.#alive());
  }

  append(entries: readonly Entry[], through?: number): Promise<void> {
    if (this.#closed) return Promise.reject(E.JOURNAL_CLOSED());
    const before = this.#through;
    if (through !== undefined) this.#through = Math.max(before, Math.floor(through));
    if (entries.length === 0) return Promise.resolve();
    return this.#pending.add(() => this.#prepare(entries, before));
  }

  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[] {
    return this.#store.read(this.#number, Math.max(afterSeq, this.#cut.seq), maxRows, maxBytes);
  }

  chainAt(seq: number): string | undefined {
    if (seq === this.#head.seq) return this.#head.chain;
    if (seq === this.#cut.seq) return this.#cut.chain;
    return seq < this.#cut.seq ? undefined : this.#store.chainAt(this.#number, seq);
  }

  kept(): KeptEpoch[] {
    const { acked, ackedChain } = this.#state;
    const current = {
      epoch: this.epoch,
      head: this.#head.seq,
      headChain: this.#head.chain,
      oldest: this.#cut.seq + 1,
      acked,
      ackedChain,
    };
    return [...this.#store.earlier(this.#number), current];
  }

  acknowledge(epoch: string, committed: number, chain: string, released: number): void {
    if (epoch !== this.epoch || this.#closed) return;
    const own = this.chainAt(committed);
    if (committed > this.#head.seq || (own !== undefined && own !== chain))
      throw E.JOURNAL_FORKED({ committed, epoch, head: this.#head.seq });
    const cut = Math.min(released, committed);
    const cutChain = this.chainAt(cut);
    if (cut > this.#cut.seq && cutChain !== undefined) this.#cut = { seq: cut, chain: cutChain };
    this.#state = { acked: committed, ackedChain: chain, released: cut };
    this.#stateIsStored = false;
    // Stored with the next commit: an agent that has forgotten it says an older `acked`, and is told again.
    if (this.#full !== undefined) this.#tryRoom();
  }

  presences(): StoredPresence[] {
    return this.#store.presences();
  }

  note(key: string): string | undefined {
    return this.#store.note(key);
  }

  stats() {
    const { file, maxBytes } = this.#options;
    return {
      head: this.#head.seq,
      acked: this.#state.acked,
      released: this.#state.released,
      oldest: this.#cut.seq + 1,
      bytes: sizeOf(file) + sizeOf(`${file}-wal`) + this.#ballast.bytes,
      maxBytes,
      full: this.#full !== undefined,
      refused: this.#refused,
    };
  }

  problems(): StorewardError[] {
    const { file } = this.#options;
    const full = this.#full?.because === "disk" ? E.JOURNAL_DISK_FULL({ file }) : this.#full && this.#fullError();
    return [this.#wentBack, full].filter((problem) => problem !== undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.#pending.flush();
    this.#closed = true;
    this.#aliveTimer.stop();
    this.#headFile.write({ epoch: this.epoch, ...this.#head });
    try {
      this.#store.transaction(() => {
        this.#housekeep();
        this.#store.setNote("stopped", "1");
      });
    } catch (error) {
      this.#options.log.warn({ err: error }, "the journal could not note its clean stop");
    }
    this.#store.close();
  }

  #prepare(entries: readonly Entry[], throughBefore: number): PreparedEntry[] {
    const { clock, config } = this.#options;
    const at = instantNow(clock, this.boot);
    return entries.map(({ draft, ...rest }, i) => ({
      ...rest,
      body: bodyOf(draft, { at, config }),
      // Only with the last of them is everything said that `through` promises.
      through: i === entries.length - 1 ? this.#through : throughBefore,
    }));
  }

  #commit(group: readonly Pending[]): void {
    const entries = group.flatMap((pending) => pending.entries);
    try {
      if (this.#full !== undefined) this.#tryRoom();
      if (this.#full === undefined && !this.#makeRoom(bytesOf(entries))) this.#becomeFull("size");
      if (this.#full === undefined) {
        this.#write(entries);
        for (const { resolve } of group) resolve();
        return;
      }
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_FULL") {
        const reason = journalError(error, this.#options.file);
        this.#options.log.error({ err: reason }, "the journal could not keep what was observed");
        for (const { reject } of group) reject(reason);
        return;
      }
      this.#becomeFull("disk");
    }
    this.#refuse(group, entries.length);
  }

  /** One transaction: rows, presence, notes, and what was waiting to be stored. Heads move only when it is on disk. */
  #write(entries: readonly PreparedEntry[]): void {
    const { head, purged } = this.#store.transaction(() => ({
      head: this.#store.add(this.#number, this.#head, entries),
      purged: this.#housekeep(),
    }));
    this.#head = head;
    this.#purged = purged;
    this.#stateIsStored = true;
  }

  #housekeep(): number {
    this.#store.setNote("alive", String(this.#options.clock.wall()));
    if (!this.#stateIsStored) this.#store.setState(this.#number, this.#state);
    return this.#store.purge(this.#number, this.#purged, this.#cut.seq, PURGE_ROWS);
  }

  #fits(bytes: number): boolean {
    return (
      this.#store.usedBytes() + bytes * 1.1 + RESERVE_BYTES <= this.#options.maxBytes - BALLAST_BYTES - 2 * WAL_BYTES
    );
  }

  /** Acknowledged rows go first when space is short: they are kept only for a cloud that may come back from a backup. */
  #makeRoom(bytes: number): boolean {
    while (!this.#fits(bytes)) {
      if (this.#purged >= this.#cut.seq) {
        const next = Math.min(this.#state.acked, this.#cut.seq + PURGE_ROWS);
        const chain = this.chainAt(next);
        if (next <= this.#cut.seq || chain === undefined) return false;
        this.#cut = { seq: next, chain };
      }
      this.#write([]);
    }
    return true;
  }

  #becomeFull(because: "size" | "disk"): void {
    const { clock, log, file, maxBytes } = this.#options;
    this.#full = { because, since: Math.floor(clock.mono()), count: 0 };
    const error = because === "disk" ? E.JOURNAL_DISK_FULL({ file }) : this.#fullError();
    log.error({ err: error, maxBytes }, "the journal is full");
    // The reserve and the ballast are for this: that the cloud learns from when on something is missing.
    if (because === "disk") this.#ballast.free();
    this.#declareGap(0);
  }

  #refuse(group: readonly Pending[], rows: number): void {
    this.#refused += rows;
    if (this.#full !== undefined) this.#full.count += rows;
    for (const { reject } of group) reject(this.#fullError());
  }

  /** Takes rows again when there is room enough that it is not full again at once, after saying what had none. */
  #tryRoom(): void {
    const full = this.#full;
    if (full === undefined) return;
    if (full.because === "disk" && !this.#ballast.hasRoom()) return;
    try {
      if (!this.#makeRoom(this.#options.maxBytes / 8) || !this.#declareGap(full.count)) return;
    } catch (error) {
      this.#options.log.debug({ err: error }, "the journal is still full");
      return;
    }
    this.#full = undefined;
    this.#ballast.restore();
    this.#options.log.info({ refused: full.count }, "the journal has room again");
  }

  /** What never had a number. False when even this did not fit. */
  #declareGap(count: number): boolean {
    const { clock } = this.#options;
    const from = this.#full?.since ?? Math.floor(clock.mono());
    const why = this.#full?.because === "disk" ? "the disk is full" : "the journal is full";
    const told = count === 0 ? {} : { count };
    try {
      this.#write(
        this.#prepare([{ draft: { type: "gap", why, from, to: Math.floor(clock.mono()), ...told } }], this.#through),
      );
      return true;
    } catch (error) {
      this.#options.log.debug({ err: error }, "no room for the gap either");
      return false;
    }
  }

  #fullError() {
    const { maxBytes } = this.#options;
    return E.JOURNAL_FULL({ bytes: this.#store.usedBytes(), maxBytes });
  }

  /** Every few seconds: the mark that says we live, the head beside the file, deletions that waited, space given back. */
  #alive(): void {
    try {
      if (this.#full !== undefined) this.#tryRoom();
      this.#write([]);
      this.#store.shrink(1_024);
      this.#ballast.restore();
      this.#headFile.write({ epoch: this.epoch, ...this.#head });
    } catch (error) {
      this.#options.log.debug({ err: error }, `the journal's mark could not be written: ${describeError(error)}`);
    }
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
