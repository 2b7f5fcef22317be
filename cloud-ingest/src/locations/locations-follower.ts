import type { Clock } from "@storeward/runtime";
import { lookUpByIndex, type Transaction } from "../database/index.js";
import type { Follower, LogRow, PlainLog } from "../journal/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import { keepDue } from "./item-due.js";
import { keepMotions } from "./item-motion.js";
import { lockKept, storeKept } from "./kept-items.js";
import { tellLocations } from "./live-locations.js";
import { refold } from "./refold.js";
import { changeStays, openStays, withdrawStays } from "./stays.js";

export interface LocationsDeps {
  readonly evidence: PlainLog<EvidenceBody>;
  readonly directory: PlaceDirectory;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

/** The second step of locating, by item: where each thing is and was, one update an item and batch. */
export class LocationsFollower implements Follower<LogRow<EvidenceBody>> {
  readonly name = "locations";
  readonly log: PlainLog<EvidenceBody>;
  readonly #deps: LocationsDeps;

  constructor(deps: LocationsDeps) {
    this.#deps = deps;
    this.log = deps.evidence;
  }

  keyOf({ body }: LogRow<EvidenceBody>): string {
    return body.item;
  }

  async handle(tx: Transaction, rows: readonly LogRow<EvidenceBody>[]): Promise<void> {
    const bodies = rows.map(({ body }) => body);
    const items = [...new Set(bodies.map(({ item }) => item))].sort();
    const [, before] = await Promise.all([lookUpByIndex(tx), lockKept(tx, items)]);
    const after = await refold(tx, before, bodies);
    await withdrawStays(tx, after.withdrawn, after.items);
    await openStays(tx, after.stays, before);
    const now = this.#deps.clock.wall();
    const moved = after.items.map(({ item, kept }) => ({
      item,
      before: before.get(item)?.kept.state ?? kept.state,
      after: kept.state,
    }));
    await Promise.all([
      changeStays(tx, after.stays),
      storeKept(tx, after.items, before, now),
      keepDue(tx, after.items),
      keepMotions(tx, after.items, now),
    ]);
    tellLocations(tx, this.#deps, moved);
  }
}
