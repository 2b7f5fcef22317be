import {
  AgentStatus,
  type AgentTopic,
  type CommandAnswer,
  type Gateway,
  type Hello,
  type LiveEvent,
  Telemetry,
} from "@storeward/contracts";
import { type Clock, type Logger, type Part, systemClock, type Timer, validator } from "@storeward/runtime";
import type { Database, Sql, Transaction } from "../database/index.js";
import { isStorable, storable } from "../intake/index.js";
import type { PlainLog } from "../journal/index.js";
import { noteAnswers } from "./device/commands.js";
import { gatewayList } from "./gateway-list.js";
import { createTelemetryLog, type TelemetrySample } from "./telemetry-log.js";

export interface GatewaysOptions {
  readonly db: Database;
  readonly log: Logger;
  /** Where changes of a gateway's state are shown. */
  readonly live: { append(tx: Transaction, event: LiveEvent): void };
  /** What an agent says that it runs with is written down. */
  readonly onStatus?: (agent: string) => void;
  /** Where what agents say of their health is kept. */
  readonly telemetry?: PlainLog<TelemetrySample>;
  /** Whether it is for this process to show what changes of an agent; default of all. */
  readonly shows?: (agent: string) => boolean;
  readonly clock?: Clock;
}

const isStatus = validator(AgentStatus);
const isTelemetry = validator(Telemetry);

/** An agent sends something at least every 15 s. */
const SILENT_MS = 45_000;
const TICK_MS = 1_000;
/** Health is telemetry's: looked through for changes that are worth an event this often. */
const LOOK_EVERY_TICKS = 5;

/** The latest of each kind that an agent said and that is not written down yet: bounded by the number of agents. */
interface Heard {
  at: number;
  status?: AgentStatus;
  telemetry?: { readonly value: Telemetry; readonly at: number };
  hello?: Hello;
  forked?: boolean;
  /** To commands; few, and the latest of them. */
  answers?: readonly CommandAnswer[];
}

const MAX_ANSWERS = 32;

/** The fleet: who is connected, how each device is. */
export class Gateways implements Part {
  readonly name = "gateways";
  readonly #options: GatewaysOptions;
  readonly #clock: Clock;
  readonly #samples: PlainLog<TelemetrySample>;
  readonly #heard = new Map<string, Heard>();
  readonly #shown = new Map<string, string>();
  #known: ReadonlySet<string> = new Set();
  #timer: Timer | undefined;
  #ticks = 0;
  #working: Promise<void> | undefined;

  constructor(options: GatewaysOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#samples = options.telemetry ?? createTelemetryLog(this.#clock);
  }

  /** Brings the register to the site's description: agents that are no longer in it are not listed any more. */
  async sync(agents: readonly { readonly id: string; readonly name?: string | undefined }[]): Promise<void> {
    await this.#options.db.transaction(async (tx) => {
      await tx.query("UPDATE gateway SET listed = false WHERE listed AND NOT agent = ANY($1::text[])", [
        agents.map(({ id }) => id),
      ]);
      await tx.query(
        `INSERT INTO gateway (agent, name) SELECT * FROM unnest($1::text[], $2::text[])
         ORDER BY 1 ON CONFLICT (agent) DO UPDATE SET name = excluded.name, listed = true`,
        [agents.map(({ id }) => id), agents.map(({ id, name }) => name ?? id)],
      );
    });
    this.#known = new Set(agents.map(({ id }) => id));
  }

  async start(): Promise<void> {
    this.#timer = this.#clock.every(TICK_MS, () => {
      this.#working ??= this.tick().finally(() => {
        this.#working = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
    await this.tick();
  }

  /** What an agent published besides its journal. Unknown agents and what cannot be read are passed over. */
  receive(agent: string, leaf: AgentTopic, payload: Buffer): void {
    const heard = this.#hear(agent);
    if (heard === undefined) return;
    if (leaf !== "status" && leaf !== "telemetry") return;
    const value = parse(payload);
    if (leaf === "status") {
      const status = isStatus(value);
      if (status.ok) heard.status = status.value;
    } else {
      const telemetry = isTelemetry(value);
      if (!telemetry.ok || telemetry.value.agent !== agent) return;
      // Answers are kept with their commands: of health they say nothing.
      const { answers = [], ...health } = telemetry.value;
      heard.telemetry = { value: health, at: this.#clock.wall() };
      if (answers.length > 0) heard.answers = [...(heard.answers ?? []), ...answers].slice(-MAX_ANSWERS);
    }
  }

  onHello(agent: string, hello: Hello): void {
    const heard = this.#hear(agent);
    if (heard !== undefined) heard.hello = hello;
  }

  onFork(agent: string): void {
    const heard = this.#hear(agent);
    if (heard !== undefined) heard.forked = true;
  }

  /** Agents that are connected, as any process has heard. */
  async connected(sql: Sql): Promise<string[]> {
    const rows = await sql.query<{ agent: string }>("SELECT agent FROM gateway WHERE listed AND state = 'online'");
    return rows.map(({ agent }) => agent);
  }

  list(sql: Sql): Promise<Gateway[]> {
    return gatewayList(sql, this.#clock.wall());
  }

  /** Writes down what was heard and tells who listens of what has changed. What the database does not take now is kept for the next time. */
  async tick(): Promise<void> {
    // In the order in which every process writes, or two that start or change hands would wait for each other.
    const heard = [...this.#heard].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#heard.clear();
    try {
      await this.#options.db.transaction(async (tx) => {
        for (const [agent, what] of heard) await this.#write(tx, agent, what);
        await this.#silence(tx);
      });
    } catch (error) {
      for (const [agent, what] of heard) {
        const since = this.#heard.get(agent);
        const answers = [...(what.answers ?? []), ...(since?.answers ?? [])].slice(-MAX_ANSWERS);
        this.#heard.set(agent, { ...what, ...since, answers });
      }
      this.#options.log.debug({ err: error }, "What gateways said was not written down yet");
      return;
    }
    for (const [agent, { status }] of heard) if (status?.state === "online") this.#options.onStatus?.(agent);
    const changes = heard.some(
      ([, { status, hello, forked }]) => status !== undefined || hello !== undefined || forked,
    );
    if (changes || this.#ticks++ % LOOK_EVERY_TICKS === 0) await this.#show();
  }

  #hear(agent: string): Heard | undefined {
    if (!this.#known.has(agent)) return undefined;
    const heard = this.#heard.get(agent) ?? { at: 0 };
    heard.at = this.#clock.wall();
    this.#heard.set(agent, heard);
    return heard;
  }

  async #write(
    tx: Transaction,
    agent: string,
    { at, status, telemetry, hello, forked, answers }: Heard,
  ): Promise<void> {
    const now = new Date(at);
    const offline = status?.state === "offline";
    if (hello !== undefined) {
      const current = hello.epochs.at(-1);
      await tx.query(
        "UPDATE gateway SET session = $2, hardware = $3, software = $4, epoch = $5, head = $6 WHERE agent = $1",
        [agent, hello.session, storable(hello.hardware), storable(hello.software), current?.epoch, current?.head],
      );
    }
    // The last will of an earlier connection comes late: it says nothing of the one there is now.
    if (offline)
      await tx.query(
        `UPDATE gateway SET state = 'offline', since = $2 WHERE agent = $1 AND state <> 'offline'
           AND (session IS NULL OR session = $3)`,
        [agent, now, status.session],
      );
    else
      await tx.query(
        `UPDATE gateway SET state = 'online', since = CASE WHEN state = 'online' THEN since ELSE $2 END, heard_at = $2,
           session = coalesce($3, session), software = coalesce($4, software), forked_at = CASE WHEN $5 THEN $2 ELSE forked_at END
         WHERE agent = $1`,
        [agent, now, status?.session ?? null, status === undefined ? null : storable(status.software), forked ?? false],
      );
    if (status?.state === "online")
      await tx.query("UPDATE gateway SET config = $2, config_refused = $3 WHERE agent = $1", [
        agent,
        status.config,
        status.refused === undefined
          ? null
          : JSON.stringify({ ...status.refused, text: storable(status.refused.text) }),
      ]);
    if (answers !== undefined) await noteAnswers(tx, agent, answers, now);
    if (telemetry === undefined) return;
    const text = JSON.stringify(telemetry.value);
    if (!isStorable(text)) return;
    const { epoch, head } = telemetry.value.journal;
    const fresh = await tx.query(
      `UPDATE gateway SET telemetry = $2, telemetry_at = $3, epoch = $4, head = $5 
       WHERE agent = $1 AND (telemetry_at IS DISTINCT FROM $3 OR telemetry IS DISTINCT FROM $2::jsonb) RETURNING 1`,
      [agent, text, new Date(telemetry.at), epoch, head],
    );
    // It was committed before, and the answer to that was not heard.
    if (fresh.length === 0) return;
    const [{ through } = { through: null }] = await tx.query<{ through: Date | null }>(
      "SELECT max(through) AS through FROM intake_cursor WHERE agent = $1",
      [agent],
    );
    await this.#samples.append(tx, 0, [{ ...telemetry.value, through: through?.toISOString() ?? null }]);
  }

  /** Whoever is silent too long is offline, whatever the broker believes. */
  async #silence(tx: Transaction): Promise<void> {
    await tx.query(
      `UPDATE gateway SET state = 'offline', since = heard_at WHERE agent IN (
         SELECT agent FROM gateway WHERE state = 'online' AND heard_at < $1 FOR UPDATE SKIP LOCKED
       )`,
      [new Date(this.#clock.wall() - SILENT_MS)],
    );
  }

  async #show(): Promise<void> {
    const { db, live, log, shows = () => true } = this.#options;
    try {
      for (const gateway of await this.list(db)) {
        if (!shows(gateway.agent)) {
          // What was shown here is old once another has shown something else.
          this.#shown.delete(gateway.agent);
          continue;
        }
        const face = faceOf(gateway);
        if (this.#shown.get(gateway.agent) === face) continue;
        await db.transaction(async (tx) => live.append(tx, { type: "gateway", data: gateway }));
        this.#shown.set(gateway.agent, face);
      }
    } catch (error) {
      log.debug({ err: error }, "Changes of gateways are not shown yet");
    }
  }
}

/** What makes a difference to somebody who watches: states, not counters. */
function faceOf({ agent, name, state, trouble, telemetry, configuration }: Gateway): string {
  const readers = telemetry?.readers.map(({ reader, state: is, antennas }) => [
    reader,
    is,
    antennas.map(({ antenna, state: coverage }) => [antenna, coverage]),
  ]);
  return JSON.stringify([agent, name, state, trouble, configuration, readers]);
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}
