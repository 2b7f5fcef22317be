import type { Transaction } from "../database/index.js";
import type { Follower, JournalRow, Log } from "../journal/index.js";

interface OpenSpan {
  from_at: Date;
  state: string;
  agent: string;
}

/** Turns the journal's `coverage` rows into spells, one after the other for each read point. */
export class CoverageFollower implements Follower<JournalRow> {
  readonly name = "coverage";
  readonly log: Log<JournalRow>;

  constructor(log: Log<JournalRow>) {
    this.log = log;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    for (const row of rows) if (row.body.type === "coverage") await this.#apply(tx, row);
  }

  async #apply(tx: Transaction, { agent, observedAt, monoOffset, body }: JournalRow): Promise<void> {
    if (body.type !== "coverage") return;
    const { readPoint, state, since, why } = body;
    // What was observed cannot have begun after it was observed.
    const begun = new Date(Math.min(since + monoOffset, observedAt.getTime()));
    const [open] = await tx.query<OpenSpan>(
      "SELECT from_at, state, agent FROM coverage_span WHERE read_point = $1 AND to_at IS NULL FOR UPDATE",
      [readPoint],
    );
    if (open?.state === state && open.agent === agent) return;
    // A spell that tells of the past begins after what is known already.
    const from = open !== undefined && open.from_at > begun ? open.from_at : begun;
    if (open !== undefined && open.from_at.getTime() === from.getTime())
      await tx.query("DELETE FROM coverage_span WHERE read_point = $1 AND to_at IS NULL", [readPoint]);
    else
      await tx.query("UPDATE coverage_span SET to_at = $2 WHERE read_point = $1 AND to_at IS NULL", [readPoint, from]);
    await tx.query("INSERT INTO coverage_span (read_point, from_at, state, why, agent) VALUES ($1, $2, $3, $4, $5)", [
      readPoint,
      from,
      state,
      why,
      agent,
    ]);
  }
}
