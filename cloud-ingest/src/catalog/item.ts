import type { Item, ItemTrouble } from "@storeward/contracts";
import type { ItemCard, PreliminaryPlace, Whereabout } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";

/** An item as the API shows it. What a device sees now and has not journaled yet is beside it where it tells anything new. */
export function itemOf(
  card: ItemCard,
  at: Whereabout,
  places: PlaceDirectory,
  {
    preliminary,
    trouble,
  }: { readonly preliminary: PreliminaryPlace | undefined; readonly trouble: ItemTrouble | undefined },
): Item {
  const { id, epc, name, kind } = card;
  return {
    id,
    epc,
    name,
    kind,
    place: at.placeId === null ? null : (places.byId(at.placeId) ?? null),
    state: at.state,
    since: at.since?.toISOString() ?? null,
    seenAt: at.seenAt?.toISOString() ?? null,
    confidence: at.confidence,
    ...preliminaryOf(at, places, preliminary),
    ...(trouble === undefined ? {} : { trouble }),
  };
}

function preliminaryOf(
  at: Whereabout,
  places: PlaceDirectory,
  preliminary: PreliminaryPlace | undefined,
): Pick<Item, "preliminary"> {
  if (preliminary === undefined || (at.seenAt !== null && at.seenAt >= preliminary.asOf)) return {};
  if (at.state === "here" && at.placeId === preliminary.placeId) return {};
  const place = places.byId(preliminary.placeId);
  return place === undefined ? {} : { preliminary: { place, asOf: preliminary.asOf.toISOString() } };
}
