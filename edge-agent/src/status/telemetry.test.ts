import { Telemetry } from "@storeward/contracts";
import { defineErrors, validator } from "@storeward/runtime";
import { expect, it } from "vitest";
import type { ReaderHealth } from "../readers/driver.js";
import { type TelemetryParts, telemetryOf } from "./telemetry.js";

const E = defineErrors({ TEST_BROKEN: { template: "{what} is broken" } });
const health: ReaderHealth = {
  state: "watching",
  since: 12.5,
  model: "FX",
  clockOffsetMs: -1_500.5,
  counters: { reconnects: 2 },
  antennas: [1, 2, 3].map((antenna) => ({ antenna, state: "watching", reads: 9, tags: 3, lastRead: 11, power: 20 })),
};
const parts: TelemetryParts = {
  config: {
    agent: "agent-1",
    data: "/",
    readers: ["r1", "unused"].map((id) => ({
      id,
      agent: "agent-1",
      region: "ETSI",
      driver: "llrp",
      host: "h",
      antennas: [{ antenna: 1, power: 20 }],
    })),
  },
  at: { boot: "b".repeat(32), mono: 1, wall: "2026-01-01T00:00:00.000Z" },
  drivers: new Map([["r1", { health: () => health }]]),
  readPointOf: (_, antenna) => (antenna < 3 ? `point-${antenna}` : undefined),
  journal: {
    epoch: "e".repeat(32),
    stats: () => ({ head: 9, acked: 8, released: 7, oldest: 8, bytes: 1, maxBytes: 2, full: false, refused: 0 }),
  },
  uplink: { outstandingBytes: 0, credit: 0, resends: 0, rejects: 0, reconnects: 0 },
  filtered: { foreign: 1, persons: 2 },
  problems: [],
};
const check = validator(Telemetry);
const session = "5".repeat(32);

it("telemetry is what the contract says, with the readers that are on and the antennas that are used", () => {
  const telemetry = telemetryOf(parts);
  expect(check({ ...telemetry, session })).toMatchObject({ ok: true });
  expect(telemetry.readers).toMatchObject([
    {
      reader: "r1",
      driver: "llrp",
      clockOffsetMs: -1_500.5,
      antennas: [{ readPoint: "point-1" }, { readPoint: "point-2" }],
    },
  ]);
  expect(telemetry.host.freeDiskBytes).toBeGreaterThan(0);
  expect("problems" in telemetry).toBe(false);
});

it("telemetry names what somebody must look at, as much as the contract takes", () => {
  const problems = Array.from({ length: 40 }, () => E.TEST_BROKEN({ what: "x".repeat(1_000) }));
  const telemetry = telemetryOf({ ...parts, problems });
  expect(check({ ...telemetry, session })).toMatchObject({ ok: true });
  expect(telemetry.problems?.[0]).toMatchObject({ code: "TEST_BROKEN" });
});
