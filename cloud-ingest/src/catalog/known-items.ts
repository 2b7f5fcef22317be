import type { NewItem } from "@storeward/contracts";
import type { Transaction } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { identityOf } from "./identity.js";
import { type Known, type KnownItem, unitKey } from "./import-plan.js";

const COLUMNS = `i.id, i.name, i.kind, i.gtin, i.giai, i.serial, i.home_place as "homePlace",
  exists (select from tag_assignment a where a.item = i.id and a.recorded_to is null and a.valid_to is null) as tagged`;

/** Whatever the tables hold of the things that these entries could mean. */
export async function knownItems(tx: Transaction, items: readonly NewItem[], places: PlaceDirectory): Promise<Known> {
  const identities = items.map((item) => identityOf(item).identity);
  const units = identities.filter(({ gtin, serial }) => gtin !== null && serial !== null);
  const onTags = await tx.query<KnownItem & { epc: string }>(
    `select t.epc, ${COLUMNS} from tag t
     join tag_assignment b on b.tag = t.number and b.recorded_to is null and b.valid_to is null
     join item i on i.id = b.item where t.epc = any($1)`,
    [items.flatMap(({ epc }) => epc ?? [])],
  );
  const assets = await tx.query<KnownItem & { giai: string }>(`select ${COLUMNS} from item i where i.giai = any($1)`, [
    identities.flatMap(({ giai }) => giai ?? []),
  ]);
  const sameUnits = await tx.query<KnownItem & { gtin: string; serial: string }>(
    `select ${COLUMNS} from item i join unnest($1::text[], $2::text[]) as x (gtin, serial)
     on i.gtin = x.gtin and i.serial = x.serial`,
    [units.map(({ gtin }) => gtin), units.map(({ serial }) => serial)],
  );
  return {
    byEpc: new Map(onTags.map(({ epc, ...item }) => [epc, item])),
    byGiai: new Map(assets.map((item) => [item.giai, item])),
    byUnit: new Map(sameUnits.map((item) => [unitKey(item.gtin, item.serial), item])),
    placeId: (code) => places.byCode(code)?.id,
  };
}
