import { CLOUD_CRASH_POINTS } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { hasServers } from "../servers.js";
import { stormOnCloud } from "./storm.js";

const SEED = Number(process.env.STOREWARD_TORTURE_SEED ?? "102");
/** Longer: STOREWARD_TORTURE_STORM_S=1800. */
const LENGTH_MS = Number(process.env.STOREWARD_TORTURE_STORM_S ?? "120") * 1_000;

describe.skipIf(!hasServers)("a cloud with PostgreSQL and Mosquitto (skipped where they are not installed)", () => {
  it(
    "holds every row once, and knows where everything is, after kills of every part and bad weather on every line",
    async () => {
      const { wrong, rows, killed, passes } = await stormOnCloud({
        seed: SEED,
        things: 60,
        lengthMs: LENGTH_MS,
        kills: LENGTH_MS / 5_000,
        points: CLOUD_CRASH_POINTS,
      });
      console.log(
        `torture: cloud, ${LENGTH_MS / 1_000} s: ${rows} rows, ${passes} passages, each there once, everything in its place; killed: ${JSON.stringify(killed)}`,
      );
      expect(wrong).toEqual([]);
    },
    LENGTH_MS + 900_000,
  );
});
