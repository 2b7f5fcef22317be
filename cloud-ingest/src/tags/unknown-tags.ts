import type { PlaceRef, UnknownTagPage } from "@storeward/contracts";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import { cursorReader, encodeCursor } from "../http/index.js";
import { epcUri } from "./epc-uri.js";

const readCursor = cursorReader(Type.Tuple([Type.String({ format: "date-time" }), Type.Integer()]));

interface Row {
  readonly tag: number;
  readonly epc: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly readPoint: string;
  readonly observations: number;
}

/** Tags that were seen and are on no item, the last seen first; a retired tag when it was seen after that. Never badges and wristbands. */
export async function unknownTags(
  sql: Sql,
  placeOf: (readPoint: string) => PlaceRef | null,
  { limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string },
): Promise<UnknownTagPage> {
  const [lastAt, lastTag] = readCursor(cursor) ?? [null, null];
  const rows = await sql.query<Row>(
    `select u.tag, t.epc, u.first_seen_at as "firstSeenAt", u.last_seen_at as "lastSeenAt", u.read_point as "readPoint", u.observations
     from unknown_tag u join tag t on t.number = u.tag
     where t.epc is not null and not t.person
       and ($1::timestamptz is null or (u.last_seen_at, u.tag) < ($1, $2::bigint))
       and not exists (
         select from tag_assignment a
         where a.tag = u.tag and a.recorded_to is null and (a.valid_to is null or a.valid_to > u.last_seen_at)
       )
     order by u.last_seen_at desc, u.tag desc limit $3`,
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
