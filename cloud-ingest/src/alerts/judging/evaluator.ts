import type { AlertRule } from "@storeward/contracts";
import { type Clock, describeError, isoMs, type Logger, type Part, Recurring, systemClock } from "@storeward/runtime";
import type { Database, Transaction } from "../../database/index.js";
import { parkedGroups } from "../../journal/index.js";
import type { AgentsThrough } from "../../locations/index.js";
import type { NamedSeries } from "../../time-series/types.js";
import type { AlertBook } from "../alert-book.js";
import type { CurrentSetup, SetupStore } from "../setup/setup-store.js";
import type { OutboxSetup } from "../telling/outbox.js";
import type { GatewayStates, Judgement, Unjudged } from "../types.js";
import { applyJudgements } from "./conditions.js";
import { judgeGateways, judgeParked } from "./gateways.js";
import { isMeasurementRule, judgeMinute, type MinuteFacts } from "./measurements.js";
import { type Minute, type Minutes, readMinutes } from "./minutes.js";
import { judgeSettled, settledItems } from "./settled-items.js";
import { isSettledRule, SettledRules } from "./settled-rules.js";
import { escalateDue, MOST_OPEN, openDue } from "./timers.js";
import { judgeTroubles, type TroubleDeps } from "./troubles.js";
import type { Watchers } from "./watchers.js";

export interface EvaluatorDeps extends Omit<TroubleDeps, "directory"> {
  readonly db: Database;
  readonly setup: Pick<SetupStore, "hold" | "current">;
  readonly book: AlertBook;
  readonly gateways: GatewayStates;
  readonly agents: AgentsThrough;
  readonly series: NamedSeries;
  readonly watchers: Watchers;
  readonly directory: OutboxSetup["directory"] & TroubleDeps["directory"] & MinuteFacts["directory"];
  /** Since when (ms since 1970) this process hears gateways; undefined while it does not. */
  readonly hearing: () => number | undefined;
  readonly keepDays: number;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly everyMs?: number;
}

const EVERY_MS = 2000;
/** Things in trouble, and rows put aside, are looked through this often. */
const LOOK_MS = 15_000;
const PRUNE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Judges the rules, opens alerts and closes them. One process of all does it at a time, by a lock that is gone with it; everything it finds is
 * one transaction with what is told of it.
 */
export class Evaluator implements Part {
  readonly name = "alerts";
  readonly #deps: EvaluatorDeps;
  readonly #clock: Clock;
  readonly #recurring: Recurring;
  #looked = 0;
  #pruned = 0;

  constructor(deps: EvaluatorDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#recurring = new Recurring({
      everyMs: deps.everyMs ?? EVERY_MS,
      work: () => this.run(),
      failed: (error) => this.#deps.log.warn({ error: describeError(error) }, "Alerts cannot be judged now"),
      clock: this.#clock,
    });
  }

  async start(): Promise<void> {
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    await this.#recurring.stop();
  }

  /** One round. */
  async run(): Promise<void> {
    const { db, setup, series } = this.#deps;
    const now = this.#clock.wall();
    const rules = (await setup.current(db)).rules.filter(isOn);
    // What may take long, or fail without the database, is read before anything is held.
    const minutes = await readMinutes(db, series, rules.filter(isMeasurementRule), now);
    const done = await db.transaction((tx) => this.#round(tx, now, minutes));
    if (!done) return;
    if (now - this.#pruned < PRUNE_MS) return;
    await this.#prune(now);
    this.#pruned = now;
  }

  async #round(tx: Transaction, now: number, minutes: Minutes): Promise<boolean> {
    const { book, agents } = this.#deps;
    const [held] = await tx.query<{ judged: Date | null; scanned: number }>(
      "SELECT judged, scanned FROM alert_evaluator FOR UPDATE SKIP LOCKED",
    );
    if (held === undefined) return false;
    const setup = await this.#deps.setup.hold(tx);
    const through = await agents.through(tx);
    const rules = setup.rules.filter(isOn);
    if (held.scanned !== setup.revision) await this.#scan(tx, setup, now);
    const judgements = await this.#judge(tx, rules, now);
    await book.close(tx, await applyJudgements(tx, judgements, now));
    for (const minute of minutes.minutes)
      if (held.judged === null || minute.end > held.judged.getTime())
        await this.#closeMinute(tx, rules, minute, minutes.unjudged, through);
    const full = await openDue(tx, this.#deps, setup, through, now);
    await escalateDue(tx, this.#deps, setup, now);
    const unjudged = [...this.#deaf(rules), ...this.#placeless(rules), ...[...full].map(tooMany)];
    await tx.query("UPDATE alert_evaluator SET unjudged = $1, scanned = $2", [
      JSON.stringify(unjudged),
      setup.revision,
    ]);
    return true;
  }

  async #judge(tx: Transaction, rules: readonly AlertRule[], now: number): Promise<Judgement[]> {
    const { gateways, hearing, watchers, directory } = this.#deps;
    const of = (on: AlertRule["when"]["on"]) => rules.filter(({ when }) => when.on === on);
    const judgements: Judgement[] = [];
    const aboutGateways = of("gateway");
    if (aboutGateways.length > 0) {
      const facts = { gateways: await gateways.list(tx), hearing: hearing(), watchers, directory, now };
      judgements.push(...judgeGateways(aboutGateways, facts));
    }
    if (now - this.#looked < LOOK_MS) return judgements;
    this.#looked = now;
    if (of("service").length > 0) judgements.push(...judgeParked(of("service"), await parkedGroups(tx), now));
    const troubles = of("items").filter((rule) => !isSettledRule(rule));
    return [...judgements, ...(await judgeTroubles(tx, troubles, this.#deps, now))];
  }

  async #closeMinute(
    tx: Transaction,
    rules: readonly AlertRule[],
    { end, series }: Minute,
    unread: readonly Unjudged[],
    through: ReadonlyMap<string, Date>,
  ): Promise<void> {
    const { watchers, directory, book } = this.#deps;
    const ready = rules.filter((rule) => isMeasurementRule(rule) && series.has(rule.when.measurement));
    const rows = await tx.query<{ rule: string; subjects: string[] }>(
      "SELECT rule, array_agg(subject) AS subjects FROM alert_condition WHERE rule = ANY($1) GROUP BY rule",
      [ready.map(({ id }) => id)],
    );
    const known = new Map(rows.map(({ rule, subjects }) => [rule, subjects]));
    const judged = judgeMinute(ready, { end, series, known, through, watchers, directory });
    await book.close(tx, await applyJudgements(tx, judged, end));
    const unheard = judged.flatMap(({ rule, unheard: agents = new Set() }) =>
      agents.size === 0 ? [] : { rule: rule.id, why: `Not heard far enough: ${[...agents].sort().join(", ")}` },
    );
    await tx.query("UPDATE alert_evaluator SET judged = $1, unjudged_minute = $2", [
      isoMs(end),
      JSON.stringify([...unread, ...unheard]),
    ]);
  }

  /** Rules about where things have settled meet, when they are new, all that have. */
  async #scan(tx: Transaction, setup: CurrentSetup, now: number): Promise<void> {
    const { cards, book, directory } = this.#deps;
    if (!setup.rules.some((rule) => isOn(rule) && isSettledRule(rule))) return;
    const rules = new SettledRules(setup.rules, directory);
    for await (const some of settledItems(tx))
      await judgeSettled(tx, { rules, cards, book }, some, [], () => false, now);
  }

  #deaf(rules: readonly AlertRule[]): Unjudged[] {
    if (this.#deps.hearing() !== undefined) return [];
    const why = "The service does not hear any gateway: its broker is not connected";
    return rules.flatMap(({ id, when }) => (when.on === "gateway" ? { rule: id, why } : []));
  }

  #placeless(rules: readonly AlertRule[]): Unjudged[] {
    return rules.flatMap(({ id, place }) =>
      place === undefined || this.#deps.directory.byCode(place) !== undefined
        ? []
        : { rule: id, why: `There is no place ${place} any more` },
    );
  }

  async #prune(now: number): Promise<void> {
    const { db, keepDays } = this.#deps;
    const before = isoMs(now - keepDays * DAY_MS);
    await db.query("DELETE FROM alert WHERE closed_at < $1", [before]);
    await db.query("DELETE FROM alert_outbox WHERE alert IS NULL AND created_at < $1", [isoMs(now - DAY_MS)]);
    await db.query(
      `DELETE FROM alert_receiver_state WHERE receiver IN (
         SELECT receiver FROM alert_receiver_state s WHERE NOT EXISTS (SELECT FROM alert_document d WHERE d.kind = 'receiver' AND d.id = s.receiver)
         AND NOT EXISTS (SELECT FROM alert_outbox o WHERE o.receiver = s.receiver) FOR UPDATE SKIP LOCKED
       )`,
    );
  }
}

function isOn({ enabled }: AlertRule): boolean {
  return enabled !== false;
}

function tooMany(rule: string): Unjudged {
  return { rule, why: `${MOST_OPEN} alerts of it are open: of what is more nothing is opened until some are closed` };
}
