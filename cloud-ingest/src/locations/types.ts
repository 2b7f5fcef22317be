import type { ItemState } from "@storeward/contracts";
import type { Sql } from "../database/types.js";

/** Where a thing is by everything known now, blindness of what watches its place included. */
export interface Whereabout {
  /** The observable place; while unknown, the one it was last in; null where it was never placed. */
  readonly placeId: string | null;
  readonly state: ItemState;
  /** Since when it is in that place. */
  readonly since: Date | null;
  readonly seenAt: Date | null;
  /** 0 to 1 */
  readonly confidence: number;
  /** Where else it may be, most likely first. */
  readonly alternatives: readonly { readonly placeId: string; readonly p: number }[];
  /** In plain words, what this rests on. */
  readonly why: string;
}

/** How many of a group are where; `placeId` null: never placed. */
export interface WhereaboutCount {
  readonly group: string;
  readonly placeId: string | null;
  readonly state: ItemState;
  readonly count: number;
}

/**
 * Where things are. For joins in SQL there is the view `item_whereabout (item, place, state_base, since, seen_at, p)`, one row for every
 * item that evidence has named: `place` is an observable place's id, `state_base` what the evidence says (moving included) before
 * blindness is taken off.
 */
export interface WhereAbouts {
  /** Every id asked for is in the answer; an item without evidence is unknown. One query for all of them. */
  of(sql: Sql, items: readonly string[]): Promise<Map<string, Whereabout>>;
  /** Items counted by group (the kind, for instance), place and state. */
  count(sql: Sql, groupOf: ReadonlyMap<string, string>): Promise<WhereaboutCount[]>;
  /**
   * For every place that holds any: items, of which so many are unknown by now.
   * @param rest waited for between some places and the next; told how long those took, ms
   */
  countByPlace(
    sql: Sql,
    rest?: (tookMs: number) => Promise<void>,
  ): Promise<Map<string, { items: number; unknown: number }>>;
}

/** Where a device that is catching up sees a thing now, before its journal has told. */
export interface PreliminaryPlace {
  readonly placeId: string;
  readonly asOf: Date;
}

export interface PreliminaryPlaces {
  /** Only of items that such a device sees on a shelf. */
  of(sql: Sql, items: readonly string[]): Promise<Map<string, PreliminaryPlace>>;
}

/** What a live event or a history names an item by. The catalogue knows it; locations are built before the catalogue. */
export interface ItemCard {
  readonly id: string;
  /** Of the tag it carries now. */
  readonly epc: string | null;
  readonly name: string;
  readonly kind: string;
}

export interface ItemCards {
  /** Unknown ids are absent from the answer. */
  cards(sql: Sql, items: readonly string[]): Promise<Map<string, ItemCard>>;
}

/** A place, since when something should have been seen there, and for how long it must have been watched up to now to say so. */
export interface AskedWatch {
  readonly place: string;
  readonly after: Date;
  readonly withinSeconds: number;
}

/** How long places have been watched. */
export interface PlaceWatch {
  /**
   * Seconds since `after` in which everything that watches the place did, in the order asked. Undefined where nothing watches it, or anything that
   * does was blind, doubtful or unheard within the last `withinSeconds`.
   */
  watchedSeconds(sql: Sql, asked: readonly AskedWatch[]): Promise<(number | undefined)[]>;
}

/** How long a read point was not watching. The fleet knows it. */
export interface Blindness {
  /** Seconds in which `readPoint` was blind, doubtful or unheard between `after` and now; in the order asked. */
  blindSeconds(sql: Sql, asked: readonly { readPoint: string; after: Date }[]): Promise<number[]>;
}

/** How far each agent has looked. The fleet knows it. */
export interface AgentsThrough {
  /** By agent: everything it observed up to here is in the journal. Agents never heard are absent. */
  through(sql: Sql): Promise<ReadonlyMap<string, Date>>;
}
