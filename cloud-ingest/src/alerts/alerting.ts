import type { Site } from "@storeward/contracts";
import { type Clock, type Logger, systemClock } from "@storeward/runtime";
import { SYSTEM } from "../audit/index.js";
import type { Database } from "../database/index.js";
import type { Routes } from "../http/index.js";
import type { Log, LogRow } from "../journal/index.js";
import type { AgentsThrough, ItemCards, StayChangeBody, WhereAbouts } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";
import type { NamedSeries } from "../time-series/types.js";
import { AlertBook, type AlertBookDeps } from "./alert-book.js";
import { Evaluator } from "./judging/evaluator.js";
import { Hearing } from "./judging/hearing.js";
import { AlertsFollower, type ItemKinds } from "./judging/stays-follower.js";
import { Watchers } from "./judging/watchers.js";
import { routes } from "./routes.js";
import { SetupStore } from "./setup/setup-store.js";
import { Deliverer } from "./telling/deliverer.js";
import { type MailSettings, mailSender } from "./telling/mail.js";
import { pushSender } from "./telling/push.js";
import { webhookSender } from "./telling/webhook.js";
import type { GatewayStates, ItemTroubles } from "./types.js";

export interface AlertingDeps {
  readonly db: Database;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly places: PlaceDirectory;
  readonly readers: Site["readers"];
  readonly live: AlertBookDeps["live"];
  readonly stayChanges: Log<LogRow<StayChangeBody>>;
  readonly items: ItemKinds & ItemCards;
  readonly gateways: GatewayStates;
  readonly agents: AgentsThrough;
  readonly whereabouts: Pick<WhereAbouts, "of">;
  readonly troubles: ItemTroubles;
  /** Of these the database is read where it is one, for it is there whenever anything is; else the first. */
  readonly series: readonly [NamedSeries, ...NamedSeries[]];
  /** Whether this process hears gateways. */
  readonly connected: () => boolean;
  readonly keepDays: number;
  readonly mail: MailSettings | undefined;
  /** Where people reach the page. */
  readonly link: string | undefined;
  /** Hosts to which browsers may subscribe besides the push services of the makers of browsers. */
  readonly pushServices?: readonly string[];
  /** How often rules are looked at, ms. */
  readonly everyMs?: number;
}

/** Everything about alerts, put together: what follows, what judges, what tells, and what answers. */
export class Alerting {
  readonly book: AlertBook;
  readonly setup: SetupStore;
  readonly follower: AlertsFollower;
  readonly evaluator: Evaluator;
  readonly deliverer: Deliverer;
  readonly routes: Routes;

  constructor(deps: AlertingDeps) {
    const { db, log, clock = systemClock, places, items, mail, series } = deps;
    const wake = () => this.deliverer.wake();
    const windows: AlertBookDeps["windows"] = async (sql) => (await this.setup.current(sql)).windows;
    this.book = new AlertBook({ db, directory: places, windows, live: deps.live, wake, clock });
    const { book } = this;
    this.setup = new SetupStore({ db, places, onRules: (tx, ids) => book.forgetRules(tx, ids) });
    const { setup } = this;
    this.follower = new AlertsFollower({ stayChanges: deps.stayChanges, setup, book, items, directory: places, clock });
    const hearing = new Hearing(deps.connected, clock);
    this.evaluator = new Evaluator({
      ...deps,
      setup,
      book,
      cards: items,
      directory: places,
      series: series.find(({ name }) => name === "database") ?? series[0],
      watchers: new Watchers({ directory: places, readers: deps.readers }),
      hearing: () => hearing.since(),
      clock,
    });
    const senders = {
      email: mail && mailSender(mail, deps.link?.replace(/\/+$/, "")),
      webhook: webhookSender(clock),
      push: pushSender(
        db,
        deps.link?.startsWith("https:") ? deps.link : `mailto:${mail?.from ?? "nobody@localhost"}`,
        clock,
      ),
    };
    const onGone = (receiver: string) => void setup.remove("receivers", receiver, SYSTEM).catch(() => undefined);
    this.deliverer = new Deliverer({ db, log, clock, senders, onGone });
    const { pushServices } = deps;
    this.routes = routes({ db, book, setup, directory: places, mail: mail !== undefined, pushServices, wake, clock });
  }
}
