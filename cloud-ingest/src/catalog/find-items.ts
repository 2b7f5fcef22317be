import type { ItemPage, TroubleKind } from "@storeward/contracts";
import { Type } from "typebox";
import type { Sql } from "../database/index.js";
import { cursorReader, encodeCursor } from "../http/index.js";
import type { ItemCards, PreliminaryPlaces, WhereAbouts, Whereabout } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { E } from "./errors.js";
import { itemOf } from "./item.js";
import { type Match, matches } from "./matches.js";
import { compareRanks, type Rank, rankOf } from "./ranking.js";
import type { Troubles } from "./troubles.js";

export interface FindItemsDeps {
  readonly sql: Sql;
  readonly places: PlaceDirectory;
  readonly whereabouts: WhereAbouts;
  readonly cards: ItemCards;
  readonly preliminary: PreliminaryPlaces;
  readonly troubles: Pick<Troubles, "of" | "all">;
}

interface Query {
  readonly q?: string;
  readonly kind?: string;
  readonly place?: string;
  readonly near?: string;
  readonly trouble?: TroubleKind;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Beyond so many matches somebody looks through a list, and does not look for a thing: it is sorted by name. */
const MAX_RANKED = 2_000;

const readCursor = cursorReader(
  Type.Union([
    Type.Tuple([Type.Literal("name"), Type.String(), Type.String({ format: "uuid" })]),
    Type.Tuple([Type.Literal("rank"), Type.Number(), Type.Number(), Type.String(), Type.String({ format: "uuid" })]),
  ]),
);

/** A page of items. What is asked for by words, by kind or from a place comes as `rankOf` says, else by name. */
export async function findItems(deps: FindItemsDeps, query: Query): Promise<ItemPage> {
  const { q, kind, place, near, trouble, limit = 50 } = query;
  const { places } = deps;
  for (const id of [place, near]) if (id !== undefined && places.byId(id) === undefined) throw E.PLACE_NOT_FOUND();
  const ids = trouble === undefined ? undefined : await deps.troubles.all(deps.sql, trouble);
  const filter = { q, kind, ids, places: place === undefined ? undefined : places.within(place) };
  const cursor = readCursor(query.cursor);
  const isLookedFor = [q, kind, near].some((one) => one !== undefined && one !== "");
  if (cursor?.[0] === "rank" || (cursor === undefined && isLookedFor)) {
    const found = await matches(deps.sql, filter, MAX_RANKED + 1);
    if (found.length <= MAX_RANKED || cursor !== undefined) {
      const after: Rank | undefined = cursor?.[0] === "rank" ? [cursor[1], cursor[2], cursor[3], cursor[4]] : undefined;
      return ranked(deps, found.slice(0, MAX_RANKED), { near, after, limit });
    }
  }
  const after = cursor?.[0] === "name" ? { nameKey: cursor[1], id: cursor[2] } : undefined;
  const found = await matches(deps.sql, { ...filter, after }, limit + 1);
  const page = found.slice(0, limit);
  const at = await deps.whereabouts.of(
    deps.sql,
    page.map(({ id }) => id),
  );
  const end = page.at(-1);
  const next = found.length > limit && end !== undefined ? encodeCursor(["name", end.nameKey, end.id]) : null;
  return { items: await shown(deps, page, at), next };
}

async function ranked(
  deps: FindItemsDeps,
  found: readonly Match[],
  {
    near,
    after,
    limit,
  }: { readonly near: string | undefined; readonly after: Rank | undefined; readonly limit: number },
): Promise<ItemPage> {
  const at = await deps.whereabouts.of(
    deps.sql,
    found.map(({ id }) => id),
  );
  const distances = near === undefined ? undefined : deps.places.distancesFrom(near);
  const sorted = found
    .flatMap((match) => {
      const whereabout = at.get(match.id);
      return whereabout === undefined ? [] : [{ match, rank: rankOf(match, whereabout, distances) }];
    })
    .filter(({ rank }) => after === undefined || compareRanks(rank, after) > 0)
    .sort((a, b) => compareRanks(a.rank, b.rank));
  const page = sorted.slice(0, limit);
  const end = page.at(-1);
  const next = sorted.length > limit && end !== undefined ? encodeCursor(["rank", ...end.rank]) : null;
  return {
    items: await shown(
      deps,
      page.map(({ match }) => match),
      at,
    ),
    next,
  };
}

async function shown(
  deps: FindItemsDeps,
  page: readonly Match[],
  at: ReadonlyMap<string, Whereabout>,
): Promise<ItemPage["items"]> {
  const ids = page.map(({ id }) => id);
  const shownAt = new Map(ids.flatMap((id) => (at.has(id) ? [[id, at.get(id) as Whereabout] as const] : [])));
  const [cards, preliminary, troubles] = await Promise.all([
    deps.cards.cards(deps.sql, ids),
    deps.preliminary.of(deps.sql, ids),
    deps.troubles.of(deps.sql, shownAt),
  ]);
  return page.flatMap(({ id }) => {
    const card = cards.get(id);
    const whereabout = at.get(id);
    return card === undefined || whereabout === undefined
      ? []
      : [itemOf(card, whereabout, deps.places, { preliminary: preliminary.get(id), trouble: troubles.get(id) })];
  });
}
