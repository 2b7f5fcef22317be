import type { TagBinding } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import { epcUri } from "./epc-uri.js";

interface Row {
  readonly epc: string;
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly boundBy: string;
}

/** The tags an item has and had, the latest first; erased ones are left out. */
export async function bindingsOf(sql: Sql, item: string): Promise<TagBinding[]> {
  const rows = await sql.query<Row>(
    `select t.epc, a.valid_from as "validFrom", a.valid_to as "validTo", a.bound_by as "boundBy"
     from tag_assignment a join tag t on t.number = a.tag
     where a.item = $1 and a.recorded_to is null and t.epc is not null
     order by a.valid_to desc nulls first, a.valid_from desc, t.epc`,
    [item],
  );
  return rows.map(({ epc, validFrom, validTo, boundBy }) => ({
    epc,
    uri: epcUri(epc),
    validFrom: validFrom.toISOString(),
    validTo: validTo?.toISOString() ?? null,
    boundBy,
  }));
}
