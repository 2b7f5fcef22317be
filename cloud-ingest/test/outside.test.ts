import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChaosProxy } from "@storeward/reader-simulators";
import { createLogger, randomHex, systemClock } from "@storeward/runtime";
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
  /** Between the service and its database. */
  let line: ChaosProxy;
  const agent = new TestAgent("edge-1");

  beforeAll(async () => {
    await postgres.start();
    await influx.start();
    line = new ChaosProxy({ listen: 0, to: { host: "127.0.0.1", port: postgres.port }, clock: systemClock, log });
    await line.start();
    const settings = await testSettings(folder, randomHex(16));
    const url = `mqtt://127.0.0.1:${await broker.reserve()}`;
    cloud = new Cloud({
      settings: {
        ...settings,
        databaseUrl: postgres.url(line.port),
        timeSeries: [
          { target: { kind: "database" } },
          { target: { kind: "influx1", url: influx.url, database: "storeward" } },
        ],
        config: { ...settings.config, database: { statementSeconds: 5 }, broker: { ...settings.config.broker, url } },
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
    await line.stop();
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

  it("no connection to the database that has gone dumb keeps the service waiting, and what was sent by it is there once", async () => {
    for (let n = 0; n < 60; n++) agent.observe(seen());
    await line.forgetAfter("COMMIT");
    line.forget();
    for (let n = 0; n < 60; n++) agent.observe(seen());
    await vi.waitFor(() => expect(agent.committed).toBe(240), { timeout: 60_000, interval: 50 });
    const rows = await cloud.db.query<{ seq: number }>("SELECT seq FROM journal WHERE agent = 'edge-1' ORDER BY seq");
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 240 }, (_, index) => index + 1));
  }, 90_000);

  it("the service ends although the database says nothing any more", async () => {
    line.set([{ kind: "black-hole" }]);
    await cloud.stop();
  }, 60_000);
});
