import { statSync } from "node:fs";
import { type KeptEpoch, type Lost, MAX_BATCH_ROWS, type ObservationDraft } from "@storeward/contracts";
import {
  type Clock,
  crashPoint,
  describeError,
  type Logger,
  randomHex,
  type StorewardError,
  type Timer,
} from "@storeward/runtime";
import { BALLAST_BYTES, Ballast } from "./ballast.js";
import { bodyOf, instantNow, wallOf } from "./body.js";
import { openDatabase, WAL_BYTES } from "./database.js";
import { EpochMove } from "./epoch-move.js";
import { E, journalError, openingError, sqliteCode } from "./errors.js";
import { bytesOf, GroupCommit, type Pending } from "./group-commit.js";
import { HeadFile, type KnownHead } from "./head-file.js";
import type { EdgeJournal, Entry, JournalRow, StoredPresence } from "./journal.js";
import { forkedNote, forkedOf, lastingProblems } from "./lasting-problems.js";
import { GIVING_WAY, type Position, WHY } from "./lost.js";
import { missingEpochs, missingOf } from "./missing.js";
import { type EpochRow, type EpochState, type PreparedEntry, RowStore } from "./row-store.js";
import { salvaging } from "./salvage.js";
import { SoundReader } from "./sound-reader.js";

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
/** Rows that give way with one commit. */
const GIVE_WAY_ROWS = 500;
/** A full journal makes room for so much of its size at once, and not anew for every row. */
const ROOM_SHARE = 1 / 64;
/** Between two pieces of a fork, and when one failed. */
const MOVE_MS = 2;
const MOVE_AGAIN_MS = 1_000;

/** Opens the journal, or makes it; one that is damaged is put aside, and what is readable of it carried into a new one. Errors: see `openDatabase`. */
export function openJournal(options: JournalOptions): EdgeJournal {
  return salvaging(options, () => new SqliteJournal(options));
}

class SqliteJournal implements EdgeJournal {
  readonly boot = randomHex(16);
  readonly lastAlive: number | undefined;
  readonly #options: JournalOptions;
  readonly #store: RowStore;
  readonly #reader: SoundReader;
  readonly #ballast: Ballast;
  readonly #headFile: HeadFile;
  readonly #pending: GroupCommit;
  readonly #aliveTimer: Timer;
  /** The epoch being written. */
  #written: EpochRow;
  #head: Position;
  /** Rows up to here are no longer kept; up to `#purged` they are deleted. */
  #cut: Position;
  #purged: number;
  #state: EpochState;
  #stateIsStored = true;
  #sent: number;
  #through: number;
  #move: EpochMove | undefined;
  #moveTimer: Timer | undefined;
  #full: { because: "size" | "disk"; since: number; count: number } | undefined;
  #refused = 0;
  #lost: number;
  #damaged = 0;
  #broken: unknown;
  readonly #wentBack: StorewardError | undefined;
  #hasSpoken = false;
  #closed = false;

  constructor(options: JournalOptions) {
    const { file, clock, log } = options;
    this.#options = options;
    this.#store = new RowStore(openDatabase(file));
    this.#reader = new SoundReader(this.#store, (rows) => this.#onDamage(rows));
    this.#headFile = new HeadFile(file, log);
    this.#ballast = new Ballast(`${file}.ballast`);
    this.#through = Math.floor(clock.mono());
    try {
      this.#written = this.#openEpochs();
      this.#head = this.#store.head(this.#written);
      ({ cut: this.#cut, purged: this.#purged, state: this.#state } = standsOf(this.#written));
      this.#sent = this.#state.acked;
      if (!this.#store.tailIsSound(this.#written.number, this.#head.seq, MAX_BATCH_ROWS))
        throw E.JOURNAL_CORRUPT({ file, reason: "its last rows do not follow from one another" });
      const alive = Number(this.#store.note("alive") ?? Number.NaN);
      this.lastAlive = Number.isFinite(alive) ? alive : undefined;
      this.#wentBack = this.#declareMissing(this.#headFile.read());
      this.#lost = this.#store.lost.count(WHY.full);
    } catch (cause) {
      this.#store.close();
      throw openingError(cause, file);
    }
    const commit = (group: readonly Pending[]) => this.#commit(group);
    this.#pending = new GroupCommit({ waitMs: COMMIT_MS, maxRows: MAX_BATCH_ROWS, clock, commit });
    this.#ballast.restore();
    this.#headFile.write(this.#known());
    this.#aliveTimer = clock.every(ALIVE_MS, () => this.#alive());
    if (this.#move !== undefined) this.#moveTimer = clock.after(MOVE_MS, () => this.#moveOn());
  }

  get epoch(): string {
    return this.#written.epoch;
  }

  get forking(): boolean {
    return this.#move !== undefined;
  }

  append(entries: readonly Entry[], through?: number): Promise<void> {
    if (this.#closed) return Promise.reject(E.JOURNAL_CLOSED());
    const before = this.#through;
    if (through !== undefined) this.#through = Math.max(before, Math.floor(through));
    if (entries.length === 0) return Promise.resolve();
    return this.#pending.add(() => this.#prepare(entries, before));
  }

  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[] {
    return this.#reader.read(this.#written.number, Math.max(afterSeq, this.#cut.seq), maxRows, maxBytes);
  }

  lostAfter(afterSeq: number, limit: number): Lost[] {
    return this.#store.lost.after(this.#written.number, Math.max(afterSeq, this.#cut.seq), limit);
  }

  chainAt(seq: number): string | undefined {
    if (seq === this.#head.seq) return this.#head.chain;
    if (seq === this.#cut.seq) return this.#cut.chain;
    return seq < this.#cut.seq ? undefined : this.#store.chainAt(this.#written.number, seq);
  }

  kept(): KeptEpoch[] {
    const { acked, ackedChain } = this.#state;
    const written = {
      epoch: this.epoch,
      head: this.#head.seq,
      headChain: this.#head.chain,
      oldest: this.#cut.seq + 1,
      acked,
      ackedChain,
    };
    // The rows that are in the new epoch already were before those that are still in this one.
    return this.#move === undefined ? [written] : [this.#store.keptEpoch(this.#move.target), written];
  }

  sent(seq: number): void {
    this.#sent = seq;
  }

  acknowledge(epoch: string, committed: number, chain: string, released: number): void {
    if (epoch !== this.epoch || this.#closed) return;
    const own = this.chainAt(committed);
    // A lost run is told as a whole: who stands within one has another life's rows.
    const unknown = own === undefined && committed > this.#cut.seq;
    if (this.forking || unknown || (own !== undefined && own !== chain))
      throw E.JOURNAL_FORKED({ committed, epoch, head: this.#head.seq });
    this.#release(Math.min(released, committed));
    this.#state = { acked: committed, ackedChain: chain, released: Math.min(released, committed) };
    this.#stateIsStored = false;
    // Stored with the next commit: an agent that has forgotten it says an older `acked`, and is told again.
    if (this.#full !== undefined) this.#tryRoom();
  }

  fork(committed: number): void {
    if (this.#closed || this.forking) return;
    const { clock, log } = this.#options;
    this.#pending.flush();
    const { seq: head } = this.#head;
    const because = forkedNote({
      wall: clock.wall(),
      since: this.#sinceWhen(committed),
      forked: this.epoch,
      committed,
      head,
    });
    const target = this.#store.transaction(() => {
      this.#store.setNote(because.key, because.value);
      return this.#store.addEpoch(randomHex(16), this.#written.number);
    });
    this.#move = new EpochMove(this.#store, this.#reader, this.#written, target);
    log.error(
      { epoch: this.epoch, committed, head: this.#head.seq, into: target.epoch },
      "the journal has forked: everything that is kept is carried into a new epoch",
    );
    this.#moveTimer = clock.after(MOVE_MS, () => this.#moveOn());
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
    const { file, clock } = this.#options;
    const full = this.#full?.because === "disk" ? E.JOURNAL_DISK_FULL({ file }) : this.#full && this.#fullError();
    const givesWay = this.#lost > 0 && this.#full === undefined ? E.JOURNAL_GIVES_WAY({ lost: this.#lost }) : undefined;
    const damaged = this.#damaged > 0 ? E.JOURNAL_DAMAGED_ROWS({ rows: this.#damaged, file }) : undefined;
    const broken = sqliteCode(this.#broken) === undefined ? undefined : journalError(this.#broken, file);
    const now = [broken as StorewardError | undefined, this.#wentBack, full, givesWay, damaged];
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
    this.#moveTimer?.stop();
    this.#headFile.write(this.#known());
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

  #openEpochs(): EpochRow {
    const epochs = this.#store.epochs(randomHex(16));
    const last = epochs.at(-1);
    if (last === undefined) throw new RangeError("a journal has at least one epoch");
    const source = epochs.find(({ number }) => number === last.source);
    if (source === undefined) return last;
    // A fork was under way: it goes on.
    this.#move = new EpochMove(this.#store, this.#reader, source, last);
    return source;
  }

  /** What the head beside the journal says of rows that are not here is declared lost, once. */
  #declareMissing(known: KnownHead | undefined): StorewardError | undefined {
    const { file, log } = this.#options;
    const head = this.#head;
    if (known === undefined) return undefined;
    const isOlder = known.epoch === this.epoch && known.seq > head.seq;
    if (!isOlder && this.#store.knows(known.epoch)) return undefined;
    const error = E.JOURNAL_WENT_BACK({ file, head: head.seq, known: known.seq });
    log.error({ err: error, known, head }, "rows that had a number are missing");
    const epoch = known.kept.find((kept) => kept.epoch === known.epoch);
    const isHere = (name: string) => this.#store.knows(name);
    const runs =
      isOlder && epoch !== undefined
        ? missingOf({ ...epoch, head: known.seq, headChain: known.chain }, head, WHY.restored)
        : missingEpochs(known, head, isHere);
    const why = `the journal was restored from an older copy or replaced: rows after ${known.seq} of epoch ${known.epoch} may be missing`;
    const gap = this.#gap(why, known.wall ?? this.lastAlive);
    this.#withBallast(() => {
      this.#head = this.#store.transaction(() => {
        this.#store.lost.add(this.#written.number, runs);
        for (const kept of known.kept) this.#store.addEnded(kept.epoch);
        const last = runs.at(-1);
        const behind = last === undefined ? head : { seq: last.to, chain: last.chain };
        return this.#store.add(this.#written.number, behind, this.#prepare([{ draft: gap }], this.#through));
      });
    });
    return error;
  }

  /** The space of the ballast is for what must be said. */
  #withBallast(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_FULL") throw error;
      this.#ballast.free();
      work();
    }
  }

  /** That something may be missing since then (wall ms). */
  #gap(why: string, sinceWall: number | undefined): ObservationDraft {
    const { clock } = this.#options;
    const to = Math.floor(clock.mono());
    const ago = sinceWall === undefined ? 0 : Math.max(0, clock.wall() - sinceWall);
    return { type: "gap", why, from: Math.floor(to - ago), to };
  }

  #prepare(entries: readonly Entry[], throughBefore: number): PreparedEntry[] {
    const { clock, config } = this.#options;
    const head = { at: instantNow(clock, this.boot), config };
    return entries.map(({ draft, ...rest }, i) => ({
      ...rest,
      ...bodyOf(draft, head),
      mono: head.at.mono,
      // Only with the last of them is everything said that `through` promises.
      through: i === entries.length - 1 ? this.#through : throughBefore,
    }));
  }

  #commit(group: readonly Pending[]): void {
    const entries = group.flatMap((pending) => pending.entries);
    try {
      if (this.#full !== undefined) this.#tryRoom();
      if (this.#full === undefined && !this.#makeRoom(bytesOf(entries))) this.#becomeFull("size", entries);
      if (this.#full === undefined) {
        this.#write(entries);
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
      this.#becomeFull("disk", entries);
    }
    this.#refuse(group, entries.length);
  }

  /** One transaction: rows, presence, notes, and what was waiting to be stored. Heads move only when it is on disk. */
  #write(entries: readonly PreparedEntry[]): void {
    this.#hasSpoken ||= entries.length > 0;
    const { head, purged } = this.#store.transaction(() => ({
      head: this.#store.add(this.#written.number, this.#head, entries),
      purged: this.#housekeep(),
    }));
    if (entries.length > 0) crashPoint("after-commit");
    this.#head = head;
    this.#purged = purged;
    this.#stateIsStored = true;
  }

  #housekeep(): number {
    // Not before this boot has journaled something: what it says first is since when it was blind, and a crash before must not forget that.
    if (this.#hasSpoken) this.#store.setNote("alive", String(this.#options.clock.wall()));
    if (!this.#stateIsStored) this.#store.setState(this.#written.number, this.#state);
    return this.#store.purge(this.#written.number, this.#purged, this.#cut, PURGE_ROWS);
  }

  /** Rows up to there need not be kept any more; within a lost run, those before it. */
  #release(upTo: number): void {
    let seq = upTo;
    let chain = this.chainAt(seq);
    if (chain === undefined) {
      const [run] = this.lostAfter(seq, 1);
      seq = run === undefined || run.from > upTo ? this.#cut.seq : run.from - 1;
      chain = this.chainAt(seq);
    }
    if (seq > this.#cut.seq && chain !== undefined) this.#cut = { seq, chain };
  }

  #fits(bytes: number): boolean {
    return (
      this.#store.usedBytes() + bytes * 1.1 + RESERVE_BYTES <= this.#options.maxBytes - BALLAST_BYTES - 2 * WAL_BYTES
    );
  }

  /**
   * Acknowledged rows go first when space is short: they are kept only for a cloud that may come back from a backup. Then rows give way by their
   * types. False when there is nothing left that may.
   */
  #makeRoom(bytes: number): boolean {
    if (this.#fits(bytes)) return true;
    const wanted = bytes + this.#options.maxBytes * ROOM_SHARE;
    while (!this.#fits(wanted)) {
      if (this.#purged >= this.#cut.seq) {
        const before = this.#cut.seq;
        this.#release(Math.min(this.#state.acked, before + PURGE_ROWS));
        if (this.#cut.seq === before && !this.#giveWay()) return this.#fits(bytes);
      }
      this.#write([]);
    }
    return true;
  }

  #giveWay(): boolean {
    const after = Math.max(this.#sent, this.#state.acked, this.#cut.seq);
    for (const types of GIVING_WAY) {
      const { number } = this.#written;
      const gone = this.#store.transaction(() => this.#store.giveWay(number, after, types, GIVE_WAY_ROWS, WHY.full));
      if (gone === 0) continue;
      if (this.#lost === 0)
        this.#options.log.error({ err: E.JOURNAL_GIVES_WAY({ lost: gone }) }, "observations give way to newer ones");
      this.#lost += gone;
      return true;
    }
    return false;
  }

  #becomeFull(because: "size" | "disk", refused: readonly PreparedEntry[]): void {
    const { clock, log, file, maxBytes } = this.#options;
    // What is refused first has waited for this commit: the gap begins where it was observed.
    this.#full = { because, since: refused[0]?.mono ?? Math.floor(clock.mono()), count: 0 };
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

  /** One more piece of a fork; the last one changes over. */
  #moveOn(): void {
    const move = this.#move;
    if (move === undefined || this.#closed) return;
    const { clock, log } = this.#options;
    let wait = MOVE_MS;
    try {
      // What was released need not be carried, and origins take some room.
      if (this.#purged < this.#cut.seq) this.#write([]);
      else if (this.#cut.seq < this.#head.seq) {
        this.#makeRoom(512 * 1024);
        this.#cut = move.step(this.#cut);
        this.#purged = this.#cut.seq;
      } else {
        this.#changeOver(move);
        return;
      }
    } catch (error) {
      // A full disk may have room again; what was carried so far stands.
      log.warn({ err: error }, "a forked journal could not be carried on; trying again");
      wait = MOVE_AGAIN_MS;
    }
    this.#moveTimer = clock.after(wait, () => this.#moveOn());
  }

  /** Every few seconds: the mark that says we live, the head beside the file, deletions that waited, space given back. */
  #alive(): void {
    try {
      if (this.#full !== undefined) this.#tryRoom();
      this.#write([]);
      this.#store.shrink(1_024);
      this.#ballast.restore();
      this.#headFile.write(this.#known());
      if (this.#lost > 0) this.#lost = this.#store.lost.count(WHY.full);
    } catch (error) {
      this.#options.log.debug({ err: error }, `the journal's mark could not be written: ${describeError(error)}`);
    }
  }

  #known(): KnownHead {
    return { epoch: this.epoch, ...this.#head, wall: this.#options.clock.wall(), kept: this.kept() };
  }

  #onDamage(rows: number): void {
    this.#damaged += rows;
    this.#options.log.error({ rows }, "rows on the disk are not what was written: they are declared lost");
  }

  /**
   * Since when the other life may have had rows that nobody here knows (wall ms): since the last row that both are known to have had. The first
   * row behind it says nothing of that, for the other life may have observed something before this one did.
   */
  #sinceWhen(committed: number): number {
    const both = Math.max(0, Math.min(this.#state.acked, committed - 1));
    const [first] = this.read(both, 1, Number.MAX_SAFE_INTEGER);
    const now = this.#options.clock.wall();
    const began = this.#store.lastJournaled(this.#written.number, both) ?? (first && wallOf(first.body));
    return Math.min(this.lastAlive ?? now, began ?? now);
  }

  #changeOver(move: EpochMove): void {
    const { target } = move;
    const because = forkedOf(this.#store.note("forked"));
    const why = `the journal forked: of another life of epoch ${because?.forked}, rows after ${because?.committed} may be missing`;
    const gap = this.#prepare([{ draft: this.#gap(why, because?.since) }], this.#through);
    this.#head = this.#store.transaction(() => {
      move.finish();
      return this.#store.add(target.number, move.head, gap);
    });
    this.#written = target;
    ({ cut: this.#cut, purged: this.#purged, state: this.#state } = standsOf(target));
    this.#stateIsStored = true;
    this.#sent = 0;
    this.#move = undefined;
    this.#headFile.write(this.#known());
    this.#options.log.info({ epoch: this.epoch, head: this.#head.seq }, "the fork is through");
  }
}

function standsOf({ cut, cut_chain, acked, acked_chain, released }: EpochRow) {
  return {
    cut: { seq: cut, chain: cut_chain },
    purged: cut,
    state: { acked, ackedChain: acked_chain, released },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
