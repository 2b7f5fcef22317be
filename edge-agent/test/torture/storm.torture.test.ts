import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AedesBroker, type Broker } from "../brokers.js";
import { type Compiled, compileAgent } from "../compiled.js";
import { hasMosquitto, Mosquitto } from "../mosquitto.js";
import { weather, weatherStorm } from "./storm.js";

/** Longer: STOREWARD_TORTURE_STORM_S=1800. */
const LENGTH_MS = Number(process.env.STOREWARD_TORTURE_STORM_S ?? "180") * 1_000;
const SEED = Number(process.env.STOREWARD_TORTURE_SEED ?? "1");

const root = mkdtempSync(join(tmpdir(), "storeward-storm-"));
let compiled: Compiled;
beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(root, { recursive: true, force: true });
});

const brokers = [
  { name: "aedes", skip: false, make: (_dir: string): Broker => new AedesBroker() },
  {
    name: "Mosquitto (skipped where it is not installed)",
    skip: !hasMosquitto,
    make: (dir: string): Broker => new Mosquitto(dir),
  },
];

for (const { name, skip, make } of brokers)
  it.skipIf(skip)(
    `a long bad network on both sides of the agent loses nothing and says nothing twice: ${name}`,
    async () => {
      const dir = join(root, name.slice(0, 5));
      mkdirSync(dir);
      const { wrong, rows, blind, proxies } = await weatherStorm({
        compiled,
        dir,
        broker: make(dir),
        lengthMs: LENGTH_MS,
        toBroker: weather(SEED, LENGTH_MS, [500, 6_000], [1_000, 8_000]),
        toReader: weather(SEED + 1, LENGTH_MS, [500, 6_000], [3_000, 12_000]),
      });
      const told = (counters: typeof proxies.broker) =>
        `${counters.connections} connections, ${JSON.stringify(counters.begun)}`;
      console.log(`torture: storm of ${LENGTH_MS / 1_000} s, ${name.split(" ")[0]}: ${rows} rows, sets equal`);
      console.log(`torture:   agent to broker: ${told(proxies.broker)}`);
      console.log(`torture:   agent to reader: ${told(proxies.reader)}, ${blind} rows say blind`);
      expect(wrong).toEqual([]);
      // After some short connections in a row the agent waits for up to half a minute between two tries.
      expect(proxies.broker.connections).toBeGreaterThan(LENGTH_MS / 60_000);
      expect(rows).toBeGreaterThan(LENGTH_MS / 1_000);
    },
    LENGTH_MS + 240_000,
  );
