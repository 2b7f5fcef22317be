import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, randomHex } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Mosquitto } from "../../edge-agent/test/mosquitto.js";
import { Cloud } from "../src/app.js";
import { openSeries } from "../src/time-series/index.js";
import { skipInflux, TestInflux } from "../src/time-series/influx/testing.js";
import { hasServers, OutsidePostgres } from "./servers.js";
import { TestAgent } from "./test-agent.js";
import { BROKER_PASSWORD, seen, testSettings } from "./test-service.js";

const log = createLogger("test", { level: process.env.STOREWARD_LOG_LEVEL ?? "silent" });

const NAME = "with an outside PostgreSQL, Mosquitto and InfluxDB (skipped where they are not installed)";
describe.skipIf(!hasServers || skipInflux)(NAME, () => {
  const folder = mkdtempSync(join(tmpdir(), "storeward-outside-"));
  const postgres = new OutsidePostgres(join(folder, "outside"));
  const broker = new Mosquitto(folder);
  const influx = new TestInflux();
  let cloud: Cloud;
  const agent = new TestAgent("edge-1");

  beforeAll(async () => {
    await postgres.start();
    await influx.start();
    const settings = await testSettings(folder, randomHex(16));
    const url = `mqtt://127.0.0.1:${await broker.reserve()}`;
    cloud = new Cloud({
      settings: {
        ...settings,
        databaseUrl: postgres.url(),
        timeSeries: [
          { target: { kind: "database" } },
          { target: { kind: "influx1", url: influx.url, database: "storeward" } },
        ],
        config: { ...settings.config, broker: { ...settings.config.broker, url } },
      },
      log,
    });
    // Before its broker is there.
    await cloud.start();
    await broker.start();
    await agent.connect(url, BROKER_PASSWORD);
    for (let n = 0; n < 60; n++) agent.observe(seen());
    await vi.waitFor(() => expect(agent.committed).toBe(60), { timeout: 30_000, interval: 50 });
    await broker.kill();
    for (let n = 0; n < 60; n++) agent.observe(seen());
    await broker.start();
  }, 120_000);

  afterAll(async () => {
    await agent.end();
    await cloud.stop();
    await broker.kill();
    await influx.close();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it("the service takes in everything, also over a broker that was killed", async () => {
    await vi.waitFor(() => expect(agent.committed).toBe(120), { timeout: 60_000, interval: 50 });
    const rows = await cloud.db.query<{ seq: number }>("SELECT seq FROM journal WHERE agent = 'edge-1' ORDER BY seq");
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
    expect(cloud.ports.broker).toBe(0);
  }, 90_000);

  it("InfluxDB counts as many rows as the journal has", async () => {
    const { series } = openSeries(cloud.db, { target: { kind: "influx1", url: influx.url, database: "storeward" } });
    const range = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000), step: 86_400 };
    const rowsOf = async () => {
      const found = await series.query({ measurement: "observations", ...range });
      return found.flatMap(({ points }) => points).reduce((sum, { fields }) => sum + (fields.count ?? 0), 0);
    };
    const [{ n } = { n: 0 }] = await cloud.db.query<{ n: number }>("SELECT count(*) AS n FROM journal");
    await vi.waitFor(async () => expect(await rowsOf()).toBe(n), { timeout: 60_000, interval: 200 });
  }, 90_000);
});
