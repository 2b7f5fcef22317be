import { type Ack, type Hello, isSource, type JournalAnswer, MAX_BATCH_BYTES } from "@storeward/contracts";
import { type Clock, type Logger, systemClock } from "@storeward/runtime";
import type { AuditSource } from "../audit/index.js";
import { type Database, isTransient } from "../database/index.js";
import {
  ackOf,
  type CommitDeps,
  commitPieces,
  isAnotherLife,
  readAsked,
  readCursors,
  rejectOf,
  type Submission,
} from "../intake/index.js";
import { ActingJournal, type ActingJournalOptions } from "./acting-journal.js";
import { E } from "./errors.js";
import type { PerformDeps } from "./perform.js";
import { refusedWithin } from "./refused.js";
import { heard, isRegistered } from "./source-book.js";

/** Requests that are worked on at once; their bodies are in memory. */
const MAX_AT_ONCE = 8;

export interface SourceIntakeOptions extends PerformDeps {
  readonly db: Database;
  readonly journal: ActingJournalOptions["journal"];
  readonly log: Logger;
  readonly ledger: string;
  readonly clock?: Clock | undefined;
  readonly onLost?: CommitDeps["onLost"];
}

/**
 * Takes in what sources send, by the rules of agents: the cursor of `(source, epoch)` decides what is appended, so that the same sent twice, by
 * whichever process, counts once. It needs no lease, for nothing but the database knows a source.
 */
export class SourceIntake {
  readonly #options: SourceIntakeOptions;
  readonly #clock: Clock;
  #working = 0;

  constructor(options: SourceIntakeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Answers a `hello`, a `batch` or an `opaque`, as lines. Errors: SOURCE_NOT_NAMED, SOURCE_UNKNOWN, JOURNAL_BUSY. */
  async take(payload: Buffer, by: AuditSource): Promise<JournalAnswer> {
    if (this.#working >= MAX_AT_ONCE) throw E.JOURNAL_BUSY();
    this.#working++;
    try {
      return await this.#take(payload, by);
    } finally {
      this.#working--;
    }
  }

  async #take(payload: Buffer, by: AuditSource): Promise<JournalAnswer> {
    const { db, ledger } = this.#options;
    const source = namedIn(payload);
    if (source === undefined) throw E.SOURCE_NOT_NAMED();
    if (!isSource(source) || !(await isRegistered(db, source))) throw E.SOURCE_UNKNOWN({ source: source.slice(0, 40) });
    const asked = readAsked(source, payload);
    if (asked.kind === "reject") return { answers: [rejectOf(payload, asked.refusal, ledger)], refused: [] };
    if (asked.kind === "hello") return { answers: await this.#hello(source, asked.hello), refused: [] };
    return this.#append(asked.session, asked.submission, by);
  }

  async #hello(source: string, hello: Hello): Promise<Ack[]> {
    const { db } = this.#options;
    const kept = new Map(hello.epochs.map((each) => [each.epoch, each]));
    const cursors = await readCursors(db, source, [...kept.keys()]);
    const forked = cursors.find((cursor) => {
      const life = kept.get(cursor.epoch);
      return life !== undefined && isAnotherLife(cursor, life);
    });
    await this.#heard(source, forked?.epoch);
    return cursors.map((cursor) => ackOf(hello.session, cursor, this.#answering()));
  }

  async #append(session: string, submission: Submission, by: AuditSource): Promise<JournalAnswer> {
    const { db, items } = this.#options;
    const { agent: source, piece } = submission;
    const { outcome, cursor } = await this.#commit(submission, by);
    await this.#heard(source, outcome === "fork" ? piece.epoch : undefined);
    const refused = await refusedWithin(db, items, { source, ...piece });
    return { answers: [ackOf(session, cursor, this.#answering())], refused };
  }

  async #commit(submission: Submission, by: AuditSource) {
    const { db, journal, tags, items, onLost } = this.#options;
    const acting = new ActingJournal({ journal, tags, items, clock: this.#clock, by });
    const deps: CommitDeps = { db, journal: acting, tags, clock: this.#clock, onLost };
    const once = async (careful: boolean) => {
      const [committed] = await commitPieces(deps, [submission], { careful });
      if (committed === undefined) throw new RangeError("a piece was not answered");
      return committed;
    };
    try {
      return await once(false);
    } catch (error) {
      if (isTransient(error)) throw error;
      return once(true);
    }
  }

  async #heard(source: string, forked: string | undefined): Promise<void> {
    const { db, log } = this.#options;
    if (forked !== undefined) log.warn({ source, epoch: forked }, "A source's journal has forked");
    await heard(db, source, { forked: forked !== undefined });
  }

  #answering(): { ledger: string; credit: number; now: number } {
    // One at a time, each answered by its own response.
    return { ledger: this.#options.ledger, credit: MAX_BATCH_BYTES, now: this.#clock.wall() };
  }
}

/** Whose envelope the first line is. */
function namedIn(payload: Buffer): string | undefined {
  const end = payload.indexOf("\n");
  try {
    const { agent } = JSON.parse(payload.toString("utf8", 0, end === -1 ? payload.length : end)) as { agent?: unknown };
    return typeof agent === "string" ? agent : undefined;
  } catch {
    return undefined;
  }
}
