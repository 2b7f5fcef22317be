import type { Alert, AlertRule, AlertSetup, DeviceProblem, Telemetry } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { Gateways, migrations as gatewayMigrations } from "../gateways/index.js";
import { migrations as intakeMigrations } from "../intake/index.js";
import { LocatedSite, SITE } from "../locations/testing.js";
import { EmbeddedSeries } from "../time-series/embedded.js";
import { migrations as seriesMigrations } from "../time-series/index.js";
import { Alerting } from "./alerting.js";
import { migrations } from "./migrations.js";
import { alertPage } from "./queries.js";
import type { MailSettings } from "./telling/mail.js";

export const START = Date.UTC(2026, 2, 2, 8);
export const TESTER = { actor: "tester", ip: null, requestId: null };

const OWN = [intakeMigrations, gatewayMigrations, seriesMigrations, migrations].flat();

/** Alerts over a site on a database of its own, with a clock that is moved by hand. Rounds are made when told. */
export class AlertedSite {
  readonly site: LocatedSite;
  readonly clock = new ManualClock({ wall: START });
  readonly gateways: Gateways;
  readonly series: EmbeddedSeries;
  readonly alerting: Alerting;
  /** What the catalogue says is in a wrong place; missing is nothing. */
  wrong: string[] = [];
  hears = true;

  private constructor(site: LocatedSite, mail: MailSettings | undefined, pushServices: readonly string[]) {
    const log = createLogger("test", { level: "silent" });
    const { test, live, places, stayChanges, cards, through } = site;
    const { clock } = this;
    const db = test.db;
    this.site = site;
    this.gateways = new Gateways({ db, log, live, clock });
    this.series = new EmbeddedSeries(db);
    const unplaced = { placeId: null, state: "here", confidence: 1, alternatives: [], why: "seen" } as const;
    this.alerting = new Alerting({
      db,
      log,
      clock,
      places,
      readers: SITE.readers,
      live,
      stayChanges,
      items: cards,
      gateways: this.gateways,
      agents: { through: async () => through },
      whereabouts: {
        of: async (_, ids) => new Map(ids.map((id) => [id, { ...unplaced, since: new Date(START), seenAt: null }])),
      },
      troubles: { all: async (_, kind) => (kind === "missing" ? [] : this.wrong) },
      series: [{ name: "database", series: this.series }],
      connected: () => this.hears,
      keepDays: 400,
      pushServices,
      mail,
      link: "http://storeward.test/",
    });
  }

  static readonly migrations = [...LocatedSite.migrations, ...OWN];

  static async open(mail?: MailSettings, pushServices: readonly string[] = []): Promise<AlertedSite> {
    const site = new AlertedSite(await LocatedSite.open(OWN), mail, pushServices);
    await site.gateways.sync(SITE.agents);
    await site.round();
    return site;
  }

  /** Exactly these, and nothing of what was before. */
  async set(setup: Partial<AlertSetup>): Promise<void> {
    await this.alerting.setup.replace({ rules: [], receivers: [], windows: [], ...setup }, TESTER);
    // Row by row: the deliverer may be at some of them.
    for (const table of ["alert_outbox", "alert", "alert_condition", "due"])
      await this.site.test.db.query(`DELETE FROM ${table}`);
    await this.site.test.db.query("UPDATE alert_evaluator SET judged = NULL");
  }

  /** Time passes, in which rules are looked at every so many seconds. */
  async pass(seconds: number, every = seconds): Promise<void> {
    for (let left = seconds; left > 0; left -= every) {
      await this.clock.advance(Math.min(every, left) * 1000);
      await this.round();
    }
  }

  async round(): Promise<void> {
    await this.gateways.tick();
    await this.alerting.evaluator.run();
  }

  /** What the agent says of itself. */
  says(agent: string, state: "online" | "offline"): void {
    const status = { v: 1, state, session: "5e".repeat(16), boot: "b0".repeat(16), config: 1, software: "test" };
    this.gateways.receive(agent, "status", Buffer.from(JSON.stringify(status)));
  }

  /** How the agent is, with what it has to say of itself. */
  tells(agent: string, problems: readonly DeviceProblem[]): void {
    const telemetry = telemetryOf(agent, { session: "5e".repeat(16), wall: this.clock.wall(), problems });
    this.gateways.receive(agent, "telemetry", Buffer.from(JSON.stringify(telemetry)));
  }

  /** Everything the agents have observed up to now is here. */
  heardAll(at = this.clock.wall()): void {
    for (const { id } of SITE.agents) this.site.through.set(id, new Date(at));
  }

  async alerts(): Promise<Alert[]> {
    return (await alertPage(this.site.sql, this.site.places, {})).alerts;
  }

  /** "opened: what", oldest first, as the outbox has them. */
  async told(): Promise<string[]> {
    const rows = await this.site.sql.query<{ event: string; body: string; target: string }>(
      "SELECT event, body, target FROM alert_outbox ORDER BY n",
    );
    return rows.map(({ event, body }) => `${event}: ${(JSON.parse(body) as { data: Alert }).data.what}`);
  }

  acknowledge(id: string, note: string): Promise<Alert> {
    return this.alerting.book.acknowledge(id, note, TESTER);
  }

  /** Follows where things have settled. */
  async follow(): Promise<void> {
    await this.site.followAll(this.alerting.follower);
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

export const DARK: AlertRule = {
  id: "dark",
  title: "Gateway dark",
  severity: "critical",
  when: { on: "gateway", is: "dark" },
  lasts: 60,
};

/** How an agent is of which there is nothing to be told but these problems. `wall` in ms since 1970. */
export function telemetryOf(
  agent: string,
  { session, wall, problems = [] }: { session: string; wall: number; problems?: readonly DeviceProblem[] },
): Telemetry {
  return {
    v: 1,
    agent,
    session,
    at: { boot: session, mono: 0, wall: new Date(wall).toISOString() },
    readers: [],
    journal: {
      epoch: session,
      ...{ head: 0, acked: 0, released: 0, oldest: 0 },
      ...{ bytes: 1, maxBytes: 1, full: false, refused: 0 },
    },
    uplink: { outstandingBytes: 0, credit: 0, resends: 0, rejects: 0, reconnects: 0 },
    filtered: { foreign: 0, persons: 0 },
    ...(problems.length === 0 ? {} : { problems: [...problems] }),
    host: { uptimeSeconds: 1, rssBytes: 1 },
  };
}
