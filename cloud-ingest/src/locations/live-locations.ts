import type { ItemState } from "@storeward/contracts";
import { type Clock, isoMs } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { LiveFeed, ToldEvent } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import type { FoldState } from "./fold/state.js";

export interface LiveLocationsDeps {
  readonly directory: PlaceDirectory;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

export interface Moved {
  readonly item: string;
  readonly before: FoldState;
  readonly after: FoldState;
}

/** Tells those of whom something visible has changed: the place, since when, or whether they are moving. */
export function tellLocations(tx: Transaction, deps: LiveLocationsDeps, items: readonly Moved[]): void {
  const now = deps.clock.wall();
  const changed = items.filter(({ before, after }) => isSeen(before, after, now));
  if (changed.length === 0) return;
  const events = changed.map(({ item, before, after }): ToldEvent => {
    const was = before.stay?.place ?? null;
    const from = was === null || was === after.stay?.place ? null : (deps.directory.byId(was) ?? null);
    const data = { item: itemOf(item, after, deps.directory, now), from, observedAt: isoMs(after.key?.at ?? now) };
    return { type: "location", data };
  });
  deps.live.appendAll(tx, events);
}

function isSeen(before: FoldState, after: FoldState, now: number): boolean {
  return (
    before.stay?.place !== after.stay?.place ||
    before.stay?.from !== after.stay?.from ||
    stateOf(before, now) !== stateOf(after, now)
  );
}

function stateOf({ stay, movingUntil }: FoldState, now: number): ItemState {
  if (stay === null) return "unknown";
  return movingUntil !== null && movingUntil > now ? "moving" : stay.state;
}

/** The item as it is right after its evidence, before any blindness. */
function itemOf(id: string, state: FoldState, directory: PlaceDirectory, now: number) {
  const { stay, seenAt } = state;
  const confidence = Math.round((stay?.p ?? 0) * 1000) / 1000;
  return {
    id,
    place: stay === null ? null : (directory.byId(stay.place) ?? null),
    state: confidence < 0.5 ? ("unknown" as const) : stateOf(state, now),
    since: stay === null ? null : isoMs(stay.from),
    seenAt: seenAt === null ? null : isoMs(seenAt),
    confidence,
  };
}
