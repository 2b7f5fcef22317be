import { setTimeout as wait } from "node:timers/promises";
import type { ChaosSchedule } from "@storeward/contracts";
import { Random } from "@storeward/reader-simulators";
import type { CLOUD_CRASH_POINTS } from "@storeward/runtime";
import { TorturedCloud } from "./tortured-cloud.js";

export interface StormOptions {
  readonly seed: number;
  readonly things: number;
  /** Of weather on every line. */
  readonly lengthMs: number;
  /** SIGKILLs at random moments meanwhile, of any part. */
  readonly kills: number;
  /** Then the cloud is killed at each of these. */
  readonly points: typeof CLOUD_CRASH_POINTS | readonly [];
}

const CARRY_MS = 60;
/** A cloud that does not pass a point in this time has nothing to do there. */
const POINT_LIMIT_MS = 60_000;

/** People carry things while parts are killed and lines fail; resolves to what is wrong at the end, and figures. */
export async function stormOnCloud({ seed, things, lengthMs, kills, points }: StormOptions) {
  const tortured = await TorturedCloud.start({ things, seed });
  const { cloud, shift, links, postgres, broker } = tortured;
  const carrying = setInterval(() => shift.carry(), CARRY_MS);
  const random = new Random(seed);
  const killed: Record<string, number> = {};
  try {
    const parts = {
      cloud: () => cloud.end("SIGKILL").then(() => cloud.start()),
      PostgreSQL: () => postgres.kill().then(() => postgres.start()),
      Mosquitto: () => broker.kill().then(() => broker.start()),
    };
    for (const link of Object.values(links)) link.begin(weather(random.integer(1, 1_000_000), lengthMs));
    for (let n = 0; n < kills; n++) {
      await wait(random.between(0.5, 1.5) * (lengthMs / (kills + 1)));
      const name = (["cloud", "PostgreSQL", "Mosquitto"] as const)[n % 3] ?? "cloud";
      await parts[name]();
      killed[name] = (killed[name] ?? 0) + 1;
      // Without its database it may not come up: a service manager starts it again.
      if (!cloud.running) cloud.start();
    }
    for (const link of Object.values(links)) link.set([]);
    for (const point of points) {
      await cloud.end("SIGKILL");
      cloud.start(`${point}:1`);
      if (!(await cloud.endsWithin(POINT_LIMIT_MS)))
        return { wrong: [`the cloud never passes ${point}`], rows: tortured.rows, killed, passes: 0 };
      killed[point] = 1;
    }
    clearInterval(carrying);
    return { wrong: await tortured.settled(), rows: tortured.rows, killed, passes: shift.passes };
  } finally {
    clearInterval(carrying);
    await tortured.remove();
  }
}

function weather(seed: number, lengthMs: number): ChaosSchedule {
  return {
    seed,
    steps: [{ after: 0, for: lengthMs, toxic: { kind: "slicer", bytes: 5_000 } }],
    weather: {
      lengthMs,
      onlineMs: [1_500, 6_000],
      offlineMs: [200, 2_500],
      toxics: [
        { kind: "down" },
        { kind: "black-hole" },
        { kind: "reset" },
        { kind: "black-hole", direction: "to-client" },
        { kind: "latency", ms: 200, jitterMs: 300 },
      ],
    },
  };
}
