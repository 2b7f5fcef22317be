import type { LocationEvent, PlaceRef } from "@storeward/contracts";

interface Known {
  readonly place: string | null;
  /** While it moves: where it set out from. */
  readonly from: PlaceRef | null;
  readonly moving: boolean;
}

const MOST = 5_000;
/** What has been where it is for longer is not found now, whatever else has changed. */
const FOUND_WITHIN_MS = 60_000;

/**
 * Knows where things came from. An event names that only where the place changes in it: a thing that is taken off a shelf and comes to
 * rest is told as moving from the shelf, then as here, from nowhere.
 */
export class Whence {
  readonly #known = new Map<string, Known>();

  /** The event with where the thing came from (null: found for the first time), or null where it brings nothing new. */
  resolve(event: LocationEvent): LocationEvent | null {
    const { item } = event;
    const before = this.#known.get(item.id);
    const place = item.place?.id ?? null;
    const still = before?.place === place;
    const from = event.from ?? (still && before.moving ? before.from : null);
    const moving = item.state === "moving";
    this.#remember(item.id, { place, from: moving ? from : null, moving });
    if (from !== null) return { ...event, from };
    if (still && !before.moving) return null;
    const since = item.since === null ? 0 : Date.parse(item.since);
    return Date.parse(event.observedAt) - since > FOUND_WITHIN_MS ? null : event;
  }

  clear(): void {
    this.#known.clear();
  }

  #remember(item: string, known: Known) {
    // Last in, last out: a map keeps the order of what is put in.
    this.#known.delete(item);
    this.#known.set(item, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }
}
