import type { Item } from "@storeward/contracts";
import type { Sql } from "../../src/database/index.js";
import type { TestAgent } from "../test-agent.js";
import type { Shift } from "./shift.js";

export interface Expected {
  readonly agents: readonly TestAgent[];
  readonly shift: Shift;
  readonly items: readonly Item[];
}

/** Where what the cloud holds, at rest, is not what the agents have journaled and what was done with the things. */
export async function differences(sql: Sql, { agents, shift, items }: Expected): Promise<string[]> {
  const wrong: string[] = [];
  for (const agent of agents) wrong.push(...(await journalOf(sql, agent)));
  const told = await total(sql, "SELECT count(*) FROM journal");
  wrong.push(
    ...differ(
      "rows put aside",
      await total(sql, "SELECT (SELECT count(*) FROM parked_row) + (SELECT count(*) FROM quarantine) AS count"),
      0,
    ),
    ...differ("observations in the time series", await summed(sql, "observations"), told),
    ...differ("passages in the time series", await summed(sql, "passages"), shift.passes),
    ...differ(
      "arrivals in the time series",
      await summed(sql, "arrivals"),
      await total(sql, "SELECT count(*) FROM series_stay"),
    ),
    ...differ("sightings counted more or less than once", await total(sql, SIGHTINGS), 0),
    ...(await places(items, shift)),
    ...(await stays(sql)),
  );
  return wrong;
}

/** Every row that tells of a tag is one sighting, and every sighting is of a row. */
const SIGHTINGS = `SELECT count(*) FROM (SELECT agent, epoch, seq FROM journal WHERE type IN ('arrived', 'departed', 'passed')) j
  FULL JOIN (SELECT agent, epoch, seq, count(*) AS times FROM tag_sighting GROUP BY 1, 2, 3) s USING (agent, epoch, seq)
  WHERE s.times IS DISTINCT FROM 1 OR j.seq IS NULL`;

async function journalOf(sql: Sql, agent: TestAgent): Promise<string[]> {
  const rows = await sql.query<{ seq: number; chain: string }>(
    "SELECT seq, chain FROM journal WHERE agent = $1 AND epoch = $2 ORDER BY seq",
    [agent.name, agent.epoch],
  );
  const wrong = rows.flatMap(({ seq, chain }, index) => {
    if (seq !== index + 1) return [`row ${index + 1} of ${agent.name} is missing, or there twice`];
    return chain === agent.chainAt(seq) ? [] : [`row ${seq} of ${agent.name} is another`];
  });
  return [...wrong.slice(0, 3), ...differ(`rows of ${agent.name}`, rows.length, agent.head)];
}

async function places(items: readonly Item[], { where }: Shift): Promise<string[]> {
  const wrong = items.flatMap(({ epc, place, state }) => {
    const expected = where.get(epc ?? "");
    return place?.code === expected ? [] : [`${epc} is in ${expected}, said ${place?.code ?? "nowhere"} (${state})`];
  });
  return [...differ("things", items.length, where.size), ...wrong];
}

/** Stays of an item follow each other without overlap, and what was told of each stay has revisions 1, 2, 3… */
async function stays(sql: Sql): Promise<string[]> {
  const overlaps = await total(
    sql,
    `SELECT count(*) FROM (SELECT to_at, lead(from_at) OVER w AS next, lead(id) OVER w AS follower FROM item_stay
       WHERE NOT withdrawn WINDOW w AS (PARTITION BY item ORDER BY from_at, to_at, opening_at)) s
     WHERE follower IS NOT NULL AND (to_at IS NULL OR to_at > next)`,
  );
  const revisions = await total(
    sql,
    `SELECT count(*) FROM (SELECT count(*) AS words, count(DISTINCT body ->> 'revision') AS kinds, max((body ->> 'revision')::int) AS last
       FROM stay_change GROUP BY body ->> 'stay') r WHERE words <> kinds OR words <> last`,
  );
  return [...differ("stays that overlap", overlaps, 0), ...differ("stays told twice, or not in order", revisions, 0)];
}

async function total(sql: Sql, query: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>(query);
  return row?.count ?? 0;
}

const summed = (sql: Sql, measurement: string): Promise<number> =>
  total(
    sql,
    `SELECT coalesce(sum((fields ->> 'count')::float8), 0) AS count FROM series_point WHERE measurement = '${measurement}'`,
  );

const differ = (what: string, is: number, expected: number): string[] =>
  is === expected ? [] : [`${what}: ${is}, and not ${expected}`];
