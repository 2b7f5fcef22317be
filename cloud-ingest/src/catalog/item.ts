import type { Item } from "@storeward/contracts";
import type { ItemCard, Whereabout } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";

/** An item as the API shows it. */
export function itemOf(card: ItemCard, at: Whereabout, places: PlaceDirectory): Item {
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
  };
}
