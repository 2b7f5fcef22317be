import type { TagActKind } from "@storeward/contracts";
import { isStorewardError } from "@storeward/runtime";
import { isTransient, type Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";
import { actsAbout, actsOf, holdActs, type ListedAct, noteAgain, type RowPlace } from "./act-list.js";
import { acceptable, assign, insertSpell, type Spell } from "./assign.js";
import { E } from "./errors.js";
import { spellsOf, tagsOn, told } from "./spells.js";
import type { TaggableItems } from "./types.js";

/** An act that was done at another time than was thought. */
export interface MovedAct {
  readonly of: RowPlace;
  readonly at: Date;
}

/** What has come of an act of a source, where that is not what it was. */
export interface ActOutcome {
  readonly of: RowPlace;
  readonly act: TagActKind;
  readonly tag: number;
  readonly epc: string | null;
  readonly item: string;
  readonly actor: string;
  /** When it was done, and when it was thought to have been. */
  readonly at: Date;
  readonly was: Date;
  readonly wasRefused: boolean;
  /** Why it cannot have been done then; undefined: it is done. */
  readonly error: unknown;
}

export interface DoneAgain {
  /** What this is to the journal, to be appended in this order. */
  readonly acts: readonly Act[];
  readonly outcomes: readonly ActOutcome[];
}

export interface AgainDeps {
  readonly items: TaggableItems;
}

/** Acts that hang together with one that is moved. More are not done again. */
const MOST = 1_000;

/**
 * Does acts of sources again as of when they were done, with all that was done since about the same tags and items, in the order in which all of
 * it was done first: as if the dates had been right at once. What cannot be done then was refused; what had been refused may be done. Where
 * somebody has done by the API what would not have been possible, nothing is done again.
 */
export async function doAgain(tx: Transaction, deps: AgainDeps, moved: readonly MovedAct[]): Promise<DoneAgain> {
  const places = new Map(moved.map(({ of, at }) => [keyOf(of), at]));
  if (places.size === 0) return { acts: [], outcomes: [] };
  await holdActs(tx);
  const dateOf = ({ of, at }: ListedAct) => (of === null ? undefined : places.get(keyOf(of))) ?? at;
  const listed = await actsOf(
    tx,
    moved.map(({ of }) => of),
  );
  const wrong = listed.filter((act) => dateOf(act).getTime() !== act.at.getTime());
  const acts: Act[] = [];
  const outcomes: ActOutcome[] = [];
  const done = new Set<number>();
  for (const act of wrong) {
    if (done.has(act.id)) continue;
    const group = await connected(tx, act, wrong[0]?.id ?? act.id);
    // Of a group that is too large not all acts are known; those that were to move are.
    const own = wrong.filter(({ tag, item }) => group.tags.has(tag) || group.items.has(item));
    for (const { id } of own) done.add(id);
    const result = await groupAgain(tx, deps, group, own, dateOf);
    acts.push(...result.acts);
    outcomes.push(...result.outcomes);
  }
  return { acts, outcomes };
}

function keyOf({ agent, epoch, seq }: RowPlace): string {
  return `${agent} ${epoch} ${seq}`;
}

interface Group {
  readonly acts: readonly ListedAct[];
  readonly tags: ReadonlySet<number>;
  readonly items: ReadonlySet<string>;
}

/** An act with those that depend on it, or on which it depends, from the act `first` on. */
async function connected(tx: Transaction, act: ListedAct, first: number): Promise<Group> {
  const tags = new Set([act.tag]);
  const items = new Set([act.item]);
  for (;;) {
    const known = tags.size + items.size;
    for (const tag of await tagsOn(tx, items, first)) tags.add(tag);
    const acts = await actsAbout(tx, { tags, items }, first, MOST + 1);
    for (const { tag, item } of acts) {
      tags.add(tag);
      items.add(item);
    }
    if (tags.size + items.size === known || acts.length > MOST) return { acts, tags, items };
  }
}

/** @param moved those of the group that were done at another time */
async function groupAgain(
  tx: Transaction,
  deps: AgainDeps,
  { acts, tags }: Group,
  moved: readonly ListedAct[],
  dateOf: (act: ListedAct) => Date,
): Promise<DoneAgain> {
  const before = await spellsOf(tx, tags);
  try {
    if (acts.length > MOST) throw E.TOO_MUCH_SINCE({ most: MOST });
    const outcomes = await tx.savepoint(async () => {
      await undo(
        tx,
        acts.map(({ id }) => id),
      );
      return inOrder(tx, deps, acts, dateOf);
    });
    return { acts: told(before, await spellsOf(tx, tags)), outcomes };
  } catch (error) {
    if (isTransient(error)) throw error;
    return { acts: [], outcomes: moved.flatMap((act) => left(act, dateOf(act), error)) };
  }
}

/** An act that was to be moved, and is not. */
function left(act: ListedAct, at: Date, why: unknown): ActOutcome[] {
  const dates = { at: at.toISOString(), was: act.at.toISOString() };
  const error = isStorewardError(why, "ACT_IMPOSSIBLE")
    ? E.ACT_OVERTAKEN({ ...dates, by: String(why.params.actor), code: String(why.params.code) }, { cause: why })
    : why;
  return outcomeOf(act, at, error);
}

function outcomeOf(act: ListedAct, at: Date, error: unknown): ActOutcome[] {
  const { of, tag, epc, item, actor, at: was, refused: wasRefused } = act;
  return of === null ? [] : [{ of, act: act.act, tag, epc, item, actor, at, was, wasRefused, error }];
}

/** Takes back what these acts have made, as if it had never been known; what they have ended goes on. */
async function undo(tx: Transaction, acts: readonly number[]): Promise<void> {
  await tx.query(
    "update tag_assignment set recorded_to = now() where made_by = any($1::bigint[]) and recorded_to is null",
    [acts],
  );
  const ended = await tx.query<Spell>(
    `update tag_assignment set ended_by = null where ended_by = any($1::bigint[])
     returning tag, item, valid_from as "from", valid_to as "to", bound_by as "boundBy", made_by as "madeBy"`,
    [acts],
  );
  const own = new Set(acts);
  for (const spell of ended) if (spell.madeBy === null || !own.has(spell.madeBy)) await insertSpell(tx, spell);
}

async function inOrder(
  tx: Transaction,
  deps: AgainDeps,
  acts: readonly ListedAct[],
  dateOf: (act: ListedAct) => Date,
): Promise<ActOutcome[]> {
  const outcomes: ActOutcome[] = [];
  for (const act of acts) {
    const at = dateOf(act);
    const error = await refusalOf(tx, deps, { ...act, at });
    const refused = error !== undefined;
    if (refused && act.of === null) throw E.ACT_IMPOSSIBLE({ actor: act.actor, code: codeOf(error) }, { cause: error });
    const isMoved = at.getTime() !== act.at.getTime();
    if (isMoved || refused !== act.refused) await noteAgain(tx, act.id, { at, refused });
    if (isMoved || refused || act.refused) outcomes.push(...outcomeOf(act, at, error));
  }
  return outcomes;
}

/** Does it, or says why it cannot be done and leaves nothing behind. */
async function refusalOf(tx: Transaction, { items }: AgainDeps, act: ListedAct): Promise<unknown> {
  const { epc } = act;
  try {
    await tx.savepoint(async () => {
      if (act.refused) await acceptable(tx, items, act);
      await assign(tx, items, { ...act, epc: epc ?? "erased" });
    });
    return undefined;
  } catch (error) {
    if (isTransient(error)) throw error;
    return error;
  }
}

function codeOf(error: unknown): string {
  return isStorewardError(error) ? error.code : "ACT_FAILED";
}
