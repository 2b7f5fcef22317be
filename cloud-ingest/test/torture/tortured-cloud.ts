import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Item, ItemPage, Site } from "@storeward/contracts";
import { ChaosProxy } from "@storeward/reader-simulators";
import { createLogger, randomHex, systemClock } from "@storeward/runtime";
import { Mosquitto } from "../../../edge-agent/test/mosquitto.js";
import { PooledDatabase } from "../../src/database/pool.js";
import { OutsidePostgres } from "../servers.js";
import { TestAgent } from "../test-agent.js";
import { ADMIN_PASSWORD, BROKER_PASSWORD } from "../test-service.js";
import { CloudProcess } from "./cloud-process.js";
import { differences } from "./compare.js";
import { DOOR, SHELVES, Shift, type Team } from "./shift.js";

const log = createLogger("test", { level: "silent" });
const AGENTS = ["edge-a", "edge-b", "edge-door"] as const;

const reader = (id: string, agent: string) => ({
  id,
  agent,
  region: "ETSI" as const,
  driver: "llrp" as const,
  host: "127.0.0.1",
  antennas: [1, 2].map((antenna) => ({ antenna, power: 30 })),
});
const SITE: Site = {
  site: { id: "ward", name: "Ward", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
  places: [
    { id: "ward", name: "Ward", type: "site" },
    { id: "corridor", name: "Corridor", type: "room", parent: "ward" },
    { id: "store", name: "Store", type: "room", parent: "ward" },
    { id: "shelf-a", name: "Shelf A", type: "shelf", parent: "store" },
    { id: "shelf-b", name: "Shelf B", type: "shelf", parent: "store" },
  ],
  readPoints: [
    { id: SHELVES["shelf-a"], role: "shelf", place: "shelf-a", antennas: [{ reader: "ra", antenna: 1 }] },
    { id: SHELVES["shelf-b"], role: "shelf", place: "shelf-b", antennas: [{ reader: "rb", antenna: 1 }] },
    {
      id: DOOR,
      role: "portal",
      inside: "store",
      outside: "corridor",
      antennas: { inside: [{ reader: "rd", antenna: 1 }], outside: [{ reader: "rd", antenna: 2 }] },
    },
  ],
  readers: [reader("ra", "edge-a"), reader("rb", "edge-b"), reader("rd", "edge-door")],
  agents: AGENTS.map((id) => ({ id, name: id })),
};

export type Link = "agents" | "cloud" | "database";

export interface TorturedCloudOptions {
  readonly things: number;
  readonly seed: number;
}

/** Agents, Mosquitto, PostgreSQL and a cloud process, with a chaos proxy on every line between them. */
export class TorturedCloud {
  readonly cloud: CloudProcess;
  readonly postgres: OutsidePostgres;
  readonly broker: Mosquitto;
  readonly links: Readonly<Record<Link, ChaosProxy>>;
  readonly shift: Shift;
  readonly #folder: string;
  readonly #agents: readonly TestAgent[];

  private constructor(
    parts: Pick<TorturedCloud, "cloud" | "postgres" | "broker" | "links" | "shift">,
    folder: string,
    agents: readonly TestAgent[],
  ) {
    this.cloud = parts.cloud;
    this.postgres = parts.postgres;
    this.broker = parts.broker;
    this.links = parts.links;
    this.shift = parts.shift;
    this.#folder = folder;
    this.#agents = agents;
  }

  /** All of it running, with a catalogue of the things, which lie on the first shelf. */
  static async start({ things, seed }: TorturedCloudOptions): Promise<TorturedCloud> {
    const folder = mkdtempSync(join(tmpdir(), "storeward-chaos-"));
    const postgres = new OutsidePostgres(join(folder, "postgres"));
    const broker = new Mosquitto(join(folder, "mosquitto"));
    await Promise.all([postgres.start(), broker.start()]);
    const proxyTo = async (port: number): Promise<ChaosProxy> => {
      const proxy = new ChaosProxy({ listen: 0, to: { host: "127.0.0.1", port }, clock: systemClock, log });
      await proxy.start();
      return proxy;
    };
    const links = {
      agents: await proxyTo(broker.port),
      cloud: await proxyTo(broker.port),
      database: await proxyTo(postgres.port),
    };
    const cloud = await CloudProcess.create({
      folder: join(folder, "cloud"),
      ledger: randomHex(16),
      site: SITE,
      brokerPort: links.cloud.port,
      databaseUrl: postgres.url(links.database.port),
    });
    const agents = AGENTS.map((name) => new TestAgent(name));
    const [a, b, door] = agents as [TestAgent, TestAgent, TestAgent];
    const team: Team = { "shelf-a": a, "shelf-b": b, door };
    const shift = new Shift(team, { things, seed });
    const tortured = new TorturedCloud({ cloud, postgres, broker, links, shift }, folder, agents);
    cloud.start();
    await cloud.healthy();
    await tortured.#enter(shift.epcs);
    shift.begin();
    for (const agent of agents) await agent.connect(`mqtt://127.0.0.1:${links.agents.port}`, BROKER_PASSWORD);
    return tortured;
  }

  async remove(): Promise<void> {
    for (const agent of this.#agents) await agent.end();
    await this.cloud.end("SIGKILL");
    for (const link of Object.values(this.links)) await link.stop();
    await this.broker.kill();
    await this.postgres.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Rows that the agents have journaled. */
  get rows(): number {
    return this.#agents.reduce((sum, { head }) => sum + head, 0);
  }

  /** Ends what disturbs, lets everything come to rest, and resolves to what is then wrong. */
  async settled(): Promise<string[]> {
    for (const link of Object.values(this.links)) link.set([]);
    if (!this.cloud.running) this.cloud.start();
    await this.cloud.healthy();
    const db = new PooledDatabase({ url: this.postgres.url() }, { max: 2, applicationName: "test" });
    try {
      for (const until = Date.now() + 120_000; ; await wait(200)) {
        const open = await this.#open(db);
        if (open.length === 0) break;
        if (Date.now() > until) return open;
      }
      return await differences(db, { agents: this.#agents, shift: this.shift, items: await this.#items() });
    } finally {
      await db.close();
    }
  }

  /** What is not at its end yet. */
  async #open(db: PooledDatabase): Promise<string[]> {
    const away = this.#agents.filter(({ committed, head }) => committed < head);
    const lagging = await db.query<{ what: string }>(
      `SELECT follower || ' ' || c.partition AS what FROM follower_cursor c JOIN (
         SELECT 'journal' AS log, partition, pos FROM journal_head
         UNION ALL SELECT 'evidence', partition, pos FROM evidence_head
         UNION ALL SELECT 'stay_change', partition, pos FROM stay_change_head
         UNION ALL SELECT 'telemetry_sample', partition, pos FROM telemetry_sample_head
       ) h ON h.partition = c.partition AND h.pos > c.pos
         AND h.log = CASE c.follower WHEN 'locations' THEN 'evidence' WHEN 'series-stays' THEN 'stay_change'
           WHEN 'alerts' THEN 'stay_change' WHEN 'series-telemetry' THEN 'telemetry_sample' ELSE 'journal' END
       UNION ALL SELECT 'bucket ' || measurement || ' ' || at FROM series_dirty`,
    );
    return [
      ...away.map(({ name, committed, head }) => `${name} has ${committed} of ${head} acknowledged`),
      ...lagging.map(({ what }) => `${what} is behind`),
    ];
  }

  async #enter(epcs: readonly string[]): Promise<void> {
    const items = epcs.map((epc, n) => ({ name: `Pump ${n + 1}`, kind: "Pump", epc }));
    await this.#ask("/items/import", await this.#signIn(), { items });
  }

  async #items(): Promise<Item[]> {
    const token = await this.#signIn();
    const items: Item[] = [];
    for (let page: ItemPage | undefined; page === undefined || page.next !== null; items.push(...page.items)) {
      const cursor = page?.next ? `&cursor=${encodeURIComponent(page.next)}` : "";
      page = (await this.#ask(`/items?limit=100${cursor}`, token)) as ItemPage;
    }
    return items;
  }

  async #signIn(): Promise<string> {
    const answer = await this.#ask("/session", undefined, { username: "admin", password: ADMIN_PASSWORD });
    return (answer as { token: string }).token;
  }

  async #ask(path: string, token?: string, body?: object): Promise<unknown> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await fetch(`${this.cloud.url}${path}`, {
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
