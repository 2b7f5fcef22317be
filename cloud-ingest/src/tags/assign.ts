import { isPersonTag } from "@storeward/codecs/epc";
import type { TagActKind } from "@storeward/contracts";
import { uuidv7 } from "uuidv7";
import type { Transaction } from "../database/index.js";
import { E } from "./errors.js";
import type { TaggableItems } from "./types.js";

/** An act, as it stands in the list of all of them. */
export interface TagChange {
  /** Its number there. */
  readonly id: number;
  readonly act: TagActKind;
  readonly tag: number;
  readonly epc: string;
  readonly item: string;
  /** As of when. */
  readonly at: Date;
  readonly actor: string;
}

export interface Bound {
  readonly tag: number;
  readonly item: string;
  readonly at: Date;
}

/** What has become of an assignment. */
export interface Changed extends Bound {
  readonly what: "tag-bound" | "tag-retired";
}

interface Assignment {
  readonly id: string;
  readonly tag: number;
  readonly item: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly boundBy: string;
}

/** Before there were tags to read. */
export const SINCE_EVER = new Date(0);

/**
 * Changes the assignments as an act says. Errors: TAG_ON_OTHER_ITEM and TAG_WAS_ON_ITEM name the item that has or had the tag, TAG_NOT_ON_ITEM,
 * TAG_BOUND_LATER. Nothing where it held already.
 */
export async function assign(tx: Transaction, items: Names, change: TagChange): Promise<Changed[]> {
  const { act, tag, epc, item } = change;
  if (act === "retire") {
    const [open] = await openOn(tx, item, tag);
    if (open === undefined) throw E.TAG_NOT_ON_ITEM({ epc });
    return [await retire(tx, open, epc, change)];
  }
  const changes = await bind(tx, items, change);
  if (act === "bind") return changes;
  for (const other of await openOn(tx, item))
    if (other.tag !== tag) changes.push(await retire(tx, other, other.epc ?? "erased", change));
  return changes;
}

/** Errors: TAG_ERASED, TAG_OF_PERSON, and those of `items.accept`. */
export async function acceptable(
  tx: Transaction,
  items: TaggableItems,
  { act, epc, item }: { readonly act: TagActKind; readonly epc: string | null; readonly item: string },
): Promise<void> {
  if (epc === null) throw E.TAG_ERASED();
  if (act === "retire") return items.accept(tx, item);
  if (isPersonTag(epc)) throw E.TAG_OF_PERSON({ epc });
  await items.accept(tx, item, epc);
}

type Names = Pick<TaggableItems, "names">;

async function bind(tx: Transaction, items: Names, change: TagChange): Promise<Changed[]> {
  const { id, tag, epc, item, at, actor } = change;
  // Two who bind the same tag wait for each other here.
  await tx.query("select from tag where number = $1 for no key update", [tag]);
  const overlapping = await tx.query<Assignment>(
    `select ${COLUMNS} from tag_assignment a
     where a.recorded_to is null and a.tag = $1 and (a.valid_to is null or a.valid_to > $2) order by a.valid_from`,
    [tag, at],
  );
  const own = overlapping.find((one) => one.item === item && one.validTo === null);
  const [other] = overlapping.filter((one) => one !== own);
  if (other !== undefined) throw await conflict(tx, items, epc, other);
  if (own !== undefined && own.validFrom <= at) return [];
  if (own !== undefined) await endRecord(tx, own.id, id);
  await insertSpell(tx, { tag, item, from: at, to: null, boundBy: actor, madeBy: id });
  return [{ what: "tag-bound", tag, item, at }];
}

async function retire(tx: Transaction, open: Assignment, epc: string, { id, at }: TagChange): Promise<Changed> {
  const { tag, item, validFrom: from, boundBy } = open;
  if (at < from) throw E.TAG_BOUND_LATER({ epc, since: from.toISOString() });
  await endRecord(tx, open.id, id);
  // Retired in the moment it was bound, it never was on the item.
  if (at > from) await insertSpell(tx, { tag, item, from, to: at, boundBy, madeBy: id });
  return { what: "tag-retired", tag, item, at };
}

async function conflict(
  tx: Transaction,
  { names }: Names,
  epc: string,
  { item, validFrom, validTo }: Assignment,
): Promise<Error> {
  const name = (await names(tx, [item])).get(item) ?? "an item";
  return validTo === null
    ? E.TAG_ON_OTHER_ITEM({ epc, name, item, since: sinceOf(validFrom) })
    : E.TAG_WAS_ON_ITEM({ epc, name, item, until: validTo.toISOString() });
}

/** In words, behind "since". */
function sinceOf(at: Date): string {
  return at.getTime() === SINCE_EVER.getTime() ? "it was entered" : at.toISOString();
}

const COLUMNS = `a.id, a.tag, a.item, a.valid_from as "validFrom", a.valid_to as "validTo", a.bound_by as "boundBy"`;

/** What is on an item until further notice, locked; only the one tag where one is given. */
function openOn(tx: Transaction, item: string, tag?: number): Promise<(Assignment & { epc: string | null })[]> {
  return tx.query(
    `select ${COLUMNS}, t.epc from tag_assignment a join tag t on t.number = a.tag
     where a.recorded_to is null and a.valid_to is null and a.item = $1 and ($2::bigint is null or a.tag = $2)
     order by t.epc for no key update of t, a`,
    [item, tag ?? null],
  );
}

async function endRecord(tx: Transaction, id: string, act: number): Promise<void> {
  await tx.query("update tag_assignment set recorded_to = now(), ended_by = $2 where id = $1", [id, act]);
}

/** A tag on an item. */
export interface Spell {
  readonly tag: number;
  readonly item: string;
  readonly from: Date;
  readonly to: Date | null;
  readonly boundBy: string;
  /** The act by which this is known; of earlier releases it is not. */
  readonly madeBy: number | null;
}

export async function insertSpell(tx: Transaction, { tag, item, from, to, boundBy, madeBy }: Spell): Promise<void> {
  await tx.query(
    `insert into tag_assignment (id, tag, item, valid_from, valid_to, bound_by, made_by) values ($1, $2, $3, $4, $5, $6, $7)`,
    [uuidv7(), tag, item, from, to, boundBy, madeBy],
  );
}
