import { type Clock, describeError, isoMs, type Logger, type Part, Recurring } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import type { Journal, JournalRow, Redated } from "../journal/index.js";
import { SAME_MS } from "./dating.js";

export interface RedaterOptions {
  readonly db: Database;
  readonly journal: Pick<Journal, "rowsOf" | "appendRedated">;
  readonly log: Logger;
  readonly clock?: Clock;
}

interface Task {
  id: number;
  agent: string;
  boot: string;
  epoch: string;
  next_seq: number;
  to_seq: number;
  offset_ms: number;
  every: boolean;
}

const EVERY_MS = 1_000;
/** Rows and tags that one step looks at: what a follower has to do for it in one transaction. */
const STEP = 500;

/**
 * Journals, a few rows at a time, that rows which came before their boot's clock are dated by it. Each step and how far it came are one
 * transaction; several processes may run it.
 */
export class Redater implements Part {
  readonly name = "redater";
  readonly #options: RedaterOptions;
  readonly #recurring: Recurring;
  #stopping = false;

  constructor(options: RedaterOptions) {
    this.#options = options;
    this.#recurring = new Recurring({
      everyMs: EVERY_MS,
      work: () => this.run(),
      failed: (error) => this.#options.log.debug({ error: describeError(error) }, "Nothing can be dated again now"),
      clock: options.clock,
    });
  }

  async start(): Promise<void> {
    this.#stopping = false;
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#recurring.stop();
  }

  /** Everything that is to be dated again now. */
  async run(): Promise<void> {
    while (!this.#stopping && (await this.#options.db.transaction((tx) => this.#step(tx))));
  }

  /** Whether there was anything to do. */
  async #step(tx: Transaction): Promise<boolean> {
    // The earliest first, and one of an agent at a time: a later clock has the last word.
    const [task] = await tx.query<Task>(
      `SELECT * FROM redating r WHERE NOT EXISTS (SELECT FROM redating o WHERE o.agent = r.agent AND o.id < r.id)
       ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (task === undefined) return false;
    const { agent, epoch, next_seq: from, to_seq: to } = task;
    const rows = upTo(STEP, await this.#options.journal.rowsOf(tx, { agent, epoch, from, to }, { limit: STEP }));
    const bodies = redatedOf(task, rows);
    if (bodies.length > 0) await this.#options.journal.appendRedated(tx, agent, bodies);
    const last = rows.at(-1)?.seq ?? to;
    if (last < to) await tx.query("UPDATE redating SET next_seq = $2 WHERE id = $1", [task.id, last + 1]);
    else await tx.query("DELETE FROM redating WHERE id = $1", [task.id]);
    return true;
  }
}

/** The first rows, with all their tags at most so many; at least one. */
function upTo(most: number, rows: readonly JournalRow[]): readonly JournalRow[] {
  let weight = 0;
  const end = rows.findIndex(({ body }) => {
    weight += 1 + ("tags" in body ? body.tags.length : 0);
    return weight > most;
  });
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}

/** What is to be said of these rows, in as few words as there are stretches of the boot's rows to be dated again. */
function redatedOf(
  { agent, epoch, boot, to_seq: until, offset_ms: offsetMs, every }: Task,
  rows: readonly JournalRow[],
): Redated[] {
  const stretches: JournalRow[][] = [[]];
  for (const row of rows) {
    if (!("at" in row.body) || row.body.at.boot !== boot) continue;
    const isRight = !every && Math.abs(row.monoOffset - offsetMs) < SAME_MS;
    if (isRight) stretches.push([]);
    else stretches.at(-1)?.push(row);
  }
  const wrong = stretches.filter(({ length }) => length > 0);
  return wrong.map((stretch): Redated => {
    const seqs = stretch.map(({ seq }) => seq);
    const recorded = stretch.map(({ recordedAt }) => recordedAt.getTime());
    const offsets = stretch.map(({ monoOffset }) => monoOffset);
    return {
      type: "redated",
      agent,
      epoch,
      boot,
      from: Math.min(...seqs),
      to: Math.max(...seqs),
      until,
      recorded: [isoMs(Math.min(...recorded)), isoMs(Math.max(...recorded))],
      offsetMs,
      was: [Math.min(...offsets), Math.max(...offsets)],
    };
  });
}
