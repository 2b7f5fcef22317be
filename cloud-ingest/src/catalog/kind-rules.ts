import type { KindRule } from "@storeward/contracts";
import { type AuditSource, auditAll } from "../audit/index.js";
import type { Sql, Transaction } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { E } from "./errors.js";
import { kindKey } from "./words.js";

export interface StoredRule {
  readonly key: string;
  readonly kind: string;
  readonly allowedPlaces: readonly string[];
  readonly homePlaces: readonly string[];
  readonly wrongPlaceAfter: number;
  readonly missingAfter: number;
}

const WRONG_AFTER_S = 600;
const MISSING_AFTER_S = 1800;

export function storedRules(sql: Sql): Promise<StoredRule[]> {
  return sql.query<StoredRule>(
    `select kind_key as key, kind, allowed_places as "allowedPlaces", home_places as "homePlaces",
       wrong_place_after as "wrongPlaceAfter", missing_after as "missingAfter" from kind_rule order by kind_key`,
  );
}

/** With the places' codes; one that is no more is left out. */
export async function kindRules(sql: Sql, places: PlaceDirectory): Promise<KindRule[]> {
  const codes = (ids: readonly string[]) => ids.flatMap((id) => places.byId(id)?.code ?? []);
  return (await storedRules(sql)).map(({ key: _, allowedPlaces, homePlaces, ...rule }) => ({
    ...rule,
    allowedPlaces: codes(allowedPlaces),
    homePlaces: codes(homePlaces),
  }));
}

/** Sets the rules of these kinds; one without places is taken away. PLACE_UNKNOWN. Done again it changes nothing. */
export async function setKindRules(
  tx: Transaction,
  places: PlaceDirectory,
  rules: readonly KindRule[],
  source: AuditSource,
): Promise<void> {
  const ids = (codes: readonly string[] = []) =>
    codes.map((code) => {
      const id = places.byCode(code)?.id;
      if (id === undefined) throw E.PLACE_UNKNOWN({ code });
      return id;
    });
  for (const rule of rules) {
    const { kind, wrongPlaceAfter = WRONG_AFTER_S, missingAfter = MISSING_AFTER_S } = rule;
    const [allowed, home] = [ids(rule.allowedPlaces), ids(rule.homePlaces)];
    if (allowed.length + home.length === 0)
      await tx.query("delete from kind_rule where kind_key = $1", [kindKey(kind)]);
    else
      await tx.query(
        `insert into kind_rule (kind_key, kind, allowed_places, home_places, wrong_place_after, missing_after)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (kind_key) do update set kind = excluded.kind, allowed_places = excluded.allowed_places,
           home_places = excluded.home_places, wrong_place_after = excluded.wrong_place_after,
           missing_after = excluded.missing_after, changed_at = now()`,
        [kindKey(kind), kind, allowed, home, wrongPlaceAfter, missingAfter],
      );
  }
  await auditAll(
    tx,
    rules.map((rule) => ({ ...source, action: "kind.ruled", subject: `kind:${rule.kind}`, detail: { ...rule } })),
  );
}
