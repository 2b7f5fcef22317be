import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createLogger, randomHex, systemClock } from "@storeward/runtime";
import { Uplink } from "../../edge-agent/src/uplink/uplink.js";
import { findMosquitto, freePort, MosquittoBroker } from "../../edge-agent/test/brokers.js";
import { MemoryJournal, memoryDisk } from "../../edge-agent/test/memory-journal.js";
import { type TestDatabase, testDatabase, urlOf } from "../src/database/testing.js";

const log = createLogger("test", { level: "silent" });
const COMMAND = fileURLToPath(new URL("../bin/storeward-cloud.js", import.meta.url));
const PASSWORD = "the administrator's";

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

  get behind(): number {
    const { head, acked } = this.journal.stats();
    return head - acked;
  }

  stop(): Promise<void> {
    return this.#uplink.stop();
  }
}

interface Process {
  readonly config: string;
  readonly port: number;
  child: ChildProcess | undefined;
}

/** Processes of the cloud as they are run, on the system's PostgreSQL and Mosquitto, with agents that observe all the time. */
export class Fleet {
  readonly agents: readonly FleetAgent[];
  readonly broker: MosquittoBroker;
  readonly #database: TestDatabase;
  readonly #folder: string;
  readonly #processes = new Map<string, Process>();
  readonly #env: NodeJS.ProcessEnv;
  readonly #site: string;
  readonly #ledger: string;
  #observing: NodeJS.Timeout | undefined;

  private constructor(options: { database: TestDatabase; broker: MosquittoBroker; folder: string; agents: number }) {
    this.#database = options.database;
    this.broker = options.broker;
    this.#folder = options.folder;
    this.#ledger = randomHex(16);
    const url = `mqtt://127.0.0.1:${options.broker.port}`;
    this.agents = Array.from({ length: options.agents }, (_, n) => new FleetAgent(`edge-${n}`, url, this.#ledger));
    this.#site = join(options.folder, "site.yaml");
    const agents = this.agents.map(({ name: id }) => ({ id }));
    const places = [{ id: "ward", name: "Ward", type: "site" }];
    const site = { id: "ward", name: "Ward", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" };
    writeFileSync(this.#site, JSON.stringify({ site, places, readPoints: [], readers: [], agents }));
    writeFileSync(join(options.folder, "password"), PASSWORD, { mode: 0o600 });
    this.#env = { ...process.env, DATABASE_URL: urlOf(options.database), STOREWARD_LOG_LEVEL: "info" };
  }

  static async make(agents: number): Promise<Fleet> {
    const database = await testDatabase([], "system");
    const folder = mkdtempSync(join(tmpdir(), "storeward-fleet-"));
    const broker = new MosquittoBroker(findMosquitto() ?? "mosquitto", folder);
    await broker.start();
    return new Fleet({ database, broker, folder, agents });
  }

  /** Starts a process; returns when it answers. */
  async start(name: string): Promise<void> {
    const known = this.#processes.get(name) ?? (await this.#configure(name));
    const out = openSync(`${known.config}.log`, "a");
    const child = spawn(process.execPath, [COMMAND, "--config", known.config], {
      env: { ...this.#env, STOREWARD_PARENT_PID: String(process.pid) },
      stdio: ["ignore", out, out],
    });
    known.child = child;
    await this.until(async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended: ${readFileSync(`${known.config}.log`, "utf8")}`);
      return (await fetch(`http://127.0.0.1:${known.port}/api/v1/health`).catch(() => undefined)) !== undefined;
    });
  }

  async #configure(name: string): Promise<Process> {
    const config = join(this.#folder, `${name}.yaml`);
    const port = await freePort();
    const admin = { passwordFile: join(this.#folder, "password") };
    const broker = { url: `mqtt://127.0.0.1:${this.broker.port}` };
    const data = join(this.#folder, name);
    writeFileSync(
      config,
      JSON.stringify({ data, ledger: this.#ledger, site: this.#site, http: { port }, broker, admin }),
    );
    const made = { config, port, child: undefined };
    this.#processes.set(name, made);
    return made;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#processes.get(name)?.child?.kill(signal);
  }

  /** Ends a process and waits until it is gone. */
  async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.#processes.get(name)?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  /** How many partitions each process holds that the database believes alive, by name. */
  async shares(): Promise<Record<string, number>> {
    const rows = await this.#database.db.query<{ home: string; held: number }>(
      `SELECT p.home, count(l.partition) AS held FROM cloud_process p LEFT JOIN partition_lease l ON l.holder = p.id
       WHERE p.until > now() GROUP BY p.home`,
    );
    return Object.fromEntries(rows.map(({ home, held }) => [home.slice(home.lastIndexOf("/") + 1), held]));
  }

  /** The answer of one process to somebody who is signed in. */
  async get<T>(name: string, path: string): Promise<T> {
    const url = `http://127.0.0.1:${this.#processes.get(name)?.port}/api/v1`;
    const body = JSON.stringify({ username: "admin", password: PASSWORD });
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

  /** What is wrong: rows that are not there once, in order; followers that are behind, or have put something aside. Nothing, in the end. */
  async faults(): Promise<string[]> {
    const { db } = this.#database;
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
    const [row] = await this.#database.db.query<{ count: number }>("SELECT count(*) FROM journal");
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
    for (const name of this.#processes.keys()) {
      this.signal(name, "SIGCONT");
      await this.end(name, "SIGTERM");
    }
    await this.broker.kill();
    await this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const BEHIND = `SELECT 1 FROM follower_cursor c JOIN journal_head h USING (partition)
  WHERE c.pos < h.pos AND c.follower IN ('coverage', 'unknown-tags', 'evidence', 'series') LIMIT 1`;
