import {
  type Clock,
  crashPoint,
  describeError,
  isoMs,
  isStorewardError,
  type Logger,
  type Part,
  Recurring,
  type RetrySchedule,
  systemClock,
} from "@storeward/runtime";
import type { Database, Transaction } from "../../database/index.js";
import { E } from "../errors.js";
import type { Parcel, Sender } from "./types.js";

export interface DelivererDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly senders: { readonly email: Sender | undefined; readonly webhook: Sender; readonly push: Sender };
  /** A receiver has said that it takes nothing any more. */
  readonly onGone: (receiver: string) => void;
  readonly clock?: Clock;
  readonly retry?: RetrySchedule;
  readonly everyMs?: number;
}

const EVERY_MS = 1000;
const RETRY: RetrySchedule = { firstMs: 5000, factor: 2, maxMs: 900_000, jitter: 0.2 };
/** After so long it is given up, and shown. */
const GIVE_UP_MS = 3 * 86_400_000;
/** Receivers that are told at a time; each takes a connection to the database while it is. */
const AT_ONCE = 4;
const LONGEST_ERROR = 500;

interface Row extends Parcel {
  readonly attempts: number;
  readonly created: Date;
}

/**
 * Empties the outbox: each row at least once, under its key. A row and its receiver stay locked from before it is sent until it is marked, so that
 * it is sent again only where this process ends between the receiver's word and the commit. A receiver that is away is asked ever less often and
 * holds up no other; what is told of one alert arrives in its order.
 */
export class Deliverer implements Part {
  readonly name = "alert-deliverer";
  readonly #deps: DelivererDeps;
  readonly #clock: Clock;
  readonly #recurring: Recurring;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(deps: DelivererDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#recurring = new Recurring({
      everyMs: deps.everyMs ?? EVERY_MS,
      work: () => this.run(),
      failed: () => undefined,
      clock: this.#clock,
    });
  }

  async start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#recurring.start();
  }

  /** What is on its way is broken off, and sent again under its key by whoever comes next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#recurring.stop();
    await this.#running;
    this.#deps.senders.email?.close();
  }

  /** There is something new. */
  wake(): void {
    if (!this.#stopping.signal.aborted) void this.run();
  }

  /** Everything that can be delivered now. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      const worked = await Promise.all(Array.from({ length: AT_ONCE }, () => this.#lane()));
      // A lane that looks for a receiver that is busy holds its rows for a moment: whoever was done just then has not seen them.
      if (worked.includes(true)) this.#again = true;
    }
  }

  /** One row after the other; whether there were any. */
  async #lane(): Promise<boolean> {
    let worked = false;
    try {
      while (!this.#stopping.signal.aborted && (await this.#next())) worked = true;
    } catch (error) {
      this.#deps.log.debug({ error: describeError(error) }, "The outbox of alerts cannot be read now");
    }
    return worked;
  }

  #next(): Promise<boolean> {
    return this.#deps.db.transaction((tx) => this.#one(tx), { waits: true });
  }

  /** One row; false where there is none to be sent now. */
  async #one(tx: Transaction): Promise<boolean> {
    const [row] = await tx.query<Row>(
      `SELECT o.key, o.receiver, o.target, o.body, o.attempts, o.created_at AS created, d.body -> 'by' AS by, k.secret
       FROM alert_outbox o JOIN alert_receiver_state s USING (receiver)
       LEFT JOIN alert_document d ON d.kind = 'receiver' AND d.id = o.receiver LEFT JOIN alert_secret k ON k.receiver = o.receiver
       WHERE o.delivered_at IS NULL AND o.given_up_at IS NULL AND o.next_at <= $1
         AND NOT EXISTS (
           SELECT FROM alert_outbox b WHERE b.alert = o.alert AND b.receiver = o.receiver AND b.target = o.target AND b.n < o.n
             AND b.delivered_at IS NULL AND b.given_up_at IS NULL
         )
       ORDER BY o.next_at, o.n LIMIT 1 FOR UPDATE OF o, s SKIP LOCKED`,
      [isoMs(this.#clock.wall())],
    );
    if (row === undefined) return false;
    if (row.by === null) {
      await this.#giveUp(tx, row, "Its receiver was removed");
      return true;
    }
    const failure = await this.#send(row);
    if (failure === undefined) {
      await this.#delivered(tx, row);
      tx.afterCommit(() => crashPoint("after-alert-delivered"));
      return true;
    }
    // Broken off by the stop: nothing has been found out about the receiver.
    if (this.#stopping.signal.aborted) return false;
    const error = describeError(failure).slice(0, LONGEST_ERROR);
    if (!isStorewardError(failure, "ALERT_RECEIVER_GONE")) await this.#failed(tx, row, error);
    else {
      await this.#giveUp(tx, row, error);
      tx.afterCommit(() => this.#deps.onGone(row.receiver));
    }
    return true;
  }

  /** What went wrong; undefined once the receiver has it. */
  async #send(row: Row): Promise<unknown> {
    const sender = row.by === null ? undefined : this.#deps.senders[row.by.kind];
    try {
      if (sender === undefined) throw E.ALERT_MAIL_NOT_SET();
      const { signal } = this.#stopping;
      await unlessAborted(sender.send(row, signal), signal);
      crashPoint("after-alert-send");
      return undefined;
    } catch (error) {
      return error ?? new Error("it was broken off");
    }
  }

  async #giveUp(tx: Transaction, { key }: Row, error: string): Promise<void> {
    await tx.query("UPDATE alert_outbox SET given_up_at = $2, error = $3 WHERE key = $1", [
      key,
      isoMs(this.#clock.wall()),
      error,
    ]);
  }

  async #delivered(tx: Transaction, { key, receiver }: Row): Promise<void> {
    const now = isoMs(this.#clock.wall());
    await tx.query(
      "UPDATE alert_outbox SET delivered_at = $2, attempts = attempts + 1, error = NULL, held = false WHERE key = $1",
      [key, now],
    );
    await tx.query(
      "UPDATE alert_receiver_state SET delivered_at = $2, failing_since = NULL, error = NULL WHERE receiver = $1",
      [receiver, now],
    );
  }

  async #failed(tx: Transaction, { key, receiver, target, attempts, created }: Row, error: string): Promise<void> {
    const { retry = RETRY, log } = this.#deps;
    const now = this.#clock.wall();
    const wait = Math.min(retry.firstMs * retry.factor ** attempts, retry.maxMs) * (1 - retry.jitter * Math.random());
    const isOver = now - created.getTime() > GIVE_UP_MS;
    await tx.query(
      `UPDATE alert_outbox SET attempts = attempts + 1, next_at = $2, error = $3, held = false, given_up_at = CASE WHEN $4 THEN $5::timestamptz END
       WHERE key = $1`,
      [key, isoMs(now + wait), error, isOver, isoMs(now)],
    );
    // What else waits for it waits as long: who is away is not asked once for each.
    await tx.query(
      `UPDATE alert_outbox SET next_at = greatest(next_at, $3)
       WHERE receiver = $1 AND target = $2 AND delivered_at IS NULL AND given_up_at IS NULL`,
      [receiver, target, isoMs(now + wait)],
    );
    const [state] = await tx.query<{ first: boolean }>(
      `UPDATE alert_receiver_state SET failing_since = coalesce(failing_since, $2), error = $3 WHERE receiver = $1
       RETURNING failing_since = $2 AS first`,
      [receiver, isoMs(now), error],
    );
    if (state?.first === true) log.warn({ receiver, error }, "An alert could not be delivered; it is tried again");
  }
}

/** What `work` gives, or a rejection once it is aborted: work that cannot be broken off is left behind. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
