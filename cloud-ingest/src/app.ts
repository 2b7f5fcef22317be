import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { partitionOf } from "@storeward/contracts";
import { type Clock, crashAt, Lifecycle, type Logger, type Part, randomHex, systemClock } from "@storeward/runtime";
import { Access, routes as accessRoutes } from "./access/index.js";
import { Alerting } from "./alerts/index.js";
import { FOLLOWERS } from "./archive/index.js";
import { routes as auditRoutes, SYSTEM } from "./audit/index.js";
import { Accounts, CloudLink, EmbeddedBroker } from "./broker/index.js";
import { routes as catalogRoutes, ItemBook, Troubles } from "./catalog/index.js";
import type { CloudSettings } from "./config.js";
import {
  connectionName,
  migrate,
  openDatabase,
  ordinaryLimits,
  type ServiceDatabase,
  type Transaction,
} from "./database/index.js";
import { FolderLock } from "./folder-lock.js";
import { Following } from "./following.js";
import {
  Configurations,
  Coverage,
  CoverageFollower,
  createTelemetryLog,
  DeviceCommands,
  deviceRoutes,
  Gateways,
  routes as gatewayRoutes,
  Signer,
} from "./gateways/index.js";
import { healthOf } from "./health.js";
import { HttpServer, sessionCookie } from "./http/index.js";
import { claimLedger, Intake, Redater, Release, retake } from "./intake/index.js";
import { Journal, ParkedRetrier } from "./journal/index.js";
import { Leases, routes as leaseRoutes } from "./leases/index.js";
import { LiveHub, routes as liveRoutes } from "./live/index.js";
import {
  createEvidenceLog,
  createStayChangeLog,
  EvidenceFollower,
  Forgetter,
  LocationsFollower,
  routes as locationRoutes,
  Preliminary,
  Settler,
  Watch,
  Whereabouts,
} from "./locations/index.js";
import { Places, routes as placeRoutes } from "./places/index.js";
import { Retention, storageOf } from "./retention.js";
import { schema } from "./schema.js";
import { Retaker, routes as setbackRoutes } from "./setbacks/index.js";
import { ActingJournal, SourceIntake, routes as sourceRoutes } from "./sources/index.js";
import { KnownAssignments, TagActs, Tags, routes as tagRoutes } from "./tags/index.js";
import {
  markDirty,
  openSeries,
  SeriesFollower,
  SeriesSampler,
  SeriesWriter,
  StaysFollower,
  routes as seriesRoutes,
  syncTargets,
  TelemetryFollower,
} from "./time-series/index.js";
import { version } from "./version.js";

export interface CloudOptions {
  readonly settings: CloudSettings;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** So many rows wait for a follower that other work gives way. */
const MANY_ROWS = 2_000;
/** What nobody waits for is followed a few times a second: a round costs as much as a hundred rows. */
const GATHER_MS = 250;
/** A stop waits so long for the database. */
const PATIENCE_MS = 8_000;
const WEB = fileURLToPath(new URL("../../dashboards/dist", import.meta.url));

/** The cloud service: every part built and handed what it needs. The only place that knows them all. */
export class Cloud implements Part {
  readonly name = "storeward-cloud";
  readonly #parts: Lifecycle;
  readonly #http: HttpServer;
  readonly #broker: EmbeddedBroker | undefined;
  readonly #clock: Clock;
  readonly db: ServiceDatabase;

  constructor({ settings, log, clock = systemClock }: CloudOptions) {
    const { config, site } = settings;
    this.#clock = clock;
    const parts = new Lifecycle(this.name, { stopLimitMs: 12_000 });
    this.#parts = parts;
    parts.add(new FolderLock(config.data));
    const processId = randomHex(16);
    const db = parts.add(
      openDatabase({
        data: config.data,
        url: settings.databaseUrl,
        log,
        clock,
        applicationName: connectionName(processId),
        limits: ordinaryLimits(config.database.statementSeconds * 1000),
      }),
    );
    this.db = db;

    const journal = new Journal({ clock });
    const evidence = createEvidenceLog(clock);
    const stayChanges = createStayChangeLog(clock);
    const places = new Places({ db, log });
    const tags = new Tags();
    const assignments = new KnownAssignments(tags);
    const cards = new ItemBook();
    const coverage = new Coverage({ clock });
    const live = new LiveHub({ db, names: cards, log, clock });
    const signer = new Signer(settings.configKey);
    const deviceLink = () => link;
    const hasReadPoint = (id: string) => places.readPoint(id) !== undefined;
    const configurations = new Configurations({ db, signer, link: deviceLink, hasReadPoint, log, clock });
    const commands = new DeviceCommands({ db, signer, link: deviceLink, clock });
    const telemetry = createTelemetryLog(clock);
    const onStatus = (agent: string) => configurations.onStatus(agent);
    const shows = (agent: string) => leases.holds(partitionOf(agent));
    const gateways = new Gateways({ db, log, live, telemetry, clock, onStatus, shows });
    const whereabouts = new Whereabouts({ directory: places, blindness: coverage, clock });
    const watch = new Watch({ directory: places, blindness: coverage, clock });
    const acts = new TagActs({ tags, journal, items: cards, clock });
    const access = new Access({ db, clock });
    const series = settings.timeSeries.map((target) => openSeries(db, target));
    const [shown = openSeries(db, { target: { kind: "database" } })] = series;
    const troubles = new Troubles({ places, whereabouts, watch, clock });
    const alerting = new Alerting({
      db,
      log,
      clock,
      places,
      readers: site.readers,
      live,
      stayChanges,
      items: cards,
      gateways,
      agents: coverage,
      whereabouts,
      troubles,
      series: [shown, ...series],
      connected: () => link.connected,
      keepDays: config.keep.days,
      mail: settings.mail,
      link: config.alerts.link,
    });

    parts.add(
      step("schema", async () => {
        for (const warning of settings.warnings) log.warn(warning);
        if (crashAt !== undefined)
          log.warn({ crashAt }, "STOREWARD_CRASH_AT is set: this process will kill itself, as a test wants it");
        await migrate(db, schema);
        await claimLedger(db, config.ledger);
        await places.sync(site);
        await gateways.sync(site.agents);
        const names = series.map(({ name }) => name);
        await syncTargets(db, names, clock.wall());
        await alerting.setup.ensureDefaults();
        const { username } = config.admin;
        if (settings.adminPassword !== undefined)
          await access.ensureAdministrator({ username, password: settings.adminPassword });
      }),
    );
    const retention = parts.add(new Retention({ db, log, clock, keep: config.keep }));
    parts.add(live);

    const following = new Following({
      db,
      parts,
      retention,
      holds: (partition) => leases.holds(partition),
      isBusy: () => intake.isBusy,
      log,
      clock,
    });
    const { runners } = following;
    const lag = () => following.lag();
    following.follow(new CoverageFollower(journal), GATHER_MS);
    following.follow(
      new EvidenceFollower({ journal, evidence, directory: places, tags: assignments, cards, live, clock }),
    );
    following.follow(new LocationsFollower({ evidence, directory: places, live, clock }));
    following.follow(new SeriesFollower({ journal }), GATHER_MS);
    following.follow(new StaysFollower({ stayChanges, items: cards, directory: places }), GATHER_MS);
    following.follow(new TelemetryFollower({ telemetry }), GATHER_MS);
    following.follow(alerting.follower);
    parts.add(new ParkedRetrier({ db, runners, log, clock }));
    const acting = new ActingJournal({ journal, tags, items: cards, clock, by: SYSTEM });
    const retaking = { db, journal: acting, tags, clock, version };
    parts.add(new Retaker({ ...retaking, log }));
    const busy = () => intake.isBusy || lag() > MANY_ROWS;
    parts.add(new Settler({ db, stayChanges, agents: coverage, directory: places, live, log, clock, busy }));
    const preliminary = parts.add(new Preliminary({ db, agents: coverage, directory: places, log, clock }));
    parts.add(new Forgetter({ db, log, clock }));
    parts.add(new SeriesSampler({ db, unknown: whereabouts, troubles, keepDays: config.keep.days, log, clock }));
    const writerOf = (target: (typeof series)[number]) =>
      parts.add(new SeriesWriter({ db, target, places, log, clock, busy }));
    const seriesWriters = new Map(series.map((target) => [target.name, writerOf(target)]));
    parts.add(new Release({ db, log, after: config.release.after, clock }));
    parts.add(gateways);

    parts.add(new Redater({ db, journal: acting, followers: FOLLOWERS.journal ?? [], lag, log, clock }));
    const onLost = (tx: Transaction, at: Date) => markDirty(tx, { gaps: [at] });
    const intake = parts.add(
      new Intake({
        db,
        journal,
        tags,
        log,
        ledger: config.ledger,
        clock,
        lag,
        share: () => leases.share,
        send: (agent, text) => link.publish(agent, "ack", text),
        onHello: (agent, hello) => gateways.onHello(agent, hello),
        onFork: (agent) => gateways.onFork(agent),
        onLost,
      }),
    );
    const sourceIntake = new SourceIntake({
      db,
      journal,
      tags,
      items: cards,
      log,
      ledger: config.ledger,
      clock,
      onLost,
    });
    const { broker } = config;
    this.#broker =
      broker.url === undefined
        ? parts.add(new EmbeddedBroker({ ...broker, accounts: new Accounts(broker.accounts ?? ""), log }))
        : undefined;
    const link = parts.add(
      new CloudLink({
        ...broker,
        url: () => broker.url ?? this.#ownBrokerUrl(),
        // Our own listener's certificate need not be known to the world.
        own: broker.url === undefined,
        password: settings.brokerPassword,
        log,
        clock,
        onMessage: (agent, leaf, payload, retained) => {
          if (leaf === "batch") intake.receive(agent, payload);
          else if (leaf === "status" && retained) intake.meet(agent, payload);
          else if (leaf === "snapshot") preliminary.receive(agent, payload);
          gateways.receive(agent, leaf, payload);
        },
      }),
    );

    parts.add(alerting.deliverer);
    parts.add(alerting.evaluator);
    parts.add(configurations);
    const leases = new Leases({
      db,
      prompt: db.prompt,
      log,
      clock,
      self: {
        id: processId,
        home: `${hostname()}:${config.data}`,
        software: version,
        alone: broker.url === undefined || settings.databaseUrl === undefined,
      },
      hears: () => link.hears,
      onChange: (held) => {
        link.hear(held);
        // To know what is not heard.
        gateways.connected(db).then(
          (agents) => link.expect(agents),
          (error: unknown) => log.debug({ err: error }, "Who is connected is not known yet"),
        );
      },
      finish: (partitions) => intake.finish(partitions),
    });

    const cookie = sessionCookie(config.ledger);
    const simulation = config.simulation && {
      url: config.simulation.url,
      byCode: (code: string) => places.byCode(code),
    };
    this.#http = parts.add(
      new HttpServer({
        listen: config.http,
        log,
        version,
        authenticator: access,
        cookie,
        web: WEB,
        simulation,
        health: () => healthOf({ db, clock, gateways, link, runners, intake, seriesWriters, leases }),
        routes: [
          accessRoutes({ access, tls: config.http.tls !== undefined, cookie }),
          placeRoutes({
            sql: db,
            places,
            itemCounts: (sql) => whereabouts.countByPlace(sql),
            coverage: (sql) => coverage.at(sql),
          }),
          deviceRoutes({ sql: db, configurations, commands }),
          gatewayRoutes({ sql: db, gateways, storage: (sql) => storageOf(sql, config.keep) }),
          setbackRoutes({ db, retake: (agent) => retake({ ...retaking, agent }) }),
          catalogRoutes({ db, places, whereabouts, cards, acts, preliminary, watch, clock }),
          tagRoutes({ db, acts }),
          sourceRoutes({ db, intake: sourceIntake, journal, tags, items: cards, clock }),
          locationRoutes({ sql: db, directory: places, cards, blindness: coverage, whereabouts, clock }),
          seriesRoutes({ series: shown.series, clock }),
          liveRoutes({ live }),
          alerting.routes,
          auditRoutes({ sql: db }),
          leaseRoutes({ sql: db, leases }),
        ],
      }),
    );
    // The last to start, when everything is there to do the work, and the first to stop, so that others take it at once.
    parts.add(leases);
  }

  async start(): Promise<void> {
    await this.#parts.start();
  }

  /** Finishes what is in hand; a database that does not do its part of that soon is not waited for. */
  async stop(): Promise<void> {
    const patience = this.#clock.after(PATIENCE_MS, () => this.db.abandon());
    await this.#parts.stop().finally(() => patience.stop());
  }

  /** The ports it listens on; the broker's is 0 when that is another's. */
  get ports(): { http: number; broker: number } {
    return { http: this.#http.port, broker: this.#broker?.port ?? 0 };
  }

  #ownBrokerUrl(): string {
    return this.#broker?.ownUrl ?? "";
  }
}

/** Something done once, in its place in the order of the start. */
function step(name: string, start: () => Promise<void>): Part {
  return { name, start, stop: async () => undefined };
}
