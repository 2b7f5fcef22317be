import type { Database } from "../database/index.js";
import { dayOf, detachDay, detachedName } from "../journal/index.js";
import { logDays } from "./days.js";
import { E } from "./errors.js";

export interface DetachOptions {
  readonly log: string;
  readonly day: string;
  readonly now: Date;
  readonly withoutExport: boolean;
}

/**
 * Takes a day out of a log while the service runs: into a table of its own in the schema `detached`, which nobody of ours reads. Refuses, with every
 * reason, while something still needs the day: DAY_NEEDED, DAY_UNKNOWN, DAY_OPEN.
 *
 * @returns the table it is in now
 */
export async function detach(db: Database, { log, day, now, withoutExport }: DetachOptions): Promise<string> {
  return db.transaction(async (tx) => {
    const days = await logDays(tx, log);
    const found = days.find((each) => each.day === day);
    if (found === undefined) throw E.DAY_UNKNOWN({ log, day, days: days.map((each) => each.day).join(", ") || "none" });
    if (day >= dayOf(now)) throw E.DAY_OPEN({ day });
    const reasons = [...found.needed];
    const [oldest] = days;
    if (oldest !== undefined && oldest.day < day)
      reasons.push(`${oldest.day} is older and still there: the oldest goes first`);
    const name = detachedName({ table: log, day });
    const [earlier] = await tx.query<{ found: string | null }>("SELECT to_regclass($1)::text AS found", [name]);
    if (earlier?.found != null)
      reasons.push(`${name} is there, from when it was detached before: DROP TABLE it, or give it another name`);
    if (!withoutExport) {
      const [exported] = await tx.query<{ rows: number }>("SELECT rows FROM log_export WHERE log = $1 AND day = $2", [
        log,
        day,
      ]);
      if (exported === undefined)
        reasons.push("it was not exported: export it, or say that it need not be (--without-export)");
      else if (exported.rows !== found.rows)
        reasons.push(`its export has ${exported.rows} rows of ${found.rows}: export it again`);
    }
    if (reasons.length > 0) throw E.DAY_NEEDED({ log, day, reasons: reasons.map((each) => `\n  - ${each}`).join("") });
    return detachDay(tx, { table: log, day });
  });
}
