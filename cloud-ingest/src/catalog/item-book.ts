import { isoMs } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";
import type { ItemCard, ItemCards } from "../locations/index.js";
import type { TaggableItems } from "../tags/index.js";
import { E } from "./errors.js";
import { epcConflict, type Identity } from "./identity.js";

/** What the capabilities that come before the catalogue ask of its items. */
export class ItemBook implements TaggableItems, ItemCards {
  async names(sql: Sql, items: readonly string[]): Promise<Map<string, string>> {
    const rows = await sql.query<{ id: string; name: string }>("select id, name from item where id = any($1)", [items]);
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** ITEM_NOT_FOUND, EPC_OF_OTHER_PRODUCT, EPC_OF_OTHER_ASSET, EPC_OF_OTHER_UNIT. */
  async accept(tx: Transaction, item: string, epc?: string): Promise<void> {
    const [found] = await tx.query<Identity>("select gtin, giai, serial from item where id = $1", [item]);
    if (found === undefined) throw E.ITEM_NOT_FOUND();
    // A worn tag is replaced by one with another serial number: the thing stays the same unit.
    const conflict = epc === undefined ? undefined : epcConflict(epc, { ...found, serial: null });
    if (conflict !== undefined) throw conflict;
  }

  async cards(sql: Sql, items: readonly string[]): Promise<Map<string, ItemCard>> {
    const rows = await sql.query<ItemCard>(
      `select i.id, i.name, i.kind, t.epc from item i
       left join lateral (select c.epc from current_tag c where c.item = i.id order by c.valid_from desc, c.tag desc limit 1) t on true
       where i.id = any($1)`,
      [items],
    );
    return new Map(rows.map((card) => [card.id, card]));
  }

  /** What time series name things by, and where they belonged, at the moment beside each (ms since 1970); in their order. */
  async seriesItems(
    sql: Sql,
    asked: readonly { readonly item: string; readonly at: number }[],
  ): Promise<({ kind: string; home: string | null } | undefined)[]> {
    // One that was entered by an earlier release, while this one was running already, has no version yet.
    const rows = await sql.query<{ kind: string | null; home: string | null }>(
      `select coalesce(v.kind, i.kind) as kind, case when v.item is null then i.home_place else v.home_place end as home
       from unnest($1::uuid[], $2::timestamptz[]) with ordinality s (item, at, n)
       left join item i on i.id = s.item
       left join lateral (select * from item_version where item = s.item and valid_from <= s.at order by valid_from desc limit 1) v on true
       order by s.n`,
      [asked.map(({ item }) => item), asked.map(({ at }) => isoMs(at))],
    );
    return rows.map(({ kind, home }) => (kind === null ? undefined : { kind, home }));
  }
}
