import { BUCKET_MS, type Measurement } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { type Level, levelsAt } from "./levels.js";
import type { Bucket, FullBucket, Point, TagSet } from "./types.js";

interface Row {
  readonly at: Date;
  readonly tags: TagSet;
  readonly fields: Readonly<Record<string, number>>;
}

/** The minutes asked for, and what lies in each. */
const MINUTES = "unnest($1::timestamptz[]) AS b(at)";
const within = (time: string) => `${time} >= b.at AND ${time} < b.at + $2 * interval '1 ms'`;

/** Each makes minutes of a measurement from its tables. Levels are made otherwise. */
const FROM_TABLES: Readonly<Record<Exclude<Measurement, "occupancy" | "utilisation">, string>> = {
  observations: `SELECT b.at, jsonb_build_object('agent', j.agent, 'type', j.type) AS tags, jsonb_build_object('count', count(*)) AS fields
    FROM ${MINUTES} JOIN LATERAL (SELECT agent, type FROM journal WHERE ${within("recorded_at")}) j ON true
    GROUP BY b.at, j.agent, j.type`,
  delay: `SELECT b.at, jsonb_build_object('agent', j.agent) AS tags, jsonb_build_object('count', count(*), 'max', max(j.seconds),
      'p50', percentile_cont(0.5) WITHIN GROUP (ORDER BY j.seconds), 'p95', percentile_cont(0.95) WITHIN GROUP (ORDER BY j.seconds)) AS fields
    FROM ${MINUTES} JOIN LATERAL (
      SELECT agent, greatest(0, extract(epoch FROM recorded_at - observed_at))::float8 AS seconds
      FROM journal WHERE ${within("recorded_at")} AND type <> 'act'
    ) j ON true
    GROUP BY b.at, j.agent`,
  // A zero where a gateway told of itself: nothing is known to be lost, which is not the same as nothing being known.
  gaps: `SELECT b.at, jsonb_build_object('agent', a.agent) AS tags,
      jsonb_build_object('told', count(*), 'count', count(a.lost), 'lost', coalesce(sum(a.lost), 0)) AS fields
    FROM ${MINUTES} JOIN LATERAL (
      SELECT body ->> 'agent' AS agent, NULL::int8 AS lost FROM telemetry_sample WHERE ${within("recorded_at")}
      UNION ALL SELECT agent, to_seq - from_seq + 1 FROM declared_gap WHERE ${within("recorded_at")}
    ) a ON true
    GROUP BY b.at, a.agent`,
  detection: `SELECT b.at, jsonb_build_object('read_point', d.read_point) AS tags,
      jsonb_build_object('rounds', d.rounds, 'reads', d.reads) AS fields
    FROM ${MINUTES} JOIN series_detection d ON d.at = b.at AND $2::int4 > 0`,
  passages: `SELECT b.at, jsonb_build_object('read_point', p.read_point, 'direction', p.direction) AS tags,
      jsonb_build_object('count', count(*)) AS fields
    FROM ${MINUTES} JOIN series_passage p ON ${within("p.at")} GROUP BY b.at, p.read_point, p.direction`,
  arrivals: `SELECT b.at, jsonb_build_object('place', s.place, 'kind', s.kind) AS tags, jsonb_build_object('count', count(*)) AS fields
    FROM ${MINUTES} JOIN series_stay s ON ${within("s.from_at")} GROUP BY b.at, s.place, s.kind`,
  dwell: `SELECT b.at, jsonb_build_object('place', s.place, 'kind', s.kind) AS tags,
      jsonb_build_object('count', count(*), 'seconds', sum(s.seconds), 'longest', max(s.seconds)) AS fields
    FROM ${MINUTES} JOIN LATERAL (
      SELECT place, kind, extract(epoch FROM to_at - from_at)::float8 AS seconds FROM series_stay WHERE ${within("to_at")}
    ) s ON true
    GROUP BY b.at, s.place, s.kind`,
  unknown_items: `SELECT b.at, jsonb_build_object('place', s.place) AS tags, s.fields
    FROM ${MINUTES} JOIN series_sample s ON s.at = b.at AND s.measurement = 'unknown_items' AND $2::int4 > 0`,
  troubles: `SELECT b.at, jsonb_build_object('kind', t.kind) AS tags,
      jsonb_build_object('items', t.items, 'wrong_place', t.wrong_place, 'missing', t.missing) AS fields
    FROM ${MINUTES} JOIN series_trouble t ON t.at = b.at AND $2::int4 > 0`,
  antenna: `SELECT b.at, jsonb_build_object('agent', k.agent, 'reader', k.reader, 'antenna', k.antenna::text, 'read_point', k.read_point) AS tags,
      jsonb_strip_nulls(jsonb_build_object('samples', count(*), 'reads', sum(a.reads), 'tags', max(a.tags),
        'watching', avg(CASE a.state WHEN 'watching' THEN 1 ELSE 0 END),
        'rssi_mean', sum(a."rssiMean" * a.reads) / nullif(sum(a.reads) FILTER (WHERE a."rssiMean" IS NOT NULL), 0),
        'rssi_max', max(a."rssiMax"))) AS fields
    FROM ${MINUTES} JOIN LATERAL (SELECT body FROM telemetry_sample WHERE ${within("recorded_at")}) t ON true
    CROSS JOIN LATERAL jsonb_array_elements(t.body -> 'readers') r
    CROSS JOIN LATERAL jsonb_to_recordset(r -> 'antennas')
      AS a(antenna int4, "readPoint" text, state text, reads float8, tags float8, "rssiMean" float8, "rssiMax" float8)
    JOIN series_antenna k ON (k.agent, k.reader, k.antenna, k.read_point) = (t.body ->> 'agent', r ->> 'reader', a.antenna, a."readPoint")
    GROUP BY b.at, k.agent, k.reader, k.antenna, k.read_point`,
  gateway: `SELECT b.at, jsonb_build_object('agent', t.agent) AS tags,
      jsonb_strip_nulls(jsonb_build_object('samples', count(*), 'journal_depth', max(t.depth), 'journal_bytes', max((t.journal ->> 'bytes')::float8),
        'journal_full', max(CASE t.journal ->> 'full' WHEN 'true' THEN 1 ELSE 0 END),
        'unsent_seconds', max(CASE WHEN t.depth = 0 THEN 0 ELSE extract(epoch FROM t.recorded_at - t.through)::float8 END),
        'outstanding_bytes', max(t.outstanding))) AS fields
    FROM ${MINUTES} JOIN LATERAL (
      SELECT body ->> 'agent' AS agent, body -> 'journal' AS journal, recorded_at, (body ->> 'through')::timestamptz AS through,
        greatest(0, (body #>> '{journal,head}')::float8 - (body #>> '{journal,acked}')::float8) AS depth,
        (body #>> '{uplink,outstandingBytes}')::float8 AS outstanding
      FROM telemetry_sample WHERE ${within("recorded_at")}
    ) t ON true
    GROUP BY b.at, t.agent`,
};

export type PlaceCodes = Pick<PlaceDirectory, "byId">;

/** The whole content of each bucket, from the tables. */
export async function measure(sql: Sql, places: PlaceCodes, buckets: readonly Bucket[]): Promise<FullBucket[]> {
  const found = new Map<string, Bucket & { points: Point[] }>();
  const key = (measurement: Measurement, at: Date) => `${measurement} ${at.getTime()}`;
  const moments = new Map<Measurement, Date[]>();
  for (const { measurement, at } of buckets) {
    found.set(key(measurement, at), { measurement, at, points: [] });
    moments.set(measurement, [...(moments.get(measurement) ?? []), at]);
  }
  for (const [measurement, minutes] of moments)
    for (const { at, tags, fields } of await rowsOf(sql, measurement, minutes))
      found.get(key(measurement, at))?.points.push({ tags: withCodes(tags, places), fields });
  return [...found.values()];
}

async function rowsOf(sql: Sql, measurement: Measurement, minutes: readonly Date[]): Promise<Row[]> {
  if (measurement === "occupancy") return occupancy(await levelsAt(sql, minutes));
  if (measurement === "utilisation") return utilisation(await levelsAt(sql, minutes));
  return sql.query<Row>(FROM_TABLES[measurement], [minutes.map((at) => at.toISOString()), BUCKET_MS]);
}

function occupancy(levels: readonly Level[]): Row[] {
  return grouped(levels, ({ place, kind }) => ({ place, kind })).map(({ at, tags, of }) => ({
    at,
    tags,
    fields: { items: sum(of) },
  }));
}

function utilisation(levels: readonly Level[]): Row[] {
  const equipment = levels.filter(({ role }) => role !== "none");
  return grouped(equipment, ({ kind }) => ({ kind })).map(({ at, tags, of }) => ({
    at,
    tags,
    fields: { placed: sum(of), away: sum(of.filter(({ role }) => role === "away")) },
  }));
}

function sum(levels: readonly Level[]): number {
  return levels.reduce((total, { items }) => total + items, 0);
}

function grouped(
  levels: readonly Level[],
  tagsOf: (level: Level) => TagSet,
): { at: Date; tags: TagSet; of: Level[] }[] {
  const groups = new Map<string, { at: Date; tags: TagSet; of: Level[] }>();
  for (const level of levels) {
    const tags = tagsOf(level);
    const key = JSON.stringify([level.at.getTime(), tags]);
    const group = groups.get(key) ?? { at: level.at, tags, of: [] };
    group.of.push(level);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Places by their codes, which stay when names change, and which people can read. */
function withCodes(tags: TagSet, places: PlaceCodes): TagSet {
  return tags.place === undefined ? tags : { ...tags, place: places.byId(tags.place)?.code ?? tags.place };
}
