import type { Observation } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import { type BootClock, learntClock } from "./dating.js";
import { storable } from "./storable.js";

interface Stored {
  boot: string;
  offset_ms: number;
  plus_minus_ms: number;
  source: string;
}

/** What is known of one agent's clocks, within a transaction that holds the agent's cursor. */
export class ClockBook {
  readonly #agent: string;
  readonly #known = new Map<string, BootClock>();
  readonly #learnt = new Set<string>();

  private constructor(agent: string) {
    this.#agent = agent;
  }

  /** The books of these agents, by agent, with what is known of the boots that are named. */
  static async of(
    sql: Sql,
    named: readonly { readonly agent: string; readonly boot: string }[],
  ): Promise<Map<string, ClockBook>> {
    const books = new Map(named.map(({ agent }) => [agent, new ClockBook(agent)]));
    if (named.length === 0) return books;
    const rows = await sql.query<Stored & { agent: string }>(
      `SELECT agent, boot, offset_ms, plus_minus_ms, source FROM agent_clock
       WHERE (agent, boot) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [named.map(({ agent }) => agent), named.map(({ boot }) => boot)],
    );
    for (const { agent, boot, offset_ms, plus_minus_ms, source } of rows)
      books.get(agent)?.note(boot, { offsetMs: offset_ms, plusMinusMs: plus_minus_ms, source });
    return books;
  }

  private note(boot: string, clock: BootClock): void {
    this.#known.set(boot, clock);
  }

  clockOf(boot: string): BootClock | undefined {
    return this.#known.get(boot);
  }

  /** A `clock` row dates itself and what comes after it. */
  learn(observation: Observation): void {
    const clock = learntClock(observation);
    if (clock === undefined) return;
    this.#known.set(observation.at.boot, clock);
    this.#learnt.add(observation.at.boot);
  }

  async save(sql: Sql, now: Date): Promise<void> {
    for (const boot of this.#learnt) {
      const clock = this.#known.get(boot);
      if (clock === undefined) continue;
      await sql.query(
        `INSERT INTO agent_clock (agent, boot, offset_ms, plus_minus_ms, source, learnt_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (agent, boot) DO UPDATE SET offset_ms = excluded.offset_ms, plus_minus_ms = excluded.plus_minus_ms,
           source = excluded.source, learnt_at = excluded.learnt_at`,
        [this.#agent, boot, clock.offsetMs, clock.plusMinusMs, storable(clock.source), now],
      );
    }
  }
}
