import { CLOUD_CRASH_POINTS } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { hasServers } from "./servers.js";
import { stormOnCloud } from "./torture/storm.js";

/* The short form of `npm run torture -- cloud` (docs/torture.md). */

describe.skipIf(!hasServers)("a cloud with PostgreSQL and Mosquitto (skipped where they are not installed)", () => {
  it("holds every row once, and knows where everything is, whichever part is killed, and at each labelled point", async () => {
    const { wrong, rows } = await stormOnCloud({
      seed: 1,
      things: 20,
      lengthMs: 12_000,
      kills: 3,
      points: CLOUD_CRASH_POINTS,
    });
    expect(wrong).toEqual([]);
    expect(rows).toBeGreaterThan(300);
  });
});
