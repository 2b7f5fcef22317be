import type { AlertRule, TroubleKind } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Sql } from "../../database/index.js";
import type { ItemCards, WhereAbouts, Whereabout } from "../../locations/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import type { Finding, ItemTroubles, Judgement } from "../types.js";
import { kindKeyOf } from "./figures.js";

export interface TroubleDeps {
  readonly troubles: ItemTroubles;
  readonly whereabouts: Pick<WhereAbouts, "of">;
  readonly cards: ItemCards;
  readonly directory: Pick<PlaceDirectory, "byCode" | "byId" | "within">;
}

/** What holds of rules about things in a wrong place or missing: what the catalogue finds, and no second opinion. `now` in ms since 1970. */
export async function judgeTroubles(
  sql: Sql,
  rules: readonly AlertRule[],
  deps: TroubleDeps,
  now: number,
): Promise<Judgement[]> {
  const found = new Map<TroubleKind, readonly Finding[]>();
  for (const kind of ["wrong-place", "missing"] as const)
    if (rules.some(({ when }) => when.on === "items" && when.are === kind))
      found.set(kind, await findings(sql, kind, deps, now));
  return rules.map((rule) => {
    const all = rule.when.on === "items" ? (found.get(rule.when.are as TroubleKind) ?? []) : [];
    return { rule, findings: all.filter((finding) => concerns(rule, finding, deps)) };
  });
}

async function findings(
  sql: Sql,
  kind: TroubleKind,
  { troubles, whereabouts, cards, directory }: TroubleDeps,
  now: number,
): Promise<Finding[]> {
  const ids = await troubles.all(sql, kind);
  if (ids.length === 0) return [];
  const [at, named] = [await whereabouts.of(sql, ids), await cards.cards(sql, ids)];
  return ids.flatMap((item) => {
    const where = at.get(item);
    const card = named.get(item);
    if (where === undefined || card === undefined) return [];
    const place = where.placeId === null ? undefined : directory.byId(where.placeId);
    return {
      subject: item,
      since: sinceOf(where, kind, now),
      judged: now,
      what: `${card.name} (${card.kind})${place === undefined ? "" : kind === "missing" ? `, last in ${place.name}` : ` in ${place.name}`}`,
      places: where.placeId === null ? [] : [where.placeId],
      evidence: {
        says:
          kind === "missing" ? `It is not seen where it belongs, although that is watched. ${where.why}` : where.why,
        about: { item, kind: card.kind },
        links: [
          { name: card.name, href: `/items/${item}` },
          { name: "Observations", href: `/api/v1/items/${item}/evidence?at=${isoMs(now)}` },
        ],
      },
    };
  });
}

function sinceOf({ since, seenAt }: Whereabout, kind: TroubleKind, now: number): number {
  return (kind === "missing" ? seenAt : since)?.getTime() ?? now;
}

function concerns({ kind, place }: AlertRule, { evidence, places }: Finding, { directory }: TroubleDeps): boolean {
  if (kind !== undefined && kindKeyOf(evidence.about.kind ?? "") !== kindKeyOf(kind)) return false;
  const within = place === undefined ? undefined : new Set(directory.within(directory.byCode(place)?.id ?? ""));
  return within === undefined || places.some((id) => within.has(id));
}
