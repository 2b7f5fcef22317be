import type { CoverageState } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import type { Sql } from "../database/index.js";

/** An agent sends its `through` every 15 s; without one for so long, its read points are unheard. */
const UNHEARD_MS = 45_000;

export interface ReadPointCoverage {
  readonly state: CoverageState | "unheard";
  readonly since: Date;
}

/** How far each agent's journal has come: everything it observed up to then is in ours. */
const THROUGH = "SELECT agent, max(through) AS through FROM intake_cursor WHERE through IS NOT NULL GROUP BY agent";

/** What read points can see, and could. */
export class Coverage {
  readonly #clock: Clock;

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock;
  }

  /** By agent: everything it observed up to here is in the journal. Agents never heard are absent. */
  async through(sql: Sql): Promise<ReadonlyMap<string, Date>> {
    const rows = await sql.query<{ agent: string; through: Date }>(THROUGH);
    return new Map(rows.map(({ agent, through }) => [agent, through]));
  }

  /** What each read point is doing now; one that no agent has ever reported is not in the map. */
  async at(sql: Sql): Promise<ReadonlyMap<string, ReadPointCoverage>> {
    const rows = await sql.query<{ read_point: string; state: CoverageState; from_at: Date; through: Date | null }>(
      `SELECT s.read_point, s.state, s.from_at, t.through FROM coverage_span s LEFT JOIN (${THROUGH}) t USING (agent)
       WHERE s.to_at IS NULL`,
    );
    const limit = this.#clock.wall() - UNHEARD_MS;
    return new Map(
      rows.map(({ read_point, state, from_at, through }) => {
        const heard = through ?? from_at;
        const unheard = heard.getTime() < limit;
        return [read_point, unheard ? { state: "unheard", since: heard } : { state, since: from_at }];
      }),
    );
  }

  /**
   * Seconds in which each read point was blind, doubtful or unheard between `after` and now, in the order asked. One that no agent has ever
   * reported was unheard all the time.
   */
  async blindSeconds(sql: Sql, asked: readonly { readPoint: string; after: Date }[]): Promise<number[]> {
    if (asked.length === 0) return [];
    const now = this.#clock.wall();
    // Up to `heard` the spells tell; after it nobody has looked.
    const rows = await sql.query<{ seconds: number }>(
      `WITH asked AS (
         SELECT * FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS a(read_point, after_at, n)
       ), heard AS (
         SELECT s.read_point,
           CASE WHEN coalesce(t.through, s.from_at) < $4 THEN coalesce(t.through, s.from_at) ELSE $3 END AS until
         FROM coverage_span s LEFT JOIN (${THROUGH}) t USING (agent) WHERE s.to_at IS NULL
       )
       SELECT (
         coalesce((
           SELECT sum(greatest(0, extract(epoch FROM least(coalesce(s.to_at, h.until), h.until) - greatest(s.from_at, a.after_at))))
           FROM coverage_span s
           WHERE s.read_point = a.read_point AND s.state <> 'watching' AND (s.to_at IS NULL OR s.to_at > a.after_at)
         ), 0)
         + greatest(0, extract(epoch FROM $3 - greatest(coalesce(h.until, a.after_at), a.after_at)))
       )::float8 AS seconds
       FROM asked a LEFT JOIN heard h USING (read_point) ORDER BY a.n`,
      [
        asked.map(({ readPoint }) => readPoint),
        asked.map(({ after }) => after),
        new Date(now),
        new Date(now - UNHEARD_MS),
      ],
    );
    return rows.map(({ seconds }) => seconds);
  }
}
