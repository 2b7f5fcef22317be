import { type Hello, partitionOf } from "@storeward/contracts";
import { type Clock, crashPoint, delays, type Logger, type Part, RECONNECT, systemClock } from "@storeward/runtime";
import { type Database, isTransient, tookTooLong } from "../database/index.js";
import type { Journal } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import { type Asked, ackOf, isAnotherLife, readAsked, rejectOf } from "./asked.js";
import { type CommitDeps, type Committed, commitPieces } from "./commit.js";
import { Credit } from "./credit.js";
import { type IntakeCursor, latestCursors, readCursors } from "./cursor.js";
import type { Refusal } from "./envelope.js";
import { Reminders } from "./reminders.js";
import type { Submission } from "./submission.js";
import { TURN_BYTES, type Turn, Turns } from "./turns.js";

/** Turns that are worked on at once: one is read and answered while the database writes others. */
const MAX_TURNS = 3;
/** More than this waits although turns are worked on: whatever else this process does may wait too. */
const BUSY_BYTES = TURN_BYTES / 2;
/** An answer that takes longer than this: the same. */
const LATE_MS = 200;
const MAX_FAILURES = 3;
/** After this, an agent that had no answer is told where its journal stands: by itself it may wait for a minute. */
const UNANSWERED_MS = 5_000;
const AGAIN = { ...RECONNECT, firstMs: 50, maxMs: 2000 };

export interface IntakeOptions {
  readonly db: Database;
  readonly journal: Pick<Journal, "appendAll">;
  readonly tags: TagRegister;
  readonly log: Logger;
  /** As in `cloud.yaml` and the database. */
  readonly ledger: string;
  readonly clock?: Clock;
  /** Rows that followers are behind. */
  readonly lag?: () => number;
  /** This process's part of all agents, 0 to 1. */
  readonly share?: () => number;
  /** Says something to an agent on its `ack` topic. */
  send(agent: string, text: string): void;
  /** Told of every hello, and of a fork, after it was answered. */
  readonly onHello?: (agent: string, hello: Hello) => void;
  readonly onFork?: (agent: string, epoch: string) => void;
  /** Told in its transaction that something was declared lost. */
  readonly onLost?: CommitDeps["onLost"];
}

type AskedPiece = Extract<Asked, { kind: "piece" }>;

/** Takes in what agents send on `…/batch` and answers every message, in order for each agent. */
export class Intake implements Part {
  readonly name = "intake";
  readonly #options: IntakeOptions;
  readonly #clock: Clock;
  readonly #deps: CommitDeps;
  readonly #credit: Credit;
  readonly #reminders: Reminders;
  /** Of agents that had no answer, for it took too long. */
  readonly #unanswered: Reminders;
  readonly #turns = new Turns();
  /** When the oldest message of each turn came that is worked on. */
  readonly #working = new Map<Promise<void>, number>();
  #stopping = new AbortController();

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { db, journal, tags } = options;
    this.#deps = { db, journal, tags, clock: this.#clock, onLost: options.onLost };
    const { lag = () => 0, share = () => 1 } = options;
    this.#credit = new Credit({ clock: this.#clock, lag, share });
    const reminders = { clock: this.#clock, remind: (sessions: ReadonlyMap<string, string>) => this.#remind(sessions) };
    this.#reminders = new Reminders(reminders);
    this.#unanswered = new Reminders({ ...reminders, waitMs: UNANSWERED_MS });
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
  }

  /** Ends after the batches that are being written; what waits is not answered, and agents send it again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#reminders.stop();
    this.#unanswered.stop();
    await Promise.all(this.#working.keys());
    this.#turns.clear();
  }

  /** Waits for what has come of these partitions, which another process is to have. */
  finish(partitions: readonly number[]): Promise<void> {
    return this.#turns.finish(partitions);
  }

  /**
   * A `status` that the broker had kept: the agent is connected since before we heard it, and what it sent then nobody may have taken. Unless
   * it is heard at once, it is told where its journal stands, so that it need not wait until it sends again by itself.
   */
  meet(agent: string, payload: Buffer): void {
    if (!this.#stopping.signal.aborted) this.#reminders.add(agent, payload);
  }

  /** Takes a payload of `…/batch`. One that finds its queue full is dropped: its agent sends it again. */
  receive(agent: string, payload: Buffer): void {
    if (this.#stopping.signal.aborted) return;
    this.#reminders.heard(agent);
    this.#unanswered.heard(agent);
    if (this.#turns.offer(partitionOf(agent), { agent, payload, at: this.#clock.mono() })) this.#begin();
  }

  /** Whether more waits than is taken in a moment, or somebody has waited for more than that. */
  get isBusy(): boolean {
    const late = this.#clock.mono() - LATE_MS;
    return this.#turns.gauges().bytes > BUSY_BYTES || [...this.#working.values()].some((since) => since < late);
  }

  /** Payloads that wait, and those dropped since the start. */
  gauges(): { waiting: number; bytes: number; dropped: number } {
    return this.#turns.gauges();
  }

  #begin(): void {
    const { signal } = this.#stopping;
    while (this.#working.size < MAX_TURNS && !signal.aborted) {
      const turn = this.#turns.take();
      if (turn === undefined) return;
      const work = this.#work(turn, signal).finally(() => {
        this.#working.delete(work);
        this.#turns.done(turn);
        this.#begin();
      });
      this.#working.set(work, Math.min(...turn.items.map(({ at }) => at)));
    }
  }

  /** Answers every message of a turn: of all agents the pieces up to their next other message at once, then that message. */
  async #work({ items }: Turn, signal: AbortSignal): Promise<void> {
    const byAgent = new Map<string, Asked[]>();
    for (const item of items) {
      const asked = readAsked(item.agent, item.payload);
      const list = byAgent.get(item.agent);
      if (list === undefined) byAgent.set(item.agent, [asked]);
      else list.push(asked);
    }
    while (byAgent.size > 0 && !signal.aborted) {
      const pieces: AskedPiece[] = [];
      for (const list of byAgent.values())
        for (let [next] = list; next?.kind === "piece"; [next] = list) {
          pieces.push(next);
          list.shift();
        }
      if (pieces.length > 0) await this.#store(pieces, signal);
      for (const [agent, list] of byAgent) {
        for (let next = list.shift(); next !== undefined; next = list[0]?.kind === "piece" ? undefined : list.shift())
          await this.#answer(agent, next, signal);
        if (list.length === 0) byAgent.delete(agent);
      }
    }
  }

  /**
   * Commits pieces together; each by itself where that fails for something in one of them, or takes too long, as when another session of the database
   * holds the lock of one agent.
   */
  async #store(pieces: readonly AskedPiece[], signal: AbortSignal): Promise<void> {
    const wait = delays(AGAIN);
    while (!signal.aborted) {
      try {
        return await this.#commit(pieces, false);
      } catch (error) {
        this.#options.log.debug({ err: error, batches: pieces.length }, "Batches were not stored; trying again");
        if (!isTransient(error) || tookTooLong(error)) break;
        await this.#clock.sleep(wait(), signal).catch(() => undefined);
      }
    }
    const late = new Set<string>();
    for (const piece of pieces) {
      const { agent } = piece.submission;
      if (late.has(agent)) continue;
      const store = (isCareful: boolean) => this.#commit([piece], isCareful);
      if ((await this.#insist(agent, signal, store)) !== "late") continue;
      late.add(agent);
      if (!signal.aborted) this.#unanswered.addSession(agent, piece.session);
    }
  }

  async #answer(agent: string, asked: Asked, signal: AbortSignal): Promise<void> {
    if (asked.kind === "reject") return this.#reject(agent, asked.payload, asked.refusal);
    if (asked.kind === "hello") await this.#insist(agent, signal, () => this.#hello(agent, asked.hello));
  }

  /**
   * Does it again until it succeeds or has failed too often for a reason of its own. What takes too long gets no answer for now: its agent sends it again,
   * and others need not wait.
   */
  async #insist(
    agent: string,
    signal: AbortSignal,
    work: (isCareful: boolean) => Promise<void>,
  ): Promise<"late" | undefined> {
    const wait = delays(AGAIN);
    for (let failures = 0; !signal.aborted; ) {
      try {
        await work(failures >= MAX_FAILURES);
        return undefined;
      } catch (error) {
        const { log } = this.#options;
        if (tookTooLong(error)) return "late";
        if (!isTransient(error) && ++failures > MAX_FAILURES) {
          log.error({ err: error, agent }, "A batch cannot be stored");
          return undefined;
        }
        log.debug({ err: error, agent }, "A batch was not stored; trying again");
        await this.#clock.sleep(wait(), signal).catch(() => undefined);
      }
    }
    return undefined;
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

  async #commit(pieces: readonly AskedPiece[], careful: boolean): Promise<void> {
    const submissions = pieces.map(({ submission }) => submission);
    const committed = await commitPieces(this.#deps, submissions, { careful });
    crashPoint("after-intake-commit");
    for (const [index, { session, submission }] of pieces.entries()) {
      const answer = committed[index];
      if (answer !== undefined) this.#tell(session, submission, answer);
    }
  }

  #tell(session: string, { agent, piece }: Submission, { outcome, cursor }: Committed): void {
    if (outcome === "appended" && piece.last >= piece.first) this.#credit.taken(agent);
    if (outcome === "fork") this.#onFork(agent, piece.epoch, piece.last);
    this.#ack(agent, session, cursor);
    crashPoint("after-answer");
  }

  async #remind(sessions: ReadonlyMap<string, string>): Promise<void> {
    for (const { agent, ...cursor } of await latestCursors(this.#options.db, [...sessions.keys()]))
      this.#ack(agent, sessions.get(agent) ?? "", cursor);
  }

  #onFork(agent: string, epoch: string, head: number): void {
    this.#options.log.warn({ agent, epoch, head }, "An agent's journal has forked");
    this.#options.onFork?.(agent, epoch);
  }

  #ack(agent: string, session: string, cursor: IntakeCursor): void {
    const { ledger, send } = this.#options;
    const now = this.#clock.wall();
    send(agent, JSON.stringify(ackOf(session, cursor, { ledger, credit: this.#credit.of(agent), now })));
  }

  #reject(agent: string, payload: Buffer, refusal: Refusal): void {
    const { ledger, log, send } = this.#options;
    log.debug({ agent, code: refusal.code, detail: refusal.detail }, "A message was refused");
    send(agent, JSON.stringify(rejectOf(payload, refusal, ledger)));
  }
}
