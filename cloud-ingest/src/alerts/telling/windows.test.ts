import { type AlertWindow, WEEKDAYS } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endOf, windowEnd } from "./windows.js";

/** Zones, and when their clocks are changed in 2026. */
const ZONES: readonly (readonly [zone: string, ...changes: string[]])[] = [
  ["UTC"],
  ["Asia/Kolkata"],
  ["Europe/Berlin", "2026-03-29T01:00Z", "2026-10-25T01:00Z"],
  ["America/New_York", "2026-03-08T07:00Z", "2026-11-01T06:00Z"],
  // By half an hour.
  ["Australia/Lord_Howe", "2026-04-04T15:00Z", "2026-10-03T15:30Z"],
];
const QUARTER_MS = 900_000;
const clockTime = fc
  .record({ h: fc.nat({ max: 23 }), m: fc.constantFrom("00", "15", "30", "45") })
  .map(({ h, m }) => `${String(h).padStart(2, "0")}:${m}`);
const weekly = fc
  .record({ days: fc.subarray([...WEEKDAYS], { minLength: 1 }), from: clockTime, to: clockTime })
  .filter(({ from, to }) => from !== to)
  .map((when): AlertWindow => ({ id: "w", title: "W", kind: "quiet", when }));
/** A zone and a moment of the year; half of them in the day around a change of its clocks. */
const somewhere = fc.constantFrom(...ZONES).chain(([zone, ...changes]) => {
  const anyTime = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
  const near = changes.map((change) => {
    const at = Date.parse(change);
    return fc.integer({ min: at - 86_400_000, max: at + 7_200_000 });
  });
  return fc.record({ zone: fc.constant(zone), at: fc.oneof(anyTime, ...near) });
});

describe("windows by the week", () => {
  it("last until the hour on the wall at which they end, also across midnight and changes of the clocks", () => {
    fc.assert(
      fc.property(weekly, somewhere, (window, { at, zone }) => {
        const end = endOf(window, at, zone);
        if (end === undefined) return;
        expect(end).toBeGreaterThan(at);
        expect(end - at).toBeLessThanOrEqual(25 * 3_600_000);
        for (let between = at; between < end; between += QUARTER_MS) expect(endOf(window, between, zone)).toBe(end);
        // On again at once is what every day without an end in between is; else it is over.
        const next = endOf(window, end, zone);
        if (next !== undefined) expect(next).toBeGreaterThan(end);
      }),
    );
  });

  it("are on at the hours that they name in the site's zone, and at no other", () => {
    const night = {
      id: "n",
      title: "Night",
      kind: "quiet" as const,
      when: { days: ["mon" as const], from: "22:00", to: "06:00" },
    };
    const at = (day: number, hour: number) => endOf(night, Date.UTC(2026, 2, day, hour), "Europe/Berlin");
    // 2 March 2026 is a Monday; Berlin is an hour ahead.
    expect([at(2, 20), at(2, 21), at(3, 4), at(3, 5), at(3, 21)]).toEqual([
      undefined,
      Date.UTC(2026, 2, 3, 5),
      Date.UTC(2026, 2, 3, 5),
      undefined,
      undefined,
    ]);
  });
});

describe("what a window is for", () => {
  const window = (more: Partial<AlertWindow>): AlertWindow => ({
    id: "w",
    title: "W",
    kind: "quiet",
    when: { begins: "2026-03-02T08:00:00.000Z", ends: "2026-03-02T09:00:00.000Z" },
    ...more,
  });
  const at = Date.UTC(2026, 2, 2, 8, 30);
  const alert = { rule: "dark", severity: "warning" as const, places: ["a"] };
  const covers = (code: string, ids: readonly string[]) => ids.includes(code);
  const end = (windows: AlertWindow[], about = {}) =>
    windowEnd(windows, windows[0]?.kind ?? "quiet", { ...alert, ...about }, at, "UTC", covers);

  it("is its rules and places, and all where it names none; quiet hours are not for what is critical, maintenance is", () => {
    const nine = Date.UTC(2026, 2, 2, 9);
    expect(end([window({})])).toBe(nine);
    expect(end([window({ rules: ["dark"], places: ["a"] })])).toBe(nine);
    expect(end([window({ rules: ["other"] })])).toBeUndefined();
    expect(end([window({ places: ["b"] })])).toBeUndefined();
    expect(end([window({ enabled: false })])).toBeUndefined();
    expect(end([window({})], { severity: "critical" })).toBeUndefined();
    expect(end([window({ kind: "maintenance" })], { severity: "critical" })).toBe(nine);
  });

  it("goes on in the one that follows without a break", () => {
    const next = window({ when: { begins: "2026-03-02T09:00:00.000Z", ends: "2026-03-02T10:00:00.000Z" } });
    expect(end([window({}), next])).toBe(Date.UTC(2026, 2, 2, 10));
  });
});
