import type { Item, LiveEvent } from "@storeward/contracts";
import { type Clock, isoMs } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import type { FoldState } from "./fold/state.js";
import type { ItemCard, ItemCards } from "./types.js";

export interface LiveLocationsDeps {
  readonly directory: PlaceDirectory;
  readonly cards: ItemCards;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

export interface Moved {
  readonly item: string;
  readonly before: FoldState;
  readonly after: FoldState;
}

/** Tells those of whom something visible has changed: the place, since when, or whether they are moving. */
export async function tellLocations(tx: Transaction, deps: LiveLocationsDeps, items: readonly Moved[]): Promise<void> {
  const now = deps.clock.wall();
  const changed = items.filter(({ before, after }) => visible(before, now) !== visible(after, now));
  if (changed.length === 0) return;
  const cards = await deps.cards.cards(
    tx,
    changed.map(({ item }) => item),
  );
  const events = changed.flatMap(({ item, before, after }): LiveEvent[] => {
    const card = cards.get(item);
    if (card === undefined) return [];
    const was = before.stay?.place ?? null;
    const from = was === null || was === after.stay?.place ? null : (deps.directory.byId(was) ?? null);
    const data = {
      item: itemOf(card, after, deps.directory, now),
      from,
      observedAt: isoMs(after.key?.at ?? now),
    };
    return [{ type: "location", data }];
  });
  await deps.live.appendAll(tx, events);
}

function visible(state: FoldState, now: number): string {
  const { stay } = state;
  return JSON.stringify([stay?.place, stay?.from, stateOf(state, now)]);
}

function stateOf({ stay, movingUntil }: FoldState, now: number): Item["state"] {
  if (stay === null) return "unknown";
  return movingUntil !== null && movingUntil > now ? "moving" : stay.state;
}

/** The item as it is right after its evidence, before any blindness. */
function itemOf({ id, epc, name, kind }: ItemCard, state: FoldState, directory: PlaceDirectory, now: number): Item {
  const { stay, seenAt } = state;
  const confidence = Math.round((stay?.p ?? 0) * 1000) / 1000;
  return {
    id,
    epc,
    name,
    kind,
    place: stay === null ? null : (directory.byId(stay.place) ?? null),
    state: confidence < 0.5 ? "unknown" : stateOf(state, now),
    since: stay === null ? null : isoMs(stay.from),
    seenAt: seenAt === null ? null : isoMs(seenAt),
    confidence,
  };
}
