import type { AlertRule } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { PlaceDirectory } from "../../places/index.js";
import type { Finding } from "../types.js";
import { kindKeyOf } from "./figures.js";

/** Where a thing has settled. */
export interface SettledItem {
  readonly item: string;
  readonly kind: string;
  readonly place: string;
  /** ms since 1970 */
  readonly from: number;
  /** Whose observation opened the stay, and by whose `through` it is judged how long it lasts. */
  readonly agent: string;
}

type Directory = Pick<PlaceDirectory, "byCode" | "byId" | "within">;

/** Whether it is a rule about where a thing has settled: judged with every stay, and not by looking around. */
export function isSettledRule({ when }: AlertRule): boolean {
  return when.on === "items" && (when.are === "in" || when.are === "outside");
}

/**
 * The rules about where things have settled, found by kind and place: of five hundred rules a thing that moves meets the few that concern it.
 */
export class SettledRules {
  readonly #directory: Directory;
  /** By place (id): what is in it or in what it is in. */
  readonly #in = new Map<string, AlertRule[]>();
  /** By kind; "" of every kind. Each with the places (ids) in which it does not hold. */
  readonly #outside = new Map<string, { readonly rule: AlertRule; readonly within: ReadonlySet<string> }[]>();

  constructor(rules: readonly AlertRule[], directory: Directory) {
    this.#directory = directory;
    for (const rule of rules) {
      if (rule.enabled === false || !isSettledRule(rule) || rule.when.on !== "items") continue;
      const place = rule.place === undefined ? undefined : directory.byCode(rule.place);
      const within = new Set(place === undefined ? [] : directory.within(place.id));
      if (rule.when.are === "in") for (const id of within) this.#in.set(id, [...(this.#in.get(id) ?? []), rule]);
      else if (place !== undefined) {
        const key = rule.kind === undefined ? "" : kindKeyOf(rule.kind);
        this.#outside.set(key, [...(this.#outside.get(key) ?? []), { rule, within }]);
      }
    }
  }

  /** Those that hold of a thing there. */
  of({ kind, place }: Pick<SettledItem, "kind" | "place">): AlertRule[] {
    const key = kindKeyOf(kind);
    const inside = (this.#in.get(place) ?? []).filter(
      (rule) => rule.kind === undefined || kindKeyOf(rule.kind) === key,
    );
    const outside = ["", key].flatMap((of) => this.#outside.get(of) ?? []);
    return [...inside, ...outside.filter(({ within }) => !within.has(place)).map(({ rule }) => rule)];
  }

  finding(rule: AlertRule, at: SettledItem, name: string): Finding {
    const { item, kind, place, from, agent } = at;
    const where = this.#directory.byId(place)?.name ?? place;
    const home = rule.place === undefined ? undefined : this.#directory.byCode(rule.place)?.name;
    const said =
      rule.when.on === "items" && rule.when.are === "outside" ? `, which is not in ${home ?? rule.place}` : "";
    return {
      subject: item,
      since: from,
      judged: from,
      agent,
      what: `${name} (${kind}) in ${where}`,
      places: [place],
      evidence: {
        says: `It has been in ${where} since ${isoMs(from)}${said}`,
        about: { item, kind },
        links: [
          { name, href: `/items/${item}` },
          { name: "Observations", href: `/api/v1/items/${item}/evidence` },
        ],
      },
    };
  }
}
