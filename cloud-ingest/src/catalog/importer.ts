import type { ItemImportResult, KindRule, NewItem } from "@storeward/contracts";
import { uuidv7 } from "uuidv7";
import { type AuditSource, auditAll } from "../audit/index.js";
import type { Database, Transaction } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { TagActs } from "../tags/index.js";
import { E } from "./errors.js";
import { changesOf, type ItemFacts, planImport, type Step } from "./import-plan.js";
import { setKindRules } from "./kind-rules.js";
import { knownItems } from "./known-items.js";
import { kindKey, searchWords, sortKey } from "./words.js";

export interface ImporterDeps {
  readonly db: Database;
  readonly places: PlaceDirectory;
  readonly acts: TagActs;
}

/** Enters things into the catalogue, one by one or by lists, with tags, audit and acts in one transaction. */
export class Importer {
  readonly #deps: ImporterDeps;

  constructor(deps: ImporterDeps) {
    this.#deps = deps;
  }

  /**
   * A list, with rules of kinds, whole or, when any entry is refused or it is a dry run, not at all. Done again it changes nothing. PLACE_UNKNOWN for a
   * rule's place.
   */
  async import(
    items: readonly NewItem[],
    { rules = [], dryRun }: { readonly rules?: readonly KindRule[]; readonly dryRun: boolean },
    source: AuditSource,
  ): Promise<ItemImportResult> {
    return this.#deps.db.transaction(
      async (tx) => {
        const steps = await this.#plan(tx, items);
        const errors = steps.flatMap((step, index) =>
          step.do === "refuse" ? step.errors.map(({ code, message }) => ({ index, code, message })) : [],
        );
        const count = (what: Step["do"]) => steps.filter((step) => step.do === what).length;
        const result = { created: count("create"), changed: count("change"), unchanged: count("nothing"), errors };
        if (errors.length > 0) return { ...result, created: 0, changed: 0 };
        if (dryRun) return result;
        await this.#apply(tx, steps, source);
        if (rules.length > 0) await setKindRules(tx, this.#deps.places, rules, source);
        return result;
      },
      { long: true },
    );
  }

  /** One new item; its id. Errors: ITEM_EXISTS, and whatever is wrong with the entry. */
  async create(item: NewItem, source: AuditSource): Promise<string> {
    return this.#deps.db.transaction(async (tx) => {
      const steps = await this.#plan(tx, [item]);
      const [step] = steps;
      if (step?.do === "refuse") throw step.errors[0];
      if (step?.do !== "create") {
        const { id = "", name = "" } = step?.item ?? {};
        throw E.ITEM_EXISTS({ item: id, name, what: item.epc === undefined ? "GIAI" : "EPC" });
      }
      const [id = ""] = await this.#apply(tx, steps, source);
      return id;
    });
  }

  async #plan(tx: Transaction, items: readonly NewItem[]): Promise<Step[]> {
    // What one list finds missing, another must not enter meanwhile.
    await tx.query("select pg_advisory_xact_lock(hashtext('catalog.items'))");
    return planImport(items, await knownItems(tx, items, this.#deps.places));
  }

  /** Returns the ids of what is new, in order. */
  async #apply(tx: Transaction, steps: readonly Step[], source: AuditSource): Promise<string[]> {
    const created = steps.flatMap((step) => (step.do === "create" ? [{ ...step, id: uuidv7() }] : []));
    const changed = steps.flatMap((step) => (step.do === "change" ? [step] : []));
    await insertItems(tx, created);
    for (const { item, facts } of changed) await updateItem(tx, item.id, facts);
    await auditAll(tx, [
      ...created.map(({ id, facts }) => ({
        ...source,
        action: "item.created",
        subject: `item:${id}`,
        detail: { ...facts },
      })),
      ...changed.flatMap(({ item, facts }) => {
        const names = changesOf(item, facts);
        const detail = Object.fromEntries(names.map((name) => [name, { from: item[name], to: facts[name] }]));
        return names.length === 0 ? [] : [{ ...source, action: "item.changed", subject: `item:${item.id}`, detail }];
      }),
    ]);
    const pairs = created.flatMap(({ id, bind }) => (bind === undefined ? [] : [{ item: id, epc: bind }]));
    if (pairs.length > 0) await this.#deps.acts.bindNew(tx, pairs, source);
    for (const { item, bind } of changed)
      if (bind !== undefined) await this.#deps.acts.act(tx, item.id, { act: "bind", epc: bind }, source);
    return created.map(({ id }) => id);
  }
}

const COLUMNS = {
  id: "uuid",
  name: "text",
  kind: "text",
  name_key: "text",
  kind_key: "text",
  gtin: "text",
  giai: "text",
  serial: "text",
  home_place: "uuid",
  words: "text[]",
};
const NAMES = Object.keys(COLUMNS);
const TYPED = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
const TAKEN = NAMES.map((name) => (name === "words" ? "array_to_tsvector(x.words)" : `x.${name}`));

function rowOf(id: string, facts: ItemFacts): Record<string, unknown> {
  const { name, kind, gtin, giai, serial, homePlace } = facts;
  const keys = { name_key: sortKey(name), kind_key: kindKey(kind), home_place: homePlace };
  return { id, name, kind, gtin, giai, serial, ...keys, words: searchWords(facts) };
}

async function insertItems(
  tx: Transaction,
  items: readonly { readonly id: string; readonly facts: ItemFacts }[],
): Promise<void> {
  await tx.query(
    `insert into item (${NAMES.join(", ")}) select ${TAKEN.join(", ")} from jsonb_to_recordset($1) as x (${TYPED.join(", ")})`,
    [JSON.stringify(items.map(({ id, facts }) => rowOf(id, facts)))],
  );
  await tx.query(
    "insert into item_version (item, valid_from, kind, home_place) select id, '-infinity', kind, home_place from item where id = any($1)",
    [items.map(({ id }) => id)],
  );
}

async function updateItem(tx: Transaction, id: string, facts: ItemFacts): Promise<void> {
  await tx.query(
    `update item i set (${NAMES.join(", ")}, changed_at) = (select ${TAKEN.join(", ")}, now())
     from jsonb_to_recordset($1) as x (${TYPED.join(", ")}) where i.id = x.id`,
    [JSON.stringify([rowOf(id, facts)])],
  );
  await tx.query(
    `insert into item_version (item, valid_from, kind, home_place)
     select i.id, now(), i.kind, i.home_place from item i
     left join lateral (select kind, home_place from item_version where item = i.id order by valid_from desc limit 1) v on true
     where i.id = $1 and (i.kind, i.home_place) is distinct from (v.kind, v.home_place)
     on conflict (item, valid_from) do update set kind = excluded.kind, home_place = excluded.home_place`,
    [id],
  );
}
