import { partitionOf } from "@storeward/contracts";
import { type Clock, describeError, isoMs, type Logger, type Part, Recurring } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import type { Journal, JournalRow, Redated } from "../journal/index.js";
import { SAME_MS } from "./dating.js";

export interface RedaterOptions {
  readonly db: Database;
  readonly journal: Pick<Journal, "rowsOf" | "appendRedated">;
  /** Who follows the journal: each step waits until all of them have what the one before told. */
  readonly followers: readonly string[];
  /** Rows that some follower has before it; while there are many, nothing is added to them. */
  readonly lag: () => number;
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
/** How soon the next step is looked for while there is more to do. */
const NEXT_MS = 100;
/** Rows and tags that one step looks at: what a follower has to do for it in one transaction. */
const STEP = 200;
/** Steps that are told and not followed yet, of all agents: followers may be given so many at once. */
const MOST_TOLD = 4;
/** Live rows go before. */
const BUSY_ROWS = 1_000;

/**
 * Journals, a few rows at a time, that rows which came before their boot's clock are dated by it: behind live work, a step of an agent only when
 * everybody has followed the one before, so that however many rows a boot has, what is observed meanwhile waits for one step at most. Each step and
 * how far it came are one transaction; several processes may run it.
 */
export class Redater implements Part {
  readonly name = "redater";
  readonly #options: RedaterOptions;
  readonly #recurring: Recurring;

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
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    await this.#recurring.stop();
  }

  /** Step after step, each once it may be, until nothing is to be dated again. */
  async run(): Promise<void> {
    const { db, lag } = this.#options;
    for (let done: Step = "told"; done !== "nothing" && !this.#recurring.isStopped; ) {
      done = lag() > BUSY_ROWS ? "later" : await db.transaction((tx) => this.#step(tx));
      if (done === "later") await this.#recurring.rest(NEXT_MS);
    }
  }

  async #step(tx: Transaction): Promise<Step> {
    const { followers, journal } = this.#options;
    // The earliest first, and one of an agent at a time: a later clock has the last word.
    const tasks = await tx.query<Task & { waits: boolean }>(
      `SELECT r.*, EXISTS (
         SELECT FROM unnest($1::text[]) AS f(name) JOIN follower_cursor c ON c.follower = f.name AND c.partition = r.partition
         WHERE c.pos < r.told_pos
       ) AS waits
       FROM redating r WHERE NOT EXISTS (SELECT FROM redating o WHERE o.agent = r.agent AND o.id < r.id)
       ORDER BY id LIMIT $2 FOR UPDATE OF r SKIP LOCKED`,
      [followers, MOST_TOLD],
    );
    const task = tasks.find(({ waits }) => !waits);
    if (task === undefined) return tasks.length === 0 ? "nothing" : "later";
    const { agent, epoch, next_seq: from, to_seq: to } = task;
    const rows = upTo(STEP, await journal.rowsOf(tx, { agent, epoch, from, to }, { limit: STEP }));
    const bodies = redatedOf(task, rows);
    const told = bodies.length === 0 ? undefined : await journal.appendRedated(tx, agent, bodies);
    const next = (rows.at(-1)?.seq ?? to) + 1;
    // Done only once the last step is followed: the next task of the agent waits for that too.
    if (next > to && told === undefined) await tx.query("DELETE FROM redating WHERE id = $1", [task.id]);
    else
      await tx.query(
        "UPDATE redating SET next_seq = $2, partition = $3, told_pos = coalesce($4, told_pos) WHERE id = $1",
        [task.id, next, partitionOf(agent), told ?? null],
      );
    return "told";
  }
}

/** later: what was told is to be followed first. */
type Step = "told" | "later" | "nothing";

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
