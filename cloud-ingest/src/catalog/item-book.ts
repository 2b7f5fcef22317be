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

  /** What time series name things by, and where they belong. */
  async seriesItems(sql: Sql, items: readonly string[]): Promise<Map<string, { kind: string; home: string | null }>> {
    const rows = await sql.query<{ id: string; kind: string; home: string | null }>(
      "select id, kind, home_place as home from item where id = any($1)",
      [items],
    );
    return new Map(rows.map(({ id, ...item }) => [id, item]));
  }
}
