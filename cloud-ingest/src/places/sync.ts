import { isDeepStrictEqual } from "node:util";
import type { Place, ReadPoint, Site } from "@storeward/contracts";
import { uuidv7 } from "uuidv7";
import type { Transaction } from "../database/index.js";

/** How many places and read points a sync has touched. */
export interface SyncResult {
  readonly opened: number;
  readonly changed: number;
  readonly closed: number;
}

interface Desired {
  readonly code: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/**
 * Brings the tables to what the site says: what is new gets a version, what differs a further one, what is gone is closed. An id stays with
 * its code for ever. Expects a site that `checkSite` finds nothing wrong with.
 */
export async function syncSite(tx: Transaction, site: Site): Promise<SyncResult> {
  await tx.query("select pg_advisory_xact_lock(hashtext('places.sync'))");
  const { id, name, timeZone, locale, dayStarts } = site.site;
  await tx.query(
    `insert into site (code, name, time_zone, locale, day_starts) values ($1, $2, $3, $4, $5)
     on conflict (code) do update set name = $2, time_zone = $3, locale = $4, day_starts = $5`,
    [id, name, timeZone, locale, dayStarts],
  );
  const ids = await placeIds(tx, site);
  const idOf = (code: string): string => {
    const found = ids.get(code);
    if (found === undefined) throw new RangeError(`${code} is no place of the site`);
    return found;
  };
  const places = await syncVersions(
    tx,
    id,
    PLACE_TABLE,
    site.places.map((place) => ({ code: idOf(place.id), content: placeContent(place, idOf) })),
  );
  await tx.query(
    `update place p set closed_at = case when v.place is null then coalesce(p.closed_at, now()) end
     from place p2 left join place_version v on v.place = p2.id and v.valid_to is null
     where p2.id = p.id and (v.place is null) <> (p.closed_at is not null)`,
  );
  const readPoints = await syncVersions(
    tx,
    id,
    READ_POINT_TABLE,
    site.readPoints.map((point) => ({ code: point.id, content: readPointContent(point, id, idOf) })),
  );
  return {
    opened: places.opened + readPoints.opened,
    changed: places.changed + readPoints.changed,
    closed: places.closed + readPoints.closed,
  };
}

/** The id of every code of the site, with a new one for codes never met. */
async function placeIds(tx: Transaction, site: Site): Promise<Map<string, string>> {
  const known = await tx.query<{ id: string; code: string }>("select id, code from place");
  const ids = new Map(known.map(({ id, code }) => [code, id]));
  const fresh = site.places.filter((place) => !ids.has(place.id)).map((place) => ({ id: uuidv7(), code: place.id }));
  await tx.query(
    "insert into place (id, code, site) select id, code, $2 from jsonb_to_recordset($1) as x (id uuid, code text)",
    [JSON.stringify(fresh), site.site.id],
  );
  for (const { id, code } of fresh) ids.set(code, id);
  return ids;
}

function placeContent(place: Place, idOf: (code: string) => string): Record<string, unknown> {
  return {
    name: place.name,
    type: place.type,
    parent: place.parent === undefined ? null : idOf(place.parent),
    outline: place.outline ?? null,
    position: place.position ?? null,
    neighbours: (place.neighbours ?? []).map(idOf).sort(),
    gln: place.gln ?? null,
    gln_extension: place.glnExtension ?? null,
  };
}

function readPointContent(point: ReadPoint, site: string, idOf: (code: string) => string): Record<string, unknown> {
  const shelf = point.role === "shelf";
  return {
    site,
    role: point.role,
    place: shelf ? idOf(point.place) : null,
    inside: shelf ? null : idOf(point.inside),
    outside: shelf ? null : idOf(point.outside),
    definition: point,
  };
}

interface VersionTable {
  readonly name: string;
  readonly key: string;
  /** Which rows are the site's, $1. */
  readonly ofSite: string;
  /** Columns besides the key and the time, with their types. */
  readonly columns: Readonly<Record<string, string>>;
}

const PLACE_TABLE: VersionTable = {
  name: "place_version",
  key: "place",
  ofSite: "place in (select id from place where site = $1)",
  columns: {
    name: "text",
    type: "text",
    parent: "uuid",
    outline: "jsonb",
    position: "jsonb",
    neighbours: "uuid[]",
    gln: "text",
    gln_extension: "text",
  },
};
const READ_POINT_TABLE: VersionTable = {
  name: "read_point_version",
  key: "read_point",
  ofSite: "site = $1",
  columns: { site: "text", role: "text", place: "uuid", inside: "uuid", outside: "uuid", definition: "jsonb" },
};

async function syncVersions(
  tx: Transaction,
  site: string,
  table: VersionTable,
  desired: readonly Desired[],
): Promise<SyncResult> {
  const { name, key } = table;
  const columns = Object.keys(table.columns).join(", ");
  const rows = await tx.query<Record<string, unknown>>(
    `select ${key} as key, ${columns} from ${name} where valid_to is null and ${table.ofSite}`,
    [site],
  );
  const open = new Map(rows.map(({ key, ...content }) => [String(key), content]));
  const wanted = new Set(desired.map(({ code }) => code));
  const changed = desired.filter(({ code, content }) => !isDeepStrictEqual(open.get(code), plain(content)));
  const gone = [...open.keys()].filter((code) => !wanted.has(code));
  const ended = [...changed.map(({ code }) => code).filter((code) => open.has(code)), ...gone];
  const keyType = key === "place" ? "uuid" : "text";
  await tx.query(`update ${name} set valid_to = now() where valid_to is null and ${key} = any($1::${keyType}[])`, [
    ended,
  ]);
  const typed = Object.entries(table.columns).map(([column, type]) => `${column} ${type}`);
  await tx.query(
    `insert into ${name} (${key}, ${columns}, valid_from)
     select ${key}, ${columns},
       case when exists (select from ${name} v where v.${key} = x.${key}) then now() else '-infinity' end
     from jsonb_to_recordset($1) as x (${key} ${keyType}, ${typed.join(", ")})`,
    [JSON.stringify(changed.map(({ code, content }) => ({ [key]: code, ...content })))],
  );
  return {
    opened: changed.filter(({ code }) => !open.has(code)).length,
    changed: changed.filter(({ code }) => open.has(code)).length,
    closed: gone.length,
  };
}

/** As it comes back from a jsonb column: no undefined, no prototypes. */
function plain(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content));
}
