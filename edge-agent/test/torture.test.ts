import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Toxic } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LABELS } from "../src/crash-point.js";
import { AedesBroker } from "./brokers.js";
import { type Compiled, compileAgent } from "./compiled.js";
import { killAgents } from "./torture/kills.js";
import { weatherStorm } from "./torture/storm.js";

/* The short forms of `npm run torture` (docs/torture.md). */

const dir = mkdtempSync(join(tmpdir(), "storeward-torture-"));
let compiled: Compiled;
beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

describe("an agent that is killed", () => {
  it("at a random moment, and at each labelled point, loses nothing and says nothing twice", async () => {
    const { wrong, trimmed } = await killAgents({
      compiled,
      dir: join(dir, "kills"),
      kills: 1,
      points: LABELS,
      leastRows: 0,
      lifeMs: 500,
    });
    expect(wrong).toEqual([]);
    expect(trimmed).toBeGreaterThan(0);
  }, 60_000);
});

describe("an agent with a bad network on both sides", () => {
  it("gives every row to the cloud once when the weather is over", async () => {
    const LENGTH_MS = 7_000;
    const step = (after: number, lasts: number, toxic: Toxic) => ({ after, for: lasts, toxic });
    const { wrong, proxies } = await weatherStorm({
      compiled,
      dir: join(dir, "storm"),
      broker: new AedesBroker(),
      lengthMs: LENGTH_MS,
      toBroker: {
        seed: 1,
        steps: [
          step(0, LENGTH_MS, { kind: "slicer", bytes: 50 }),
          step(300, 700, { kind: "black-hole", direction: "to-client" }),
          step(2_500, 300, { kind: "reset" }),
          step(4_000, 700, { kind: "black-hole" }),
          step(6_000, 900, { kind: "latency", ms: 200, jitterMs: 200 }),
        ],
      },
      toReader: {
        seed: 2,
        steps: [
          step(0, LENGTH_MS, { kind: "slicer", bytes: 20 }),
          step(500, 300, { kind: "reset" }),
          step(2_500, 900, { kind: "black-hole" }),
          step(5_500, 500, { kind: "down" }),
        ],
      },
    });
    expect(wrong).toEqual([]);
    expect(proxies.broker.begun).toEqual({ slicer: 1, down: 1, "black-hole": 2, reset: 1, latency: 1 });
    const { "to-server": up, "to-client": down } = proxies.broker.bytes;
    expect(up.swallowed + down.swallowed).toBeGreaterThan(0);
    expect(proxies.reader.connections).toBeGreaterThan(2);
  }, 60_000);
});
