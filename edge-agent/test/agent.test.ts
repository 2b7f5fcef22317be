import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Observation } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AedesBroker, type Broker } from "./brokers.js";
import { CloudClient } from "./cloud-client.js";
import { type Compiled, compileAgent } from "./compiled.js";
import { ModelCloud } from "./model-cloud.js";
import { hasMosquitto, Mosquitto } from "./mosquitto.js";
import { AgentProcess, deliverRest, LEDGER, startReader, until, writeConfig } from "./whole-agent.js";

/** For each wait, on a machine that is busy with others' work. */
const WAIT_S = 180;

const root = mkdtempSync(join(tmpdir(), "storeward-agent-"));
let compiled: Compiled;

beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(root, { recursive: true, force: true });
});

describe.concurrent.each([
  { name: "aedes", skip: false, make: (): Broker => new AedesBroker() },
  {
    name: "Mosquitto (skipped where it is not installed)",
    skip: !hasMosquitto,
    make: (dir: string): Broker => new Mosquitto(dir),
  },
])("an agent behind $name", ({ name, skip, make }) => {
  it.skipIf(skip)(
    "gives the cloud every row once, though it is killed and the broker falls over",
    async () => {
      const dir = join(root, name.slice(0, 5));
      mkdirSync(dir, { recursive: true });
      const reader = await startReader();
      const broker = make(dir);
      await broker.start();
      const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now() });
      const client = new CloudClient(cloud);
      client.start(broker.port);
      const config = writeConfig(join(dir, "agent"), { reader: reader.port, broker: broker.port });
      const agent = new AgentProcess(compiled, config);
      const committed = () => Math.max(0, ...[...cloud.epochs.values()].map((epoch) => epoch.committed));
      const more = (rows: number) => {
        const target = committed() + rows;
        return until(`${rows} more rows`, () => committed() >= target, WAIT_S);
      };
      try {
        // The broker is away when the agent starts: it journals, and connects later.
        await broker.kill();
        agent.start();
        await wait(1_000);
        await broker.start();
        await more(20);
        for (let round = 0; round < 2; round++) {
          expect(await agent.end("SIGKILL")).toBeNull();
          agent.start();
          await more(15);
          await broker.kill();
          await wait(700);
          await broker.start();
          await more(15);
        }
        await until(
          "telemetry",
          () => client.telemetry.some(({ readers }) => readers[0]?.state === "watching"),
          WAIT_S,
        );
        expect(await agent.end("SIGTERM")).toBe(0);
        const { rows: journaled } = await deliverRest(config, cloud);

        const [epoch, ...others] = [...cloud.epochs.values()];
        expect(others).toEqual([]);
        expect([...epoch!.rows]).toEqual([...journaled]);
        expect(epoch!.lost).toEqual([]);
        expect([...cloud.violations, ...client.violations]).toEqual([]);
        expect(client.statuses).toContain("offline");
        const types = new Set([...journaled.values()].map((body) => (JSON.parse(body) as Observation).type));
        expect([...types]).toEqual(expect.arrayContaining(["configured", "clock", "coverage", "arrived"]));
        // A crash does not configure the agent anew.
        expect([...journaled.values()].filter((body) => body.startsWith('{"type":"configured"'))).toHaveLength(1);
      } finally {
        await agent.end("SIGKILL");
        await client.stop();
        await broker.kill();
        await reader.stop();
      }
    },
    600_000,
  );
});
