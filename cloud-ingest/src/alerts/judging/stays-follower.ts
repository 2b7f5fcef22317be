import { type Clock, systemClock } from "@storeward/runtime";
import type { Transaction } from "../../database/index.js";
import type { Follower, Log, LogRow } from "../../journal/index.js";
import type { ItemCards, StayChangeBody } from "../../locations/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import type { AlertBook } from "../alert-book.js";
import type { CurrentSetup, SetupStore } from "../setup/setup-store.js";
import { judgeSettled, rememberStays } from "./settled-items.js";
import { type SettledItem, SettledRules } from "./settled-rules.js";

/** What the catalogue calls the kinds of things at the moments beside them (ms since 1970), in their order; undefined for unknown ids. */
export interface ItemKinds {
  seriesItems(
    sql: Transaction,
    asked: readonly { readonly item: string; readonly at: number }[],
  ): Promise<readonly ({ readonly kind: string } | undefined)[]>;
}

export interface AlertsFollowerDeps {
  readonly stayChanges: Log<LogRow<StayChangeBody>>;
  readonly setup: Pick<SetupStore, "hold">;
  readonly book: Pick<AlertBook, "close">;
  readonly items: ItemKinds & ItemCards;
  readonly directory: Pick<PlaceDirectory, "byCode" | "byId" | "within">;
  readonly clock?: Clock;
}

type Settled = SettledItem & { readonly stay: string };

/**
 * Follows where things settle, and begins and ends what the rules about that find. It opens no alert: the timers do, once the gateway has
 * looked far enough. What it has done is never done again from the beginning.
 */
export class AlertsFollower implements Follower<LogRow<StayChangeBody>> {
  readonly name = "alerts";
  readonly log: Log<LogRow<StayChangeBody>>;
  readonly #deps: AlertsFollowerDeps;
  readonly #clock: Clock;
  #rules:
    | { readonly setup: CurrentSetup; readonly rules: SettledRules; readonly outside: ReadonlySet<string> }
    | undefined;

  constructor(deps: AlertsFollowerDeps) {
    this.log = deps.stayChanges;
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  keyOf({ body }: LogRow<StayChangeBody>): string {
    return body.item;
  }

  async handle(tx: Transaction, rows: readonly LogRow<StayChangeBody>[]): Promise<void> {
    const { setup, items, book } = this.#deps;
    const current = await setup.hold(tx);
    const { rules, outside } = this.#rulesOf(current);
    const ids = [...new Set(rows.map(({ body }) => body.item))].sort();
    const kinds = await items.seriesItems(
      tx,
      rows.map(({ body: { item, from } }) => ({ item, at: from })),
    );
    const was = await tx.query<Omit<Settled, "from"> & { from: Date }>(
      `SELECT item, stay, place, kind, from_at AS "from", agent FROM alert_stay WHERE item = ANY($1) ORDER BY item FOR UPDATE`,
      [ids],
    );
    const before = new Map(was.map((row) => [row.item, { ...row, from: row.from.getTime() }]));
    const now = new Map<string, Settled>(before);
    for (const [index, { body }] of rows.entries()) tell(now, body, kinds[index]?.kind ?? "unknown");
    const settled = ids.flatMap((id) => now.get(id) ?? []);
    const gone = ids.filter((id) => !now.has(id));
    await rememberStays(tx, settled, gone);
    const deps = { rules, cards: items, book };
    await judgeSettled(tx, deps, settled, gone, (rule) => outside.has(rule), this.#clock.wall());
  }

  #rulesOf(setup: CurrentSetup) {
    if (this.#rules?.setup.revision !== setup.revision) {
      const outside = setup.rules.filter(({ when }) => when.on === "items" && when.are === "outside");
      const rules = new SettledRules(setup.rules, this.#deps.directory);
      this.#rules = { setup, rules, outside: new Set(outside.map(({ id }) => id)) };
    }
    return this.#rules;
  }
}

/** A word on a stay: the latest that is open is where the thing is. */
function tell(now: Map<string, Settled>, body: StayChangeBody, kind: string): void {
  const { item, stay, place, from, to, op, cause } = body;
  const at = now.get(item);
  if (op === "retract" || to !== null) {
    if (at?.stay === stay) now.delete(item);
  } else if (at === undefined || at.stay === stay || from >= at.from)
    now.set(item, { item, stay, kind, place, from, agent: cause.agent });
}
