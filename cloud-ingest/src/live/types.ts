import type { LiveEvent } from "@storeward/contracts";
import type { Transaction } from "../database/types.js";

/**
 * What happens now, for everyone who listens on `GET /live`. An event is written in the transaction of what it tells and goes out after
 * its commit. `append` holds one lock until then: call it last.
 */
export interface LiveFeed {
  append(tx: Transaction, event: LiveEvent): Promise<void>;
  /** The same for a list, in its order. */
  appendAll(tx: Transaction, events: readonly LiveEvent[]): Promise<void>;
}
