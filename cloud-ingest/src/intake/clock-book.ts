import type { Sql } from "../database/index.js";
import type { Told } from "../journal/index.js";
import { type BootClock, contradicts, learntClock } from "./dating.js";
import {
  addRedatings,
  type BootRows,
  firstOf,
  noteUndated,
  type Place,
  rowsBetween,
  takeUndated,
} from "./redatings.js";
import { storable } from "./storable.js";

interface Stored {
  boot: string;
  offset_ms: number;
  plus_minus_ms: number;
  source: string;
  since_epoch: string | null;
  since_seq: number | null;
}

/** A clock, and from which row on the boot was dated by it or by what it agrees with; unknown for boots of earlier releases. */
interface Known extends BootClock {
  readonly since: Place | undefined;
  /** The offset that was learnt there: nearest to what came before. */
  readonly firstOffsetMs: number;
}

/** What is known of one agent's clocks, within a transaction that holds the agent's cursor. */
export class ClockBook {
  readonly #agent: string;
  readonly #known = new Map<string, Known>();
  readonly #learnt = new Set<string>();
  /** Rows that no clock has dated, by boot: one entry an epoch. */
  readonly #undated = new Map<string, (BootRows & { to: number })[]>();
  /** Rows that a clock has dated which turned out wrong. */
  readonly #wrong: { readonly boot: string; readonly since: Place; readonly until: Place }[] = [];

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
      `SELECT agent, boot, offset_ms, plus_minus_ms, source, since_epoch, since_seq FROM agent_clock
       WHERE (agent, boot) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [named.map(({ agent }) => agent), named.map(({ boot }) => boot)],
    );
    for (const { agent, ...stored } of rows) books.get(agent)?.note(stored);
    return books;
  }

  private note({
    boot,
    offset_ms: offsetMs,
    plus_minus_ms: plusMinusMs,
    source,
    since_epoch,
    since_seq,
  }: Stored): void {
    const since = since_epoch === null || since_seq === null ? undefined : { epoch: since_epoch, seq: since_seq };
    this.#known.set(boot, { offsetMs, plusMinusMs, source, since, firstOffsetMs: offsetMs });
  }

  clockOf(boot: string): BootClock | undefined {
    return this.#known.get(boot);
  }

  /** A `clock` row dates itself and what comes after it, and tells whether what came before was dated right. */
  learn(observation: Told, place: Place): void {
    const clock = learntClock(observation);
    if (clock === undefined) return;
    const { boot } = observation.at;
    const before = this.#known.get(boot);
    const wrong = before !== undefined && contradicts(clock, before);
    if (wrong && before.since !== undefined) this.#wrong.push({ boot, since: before.since, until: place });
    const begins = before === undefined || wrong;
    const { since, firstOffsetMs } = begins ? { since: place, firstOffsetMs: clock.offsetMs } : before;
    this.#known.set(boot, { ...clock, since, firstOffsetMs });
    this.#learnt.add(boot);
  }

  /** The same for a row that comes out of its turn: it tells nothing of a boot whose clock is known. */
  learnLate(observation: Told, place: Place): void {
    if (this.clockOf(observation.at.boot) === undefined) this.learn(observation, place);
  }

  /** A row was dated without a clock. */
  undated(boot: string, { epoch, seq }: Place): void {
    const rows = this.#undated.get(boot)?.find((each) => each.epoch === epoch);
    if (rows === undefined)
      this.#undated.set(boot, [...(this.#undated.get(boot) ?? []), { boot, epoch, from: seq, to: seq }]);
    else rows.to = seq;
  }

  /** Writes down what was learnt, and which rows are to be dated again for it. */
  static async save(sql: Sql, books: readonly ClockBook[], now: Date): Promise<void> {
    await noteUndated(
      sql,
      books.flatMap((book) => [...book.#undated.values()].flat().map((rows) => ({ agent: book.#agent, ...rows }))),
    );
    for (const book of books) await book.#saveLearnt(sql, now);
  }

  async #saveLearnt(sql: Sql, now: Date): Promise<void> {
    for (const boot of this.#learnt) {
      const clock = this.#known.get(boot);
      if (clock === undefined) continue;
      const agent = this.#agent;
      const undated = await takeUndated(sql, agent, boot);
      const wrong: BootRows[] = [];
      for (const each of this.#wrong)
        if (each.boot === boot) wrong.push(...(await rowsBetween(sql, { agent, ...each })));
      await addRedatings(sql, agent, clock.firstOffsetMs, { undated, wrong });
      // They are dated by it from now on, also those of an epoch before a fork.
      const places = undated.map(({ epoch, from: seq }) => ({ epoch, seq }));
      const since = clock.since && (await firstOf(sql, agent, [clock.since, ...places]));
      await sql.query(
        `INSERT INTO agent_clock (agent, boot, offset_ms, plus_minus_ms, source, learnt_at, since_epoch, since_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (agent, boot) DO UPDATE SET offset_ms = excluded.offset_ms, plus_minus_ms = excluded.plus_minus_ms,
           source = excluded.source, learnt_at = excluded.learnt_at, since_epoch = excluded.since_epoch, since_seq = excluded.since_seq`,
        [
          this.#agent,
          boot,
          clock.offsetMs,
          clock.plusMinusMs,
          storable(clock.source),
          now,
          since?.epoch ?? null,
          since?.seq ?? null,
        ],
      );
    }
  }
}
