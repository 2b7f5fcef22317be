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
  readonly #known = new Map<string, BootClock | undefined>();
  readonly #learnt = new Set<string>();

  private constructor(agent: string) {
    this.#agent = agent;
  }

  static async of(sql: Sql, agent: string, boots: readonly string[]): Promise<ClockBook> {
    const book = new ClockBook(agent);
    await book.load(sql, boots);
    return book;
  }

  /** Reads what is known of these boots. */
  async load(sql: Sql, boots: readonly string[]): Promise<void> {
    const missing = [...new Set(boots)].filter((boot) => !this.#known.has(boot));
    if (missing.length === 0) return;
    const rows = await sql.query<Stored>(
      "SELECT boot, offset_ms, plus_minus_ms, source FROM agent_clock WHERE agent = $1 AND boot = ANY($2::text[])",
      [this.#agent, missing],
    );
    for (const boot of missing) this.#known.set(boot, undefined);
    for (const { boot, offset_ms, plus_minus_ms, source } of rows)
      this.#known.set(boot, { offsetMs: offset_ms, plusMinusMs: plus_minus_ms, source });
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
