import { type KeptEpoch, MAX_BATCH_ROWS } from "@storeward/contracts";
import { type Clock, GENESIS_CHAIN, nextChain, randomHex, type Timer } from "@storeward/runtime";
import { bodyOf, instantNow } from "../src/journal/body.js";
import { E } from "../src/journal/errors.js";
import type { EdgeJournal, Entry, JournalRow, StoredPresence } from "../src/journal/journal.js";

/** What outlives a {@link MemoryJournal}: opening another on it is a restart, dropping the first without `close` a crash. */
export interface MemoryDisk {
  readonly epoch: string;
  rows: JournalRow[];
  cut: { seq: number; chain: string };
  acked: { seq: number; chain: string };
  released: number;
  alive: number | undefined;
  readonly presences: Map<string, StoredPresence>;
  readonly notes: Map<string, string>;
}

export function memoryDisk(): MemoryDisk {
  const start = { seq: 0, chain: GENESIS_CHAIN };
  return {
    epoch: randomHex(16),
    rows: [],
    cut: start,
    acked: start,
    released: 0,
    alive: undefined,
    presences: new Map(),
    notes: new Map(),
  };
}

interface Pending {
  readonly entries: readonly (Entry & { body: string; through: number })[];
  readonly resolve: () => void;
}

/** The port without a disk, for models of delivery that crash thousands of times; passes the same contract suite. */
export class MemoryJournal implements EdgeJournal {
  readonly boot = randomHex(16);
  readonly lastAlive: number | undefined;
  readonly #disk: MemoryDisk;
  readonly #clock: Clock;
  readonly #config: number;
  #pending: Pending[] = [];
  #timer: Timer | undefined;
  #through: number;
  #closed = false;

  constructor(disk: MemoryDisk, clock: Clock, config: number) {
    this.#disk = disk;
    this.#clock = clock;
    this.#config = config;
    this.#through = Math.floor(clock.mono());
    this.lastAlive = disk.alive;
    disk.alive = clock.wall();
  }

  get epoch(): string {
    return this.#disk.epoch;
  }

  append(entries: readonly Entry[], through?: number): Promise<void> {
    if (this.#closed) return Promise.reject(E.JOURNAL_CLOSED());
    const before = this.#through;
    if (through !== undefined) this.#through = Math.max(before, Math.floor(through));
    if (entries.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const at = instantNow(this.#clock, this.boot);
      const prepared = entries.map((entry, i) => ({
        ...entry,
        body: bodyOf(entry.draft, { at, config: this.#config }),
        through: i === entries.length - 1 ? this.#through : before,
      }));
      this.#pending.push({ entries: prepared, resolve });
      const rows = this.#pending.reduce((sum, pending) => sum + pending.entries.length, 0);
      if (rows >= MAX_BATCH_ROWS) this.#commit();
      else this.#timer ??= this.#clock.after(20, () => this.#commit());
    });
  }

  read(afterSeq: number, maxRows: number, maxBytes: number): JournalRow[] {
    const start = Math.max(0, afterSeq - this.#disk.cut.seq);
    const rows: JournalRow[] = [];
    let bytes = 0;
    for (const row of this.#disk.rows.slice(start, start + maxRows)) {
      bytes += Buffer.byteLength(row.body);
      if (bytes > maxBytes) break;
      rows.push(row);
    }
    return rows;
  }

  chainAt(seq: number): string | undefined {
    const { cut, rows } = this.#disk;
    return seq === cut.seq ? cut.chain : rows[seq - cut.seq - 1]?.chain;
  }

  kept(): KeptEpoch[] {
    const { epoch, cut, acked } = this.#disk;
    const { seq, chain } = this.#head();
    return [{ epoch, head: seq, headChain: chain, oldest: cut.seq + 1, acked: acked.seq, ackedChain: acked.chain }];
  }

  acknowledge(epoch: string, committed: number, chain: string, released: number): void {
    const disk = this.#disk;
    if (epoch !== disk.epoch) return;
    const own = this.chainAt(committed);
    const head = this.#head().seq;
    if (committed > head || (own !== undefined && own !== chain)) throw E.JOURNAL_FORKED({ committed, epoch, head });
    const cut = Math.min(released, committed);
    const cutChain = this.chainAt(cut);
    if (cutChain !== undefined && cut > disk.cut.seq) {
      disk.rows = disk.rows.slice(cut - disk.cut.seq);
      disk.cut = { seq: cut, chain: cutChain };
    }
    disk.acked = { seq: committed, chain };
    disk.released = cut;
  }

  presences(): StoredPresence[] {
    return [...this.#disk.presences.values()];
  }

  note(key: string): string | undefined {
    return this.#disk.notes.get(key);
  }

  stats() {
    const { cut, acked, released, rows } = this.#disk;
    const bytes = rows.reduce((sum, { body }) => sum + body.length, 0);
    const head = this.#head().seq;
    return { head, acked: acked.seq, released, oldest: cut.seq + 1, bytes, maxBytes: 0, full: false, refused: 0 };
  }

  problems(): [] {
    return [];
  }

  close(): void {
    this.#commit();
    this.#closed = true;
  }

  #head(): { seq: number; chain: string } {
    return this.#disk.rows.at(-1) ?? this.#disk.cut;
  }

  #commit(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    const { rows, presences, notes } = this.#disk;
    for (const { entries, resolve } of this.#pending.splice(0)) {
      for (const { body, through, presence, note } of entries) {
        const { seq, chain } = this.#head();
        rows.push({ seq: seq + 1, body, through, chain: nextChain(chain, seq + 1, body) });
        const key = `${presence?.readPoint} ${presence?.epc}`;
        if (presence?.state === null) presences.delete(key);
        else if (presence !== undefined) presences.set(key, { ...presence, state: presence.state });
        if (note !== undefined) notes.set(note.key, note.value);
      }
      this.#disk.alive = this.#clock.wall();
      resolve();
    }
  }
}
