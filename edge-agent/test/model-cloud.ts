import {
  type Ack,
  type Batch,
  type Downward,
  type Hello,
  type Opaque,
  type Reject,
  splitUpward,
  Upward,
} from "@storeward/contracts";
import { GENESIS_CHAIN, isoMs, nextChain, validator } from "@storeward/runtime";
import { originOf } from "../src/journal/origin.js";
import { payloadHash } from "../src/uplink/messages.js";

const asUpward = validator(Upward);

/** One epoch as the cloud has it. */
export interface ModelEpoch {
  committed: number;
  chain: string;
  released: number;
  /** Bodies by seq; an opaque row too. Not those that are here by another place. */
  readonly rows: Map<number, string>;
  /** The chain at every row, to know copies by. */
  readonly chains: Map<number, string>;
  skipped: number;
  readonly lost: { from: number; to: number; why: string }[];
  /** The last promise of each boot: nothing observed up to `mono` comes after row `last`. */
  readonly throughs: { boot: string; mono: number; last: number }[];
}

/** Everything a cloud knows. */
export interface ModelBackup {
  readonly epochs: Map<string, ModelEpoch>;
  readonly origins: Set<string>;
}

export interface ModelCloudOptions {
  readonly ledger: string;
  readonly now: () => number;
  readonly credit?: () => number;
  /** How far `released` may go. */
  readonly releasable?: (committed: number, epoch: string) => number;
  /** Rows that this cloud cannot read in a batch. */
  readonly unreadable?: (seq: number) => boolean;
}

/** The cloud's side of the delivery by the letter of the rules, in memory: one agent, any number of epochs. */
export class ModelCloud {
  epochs = new Map<string, ModelEpoch>();
  /** Where rows stood first that came as copies. */
  origins = new Set<string>();
  /** Everything that was received in a form the contract does not allow, or a chain that does not hold: must stay empty. */
  readonly violations: string[] = [];
  readonly #options: ModelCloudOptions;

  constructor(options: ModelCloudOptions) {
    this.#options = options;
  }

  receive(payload: string): Downward[] {
    const { envelope, bodies } = splitUpward(payload);
    const message = asUpward(JSON.parse(envelope));
    if (!message.ok) {
      this.violations.push(`${message.errors.join("; ")}: ${envelope}`);
      return [];
    }
    const { value } = message;
    if (value.kind === "hello") return value.epochs.map(({ epoch }) => this.#ack(value, epoch));
    const seqs = value.kind === "batch" ? rowsOf(value) : [];
    if (seqs.some((seq) => this.#options.unreadable?.(seq) === true)) return [this.#reject(payload)];
    const epoch = this.epoch(value.epoch);
    if (value.kind === "opaque") this.#opaque(epoch, value);
    else this.#batch(epoch, value, bodies);
    return [this.#ack(value, value.epoch)];
  }

  /** A backup; `restore` takes it back. */
  backup(): ModelBackup {
    const copy = ({ rows, chains, lost, throughs, ...rest }: ModelEpoch) => ({
      ...rest,
      rows: new Map(rows),
      chains: new Map(chains),
      lost: [...lost],
      throughs: [...throughs],
    });
    const epochs = new Map([...this.epochs].map(([name, epoch]) => [name, copy(epoch)]));
    return { epochs, origins: new Set(this.origins) };
  }

  restore({ epochs, origins }: ModelBackup): void {
    this.epochs = epochs;
    this.origins = origins;
  }

  epoch(name: string): ModelEpoch {
    const known = this.epochs.get(name);
    if (known !== undefined) return known;
    const start = { committed: 0, chain: GENESIS_CHAIN, released: 0, skipped: 0 };
    const made = { ...start, rows: new Map(), chains: new Map(), lost: [], throughs: [] };
    this.epochs.set(name, made);
    return made;
  }

  /** Unless it is here already: an original of which the copy is, a copy of which the original is, or another copy. */
  #keep(name: string, epoch: ModelEpoch, { seq, chain }: { seq: number; chain: string }, body: string): void {
    const origin = originOf(body);
    const first = origin ?? { epoch: name, seq, chain };
    const key = `${first.epoch} ${first.seq} ${first.chain}`;
    const here =
      this.origins.has(key) || (origin !== undefined && this.epoch(first.epoch).chains.get(first.seq) === first.chain);
    if (here) epoch.skipped++;
    else {
      if (origin !== undefined) this.origins.add(key);
      epoch.rows.set(seq, body);
      epoch.chains.set(seq, chain);
    }
  }

  #batch(epoch: ModelEpoch, { epoch: name, first, last, prev, lost, through }: Batch, bodies: readonly string[]): void {
    if (first !== epoch.committed + 1 || prev !== epoch.chain) return;
    let seq = epoch.committed;
    let chain = epoch.chain;
    const waiting = [...bodies];
    const rowsBefore = (end: number) => {
      for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
        chain = nextChain(chain, ++seq, body);
        this.#keep(name, epoch, { seq, chain }, body);
        if (seq + 1 >= end) return;
      }
    };
    for (const range of lost) {
      if (seq + 1 < range.from) rowsBefore(range.from);
      if (range.from !== seq + 1) this.violations.push(`lost ${range.from} after ${seq}`);
      seq = range.to;
      chain = range.chain;
      epoch.lost.push({ from: range.from, to: range.to, why: range.why });
    }
    if (seq < last) rowsBefore(last + 1);
    if (waiting.length > 0) this.violations.push(`${waiting.length} rows beyond ${last}`);
    if (seq !== last) this.violations.push(`the batch ends at ${seq}, it says ${last}`);
    epoch.throughs.push({ boot: through.boot, mono: through.mono, last });
    this.#commit(name, epoch, seq, chain);
  }

  #opaque(epoch: ModelEpoch, { epoch: name, seq, prev, body }: Opaque): void {
    if (seq !== epoch.committed + 1 || prev !== epoch.chain) return;
    const text = Buffer.from(body, "base64").toString("utf8");
    const chain = nextChain(prev, seq, text);
    this.#keep(name, epoch, { seq, chain }, text);
    this.#commit(name, epoch, seq, chain);
  }

  #commit(name: string, epoch: ModelEpoch, committed: number, chain: string): void {
    epoch.committed = committed;
    epoch.chain = chain;
    epoch.released = Math.max(epoch.released, this.#options.releasable?.(committed, name) ?? 0);
  }

  #ack({ session }: Hello | Batch | Opaque, name: string): Ack {
    const { ledger, credit, now } = this.#options;
    const { committed, chain, released } = this.epoch(name);
    const head = { v: 1 as const, kind: "ack" as const, ledger, session, epoch: name };
    return { ...head, committed, chain, released, credit: credit?.() ?? 131_072, utc: isoMs(now()) };
  }

  #reject(payload: string): Reject {
    const { ledger } = this.#options;
    return { v: 1, kind: "reject", ledger, code: "UNREADABLE", detail: "a test", hash: payloadHash(payload) };
  }
}

/** The numbers of a batch that are rows. */
function rowsOf({ first, last, lost }: Batch): number[] {
  const all = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return lost.length === 0 ? all : all.filter((seq) => !lost.some(({ from, to }) => from <= seq && seq <= to));
}
