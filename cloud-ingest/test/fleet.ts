import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Site } from "@storeward/contracts";
import { ChaosProxy } from "@storeward/reader-simulators";
import { createLogger, randomHex, systemClock } from "@storeward/runtime";
import { Uplink } from "../../edge-agent/src/uplink/uplink.js";
import { MemoryJournal, memoryDisk } from "../../edge-agent/test/memory-journal.js";
import { Mosquitto } from "../../edge-agent/test/mosquitto.js";
import { PooledDatabase } from "../src/database/pool.js";
import { OutsidePostgres } from "./servers.js";
import { ADMIN_PASSWORD } from "./test-service.js";
import { CloudProcess } from "./torture/cloud-process.js";

const log = createLogger("test", { level: "silent" });

/** An agent's own sending (its uplink and sender) on a journal in memory. */
class FleetAgent {
  readonly name: string;
  readonly journal = new MemoryJournal(memoryDisk(), systemClock, 1);
  readonly #uplink: Uplink;
  #port = 0;

  constructor(name: string, url: string, ledger: string) {
    this.name = name;
    this.#uplink = new Uplink({
      config: { agent: name, version: 1, cloud: { url, ledger, username: name, passwordFile: "" } },
      password: "",
      ca: undefined,
      hardware: "test",
      software: "test",
      journal: this.journal,
      through: () => systemClock.mono() - 100,
      coverage: () => [],
      onClock: () => undefined,
      clock: systemClock,
      log,
    });
  }

  start(): Promise<void> {
    return this.#uplink.start();
  }

  /** Journals so many observations, and sends them. */
  async observe(count: number): Promise<void> {
    const rows = Array.from({ length: count }, () => ({
      draft: { type: "input", reader: "r1", port: this.#port++, high: true } as const,
    }));
    await this.journal.append(rows);
    this.#uplink.wake();
  }

  get acked(): number {
    return this.journal.stats().acked;
  }

  get behind(): number {
    const { head, acked } = this.journal.stats();
    return head - acked;
  }

  stop(): Promise<void> {
    return this.#uplink.stop();
  }
}

/** Processes of the cloud as they are run, on one PostgreSQL and one Mosquitto of the system, with agents that observe all the time. */
export class Fleet {
  readonly agents: readonly FleetAgent[];
  readonly broker: Mosquitto;
  /** The database, past every line. */
  readonly db: PooledDatabase;
  readonly #postgres: OutsidePostgres;
  readonly #lines: Map<string, ChaosProxy> | undefined;
  readonly #folder: string;
  readonly #processes = new Map<string, CloudProcess>();
  readonly #site: Site;
  readonly #ledger = randomHex(16);
  #observing: NodeJS.Timeout | undefined;

  private constructor(
    folder: string,
    postgres: OutsidePostgres,
    broker: Mosquitto,
    { agents, lines }: { readonly agents: number; readonly lines: boolean },
  ) {
    this.#folder = folder;
    this.#lines = lines ? new Map() : undefined;
    this.#postgres = postgres;
    this.broker = broker;
    this.db = new PooledDatabase({ url: postgres.url() }, { max: 4, applicationName: "test" });
    const url = `mqtt://127.0.0.1:${broker.port}`;
    this.agents = Array.from({ length: agents }, (_, n) => new FleetAgent(`edge-${n}`, url, this.#ledger));
    this.#site = {
      site: { id: "ward", name: "Ward", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
      places: [{ id: "ward", name: "Ward", type: "site" }],
      readPoints: [],
      readers: [],
      agents: this.agents.map(({ name: id }) => ({ id })),
    };
  }

  /** @param options lines: a chaos proxy between each process and the database */
  static async make(agents: number, { lines = false } = {}): Promise<Fleet> {
    const folder = mkdtempSync(join(tmpdir(), "storeward-fleet-"));
    const postgres = new OutsidePostgres(join(folder, "postgres"));
    await postgres.start();
    const broker = new Mosquitto(join(folder, "mosquitto"));
    await broker.start();
    return new Fleet(folder, postgres, broker, { agents, lines });
  }

  /** Starts a process; returns when it is well. */
  async start(name: string): Promise<void> {
    let known = this.#processes.get(name);
    if (known === undefined) {
      known = await CloudProcess.create({
        folder: join(this.#folder, name),
        ledger: this.#ledger,
        site: this.#site,
        brokerPort: this.broker.port,
        databaseUrl: this.#postgres.url(await this.#linePort(name)),
      });
      this.#processes.set(name, known);
    }
    known.start();
    await known.healthy();
  }

  /** The line between a process and the database. */
  line(name: string): ChaosProxy {
    const line = this.#lines?.get(name);
    if (line === undefined) throw new Error(`${name} has no line of its own`);
    return line;
  }

  async #linePort(name: string): Promise<number> {
    if (this.#lines === undefined) return this.#postgres.port;
    const to = { host: "127.0.0.1", port: this.#postgres.port };
    const line = new ChaosProxy({ listen: 0, to, clock: systemClock, log });
    await line.start();
    this.#lines.set(name, line);
    return line.port;
  }

  /** Processes of the server that serve this one of ours, and are in a transaction; with what they were asked last. */
  async backends(name: string): Promise<{ pid: number; state: string; query: string }[]> {
    return this.db.query(
      `SELECT a.pid, a.state, a.query FROM pg_stat_activity a JOIN cloud_process p ON a.application_name = 'storeward-cloud ' || p.id
       WHERE p.home LIKE '%/' || $1 || '/data' AND a.xact_start IS NOT NULL`,
      [name],
    );
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#processes.get(name)?.signal(signal);
  }

  /** Ends a process and waits until it is gone. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.#processes.get(name)?.end(signal);
  }

  /** How many partitions each process holds that the database believes alive, by name. */
  async shares(): Promise<Record<string, number>> {
    const rows = await this.db.query<{ home: string; held: number }>(
      `SELECT p.home, count(l.partition) AS held FROM cloud_process p LEFT JOIN partition_lease l ON l.holder = p.id
       WHERE p.until > now() GROUP BY p.home`,
    );
    return Object.fromEntries(rows.map(({ home, held }) => [basename(dirname(home)), held]));
  }

  /** The answer of one process to somebody who is signed in. */
  async get<T>(name: string, path: string): Promise<T> {
    const url = this.#processes.get(name)?.url;
    const body = JSON.stringify({ username: "admin", password: ADMIN_PASSWORD });
    const headers = { "content-type": "application/json" };
    const { token } = (await (await fetch(`${url}/session`, { method: "POST", headers, body })).json()) as {
      token: string;
    };
    return (await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as T;
  }

  /** Every agent observes, some every moment, until `rest`. */
  async observe(): Promise<void> {
    for (const agent of this.agents) await agent.start();
    this.#observing = setInterval(() => {
      for (const agent of this.agents) void agent.observe(3);
    }, 200);
  }

  async rest(): Promise<void> {
    clearInterval(this.#observing);
    for (const agent of this.agents) await agent.observe(1);
    await this.until(() => this.agents.every(({ behind }) => behind === 0));
  }

  /** Waits until everything of every agent that is journaled now is committed; returns ms. */
  async caughtUp(): Promise<number> {
    const began = systemClock.mono();
    const heads = this.agents.map(({ journal }) => journal.stats().head);
    await this.until(() => this.agents.every(({ journal }, n) => journal.stats().acked >= (heads[n] ?? 0)));
    return systemClock.mono() - began;
  }

  /** Waits until every follower of the journal has handled all that is in it now; returns ms. */
  async followed(): Promise<number> {
    const heads = await this.db.query<{ partition: number; pos: number }>("SELECT partition, pos FROM journal_head");
    const partitions = heads.map(({ partition }) => partition);
    const positions = heads.map(({ pos }) => pos);
    return this.until(async () => (await this.db.query(BEFORE, [partitions, positions])).length === 0);
  }

  /** What is wrong: rows that are not there once, in order; followers that are behind, or have put something aside. Nothing, in the end. */
  async faults(): Promise<string[]> {
    const { db } = this;
    const faults: string[] = [];
    for (const { name, journal } of this.agents) {
      const rows = await db.query<{ seq: number }>("SELECT seq FROM journal WHERE agent = $1 ORDER BY pos", [name]);
      const { head } = journal.stats();
      if (rows.length !== head) faults.push(`${name} journaled ${head}, and ${rows.length} are in the cloud`);
      if (rows.some(({ seq }, n) => seq !== n + 1)) faults.push(`rows of ${name} are out of order`);
    }
    await this.until(async () => (await db.query(BEHIND)).length === 0);
    const parked = await db.query("SELECT 1 FROM parked_row");
    if (parked.length > 0) faults.push(`${parked.length} rows were put aside`);
    return faults;
  }

  async count(): Promise<number> {
    const [row] = await this.db.query<{ count: number }>("SELECT count(*) FROM journal");
    return row?.count ?? 0;
  }

  async until(holds: () => boolean | Promise<boolean>, limitMs = 120_000): Promise<number> {
    const began = systemClock.mono();
    while (!(await holds())) {
      if (systemClock.mono() - began > limitMs) throw new Error("it never came to this");
      await wait(50);
    }
    return systemClock.mono() - began;
  }

  async remove(): Promise<void> {
    clearInterval(this.#observing);
    for (const agent of this.agents) await agent.stop();
    for (const one of this.#processes.values()) {
      one.signal("SIGCONT");
      await one.end("SIGTERM");
    }
    for (const line of this.#lines?.values() ?? []) await line.stop();
    await this.broker.kill();
    await this.db.close();
    await this.#postgres.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const BEFORE = `SELECT 1 FROM follower_cursor c JOIN unnest($1::int4[], $2::int8[]) AS h(partition, pos) USING (partition)
  WHERE c.pos < h.pos AND c.follower IN ('coverage', 'evidence', 'series') LIMIT 1`;
const BEHIND = `SELECT 1 FROM follower_cursor c JOIN journal_head h USING (partition)
  WHERE c.pos < h.pos AND c.follower IN ('coverage', 'evidence', 'series') LIMIT 1`;
