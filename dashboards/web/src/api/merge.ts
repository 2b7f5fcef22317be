import type { Gateway, GatewayList, Item, ItemPage, LocationEvent, LocationList } from "@storeward/contracts";

/* What a live event does to what is already on the page, until the next refetch says it exactly. */

/**
 * Counts after a move: one less where it was, one more where it is. An event that does not say where it was may be of a thing that has not
 * moved: that is left to the refetch.
 */
export function moveCounts(list: LocationList, event: LocationEvent): LocationList {
  const from = event.from?.id ?? null;
  const to = event.item.place?.id ?? null;
  if (from === null || from === to) return list;
  return {
    ...list,
    locations: list.locations.map((location) => {
      const change = (location.id === to ? 1 : 0) - (location.id === from ? 1 : 0);
      return change === 0 ? location : { ...location, items: Math.max(0, location.items + change) };
    }),
  };
}

/** The page of items with what the event says of one of them; the same page where it has none of it. */
export function mergeItem(page: ItemPage, item: Item): ItemPage {
  const known = page.items.find(({ id }) => id === item.id);
  if (known === undefined || isOlder(item, known)) return page;
  return { ...page, items: page.items.map((other) => (other.id === item.id ? item : other)) };
}

/** After a resume, events come that a refetch has overtaken. */
function isOlder(item: Item, known: Item): boolean {
  return item.seenAt !== null && known.seenAt !== null && Date.parse(item.seenAt) < Date.parse(known.seenAt);
}

/**
 * The list with this gateway's news; a new gateway joins at the end. News from before what is known changes nothing: the
 * stream begins a little before now. Storage is known by refetch only.
 */
export function mergeGateway(list: GatewayList, gateway: Gateway): GatewayList {
  const known = list.gateways.find(({ agent }) => agent === gateway.agent);
  if (known === undefined) return { ...list, gateways: [...list.gateways, gateway] };
  if (isOlderNews(gateway, known)) return list;
  return { ...list, gateways: list.gateways.map((other) => (other === known ? gateway : other)) };
}

/** Going offline is news without anything new heard: then the newer state counts. */
function isOlderNews(gateway: Gateway, known: Gateway): boolean {
  const heard = time(gateway.heardAt) - time(known.heardAt);
  return heard < 0 || (heard === 0 && time(gateway.since) < time(known.since));
}

const time = (at: string | null) => (at === null ? 0 : Date.parse(at));
