import type { CoverageState } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { arrayOf, type Sql } from "../database/index.js";

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
    // Up to `heard` the spells tell; after it nobody has looked. Each read point's spells are looked up by themselves, however little the
    // planner knows of them: all questions beside all spells are more than it takes a minute for.
    const rows = await sql.query<{ seconds: number }>(
      `WITH asked AS (
         SELECT a.read_point, array_agg(a.n) AS numbers, array_agg(a.after_at) AS moments
         FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY AS a(read_point, after_at, n) GROUP BY a.read_point
       )
       SELECT (b.seconds + greatest(0, extract(epoch FROM $3 - greatest(coalesce(h.until, b.after_at), b.after_at))))::float8 AS seconds
       FROM asked LEFT JOIN LATERAL (
         SELECT CASE WHEN o.heard < $4 THEN o.heard ELSE $3 END AS until FROM (
           SELECT coalesce((SELECT max(c.through) FROM intake_cursor c WHERE c.agent = s.agent), s.from_at) AS heard
           FROM coverage_span s WHERE s.read_point = asked.read_point AND s.to_at IS NULL
         ) o
       ) h ON true
       CROSS JOIN LATERAL (
         SELECT a.n, a.after_at,
           coalesce(sum(greatest(0, extract(epoch FROM least(coalesce(s.to_at, h.until), h.until) - greatest(s.from_at, a.after_at))))
            FILTER (WHERE s.n IS NOT NULL), 0) AS seconds
         FROM unnest(asked.numbers, asked.moments) AS a(n, after_at) LEFT JOIN coverage_span s
           ON s.read_point = asked.read_point AND s.state <> 'watching' AND (s.to_at IS NULL OR s.to_at > a.after_at)
         GROUP BY a.n, a.after_at
       ) b
       ORDER BY b.n`,
      [
        arrayOf("text", asked, ({ readPoint }) => readPoint),
        arrayOf("timestamptz", asked, ({ after }) => after),
        new Date(now),
        new Date(now - UNHEARD_MS),
      ],
    );
    return rows.map(({ seconds }) => seconds);
  }
}
