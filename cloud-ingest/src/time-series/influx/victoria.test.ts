import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@storeward/reader-simulators";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketOf } from "../dirty.js";
import { Influx2 } from "./influx2.js";

const VICTORIA = ["/usr/bin/victoria-metrics", "/usr/local/bin/victoria-metrics"].find((path) => existsSync(path));
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

interface Exported {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

describe.skipIf(VICTORIA === undefined && !required)(
  "writing to an API of InfluxDB 2.x that is not ours: VictoriaMetrics (skipped where it is not installed)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "storeward-victoria-"));
    let server: ChildProcess;
    let url: string;

    beforeAll(async () => {
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      const options = [`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, "-retentionPeriod=10y"];
      server = spawn(VICTORIA ?? "victoria-metrics", options, { stdio: "ignore" });
      for (let waited = 0; !(await answers()); waited += 50) {
        if (server.exitCode !== null || waited > 60_000) throw new Error("victoria-metrics does not start");
        await wait(50);
      }
    });
    afterAll(async () => {
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });

    it("every figure arrives under its measurement, tags and minute, whatever characters the tags have", async () => {
      const influx = new Influx2(
        { kind: "influx2", url, org: "mercy", bucket: "storeward", tokenFile: "" },
        { token: "none" },
      );
      const kind = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(..."aé=, \"'0·漢") });
      const kinds = fc
        .sample(fc.uniqueArray(kind, { minLength: 60, maxLength: 60 }), { numRuns: 1, seed: 7 })
        .flat()
        .filter((name) => name.trim() === name);
      expect(kinds.length).toBeGreaterThan(20);
      const at = bucketOf(Date.now() - 600_000);
      await influx.write(
        kinds.map((name, n) => ({
          measurement: "occupancy",
          at,
          tags: { place: "store-1", kind: name },
          fields: { items: n + 0.5 },
        })),
      );
      const found = await exported();
      expect(new Map(found.map(({ metric, values }) => [metric.kind, values]))).toEqual(
        new Map(kinds.map((name, n) => [name, [n + 0.5]])),
      );
      for (const { metric, timestamps } of found)
        expect([metric.__name__, metric.place, timestamps]).toEqual(["occupancy_items", "store-1", [at.getTime()]]);
    });

    async function exported(): Promise<Exported[]> {
      await fetch(`${url}/internal/force_flush`);
      const query = new URLSearchParams({ "match[]": '{__name__=~"occupancy_.*"}' });
      const lines = (await (await fetch(`${url}/api/v1/export?${query}`)).text()).trim().split("\n");
      return lines.map((line) => JSON.parse(line) as Exported);
    }

    async function answers(): Promise<boolean> {
      return fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    }
  },
);
