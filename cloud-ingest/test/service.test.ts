import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, randomHex, systemClock, validator } from "@storeward/runtime";
import type { TSchema } from "typebox";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Cloud } from "../src/app.js";
import { backup, restore } from "../src/backup/index.js";
import { ItemBook } from "../src/catalog/index.js";
import type { CloudSettings } from "../src/config.js";
import { homeOf } from "../src/database/embedded/placement.js";
import { runningPostmaster } from "../src/database/embedded/postmaster.js";
import { openForMaintenance, type Sql } from "../src/database/index.js";
import { Places } from "../src/places/index.js";
import { rebuild, SHADOW_PATH } from "../src/rebuild/index.js";
import { schema } from "../src/schema.js";
import { TestAgent } from "./test-agent.js";
import { ADMIN_PASSWORD, BROKER_PASSWORD, EPC, seen, testSettings } from "./test-service.js";

const log = createLogger("test", { level: process.env.STOREWARD_LOG_LEVEL ?? "silent" });
const LEDGER = randomHex(16);
const folder = mkdtempSync(join(tmpdir(), "storeward-service-"));
const data = join(folder, "data");

let settings: CloudSettings;
let cloud: Cloud;
const agent = new TestAgent("edge-1");

/** Parts in this file share a service, and each goes on where the one before has left it. */
beforeAll(async () => {
  settings = await testSettings(folder, LEDGER);
  await start();
}, 120_000);

afterAll(async () => {
  await agent.end();
  await cloud.stop();
  const home = homeOf(data);
  for (const path of [folder, ...(home === undefined ? [] : [home])]) rmSync(path, { recursive: true, force: true });
}, 60_000);

async function start(): Promise<void> {
  cloud = new Cloud({ settings, log });
  await cloud.start();
  // From the second start on the port stays: the agent has it in its configuration.
  const { config } = settings;
  settings = { ...settings, config: { ...config, broker: { ...config.broker, port: cloud.ports.broker } } };
}

async function get<T>(path: string, token?: string): Promise<{ status: number; body: T }> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`http://127.0.0.1:${cloud.ports.http}/api/v1${path}`, { headers });
  return { status: answer.status, body: (await answer.json()) as T };
}

async function signIn(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${cloud.ports.http}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password: ADMIN_PASSWORD }),
  });
  return ((await answer.json()) as { token: string }).token;
}

/** The sequence numbers that are here, in order, each as often as it is. */
async function stored(sql: Sql): Promise<number[]> {
  const rows = await sql.query<{ seq: number }>("SELECT seq FROM journal WHERE agent = 'edge-1' ORDER BY seq");
  return rows.map(({ seq }) => seq);
}

async function limits(sql: Sql): Promise<(string | undefined)[]> {
  const names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
  const rows = await sql.query<{ setting: string }>("SELECT current_setting(n) AS setting FROM unnest($1::text[]) n", [
    names,
  ]);
  return rows.map(({ setting }) => setting);
}

const everything = (): number[] => Array.from({ length: agent.head }, (_, index) => index + 1);
const caughtUp = () => vi.waitFor(() => expect(agent.committed).toBe(agent.head), { timeout: 60_000, interval: 50 });

describe("the description of the whole API", () => {
  it("has a sound schema for every answer: what writes it is made with the first answer only", async () => {
    const answer = await fetch(`http://127.0.0.1:${cloud.ports.http}/api/docs/json`);
    const { paths } = (await answer.json()) as {
      paths: Record<
        string,
        Record<string, { responses: Record<string, { content?: Record<string, { schema: TSchema }> }> }>
      >;
    };
    // Many answer the same.
    const schemas = new Map<string, TSchema>();
    for (const methods of Object.values(paths))
      for (const { responses } of Object.values(methods))
        for (const status of ["200", "201"]) {
          const schema = responses[status]?.content?.["application/json"]?.schema;
          if (schema !== undefined) schemas.set(JSON.stringify(schema), schema);
        }
    expect(schemas.size).toBeGreaterThan(30);
    for (const schema of schemas.values()) expect(() => validator(schema)(undefined)).not.toThrow();
  });

  it("has every refusal of every route as problem details, whatever its schemas refer to", async () => {
    const answer = await fetch(`http://127.0.0.1:${cloud.ports.http}/api/docs/json`);
    const { paths } = (await answer.json()) as {
      paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, unknown> }> }>>;
    };
    expect(Object.keys(paths).length).toBeGreaterThan(40);
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { responses }] of Object.entries(methods)) {
        const refusals = Object.entries(responses).filter(([status]) => status === "default" || status >= "4");
        const others = refusals.filter(
          ([status, { content }]) => status !== "503" && !("application/problem+json" in (content ?? {})),
        );
        expect([path, method, others.map(([status]) => status)]).toEqual([path, method, []]);
        expect(Object.keys(responses)).toContain("default");
      }
    const { put } = paths["/api/v1/alerts/rules/{id}"] ?? {};
    expect(Object.keys(put?.responses ?? {})).toEqual(
      expect.arrayContaining(["200", "201", "400", "401", "403", "404", "412"]),
    );
  });
});

describe("the service", { timeout: 120_000 }, () => {
  it("takes in what an agent observes, shows its gateway and the unknown tag, and is healthy", async () => {
    for (let n = 0; n < 50; n++) agent.observe(seen());
    await agent.connect(`mqtt://127.0.0.1:${cloud.ports.broker}`, BROKER_PASSWORD);
    await caughtUp();
    expect(await stored(cloud.db)).toEqual(everything());
    const token = await signIn();
    await vi.waitFor(async () => {
      const { body } = await get<{ gateways: unknown[]; storage: unknown }>("/gateways", token);
      expect(body.gateways).toMatchObject([
        { agent: "edge-1", name: "Edge", state: "online", committed: 50, behind: 0 },
      ]);
    }, 20_000);
    await vi.waitFor(async () => {
      const { body } = await get<{ tags: unknown[] }>("/tags/unknown", token);
      expect(body.tags).toMatchObject([{ epc: EPC, readPoint: "shelf-1" }]);
    }, 20_000);
    expect((await get("/health")).body).toEqual({ status: "ok" });
    expect((await get<{ code: string }>("/gateways")).status).toBe(401);
  });

  it("loses and doubles nothing when PostgreSQL is killed while rows come in, and heals by itself", async () => {
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 100; n++) agent.observe(seen());
      const running = runningPostmaster(join(homeOf(data) ?? "", "postgres"));
      process.kill(running?.pid ?? 0, "SIGKILL");
      await caughtUp();
    }
    await vi.waitFor(async () => expect(await stored(cloud.db)).toEqual(everything()), 20_000);
    await vi.waitFor(async () => expect((await get("/health")).status).toBe(200), 20_000);
  });

  it("is rebuilt beside itself while rows come in, and there is nothing to mend", async () => {
    const maintenance = await openForMaintenance({ data, log, lock: "storeward-cloud", exclusive: false });
    const directory = new Places({ db: maintenance.db, log });
    await directory.load("ward");
    const shadow = maintenance.beside(SHADOW_PATH);
    // What the service may do is limited; a command takes as long as it takes.
    expect(await limits(cloud.db)).toEqual(["20s", "10s", "1min"]);
    for (const sql of [maintenance.db, shadow]) expect(await limits(sql)).toEqual(["0", "0", "0"]);
    for (let n = 0; n < 100; n++) agent.observe(seen());
    const items = new ItemBook();
    const done = await rebuild({ db: maintenance.db, shadow, directory, items, clock: systemClock, swap: true });
    expect(done).toMatchObject({ from: "start", differences: 0 });
    expect(done.rows).toBeGreaterThan(0);
    await maintenance.close();
    await caughtUp();
  });

  it("is healed by its agents after an older backup was restored", async () => {
    const file = join(folder, "older.backup");
    // While it runs.
    const beside = await openForMaintenance({ data, log, lock: "storeward-cloud", exclusive: false });
    await backup(beside.db, file);
    await beside.close();
    for (let n = 0; n < 70; n++) agent.observe(seen());
    await caughtUp();
    await expect(openForMaintenance({ data, log, lock: "storeward-cloud", exclusive: true })).rejects.toMatchObject({
      code: "DATA_FOLDER_IN_USE",
    });
    await cloud.stop();

    const stopped = await openForMaintenance({ data, log, lock: "storeward-cloud", exclusive: true });
    await restore(stopped.db, file, { ledger: LEDGER, force: true, migrations: schema });
    expect(await stored(stopped.db)).toHaveLength(agent.head - 70);
    await stopped.close();

    await start();
    await vi.waitFor(async () => expect(await stored(cloud.db)).toEqual(everything()), {
      timeout: 60_000,
      interval: 100,
    });
    await caughtUp();
    expect(agent.acks.some(({ committed }) => committed === agent.head - 70)).toBe(true);
    await vi.waitFor(async () => {
      const [behind] = await cloud.db.query(
        "SELECT 1 FROM journal_head h JOIN follower_cursor c USING (partition) WHERE c.follower = 'evidence' AND c.pos < h.pos",
      );
      expect(behind).toBeUndefined();
    }, 20_000);
    expect(await cloud.db.query("SELECT * FROM parked_row")).toEqual([]);
  });

  it("does not start with another's database, and names what to do", async () => {
    await cloud.stop();
    const { config } = settings;
    const other = new Cloud({ settings: { ...settings, config: { ...config, ledger: randomHex(16) } }, log });
    await expect(other.start()).rejects.toMatchObject({ code: "LEDGER_DIFFERS" });
    await start();
    await vi.waitFor(() => expect(agent.committed).toBe(agent.head), 20_000);
  });
});
