import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GatewayList, ItemPage } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { skipInflux, TestInflux } from "../../cloud-ingest/src/time-series/influx/testing.js";
import { hasServers, OutsidePostgres } from "../../cloud-ingest/test/servers.js";
import { ApiClient } from "./box/api-client.js";
import { freePort } from "./box/box-process.js";
import { ComposedProcesses } from "./box/compose.js";

describe.skipIf(!hasServers || skipInflux)(
  "compose.yaml, without Docker: its commands on Debian's servers (skipped where one is not installed)",
  () => {
    const dir = mkdtempSync(join(tmpdir(), "storeward-compose-"));
    const data = join(dir, "data");
    const postgres = new OutsidePostgres(join(dir, "postgres"));
    const influx = new TestInflux();
    let processes: ComposedProcesses;
    let url: string;

    beforeAll(async () => {
      await Promise.all([postgres.start(), influx.start()]);
      mkdirSync(data);
      const [broker, http] = [await freePort(), await freePort()];
      url = `http://127.0.0.1:${http}`;
      const conf = join(dir, "mosquitto.conf");
      processes = new ComposedProcesses([
        ["postgresql://storeward:storeward@postgres:5432/storeward", postgres.url()],
        ["/etc/storeward/mosquitto.conf", conf],
        ["listener 1883", `listener ${broker} 127.0.0.1`],
        ["mosquitto:1883", `127.0.0.1:${broker}`],
        ["influxdb:8086", influx.url.slice("http://".length)],
        ["cloud:8080", `127.0.0.1:${http}`],
        ["0.0.0.0", "127.0.0.1"],
        ["/data", data],
      ]);
      // As another account than root it could not read what is ours; in its container it has ours.
      const user = process.getuid?.() === 0 ? "user root\n" : "";
      writeFileSync(conf, `${user}${processes.file("mosquitto/mosquitto.conf")}`);
      processes.start("cloud");
      processes.start("mosquitto");
      processes.start("hospital", { STOREWARD_PORT: String(http) });
    });

    afterAll(async () => {
      await processes.stop("hospital", "cloud", "mosquitto");
      await influx.close();
      await postgres.remove();
      rmSync(dir, { recursive: true, force: true });
    });

    it("comes up in any order, locates the hospital's things, and fills the InfluxDB that Grafana asks", async () => {
      await expect.poll(() => processes.printed, { timeout: 90_000, interval: 200 }).toContain("Storeward is running");
      const client = new ApiClient(url);
      await client.signIn("admin", "storeward");
      await expect
        .poll(
          async () => (await client.get<GatewayList>("/gateways")).gateways.filter(({ committed }) => committed > 0),
          {
            timeout: 60_000,
            interval: 250,
          },
        )
        .toHaveLength(2);
      await expect.poll(() => located(client), { timeout: 60_000, interval: 500 }).toBeGreaterThan(0);
      await expect.poll(observations, { timeout: 90_000, interval: 500 }).toBeGreaterThan(0);
    });

    it("ends in order when it is told to", async () => {
      expect(await processes.stop("hospital", "cloud")).toEqual([0, 0]);
    });

    async function located(client: ApiClient): Promise<number> {
      const { items } = await client.get<ItemPage>("/items?limit=500");
      return items.filter(({ state }) => state === "here").length;
    }

    async function observations(): Promise<number> {
      const query = new URLSearchParams({ db: "storeward", q: 'SELECT SUM("count") FROM "observations"' });
      const answer = (await (await fetch(`${influx.url}/query?${query}`)).json()) as {
        results?: { series?: { values: [string, number][] }[] }[];
      };
      return answer.results?.[0]?.series?.[0]?.values[0]?.[1] ?? 0;
    }
  },
);
