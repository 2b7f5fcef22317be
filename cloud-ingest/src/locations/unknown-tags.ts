import type { PlaceRef, UnknownTagPage } from "@storeward/contracts";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import { cursorReader, encodeCursor } from "../http/index.js";
import { epcUri } from "../tags/index.js";

const readCursor = cursorReader(Type.Tuple([Type.String({ format: "date-time" }), Type.Integer()]));

interface Row {
  readonly tag: number;
  readonly epc: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly readPoint: string;
  readonly observations: number;
}

/** Sightings of tags that were on nothing, by the index that has these alone. A departure tells of a tag that is not seen. */
const UNKNOWN = "s.item is null and s.type <> 'departed' and s.fact ->> 'kind' <> 'missed'";

/**
 * Tags that were seen and are on no item, the last seen first; one that was on an item counts from when it was retired on. Never badges and
 * wristbands. Made from the sightings themselves, which are judged again whenever a tag is bound or retired: there is nothing to keep in step.
 */
export async function unknownTags(
  sql: Sql,
  placeOf: (readPoint: string) => PlaceRef | null,
  { limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string },
): Promise<UnknownTagPage> {
  const [lastAt, lastTag] = readCursor(cursor) ?? [null, null];
  // From tag to tag by the index, for each its last sighting: however often a tag was seen.
  const rows = await sql.query<Row>(
    `with recursive met (tag) as (
       (select s.tag from tag_sighting s where ${UNKNOWN} order by s.tag limit 1)
       union all
       select (select s.tag from tag_sighting s where ${UNKNOWN} and s.tag > met.tag order by s.tag limit 1) from met where met.tag is not null
     ), page as (
       select met.tag, t.epc, last.observed_at, last.read_point, coalesce(was.until, '-infinity') as since
       from met join tag t on t.number = met.tag
       cross join lateral (
         select s.observed_at, s.read_point from tag_sighting s where ${UNKNOWN} and s.tag = met.tag order by s.observed_at desc limit 1
       ) last
       left join lateral (
         select max(coalesce(a.valid_to, 'infinity')) as until from tag_assignment a where a.tag = met.tag and a.recorded_to is null
       ) was on true
       where t.epc is not null and not t.person and (was.until is null or was.until <= last.observed_at)
         and ($1::timestamptz is null or (last.observed_at, met.tag) < ($1, $2::bigint))
       order by last.observed_at desc, met.tag desc limit $3
     )
     select p.tag, p.epc, n.first as "firstSeenAt", p.observed_at as "lastSeenAt", p.read_point as "readPoint", n.count as observations
     from page p cross join lateral (
       select min(s.observed_at) as first, count(*) as count from tag_sighting s
       where ${UNKNOWN} and s.tag = p.tag and s.observed_at >= p.since
     ) n order by p.observed_at desc, p.tag desc`,
    [lastAt, lastTag, limit + 1],
  );
  const page = rows.slice(0, limit);
  const end = page.at(-1);
  return {
    tags: page.map(({ tag: _, epc, firstSeenAt, lastSeenAt, readPoint, observations }) => ({
      epc,
      uri: epcUri(epc),
      firstSeenAt: firstSeenAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      readPoint,
      place: placeOf(readPoint),
      observations,
    })),
    next: rows.length > limit && end !== undefined ? encodeCursor([end.lastSeenAt, end.tag]) : null,
  };
}
