import type { Gateway, Telemetry } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { en } from "../messages/en.js";
import { needsLook, troubles, wallTime } from "./advice.js";

const at = { boot: "0".repeat(32), mono: 60_000, wall: "2026-01-01T00:01:00.000Z" };
const telemetry = (state: "watching" | "blind", coverage: "watching" | "doubtful"): Telemetry =>
  ({
    at,
    readers: [{ reader: "r", state, antennas: [{ antenna: 1, readPoint: "p", state: coverage, reads: 0, tags: 0 }] }],
    journal: { full: false },
  }) as unknown as Telemetry;
const gateway = (given: Partial<Gateway>): Gateway => ({
  agent: "a",
  name: "A",
  state: "online",
  since: null,
  heardAt: null,
  through: null,
  committed: 0,
  behind: 0,
  quarantined: 0,
  lost: 0,
  forkedAt: null,
  trouble: [],
  telemetry: null,
  ...given,
});
const names = (given: Partial<Gateway>) => troubles(gateway(given), en).map(({ what }) => what);

describe("trouble", () => {
  it("is none where all is well", () => {
    expect(needsLook(gateway({ telemetry: telemetry("watching", "watching") }))).toBe(false);
  });

  it("comes with what to do, the gravest first", () => {
    expect(names({ state: "offline", lost: 3, telemetry: telemetry("blind", "watching") })).toEqual([
      en.gateways.troubleNames.offline,
      en.gateways.troubleNames.blind,
      en.gateways.troubleNames.lost,
    ]);
    expect(names({ telemetry: telemetry("watching", "doubtful") })).toEqual([en.gateways.troubleNames.doubtful]);
    for (const { todo } of troubles(gateway({ state: "never", behind: 9_999, quarantined: 1 }), en))
      expect(todo).toMatch(/\.$/);
  });

  it("is also what the gateway says itself", () => {
    expect(needsLook(gateway({ trouble: ["its journal has forked"] }))).toBe(true);
  });
});

it("a time of the device's own clock is told as a time of day", () => {
  expect(wallTime(30_000, at)).toBe("2026-01-01T00:00:30.000Z");
});
