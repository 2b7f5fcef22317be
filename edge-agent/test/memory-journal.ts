import { type KeptEpoch, type Lost, MAX_BATCH_ROWS, type ObservationDraft } from "@storeward/contracts";
import {
  type Clock,
  GENESIS_CHAIN,
  isoMs,
  nextChain,
  randomHex,
  type StorewardError,
  type Timer,
} from "@storeward/runtime";
import { bodyOf, headText, instantNow, wallOf } from "../src/journal/body.js";
import { E } from "../src/journal/errors.js";
import type { EdgeJournal, Entry, JournalRow, StoredPresence } from "../src/journal/journal.js";
import { carried, GIVING_WAY, joined, type Position, WHY } from "../src/journal/lost.js";
import { copyOf, typeOf } from "../src/journal/origin.js";

/** What outlives a {@link MemoryJournal}: opening another on it is a restart, dropping the first without `close` a crash. */
export interface MemoryDisk {
  epoch: string;
  /** Rows and lost runs, each in order. */
  rows: JournalRow[];
  lost: Lost[];
  cut: Position;
  acked: Position;
  released: number;
  /** When the last row that is no longer kept was journaled (wall ms). */
  gone: number | undefined;
  alive: number | undefined;
  /** A fork under way: what the cloud had, and since when (wall ms) there may be another life. */
  forking: { committed: number; since: number } | undefined;
  forked: { at: number; epoch: string; committed: number; head: number } | undefined;
  /** Where lost runs were carried to: told to whoever keeps the books. */
  readonly carried: {
    readonly epoch: string;
    readonly from: number;
    readonly to: number;
    readonly into: string;
    readonly at: number;
  }[];
  readonly presences: Map<string, StoredPresence>;
  readonly notes: Map<string, string>;
}

const START: Position = { seq: 0, chain: GENESIS_CHAIN };
const ROW_BYTES = 60;
const FORK_MS = 5;

export function memoryDisk(): MemoryDisk {
  return {
    epoch: randomHex(16),
    rows: [],
    lost: [],
    cut: START,
    acked: START,
    released: 0,
    gone: undefined,
    alive: undefined,
    forking: undefined,
    forked: undefined,
    carried: [],
    presences: new Map(),
    notes: new Map(),
  };
}

/** An image of a disk: it lives on apart from it. */
export function imageOf(disk: MemoryDisk): MemoryDisk {
  return {
    ...disk,
    rows: [...disk.rows],
    lost: [...disk.lost],
    presences: new Map(disk.presences),
    notes: new Map(disk.notes),
  };
}

interface Pending {
  readonly entries: readonly (Entry & { body: string; through: number })[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The port without a disk, for models of delivery that crash thousands of times; passes the same contract suite. */
export class MemoryJournal implements EdgeJournal {
  readonly boot = randomHex(16);
  readonly lastAlive: number | undefined;
  readonly #disk: MemoryDisk;
  readonly #clock: Clock;
  readonly #config: number;
  readonly #maxBytes: number;
  #pending: Pending[] = [];
  #timer: Timer | undefined;
  #forkTimer: Timer | undefined;
  #through: number;
  #sent: number;
  #bytes: number;
  #full: { since: number; count: number } | undefined;
  #refused = 0;
  #closed = false;

  constructor(disk: MemoryDisk, clock: Clock, config: number, maxBytes = Number.POSITIVE_INFINITY) {
    this.#disk = disk;
    this.#clock = clock;
    this.#config = config;
    this.#maxBytes = maxBytes;
    this.#through = Math.floor(clock.mono());
    this.#sent = disk.acked.seq;
    this.#bytes = disk.rows.reduce((sum, row) => sum + bytesOf(row), 0);
    this.lastAlive = disk.alive;
    if (disk.forking !== undefined) this.#forkTimer = clock.after(FORK_MS, () => this.#carry());
  }

  get epoch(): string {
    return this.#disk.epoch;
  }

  get forking(): boolean {
    return this.#disk.forking !== undefined;
  }

  append(entries: readonly Entry[], through?: number): Promise<void> {
    if (this.#closed) return Promise.reject(E.JOURNAL_CLOSED());
    const before = this.#through;
    if (through !== undefined) this.#through = Math.max(before, Math.floor(through));
    if (entries.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#pending.push({ entries: this.#prepare(entries, before), resolve, reject });
      const rows = this.#pending.reduce((sum, pending) => sum + pending.entries.length, 0);
      if (rows >= MAX_BATCH_ROWS) this.#commit();
      else this.#timer ??= this.#clock.after(20, () => this.#commit());
    });
  }

  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[] {
    const start = indexAfter(this.#disk.rows, afterSeq);
    const rows: JournalRow[] = [];
    let bytes = 0;
    for (const row of this.#disk.rows.slice(start, start + maxRows)) {
      bytes += Buffer.byteLength(row.body);
      if (bytes > maxBytes) break;
      rows.push(row);
    }
    return rows;
  }

  lostAfter(afterSeq: number, limit: number): Lost[] {
    return this.#disk.lost.filter(({ to }) => to > Math.max(afterSeq, this.#disk.cut.seq)).slice(0, limit);
  }

  chainAt(seq: number): string | undefined {
    const { cut, rows, lost } = this.#disk;
    if (seq <= cut.seq) return seq === cut.seq ? cut.chain : undefined;
    const row = rows[indexAfter(rows, seq - 1)];
    return row?.seq === seq ? row.chain : lost.find(({ to }) => to === seq)?.chain;
  }

  kept(): KeptEpoch[] {
    const { epoch, cut, acked } = this.#disk;
    const { seq, chain } = this.#head();
    return [{ epoch, head: seq, headChain: chain, oldest: cut.seq + 1, acked: acked.seq, ackedChain: acked.chain }];
  }

  sent(seq: number): void {
    this.#sent = seq;
  }

  acknowledge(epoch: string, committed: number, chain: string, released: number): void {
    const disk = this.#disk;
    if (epoch !== disk.epoch || this.#closed) return;
    const own = this.chainAt(committed);
    const head = this.#head().seq;
    const unknown = own === undefined && committed > disk.cut.seq;
    if (this.forking || unknown || (own !== undefined && own !== chain))
      throw E.JOURNAL_FORKED({ committed, epoch, head });
    this.#release(Math.min(released, committed));
    disk.acked = { seq: committed, chain };
    disk.released = Math.min(released, committed);
    if (this.#full !== undefined) this.#tryRoom();
  }

  fork(committed: number): void {
    const disk = this.#disk;
    if (this.#closed || this.forking) return;
    this.#commit();
    const both = Math.max(0, Math.min(disk.acked.seq, committed - 1));
    const behind = indexAfter(disk.rows, both);
    const [last, first] = [disk.rows[behind - 1], disk.rows[behind]];
    const began = last === undefined ? (disk.gone ?? (first && wallOf(first.body))) : wallOf(last.body);
    const now = this.#clock.wall();
    disk.forking = { committed, since: Math.min(began ?? now, this.lastAlive ?? now) };
    disk.forked = { at: this.#clock.wall(), epoch: disk.epoch, committed, head: this.#head().seq };
    this.#forkTimer = this.#clock.after(FORK_MS, () => this.#carry());
  }

  presences(): StoredPresence[] {
    return [...this.#disk.presences.values()];
  }

  note(key: string): string | undefined {
    return this.#disk.notes.get(key);
  }

  stats() {
    const { cut, acked, released } = this.#disk;
    const [head, full, refused] = [this.#head().seq, this.#full !== undefined, this.#refused];
    const bytes = this.#bytes;
    return { head, acked: acked.seq, released, oldest: cut.seq + 1, bytes, maxBytes: this.#maxBytes, full, refused };
  }

  problems(): StorewardError[] {
    const { forked, lost } = this.#disk;
    const problems: StorewardError[] = [];
    if (this.#full !== undefined) problems.push(this.#fullError());
    if (lost.length > 0)
      problems.push(E.JOURNAL_GIVES_WAY({ lost: lost.reduce((sum, { from, to }) => sum + to - from + 1, 0) }));
    if (forked !== undefined && this.#clock.wall() - forked.at < 24 * 3_600_000) {
      const { at, epoch, committed, head } = forked;
      problems.push(E.JOURNAL_HAS_FORKED({ at: isoMs(at), forked: epoch, committed, head }));
    }
    return problems;
  }

  close(): void {
    this.#commit();
    this.#forkTimer?.stop();
    this.#closed = true;
  }

  /** A process that is no more: its timers do nothing. */
  kill(): void {
    this.#timer?.stop();
    this.#forkTimer?.stop();
    this.#closed = true;
  }

  #head(): Position {
    const { rows, lost, cut } = this.#disk;
    const row = rows.at(-1) ?? cut;
    const run = lost.at(-1);
    return run !== undefined && run.to > row.seq ? { seq: run.to, chain: run.chain } : row;
  }

  #prepare(entries: readonly Entry[], before: number) {
    const at = instantNow(this.#clock, this.boot);
    return entries.map((entry, i) => ({
      ...entry,
      body: bodyOf(entry.draft, headText({ at, config: this.#config })).body,
      through: i === entries.length - 1 ? this.#through : before,
    }));
  }

  #commit(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    for (const { entries, resolve, reject } of this.#pending.splice(0)) {
      if (this.#full !== undefined) this.#tryRoom();
      const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
      if (this.#full === undefined && !this.#makeRoom(bytes)) {
        this.#full = { since: Math.floor(this.#clock.mono()), count: 0 };
        this.#declareGap(0);
      }
      if (this.#full === undefined) {
        for (const entry of entries) this.#add(entry);
        this.#disk.alive = this.#clock.wall();
        resolve();
      } else {
        this.#full.count += entries.length;
        this.#refused += entries.length;
        reject(this.#fullError());
      }
    }
  }

  #add({ body, through, presence, note }: Omit<Entry, "draft"> & { body: string; through: number }): void {
    const { rows, presences, notes } = this.#disk;
    const { seq, chain } = this.#head();
    rows.push({ seq: seq + 1, body, through, chain: nextChain(chain, seq + 1, body) });
    this.#bytes += bytesOf({ body });
    const key = `${presence?.readPoint} ${presence?.epc}`;
    if (presence?.state === null) presences.delete(key);
    else if (presence !== undefined) presences.set(key, { ...presence, state: presence.state });
    if (note !== undefined) notes.set(note.key, note.value);
  }

  #release(upTo: number): void {
    const disk = this.#disk;
    const run = disk.lost.find(({ from, to }) => from <= upTo && upTo < to);
    const seq = run === undefined ? upTo : run.from - 1;
    const chain = this.chainAt(seq);
    if (chain === undefined || seq <= disk.cut.seq) return;
    const gone = disk.rows.splice(0, indexAfter(disk.rows, seq));
    this.#bytes -= gone.reduce((sum, row) => sum + bytesOf(row), 0);
    const last = gone.at(-1);
    if (last !== undefined) disk.gone = wallOf(last.body);
    disk.lost = disk.lost.filter(({ to }) => to > seq);
    disk.cut = { seq, chain };
  }

  #makeRoom(bytes: number): boolean {
    const fits = (more: number) => this.#bytes + more <= this.#maxBytes;
    if (fits(bytes)) return true;
    const wanted = bytes + this.#maxBytes / 64;
    if (!fits(wanted)) this.#release(this.#disk.acked.seq);
    for (const types of GIVING_WAY) while (!fits(wanted) && this.#giveWay(types)) {}
    return fits(bytes);
  }

  #giveWay(types: readonly string[]): boolean {
    const disk = this.#disk;
    const after = Math.max(this.#sent, disk.acked.seq);
    const gone = disk.rows.filter(({ seq, body }) => seq > after && types.includes(typeOf(body))).slice(0, 20);
    for (const row of gone) {
      const { seq, chain, body } = row;
      disk.lost.push({ from: seq, to: seq, chain, why: WHY.full, types: { [typeOf(body)]: 1 } });
      this.#bytes -= bytesOf(row);
    }
    const seqs = new Set(gone.map(({ seq }) => seq));
    disk.rows = disk.rows.filter(({ seq }) => !seqs.has(seq));
    disk.lost = joined(disk.lost.sort((a, b) => a.from - b.from));
    return gone.length > 0;
  }

  #tryRoom(): void {
    const full = this.#full;
    if (full === undefined || !this.#makeRoom(this.#maxBytes / 8)) return;
    this.#declareGap(full.count);
    this.#full = undefined;
  }

  #declareGap(count: number): void {
    const to = Math.floor(this.#clock.mono());
    const told = count === 0 ? {} : { count };
    this.#say({ type: "gap", why: "the journal is full", from: this.#full?.since ?? to, to, ...told });
  }

  #say(draft: ObservationDraft): void {
    for (const entry of this.#prepare([{ draft }], this.#through)) this.#add(entry);
  }

  #fullError(): StorewardError {
    return E.JOURNAL_FULL({ bytes: this.#bytes, maxBytes: this.#maxBytes });
  }

  /** At once, as if it was one transaction: the SQLite journal does it piece by piece. */
  #carry(): void {
    const disk = this.#disk;
    const { forking, epoch, rows, lost } = disk;
    if (forking === undefined || this.#closed) return;
    const items = [...rows.map((row) => ({ from: row.seq, row })), ...lost.map((run) => ({ from: run.from, run }))];
    disk.epoch = randomHex(16);
    [disk.rows, disk.lost, disk.cut, disk.acked, disk.released] = [[], [], START, START, 0];
    for (const item of items.sort((a, b) => a.from - b.from)) {
      if ("run" in item) {
        const run = carried(item.run, epoch, this.#head());
        disk.carried.push({ epoch, from: item.run.from, to: item.run.to, into: disk.epoch, at: run.from });
        disk.lost.push(run);
      } else {
        const { seq, chain, body, through } = item.row;
        this.#add({ body: copyOf(body, { epoch, seq, chain }), through });
      }
    }
    this.#sent = 0;
    disk.forking = undefined;
    const to = Math.floor(this.#clock.mono());
    const why = `the journal forked: of another life of epoch ${epoch}, rows after ${forking.committed} may be missing`;
    this.#say({ type: "gap", why, from: Math.floor(to - Math.max(0, this.#clock.wall() - forking.since)), to });
    this.#bytes = disk.rows.reduce((sum, row) => sum + bytesOf(row), 0);
  }
}

function bytesOf({ body }: { readonly body: string }): number {
  return body.length + ROW_BYTES;
}

/** Where the rows after `seq` begin. */
function indexAfter(rows: readonly JournalRow[], seq: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
