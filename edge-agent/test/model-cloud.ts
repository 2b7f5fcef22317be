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
import { payloadHash } from "../src/uplink/messages.js";

const asUpward = validator(Upward);

/** One epoch as the cloud has it. */
export interface ModelEpoch {
  committed: number;
  chain: string;
  released: number;
  /** Bodies by seq; an opaque row too. */
  readonly rows: Map<number, string>;
  readonly lost: { from: number; to: number; why: string }[];
  /** The last promise of each boot: nothing observed up to `mono` comes after row `last`. */
  readonly throughs: { boot: string; mono: number; last: number }[];
}

export interface ModelCloudOptions {
  readonly ledger: string;
  readonly now: () => number;
  readonly credit?: () => number;
  /** How far `released` may go. */
  readonly releasable?: (committed: number) => number;
  /** Rows that this cloud cannot read in a batch. */
  readonly unreadable?: (seq: number) => boolean;
}

/** The cloud's side of the delivery by the letter of the rules, in memory: one agent, any number of epochs. */
export class ModelCloud {
  epochs = new Map<string, ModelEpoch>();
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
    const seqs = value.kind === "batch" ? bodies.map((_, i) => value.last - bodies.length + 1 + i) : [];
    if (seqs.some((seq) => this.#options.unreadable?.(seq) === true)) return [this.#reject(payload)];
    const epoch = this.epoch(value.epoch);
    if (value.kind === "opaque") this.#opaque(epoch, value);
    else this.#batch(epoch, value, bodies);
    return [this.#ack(value, value.epoch)];
  }

  /** A backup; `restore` takes it back. */
  backup(): Map<string, ModelEpoch> {
    const copy = ({ rows, lost, throughs, ...rest }: ModelEpoch) => ({
      ...rest,
      rows: new Map(rows),
      lost: [...lost],
      throughs: [...throughs],
    });
    return new Map([...this.epochs].map(([name, epoch]) => [name, copy(epoch)]));
  }

  restore(backup: Map<string, ModelEpoch>): void {
    this.epochs = backup;
  }

  epoch(name: string): ModelEpoch {
    const known = this.epochs.get(name);
    if (known !== undefined) return known;
    const made = { committed: 0, chain: GENESIS_CHAIN, released: 0, rows: new Map(), lost: [], throughs: [] };
    this.epochs.set(name, made);
    return made;
  }

  #batch(epoch: ModelEpoch, { first, last, prev, lost, through }: Batch, bodies: readonly string[]): void {
    if (first !== epoch.committed + 1 || prev !== epoch.chain) return;
    let seq = epoch.committed;
    let chain = epoch.chain;
    for (const range of lost) {
      if (range.from !== seq + 1) this.violations.push(`lost ${range.from} after ${seq}`);
      seq = range.to;
      chain = range.chain;
      epoch.lost.push({ from: range.from, to: range.to, why: range.why });
    }
    for (const body of bodies) {
      chain = nextChain(chain, ++seq, body);
      epoch.rows.set(seq, body);
    }
    if (seq !== last) this.violations.push(`the batch ends at ${seq}, it says ${last}`);
    epoch.throughs.push({ boot: through.boot, mono: through.mono, last });
    this.#commit(epoch, seq, chain);
  }

  #opaque(epoch: ModelEpoch, { seq, prev, body }: Opaque): void {
    if (seq !== epoch.committed + 1 || prev !== epoch.chain) return;
    const text = Buffer.from(body, "base64").toString("utf8");
    epoch.rows.set(seq, text);
    this.#commit(epoch, seq, nextChain(prev, seq, text));
  }

  #commit(epoch: ModelEpoch, committed: number, chain: string): void {
    epoch.committed = committed;
    epoch.chain = chain;
    epoch.released = Math.max(epoch.released, this.#options.releasable?.(committed) ?? 0);
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
