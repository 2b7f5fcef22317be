import { isPersonTag } from "@storeward/codecs/epc";
import type { TagAct } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { uuidv7 } from "uuidv7";
import { type AuditSource, auditAll } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import { E } from "./errors.js";
import type { ActJournal, TaggableItems, TagRegister } from "./types.js";

interface Assignment {
  readonly id: string;
  readonly tag: number;
  readonly item: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly boundBy: string;
}

interface Spell {
  readonly tag: number;
  readonly item: string;
  readonly from: Date;
  readonly to: Date | null;
  readonly boundBy: string;
}

interface Bound {
  readonly tag: number;
  readonly item: string;
  readonly at: Date;
}

/** Before there were tags to read. */
const SINCE_EVER = new Date(0);
/** Wall clocks of people's devices differ by as much. */
const FUTURE_MS = 5_000;

export interface TagActsDeps {
  readonly tags: TagRegister;
  readonly journal: ActJournal;
  readonly items: TaggableItems;
  readonly clock?: Clock | undefined;
}

/** Binds tags to items, replaces and retires them: assignment, audit and act in the caller's transaction. */
export class TagActs {
  readonly #deps: TagActsDeps;
  readonly #clock: Clock;

  constructor(deps: TagActsDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /**
   * Does the act; what holds already is no error. Errors: TAG_ON_OTHER_ITEM and TAG_WAS_ON_ITEM name the item that has or had the tag,
   * TAG_NOT_ON_ITEM, TAG_BOUND_LATER, TAG_OF_PERSON, VALID_IN_FUTURE, and those of `items.accept`.
   *
   * @returns whether anything changed
   */
  async act(tx: Transaction, item: string, { act, epc, validFrom }: TagAct, source: AuditSource): Promise<boolean> {
    const at = this.#instant(validFrom);
    if (act === "retire") {
      await this.#deps.items.accept(tx, item);
      const [tag] = await openOn(tx, item, epc);
      if (tag === undefined) throw E.TAG_NOT_ON_ITEM({ epc });
      await this.#retire(tx, tag, at, epc, source);
      return true;
    }
    if (isPersonTag(epc)) throw E.TAG_OF_PERSON({ epc });
    await this.#deps.items.accept(tx, item, epc);
    let changed = await this.#bind(tx, item, epc, at, source);
    if (act === "bind") return changed;
    for (const other of await openOn(tx, item)) {
      if (other.epc === epc) continue;
      await this.#retire(tx, other, at, other.epc ?? "erased", source);
      changed = true;
    }
    return changed;
  }

  /**
   * Binds tags to items that have only now been entered. A tag that was on nothing before is on its item since ever, so that what was seen
   * of it before counts; any other since now. Errors as `act`, except those of `items.accept`.
   */
  async bindNew(
    tx: Transaction,
    pairs: readonly { readonly item: string; readonly epc: string }[],
    source: AuditSource,
  ): Promise<void> {
    const numbers = await this.#deps.tags.numbers(tx, pairs);
    const tags = [...numbers.values()];
    await tx.query("select from tag where number = any($1::bigint[]) order by epc for update", [tags]);
    const met = await tx.query<{ tag: number }>(
      "select distinct tag from tag_assignment where tag = any($1::bigint[])",
      [tags],
    );
    const used = new Set(met.map(({ tag }) => tag));
    const fresh: Bound[] = [];
    for (const { item, epc } of pairs) {
      const tag = numbers.get(epc);
      if (tag === undefined) throw new RangeError(`${epc} got no number`);
      if (used.has(tag)) await this.#bind(tx, item, epc, this.#instant(undefined), source);
      else fresh.push({ tag, item, at: SINCE_EVER });
    }
    await tx.query(
      `insert into tag_assignment (id, tag, item, valid_from, bound_by)
       select id, tag, item, $4, $5 from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as x (id, tag, item)`,
      [fresh.map(() => uuidv7()), fresh.map(({ tag }) => tag), fresh.map(({ item }) => item), SINCE_EVER, source.actor],
    );
    await this.#write(tx, "tag-bound", fresh, source);
  }

  #instant(validFrom: string | undefined): Date {
    const now = this.#clock.wall();
    const at = validFrom === undefined ? now : Date.parse(validFrom);
    if (at > now + FUTURE_MS) throw E.VALID_IN_FUTURE({ validFrom: new Date(at).toISOString() });
    return new Date(Math.min(at, now));
  }

  async #bind(tx: Transaction, item: string, epc: string, from: Date, source: AuditSource): Promise<boolean> {
    const tag = (await this.#deps.tags.numbers(tx, [{ epc }])).get(epc);
    if (tag === undefined) throw new RangeError(`${epc} got no number`);
    // Two who bind the same tag wait for each other here.
    await tx.query("select from tag where number = $1 for update", [tag]);
    const overlapping = await tx.query<Assignment>(
      `select ${COLUMNS} from tag_assignment a
       where a.recorded_to is null and a.tag = $1 and (a.valid_to is null or a.valid_to > $2) order by a.valid_from`,
      [tag, from],
    );
    const own = overlapping.find((one) => one.item === item && one.validTo === null);
    const [other] = overlapping.filter((one) => one !== own);
    if (other !== undefined) throw await this.#conflict(tx, epc, other);
    if (own !== undefined && own.validFrom <= from) return false;
    if (own !== undefined) await endRecord(tx, own.id);
    await insertSpell(tx, { tag, item, from, to: null, boundBy: source.actor });
    await this.#write(tx, "tag-bound", [{ tag, item, at: from }], source);
    return true;
  }

  async #retire(tx: Transaction, open: Assignment, to: Date, epc: string, source: AuditSource): Promise<void> {
    const { id, tag, item, validFrom: from, boundBy } = open;
    if (to < from) throw E.TAG_BOUND_LATER({ epc, since: from.toISOString() });
    await endRecord(tx, id);
    // Retired in the moment it was bound, it never was on the item.
    if (to > from) await insertSpell(tx, { tag, item, from, to, boundBy });
    await this.#write(tx, "tag-retired", [{ tag, item, at: to }], source);
  }

  async #write(
    tx: Transaction,
    act: "tag-bound" | "tag-retired",
    changes: readonly Bound[],
    source: AuditSource,
  ): Promise<void> {
    const action = act === "tag-bound" ? "tag.bound" : "tag.retired";
    const told = changes.map(({ tag, item, at }) => ({ tag, item, validFrom: at.toISOString() }));
    await auditAll(
      tx,
      told.map(({ tag, item, validFrom }) => ({
        ...source,
        action,
        subject: `item:${item}`,
        detail: { tag, validFrom },
      })),
    );
    const acts = told.map((change) => ({ type: "act" as const, act, ...change, actor: source.actor }));
    const { journal } = this.#deps;
    if (journal.appendActs !== undefined) await journal.appendActs(tx, acts);
    else for (const one of acts) await journal.appendAct(tx, one);
  }

  async #conflict(tx: Transaction, epc: string, { item, validFrom, validTo }: Assignment): Promise<Error> {
    const name = (await this.#deps.items.names(tx, [item])).get(item) ?? "an item";
    return validTo === null
      ? E.TAG_ON_OTHER_ITEM({ epc, name, item, since: sinceOf(validFrom) })
      : E.TAG_WAS_ON_ITEM({ epc, name, item, until: validTo.toISOString() });
  }
}

/** In words, behind "since". */
function sinceOf(at: Date): string {
  return at.getTime() === SINCE_EVER.getTime() ? "it was entered" : at.toISOString();
}

const COLUMNS = `a.id, a.tag, a.item, a.valid_from as "validFrom", a.valid_to as "validTo", a.bound_by as "boundBy"`;

/** What is on an item until further notice, locked; only the one EPC where one is given. */
function openOn(tx: Transaction, item: string, epc?: string): Promise<(Assignment & { epc: string | null })[]> {
  return tx.query(
    `select ${COLUMNS}, t.epc from tag_assignment a join tag t on t.number = a.tag
     where a.recorded_to is null and a.valid_to is null and a.item = $1 and ($2::text is null or t.epc = $2)
     order by t.epc for update of t, a`,
    [item, epc ?? null],
  );
}

async function endRecord(tx: Transaction, id: string): Promise<void> {
  await tx.query("update tag_assignment set recorded_to = now() where id = $1", [id]);
}

async function insertSpell(tx: Transaction, { tag, item, from, to, boundBy }: Spell): Promise<void> {
  await tx.query(
    "insert into tag_assignment (id, tag, item, valid_from, valid_to, bound_by) values ($1, $2, $3, $4, $5, $6)",
    [uuidv7(), tag, item, from, to, boundBy],
  );
}
