import type { ItemState, KindPage } from "@storeward/contracts";
import type { WhereaboutCount } from "../locations/index.js";
import { E } from "./errors.js";
import type { FindItemsDeps } from "./find-items.js";
import { wordsOf } from "./words.js";

const MAX_KINDS = 200;
const ORDER: readonly ItemState[] = ["here", "moving", "left", "unknown"];

/** Kinds whose words begin with the words asked for, each with how many are where: what can be fetched first, the nearest first. */
export async function kinds(
  { sql, places, whereabouts }: Pick<FindItemsDeps, "sql" | "places" | "whereabouts">,
  { q = "", near }: { readonly q?: string; readonly near?: string },
): Promise<KindPage> {
  if (near !== undefined && places.byId(near) === undefined) throw E.PLACE_NOT_FOUND();
  const wanted = wordsOf(q);
  if (wanted.length === 0 && q.trim() !== "") return { kinds: [] };
  const all = await sql.query<{ key: string; kind: string }>(
    "select kind_key as key, min(kind) as kind from item group by kind_key order by kind_key",
  );
  const found = all
    .filter(({ key }) => wanted.every((word) => key.split(" ").some((one) => one.startsWith(word))))
    .slice(0, MAX_KINDS);
  const items = await sql.query<{ id: string; key: string }>(
    "select id, kind_key as key from item where kind_key = any($1)",
    [found.map(({ key }) => key)],
  );
  const counts = new Map<string, WhereaboutCount[]>();
  for (const count of await whereabouts.count(sql, new Map(items.map(({ id, key }) => [id, key]))))
    counts.set(count.group, [...(counts.get(count.group) ?? []), count]);
  const distances = near === undefined ? undefined : places.distancesFrom(near);
  const far = ({ placeId }: WhereaboutCount) => distances?.get(placeId ?? "") ?? Number.MAX_VALUE;
  return {
    kinds: found.map(({ key, kind }) => {
      const rows = (counts.get(key) ?? []).toSorted(
        (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || far(a) - far(b) || b.count - a.count,
      );
      return {
        kind,
        total: rows.reduce((sum, { count }) => sum + count, 0),
        places: rows.map(({ placeId, state, count }) => ({
          place: placeId === null ? null : (places.byId(placeId) ?? null),
          state,
          count,
        })),
      };
    }),
  };
}
