import type { Item, LiveEvent, LocationEvent } from "@storeward/contracts";
import type { Sql, Transaction } from "../database/types.js";

/** What the catalogue calls an item. */
export type ItemName = Pick<Item, "epc" | "name" | "kind">;

/** An event as it is written down: what an item is called is said when it is sent, for most are sent to nobody. */
export type ToldEvent =
  | Exclude<LiveEvent, { type: "location" }>
  | { type: "location"; data: Omit<LocationEvent, "item"> & { item: Omit<Item, keyof ItemName> } };

/** The catalogue's names of items, by id; those it does not know are absent. */
export interface ItemNames {
  cards(sql: Sql, items: readonly string[]): Promise<ReadonlyMap<string, ItemName>>;
}

/**
 * What happens now, for everyone who listens on `GET /live`. An event is written in the transaction of what it tells, with its commit, and goes out after
 * that.
 */
export interface LiveFeed {
  append(tx: Transaction, event: ToldEvent): void;
  /** The same for a list, in its order. */
  appendAll(tx: Transaction, events: readonly ToldEvent[]): void;
}
