import type { ItemDetail } from "@storeward/contracts";
import { bindingsOf } from "../tags/index.js";
import { E } from "./errors.js";
import type { FindItemsDeps } from "./find-items.js";
import { itemOf } from "./item.js";

interface Row {
  readonly gtin: string | null;
  readonly giai: string | null;
  readonly serial: string | null;
  readonly homePlace: string | null;
}

/** An item with its tags, its home and what its place rests on. ITEM_NOT_FOUND. */
export async function itemDetail(
  { sql, places, whereabouts, cards, preliminary, troubles }: FindItemsDeps,
  id: string,
): Promise<ItemDetail> {
  const [[row], card, at, tags, seen] = await Promise.all([
    sql.query<Row>(`select gtin, giai, serial, home_place as "homePlace" from item where id = $1`, [id]),
    cards.cards(sql, [id]).then((found) => found.get(id)),
    whereabouts.of(sql, [id]).then((found) => found.get(id)),
    bindingsOf(sql, id),
    preliminary.of(sql, [id]).then((found) => found.get(id)),
  ]);
  if (row === undefined || card === undefined || at === undefined) throw E.ITEM_NOT_FOUND();
  const { homePlace, ...identity } = row;
  const trouble = (await troubles.of(sql, new Map([[id, at]]))).get(id);
  const self = `/api/v1/items/${id}`;
  return {
    ...itemOf(card, at, places, { preliminary: seen, trouble }),
    ...identity,
    homePlace: homePlace === null ? null : (places.byId(homePlace) ?? null),
    alternatives: at.alternatives.flatMap(({ placeId, p }) => {
      const place = places.byId(placeId);
      return place === undefined ? [] : [{ place, p }];
    }),
    why: at.why,
    tags,
    links: { self, history: `${self}/history`, evidence: `${self}/evidence` },
  };
}
