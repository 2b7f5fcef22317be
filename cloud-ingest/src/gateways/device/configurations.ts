import {
  type ConfigDocument,
  ConfigRefusal,
  type ConfigState,
  type GatewayConfiguration,
  MAX_PACKET_BYTES,
  type RemoteConfiguration,
} from "@storeward/contracts";
import { type Clock, isoMs, type Logger, type Part, systemClock, type Timer, validator } from "@storeward/runtime";
import { type AuditSource, audit } from "../../audit/index.js";
import type { Database, Sql, Transaction } from "../../database/index.js";
import { E } from "./errors.js";
import type { DeviceLink, Signer } from "./signer.js";

export interface ConfigurationsOptions {
  readonly db: Database;
  readonly signer: Signer;
  readonly link: () => DeviceLink;
  /** Whether the site has this read point. */
  readonly hasReadPoint: (id: string) => boolean;
  readonly clock?: Clock | undefined;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
/** A device that was away for longer is told anew as soon as it says what it runs with. */
const GOOD_FOR_MS = 7 * DAY_MS;
const TICK_MS = 1_000;
const KEPT_VERSIONS = 50;
/** The rest of a packet is its topic and the envelope. */
const MAX_BYTES = MAX_PACKET_BYTES - 4_096;

const isRefusal = validator(ConfigRefusal);

interface Row {
  agent: string;
  config: number | null;
  config_refused: unknown;
  version: number | null;
  configuration: RemoteConfiguration | null;
  set_at: Date | null;
  set_by: string | null;
}

const SELECT = `SELECT g.agent, g.config, g.config_refused, c.version, c.configuration, c.set_at, c.set_by
  FROM gateway g LEFT JOIN LATERAL (
    SELECT version, configuration, set_at, set_by FROM gateway_configuration WHERE agent = g.agent ORDER BY version DESC LIMIT 1
  ) c ON true WHERE g.listed`;

/** What devices are to run with: truth is here, in the database; the broker's retained copy is only how it gets there. */
export class Configurations implements Part {
  readonly name = "gateway configurations";
  readonly #options: ConfigurationsOptions;
  readonly #clock: Clock;
  /** Devices that may run with an older one: looked at with the next tick. */
  readonly #due = new Set<string>();
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;

  constructor(options: ConfigurationsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** A broker in memory has forgotten everything: all is published again. */
  async start(): Promise<void> {
    if (!this.#options.signer.able) return;
    const rows = await this.#options.db.query<{ agent: string }>("SELECT DISTINCT agent FROM gateway_configuration");
    for (const { agent } of rows) this.#due.add(agent);
    this.#timer = this.#clock.every(TICK_MS, () => {
      this.#working ??= this.tick().finally(() => {
        this.#working = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
  }

  /** A device has said what it runs with, and it is written down. */
  onStatus(agent: string): void {
    if (this.#options.signer.able) this.#due.add(agent);
  }

  async get(sql: Sql, agent: string): Promise<GatewayConfiguration> {
    const [row] = await sql.query<Row>(`${SELECT} AND g.agent = $1`, [agent]);
    if (row === undefined) throw E.GATEWAY_UNKNOWN({ agent });
    return configurationOf(row);
  }

  /** Sets what a device is to run with; the same as before is no new version, unless the device refused it. */
  async set(agent: string, configuration: RemoteConfiguration, source: AuditSource): Promise<GatewayConfiguration> {
    const { db, signer } = this.#options;
    signer.assertAble();
    this.#check(agent, configuration);
    const now = new Date(this.#clock.wall());
    const set = await db.transaction(async (tx) => {
      const [known] = await tx.query<{ config: number | null }>(
        "SELECT config FROM gateway WHERE agent = $1 AND listed FOR UPDATE",
        [agent],
      );
      if (known === undefined) throw E.GATEWAY_UNKNOWN({ agent });
      if (known.config === null) throw E.GATEWAY_NEVER_HEARD({ agent });
      const { latest, state } = await this.get(tx, agent);
      if (
        latest !== null &&
        state.refused?.version !== latest.version &&
        (await this.#isLatest(tx, agent, configuration))
      )
        return this.get(tx, agent);
      const version = Math.max(latest?.version ?? 0, known.config) + 1;
      await tx.query(
        "INSERT INTO gateway_configuration (agent, version, configuration, set_at, set_by) VALUES ($1, $2, $3, $4, $5)",
        [agent, version, JSON.stringify(configuration), now, source.actor],
      );
      await tx.query("DELETE FROM gateway_configuration WHERE agent = $1 AND version <= $2", [
        agent,
        version - KEPT_VERSIONS,
      ]);
      const detail = { version, readers: configuration.readers.length, readPoints: configuration.readPoints.length };
      await audit(tx, { ...source, action: "gateway.configured", subject: `gateway:${agent}`, detail });
      return this.get(tx, agent);
    });
    this.#due.add(agent);
    return set;
  }

  /** Publishes what devices do not run with yet. While the broker is away everything waits. */
  async tick(): Promise<void> {
    const { db, log } = this.#options;
    const link = this.#options.link();
    if (this.#due.size === 0 || !link.connected) return;
    const agents = [...this.#due];
    this.#due.clear();
    try {
      const rows = await db.query<Row>(`${SELECT} AND g.agent = ANY($1::text[]) AND c.version IS NOT NULL`, [agents]);
      for (const row of rows) this.#publish(link, row);
    } catch (error) {
      for (const agent of agents) this.#due.add(agent);
      log.debug({ err: error }, "Configurations of gateways are not published yet");
    }
  }

  #publish(link: DeviceLink, { agent, config, config_refused, version, configuration }: Row): void {
    if (version === null || configuration === null) return;
    // What it runs with, or will not take, need not be said again; one that has forgotten it says an older version.
    const refused = isRefusal(config_refused);
    if ((config ?? 0) >= version || (refused.ok && refused.value.version === version)) return;
    const now = this.#clock.wall();
    const document: ConfigDocument = {
      v: 1,
      agent,
      version,
      issued: isoMs(now),
      expires: isoMs(now + GOOD_FOR_MS),
      configuration,
    };
    link.publish(agent, "config", this.#options.signer.sign("config", document), { retain: true });
    this.#options.log.info({ agent, version, running: config }, "A gateway is told its configuration");
  }

  async #isLatest(tx: Transaction, agent: string, configuration: RemoteConfiguration): Promise<boolean> {
    const [same] = await tx.query<{ same: boolean }>(
      "SELECT configuration = $2::jsonb AS same FROM gateway_configuration WHERE agent = $1 ORDER BY version DESC LIMIT 1",
      [agent, JSON.stringify(configuration)],
    );
    return same?.same ?? false;
  }

  /** What the device could not know, or would have to refuse. Whether it all fits together the device says. */
  #check(agent: string, configuration: RemoteConfiguration): void {
    for (const { id, agent: other } of configuration.readers)
      if (other !== agent) throw E.CONFIG_OF_OTHER_AGENT({ reader: id, other, agent });
    for (const { id } of configuration.readPoints)
      if (!this.#options.hasReadPoint(id)) throw E.CONFIG_READ_POINT_UNKNOWN({ readPoint: id });
    const bytes = Buffer.byteLength(JSON.stringify(configuration));
    if (bytes > MAX_BYTES) throw E.CONFIG_TOO_LARGE({ bytes, max: MAX_BYTES });
  }
}

/** How a device stands to what is wanted of it; a refusal of what is no longer wanted is none. */
export function stateOf({
  config,
  config_refused,
  wanted,
}: {
  readonly config: number | null;
  readonly config_refused: unknown;
  readonly wanted: number | null;
}): ConfigState {
  const refused = isRefusal(config_refused);
  return { applied: config, wanted, refused: refused.ok && refused.value.version === wanted ? refused.value : null };
}

function configurationOf({
  agent,
  config,
  config_refused,
  version,
  configuration,
  set_at,
  set_by,
}: Row): GatewayConfiguration {
  const latest =
    version === null || configuration === null || set_at === null || set_by === null
      ? null
      : { version, setAt: isoMs(set_at.getTime()), setBy: set_by, configuration };
  return { agent, state: stateOf({ config, config_refused, wanted: version }), latest };
}
