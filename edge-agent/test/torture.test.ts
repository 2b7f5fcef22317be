import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Toxic } from "@storeward/contracts";
import { AGENT_CRASH_POINTS } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AedesBroker } from "./brokers.js";
import { type Compiled, compileAgent } from "./compiled.js";
import { stepClock } from "./torture/clocks.js";
import { restoreImage } from "./torture/copies.js";
import { canLoop, canMount } from "./torture/disks.js";
import { fillDisk } from "./torture/full-disk.js";
import { killAgents } from "./torture/kills.js";
import { losePower } from "./torture/power-loss.js";
import { killRepair, REPAIR_POINTS } from "./torture/repairs.js";
import { weatherStorm } from "./torture/storm.js";

/* The short forms of `npm run torture` (docs/torture.md). Most of their time they wait: side by side they take seconds. */

const dir = mkdtempSync(join(tmpdir(), "storeward-torture-"));
let compiled: Compiled;
beforeAll(() => {
  compiled = compileAgent();
});
afterAll(() => {
  compiled.remove();
  rmSync(dir, { recursive: true, force: true });
});

describe.concurrent("an agent that is killed", () => {
  it("at a random moment, and at each labelled point, loses nothing and says nothing twice", async () => {
    const { wrong, trimmed } = await killAgents({
      compiled,
      dir: join(dir, "kills"),
      kills: 1,
      points: AGENT_CRASH_POINTS,
      leastRows: 0,
      lifeMs: 500,
    });
    expect(wrong).toEqual([]);
    expect(trimmed).toBeGreaterThan(0);
  }, 90_000);
});

describe.concurrent("a journal that is killed", () => {
  it.each(["fork", "salvage"] as const)(
    "within a %s carries every row once",
    async (repair) => {
      const points = REPAIR_POINTS[repair].map((label) => ({ label, count: 1 }));
      expect(await killRepair({ compiled, dir: join(dir, repair), repair, points, rows: 2_500 })).toEqual([]);
    },
    90_000,
  );
});

describe.concurrent("an agent with a bad network on both sides", () => {
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
          step(4_800, 2_100, { kind: "latency", ms: 200, jitterMs: 200 }),
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
    // Each kind of weather came; of two of a kind one may have begun and ended while the machine looked elsewhere.
    expect(Object.keys(proxies.broker.begun).sort()).toEqual(["black-hole", "down", "latency", "reset", "slicer"]);
    const { "to-server": up, "to-client": down } = proxies.broker.bytes;
    expect(up.swallowed + down.swallowed).toBeGreaterThan(0);
    expect(proxies.reader.connections).toBeGreaterThan(1);
  }, 90_000);
});

describe.concurrent("an agent whose clock is wrong", () => {
  it("keeps its order, and tells the cloud each time what the time is", async () => {
    const { wrong, walls } = await stepClock({ compiled, dir: join(dir, "clock") });
    expect(wrong).toEqual([]);
    expect([...walls]).toEqual(expect.arrayContaining([-3, 2, -1]));
  }, 90_000);
});

describe.concurrent("an agent whose card was put back to an older copy", () => {
  it("says so, and both of its lives are in the cloud once", async () => {
    const { wrong, told } = await restoreImage({ compiled, dir: join(dir, "image") });
    expect(wrong).toEqual([]);
    expect(told.join()).toMatch(/FORKED/);
  }, 90_000);
});

describe.skipIf(!canMount).concurrent("a disk that is full and has room again (skipped without root)", () => {
  it("has every row in the cloud once, or inside a declared gap", async () => {
    const { wrong, refused } = await fillDisk({ dir: join(dir, "full"), times: 1 });
    expect(wrong).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  }, 90_000);
});

describe.skipIf(!canLoop).concurrent("a power loss (skipped without root and loop devices)", () => {
  it("takes no row that was promised to be kept", async () => {
    const options = { compiled, dir: join(dir, "power"), rounds: 2, apartMs: 300, synchronous: "full" } as const;
    const rounds = await losePower(options);
    expect(rounds.flatMap(({ faults }) => faults)).toEqual([]);
    expect(rounds.map(({ missing }) => missing)).toEqual([0, 0]);
  }, 90_000);

  it("takes rows where the WAL is not synced at a commit: this test can fail", async () => {
    const options = {
      compiled,
      dir: join(dir, "power-normal"),
      rounds: 4,
      apartMs: 300,
      synchronous: "normal",
    } as const;
    const rounds = await losePower(options);
    expect(Math.max(...rounds.map(({ missing }) => missing))).toBeGreaterThan(0);
  }, 90_000);
});
