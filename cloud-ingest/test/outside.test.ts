import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, randomHex } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Cloud } from "../src/app.js";
import { ensureCluster, identity, socketFolder } from "../src/database/embedded/cluster.js";
import { place } from "../src/database/embedded/placement.js";
import { accepts } from "../src/database/embedded/server.js";
import { TestAgent } from "./test-agent.js";
import { BROKER_PASSWORD, seen, testSettings } from "./test-service.js";

const log = createLogger("test", { level: process.env.STOREWARD_LOG_LEVEL ?? "silent" });
const DEBIAN = "/usr/lib/postgresql";
const version = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().at(-1) : undefined;
const mosquitto = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"].find((path) =>
  existsSync(path),
);
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";
const isMissing = version === undefined || mosquitto === undefined;

/** The servers that a site may already have: PostgreSQL as Debian brings it, and Mosquitto. */
describe.skipIf(isMissing && !required)(
  "with an outside PostgreSQL and Mosquitto (skipped where they are not installed)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "storeward-outside-"));
    const children: ChildProcess[] = [];
    let cloud: Cloud;
    let homes: string[] = [folder];
    const agent = new TestAgent("edge-1");

    const stop = async (child: ChildProcess, signal: NodeJS.Signals) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    };

    async function startPostgres(): Promise<string> {
      const placement = { ...(await place(join(folder, "outside"))), native: join(DEBIAN, version ?? "") };
      homes = [placement.home, ...homes];
      const dir = await ensureCluster(placement, { fsync: false });
      const { folder: socket } = socketFolder(placement);
      const flags = [
        "-D",
        dir,
        "-c",
        "listen_addresses=",
        "-c",
        `unix_socket_directories=${socket}`,
        "-c",
        "fsync=off",
      ];
      const options = { ...identity(placement.account), cwd: dir, stdio: "ignore" as const };
      children.push(spawn(join(placement.native, "bin", "postgres"), flags, options));
      await vi.waitFor(async () => expect(await accepts(socket)).toBe(true), { timeout: 30_000, interval: 50 });
      return `postgresql://storeward@localhost/postgres?host=${encodeURIComponent(socket)}`;
    }

    function startMosquitto(port: number): ChildProcess {
      const conf = join(folder, "mosquitto.conf");
      const user = process.getuid?.() === 0 ? "user root\n" : "";
      writeFileSync(conf, `listener ${port} 127.0.0.1\nallow_anonymous true\n${user}`);
      const child = spawn(mosquitto ?? "mosquitto", ["-c", conf], { stdio: "ignore" });
      children.push(child);
      return child;
    }

    beforeAll(async () => {
      const databaseUrl = await startPostgres();
      const settings = await testSettings(folder, randomHex(16));
      const port = await freePort();
      const url = `mqtt://127.0.0.1:${port}`;
      cloud = new Cloud({
        settings: {
          ...settings,
          databaseUrl,
          config: { ...settings.config, broker: { ...settings.config.broker, url } },
        },
        log,
      });
      // Before its broker is there.
      await cloud.start();
      const broker = startMosquitto(port);
      await agent.connect(url, BROKER_PASSWORD);
      for (let n = 0; n < 60; n++) agent.observe(seen());
      await vi.waitFor(() => expect(agent.committed).toBe(60), { timeout: 30_000, interval: 50 });
      await stop(broker, "SIGKILL");
      for (let n = 0; n < 60; n++) agent.observe(seen());
      startMosquitto(port);
    }, 120_000);

    afterAll(async () => {
      await agent.end();
      await cloud.stop();
      for (const child of children) await stop(child, "SIGINT");
      for (const path of homes) rmSync(path, { recursive: true, force: true });
    }, 60_000);

    it("the service takes in everything, also over a broker that was killed", async () => {
      await vi.waitFor(() => expect(agent.committed).toBe(120), { timeout: 60_000, interval: 50 });
      const rows = await cloud.db.query<{ seq: number }>("SELECT seq FROM journal WHERE agent = 'edge-1' ORDER BY seq");
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 120 }, (_, index) => index + 1));
      expect(cloud.ports.broker).toBe(0);
    }, 90_000);
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  server.close();
  await once(server, "close");
  return port;
}
