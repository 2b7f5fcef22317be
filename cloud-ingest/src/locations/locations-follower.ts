import type { Clock } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { Follower, LogRow, PlainLog } from "../journal/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import { keepDue } from "./item-due.js";
import { keepMotions } from "./item-motion.js";
import { lockKept, storeKept } from "./kept-items.js";
import { tellLocations } from "./live-locations.js";
import { refold } from "./refold.js";
import { storeStays, withdrawStays } from "./stays.js";

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
    const before = await lockKept(tx, items);
    const after = await refold(tx, before, bodies);
    await withdrawStays(tx, after.withdrawn);
    await storeStays(tx, after.stays);
    const now = this.#deps.clock.wall();
    await storeKept(tx, after.items, before, now);
    await keepDue(tx, after.items);
    await keepMotions(tx, after.items, now);
    const moved = after.items.map(({ item, kept }) => ({
      item,
      before: before.get(item)?.kept.state ?? kept.state,
      after: kept.state,
    }));
    await tellLocations(tx, this.#deps, moved);
  }
}
