import type { Sql, Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";

/** A tag as a reader reports it. */
export interface ReportedTag {
  /** Upper-case hex. */
  readonly epc: string;
  readonly pc?: string | undefined;
  readonly tid?: string | undefined;
}

/** Numbers the tags, so that an EPC stands in one table only and can be erased there. */
export interface TagRegister {
  /** The number of every tag, by EPC; tags not met before get one. Takes its locks in the order of the EPCs. */
  numbers(tx: Transaction, tags: readonly ReportedTag[]): Promise<Map<string, number>>;
}

/** Which item a tag was on, as we know it today. */
export interface TagAssignments {
  /** Items by tag number at one valid time; tags that were on no item then are not in the map. */
  itemsOf(sql: Sql, tags: readonly number[], at: Date): Promise<Map<number, string>>;
  /** The same for many moments at once: the item for each sighting, in their order. */
  itemsAt(sql: Sql, sightings: readonly { readonly tag: number; readonly at: Date }[]): Promise<(string | undefined)[]>;
  /** Those of these tags that were bound to an item after the moment beside them, each once. */
  boundAfter(sql: Sql, sightings: readonly { readonly tag: number; readonly at: Date }[]): Promise<number[]>;
  /** Every spell of these tags on an item, as known now, oldest first; `to` is null while it lasts. */
  spellsOf(sql: Sql, tags: readonly number[]): Promise<TagSpell[]>;
}

export interface TagSpell {
  readonly tag: number;
  readonly item: string;
  readonly from: Date;
  readonly to: Date | null;
}

/** Where acts are written down: the journal. */
export interface ActJournal {
  appendAct(tx: Transaction, act: Act): Promise<void>;
  /** Many in their order, in one go where the journal can: one by one, each moves the same head row again. */
  appendActs?(tx: Transaction, acts: readonly Act[]): Promise<void>;
}

/** What the tags must know of items; the catalogue does. */
export interface TaggableItems {
  /** Names by id; ids of no item are absent. */
  names(sql: Sql, items: readonly string[]): Promise<Map<string, string>>;
  /** Throws when there is no such item, or the EPC, if given, is the identity of another product or asset. */
  accept(tx: Transaction, item: string, epc?: string): Promise<void>;
}
