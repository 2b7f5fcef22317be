import type { TagAct } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import { uuidv7 } from "uuidv7";
import { type AuditSource, auditAll } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";
import { listAct, listBound, type RowPlace, waitForAgain } from "./act-list.js";
import { acceptable, assign, type Bound, type Changed, SINCE_EVER } from "./assign.js";
import { E } from "./errors.js";
import type { ActJournal, TaggableItems, TagRegister } from "./types.js";

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
   * @param of the row that tells it, of a source's journal
   * @returns whether anything changed
   */
  async act(
    tx: Transaction,
    item: string,
    { act, epc, validFrom }: TagAct,
    source: AuditSource,
    of?: RowPlace,
  ): Promise<boolean> {
    const at = this.#instant(validFrom);
    const { items } = this.#deps;
    await acceptable(tx, items, { act, epc, item });
    const tag = act === "retire" ? await numberOf(tx, epc) : await this.#number(tx, epc);
    const asked = { act, tag, item, at, actor: source.actor, of };
    const id = await listAct(tx, asked, { refused: false });
    const changes = await assign(tx, items, { ...asked, id, epc });
    await this.#write(tx, changes, source, of);
    return changes.length > 0;
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
    await waitForAgain(tx);
    const numbers = await this.#deps.tags.numbers(tx, pairs);
    const tags = [...numbers.values()];
    await tx.query("select from tag where number = any($1::bigint[]) order by epc for no key update", [tags]);
    const met = await tx.query<{ tag: number }>(
      "select distinct tag from tag_assignment where tag = any($1::bigint[])",
      [tags],
    );
    const used = new Set(met.map(({ tag }) => tag));
    const fresh: Bound[] = [];
    for (const { item, epc } of pairs) {
      const tag = numbers.get(epc);
      if (tag === undefined) throw new RangeError(`${epc} got no number`);
      if (used.has(tag)) await this.#bindNow(tx, { item, epc, tag }, source);
      else fresh.push({ tag, item, at: SINCE_EVER });
    }
    const ids = await listBound(tx, fresh, { at: SINCE_EVER, actor: source.actor });
    await tx.query(
      `insert into tag_assignment (id, tag, item, valid_from, bound_by, made_by)
       select id, tag, item, $5, $6, made_by from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[]) as x (id, tag, item, made_by)`,
      [
        fresh.map(() => uuidv7()),
        fresh.map(({ tag }) => tag),
        fresh.map(({ item }) => item),
        fresh.map(({ tag }) => ids.get(tag)),
        SINCE_EVER,
        source.actor,
      ],
    );
    await this.#write(
      tx,
      fresh.map((bound) => ({ what: "tag-bound", ...bound })),
      source,
    );
  }

  async #bindNow(
    tx: Transaction,
    { item, epc, tag }: { readonly item: string; readonly epc: string; readonly tag: number },
    source: AuditSource,
  ): Promise<void> {
    const asked = { act: "bind", tag, item, at: this.#instant(undefined), actor: source.actor } as const;
    const id = await listAct(tx, asked, { refused: false });
    await this.#write(tx, await assign(tx, this.#deps.items, { ...asked, id, epc }), source);
  }

  #instant(validFrom: string | undefined): Date {
    const now = this.#clock.wall();
    const at = validFrom === undefined ? now : Date.parse(validFrom);
    if (at > now + FUTURE_MS) throw E.VALID_IN_FUTURE({ validFrom: new Date(at).toISOString() });
    return new Date(Math.min(at, now));
  }

  async #number(tx: Transaction, epc: string): Promise<number> {
    const tag = (await this.#deps.tags.numbers(tx, [{ epc }])).get(epc);
    if (tag === undefined) throw new RangeError(`${epc} got no number`);
    return tag;
  }

  async #write(tx: Transaction, changes: readonly Changed[], source: AuditSource, of?: RowPlace): Promise<void> {
    if (changes.length === 0) return;
    const told = changes.map(({ what, tag, item, at }) => ({ what, tag, item, validFrom: at.toISOString() }));
    await auditAll(
      tx,
      told.map(({ what, tag, item, validFrom }) => ({
        ...source,
        action: what === "tag-bound" ? "tag.bound" : "tag.retired",
        subject: `item:${item}`,
        detail: { tag, validFrom },
      })),
    );
    const acts = told.map(
      ({ what, ...change }): Act => ({ type: "act", act: what, ...change, actor: source.actor, ...(of && { of }) }),
    );
    const { journal } = this.#deps;
    if (journal.appendActs !== undefined) await journal.appendActs(tx, acts);
    else for (const one of acts) await journal.appendAct(tx, one);
  }
}

/** A tag that nobody has met is on nothing. */
async function numberOf(tx: Transaction, epc: string): Promise<number> {
  const [tag] = await tx.query<{ number: number }>("select number from tag where epc = $1", [epc]);
  if (tag === undefined) throw E.TAG_NOT_ON_ITEM({ epc });
  return tag.number;
}
