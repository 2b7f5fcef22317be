import { type Ack, type Hello, type KeptEpoch, partitionOf, type Reject } from "@storeward/contracts";
import {
  BoundedQueue,
  type Clock,
  crashPoint,
  delays,
  isoMs,
  type Logger,
  type Part,
  RECONNECT,
  systemClock,
} from "@storeward/runtime";
import { type Database, isTransient } from "../database/index.js";
import type { Journal } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import { type CommitDeps, type CommitOptions, type Committed, commitPiece } from "./commit.js";
import { Credit } from "./credit.js";
import { type IntakeCursor, readCursors } from "./cursor.js";
import { payloadHash, type Refusal, readEnvelope } from "./envelope.js";
import { type Piece, pieceOfBatch, pieceOfOpaque } from "./sequence.js";

/** Payloads that wait in one partition, and the bytes of all. */
const MAX_WAITING = 256;
const MAX_PARTITION_BYTES = 16 * 1024 * 1024;
const MAX_FAILURES = 3;

export interface IntakeOptions {
  readonly db: Database;
  readonly journal: Pick<Journal, "append">;
  readonly tags: TagRegister;
  readonly log: Logger;
  /** As in `cloud.yaml` and the database. */
  readonly ledger: string;
  readonly clock?: Clock;
  /** Rows that followers are behind. */
  readonly lag?: () => number;
  /** Says something to an agent on its `ack` topic. */
  send(agent: string, text: string): void;
  /** Told of every hello, and of a fork, after it was answered. */
  readonly onHello?: (agent: string, hello: Hello) => void;
  readonly onFork?: (agent: string, epoch: string) => void;
}

interface Item {
  readonly agent: string;
  readonly payload: Buffer;
}

/** Takes in what agents send on `…/batch` and answers every message, in order for each agent. */
export class Intake implements Part {
  readonly name = "intake";
  readonly #options: IntakeOptions;
  readonly #clock: Clock;
  readonly #deps: CommitDeps;
  readonly #credit: Credit;
  readonly #queues = new Map<number, BoundedQueue<Item>>();
  readonly #working = new Map<number, Promise<void>>();
  #stopping = new AbortController();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { db, journal, tags } = options;
    this.#deps = { db, journal, tags, clock: this.#clock };
    this.#credit = new Credit({ clock: this.#clock, lag: options.lag ?? (() => 0) });
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
  }

  /** Ends after the batches that are being written; what waits is not answered, and agents send it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#working.values());
    this.#queues.clear();
  }

  /** Takes a payload of `…/batch`. One that finds its queue full is dropped: its agent sends it again. */
  receive(agent: string, payload: Buffer): void {
    if (this.#stopping.signal.aborted) return;
    const partition = partitionOf(agent);
    let queue = this.#queues.get(partition);
    if (queue === undefined) {
      queue = new BoundedQueue({
        max: MAX_WAITING,
        maxBytes: MAX_PARTITION_BYTES,
        sizeOf: (item) => item.payload.length,
        whenFull: "reject",
      });
      this.#queues.set(partition, queue);
    }
    if (queue.offer({ agent, payload }) && !this.#working.has(partition)) {
      this.#working.set(partition, this.#work(partition, queue));
    }
  }

  /** Payloads that wait, and those dropped since the start. */
  gauges(): { waiting: number; bytes: number; dropped: number } {
    const gauges = { waiting: 0, bytes: 0, dropped: 0 };
    for (const queue of this.#queues.values()) {
      gauges.waiting += queue.size;
      gauges.bytes += queue.bytes;
      gauges.dropped += queue.rejected;
    }
    return gauges;
  }

  async #work(partition: number, queue: BoundedQueue<Item>): Promise<void> {
    const { signal } = this.#stopping;
    for (let [item] = queue.drain(1); item !== undefined && !signal.aborted; [item] = queue.drain(1)) {
      await this.#take(item, signal);
    }
    // In the same turn in which the queue was found empty: what comes next starts the work again.
    this.#working.delete(partition);
  }

  async #take({ agent, payload }: Item, signal: AbortSignal): Promise<void> {
    const wait = delays({ ...RECONNECT, firstMs: 50, maxMs: 2000 });
    for (let failures = 0; !signal.aborted; ) {
      try {
        return await this.#answer(agent, payload, failures >= MAX_FAILURES);
      } catch (error) {
        const { log } = this.#options;
        if (!isTransient(error) && ++failures > MAX_FAILURES) {
          log.error({ err: error, agent }, "A batch cannot be stored");
          return;
        }
        log.debug({ err: error, agent }, "A batch was not stored; trying again");
        await this.#clock.sleep(wait(), signal).catch(() => undefined);
      }
    }
  }

  async #answer(agent: string, payload: Buffer, careful: boolean): Promise<void> {
    const said = readEnvelope(agent, payload);
    if (said.kind === "reject") return this.#reject(agent, payload, said);
    if (said.kind === "hello") return this.#hello(agent, said.hello);
    const { session } = said.kind === "batch" ? said.batch : said.opaque;
    const piece = said.kind === "batch" ? pieceOfBatch(said.batch, said.bodies) : pieceOfOpaque(said.opaque);
    if ("kind" in piece) return this.#reject(agent, payload, piece);
    const options = said.kind === "batch" ? { through: said.batch.through, careful } : { opaque: true, careful };
    await this.#commit(agent, session, piece, options);
  }

  async #hello(agent: string, hello: Hello): Promise<void> {
    const cursors = await readCursors(
      this.#deps.db,
      agent,
      hello.epochs.map(({ epoch }) => epoch),
    );
    this.#credit.begin(agent);
    const { ledger, log } = this.#options;
    if (hello.ledger !== undefined && hello.ledger !== ledger)
      log.warn({ agent, pinned: hello.ledger }, "An agent of another ledger has connected: it will not believe us");
    for (const cursor of cursors) this.#ack(agent, hello.session, cursor);
    this.#options.onHello?.(agent, hello);
    // The agent will find it by the ack and open a new epoch, so that no batch of this one may ever tell.
    for (const kept of hello.epochs)
      if (cursors.some((cursor) => isAnotherLife(cursor, kept))) this.#onFork(agent, kept.epoch, kept.head);
  }

  async #commit(agent: string, session: string, piece: Piece, options: CommitOptions): Promise<void> {
    const { outcome, cursor }: Committed = await commitPiece(this.#deps, agent, piece, options);
    crashPoint("after-intake-commit");
    if (outcome === "appended" && piece.last >= piece.first) this.#credit.taken(agent);
    if (outcome === "fork") this.#onFork(agent, piece.epoch, piece.last);
    this.#ack(agent, session, cursor);
    crashPoint("after-answer");
  }

  #onFork(agent: string, epoch: string, head: number): void {
    this.#options.log.warn({ agent, epoch, head }, "An agent's journal has forked");
    this.#options.onFork?.(agent, epoch);
  }

  #ack(agent: string, session: string, cursor: IntakeCursor): void {
    const { epoch, committed, chain, released } = cursor;
    const ack: Ack = {
      v: 1,
      kind: "ack",
      ledger: this.#options.ledger,
      session,
      epoch,
      committed,
      chain,
      released: Math.min(released, committed),
      credit: this.#credit.of(agent),
      utc: isoMs(this.#clock.wall()),
    };
    this.#options.send(agent, JSON.stringify(ack));
  }

  #reject(agent: string, payload: Buffer, { code, detail }: Refusal): void {
    const { ledger, log } = this.#options;
    log.debug({ agent, code, detail }, "A message was refused");
    const reject: Reject = { v: 1, kind: "reject", ledger, code, detail, hash: payloadHash(payload) };
    this.#options.send(agent, JSON.stringify(reject));
  }
}

/** What the agent keeps of an epoch and what is here of it have parted: a journal was restored from a copy, or two devices have one identity. */
function isAnotherLife({ epoch, committed, chain }: IntakeCursor, kept: KeptEpoch): boolean {
  if (epoch !== kept.epoch || committed === 0) return false;
  if (committed > kept.head) return true;
  return (
    (committed === kept.head && chain !== kept.headChain) || (committed === kept.acked && chain !== kept.ackedChain)
  );
}
