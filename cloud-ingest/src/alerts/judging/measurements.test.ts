import type { AlertRule, Measurement, MeasurementCondition } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fields, Series, TagSet } from "../../time-series/types.js";
import { DEFAULT_RULES } from "../setup/defaults.js";
import { judgeMinute, type MinuteFacts } from "./measurements.js";

const END = Date.UTC(2026, 2, 2, 9);
const PLACES = ["a", "b", "c"].map((code) => ({ id: `id-${code}`, code, name: code, path: code }));
const place = (by: "id" | "code", value: string) => PLACES.find((one) => one[by] === value);
const point = (minutesAgo: number, fields: Record<string, number>) => ({
  at: new Date(END - minutesAgo * 60_000),
  fields,
});

/** Everybody is heard, `a` has `b` in it. */
function facts(measurement: Measurement, series: readonly Series[], heard: readonly string[] = ["edge"]): MinuteFacts {
  return {
    end: END,
    series: new Map([[measurement, series]]),
    known: new Map(),
    through: new Map(heard.map((agent) => [agent, new Date(END)])),
    watchers: {
      agentsAt: () => ["edge"],
      all: () => ["edge"],
      placesOf: () => ["id-a"],
      placesOfPoint: () => ["id-a"],
    },
    directory: {
      byCode: (code) => place("code", code),
      byId: (id) => place("id", id),
      within: (id) => (id === "id-a" ? ["id-a", "id-b"] : [id]),
    },
  };
}
const rule = (id: string): AlertRule => {
  const found = DEFAULT_RULES.find((one) => one.id === id);
  if (found === undefined) throw new RangeError(id);
  return found;
};
const found = (of: AlertRule, series: readonly Series[]) => {
  if (of.when.on !== "measurement") throw new RangeError(of.id);
  return judgeMinute([of], facts(of.when.measurement, series))[0]?.findings.map(({ evidence }) => evidence.value);
};

describe("the figures that a new house is warned of", () => {
  const agent = { agent: "edge" };
  const antenna = { ...agent, reader: "r1", antenna: "1", read_point: "p" };

  it("an antenna that watches less than half of a minute, and no other", () => {
    const watching = (share: number) => [{ tags: antenna, points: [point(1, { samples: 6, watching: share })] }];
    expect(found(rule("antenna-blind"), watching(0.3))).toEqual([0.3]);
    expect(found(rule("antenna-blind"), watching(0.7))).toEqual([]);
  });

  it("the figure and its limit are told in their unit, and a quotient in what its parts leave of it", () => {
    const says = (when: Partial<MeasurementCondition>, measurement: Measurement, tags: TagSet, fields: Fields) => {
      const of = { ...rule("delay-long"), when: { on: "measurement", measurement, field: "", ...when } } as AlertRule;
      const [judged] = judgeMinute([of], facts(measurement, [{ tags, points: [point(1, fields)] }]));
      return judged?.findings.map(({ evidence }) => [evidence.says.replace(/, from .*/, ""), evidence.unit]);
    };
    expect(says({ field: "p95", above: 60 }, "delay", agent, { count: 9, p95: 75.25 })).toEqual([
      ["delay: p95 is 75.25 s, above 60 s", "s"],
    ]);
    const rssi = { samples: 6, reads: 9, rssi_mean: -71 };
    expect(says({ field: "rssi_mean", below: -70 }, "antenna", antenna, rssi)).toEqual([
      ["antenna: rssi_mean is -71 dBm, below -70 dBm", "dBm"],
    ]);
    const dwell = { count: 2, seconds: 100 };
    expect(says({ field: "seconds", per: "count", above: 40 }, "dwell", { place: "a", kind: "pump" }, dwell)).toEqual([
      ["dwell: seconds / count is 50 s, above 40 s", "s"],
    ]);
    expect(says({ field: "samples", above: 5 }, "antenna", antenna, rssi)).toEqual([
      ["antenna: samples is 6, above 5", undefined],
    ]);
  });

  it("observations that take more than a minute to arrive, and not what there was none of", () => {
    const delay = (p95: number) => [{ tags: agent, points: [point(1, { count: 9, p50: 1, p95, max: 99 })] }];
    expect(found(rule("delay-long"), delay(75))).toEqual([75]);
    expect(found(rule("delay-long"), delay(10))).toEqual([]);
    expect(found(rule("delay-long"), [{ tags: agent, points: [] }])).toEqual([]);
  });

  it("all that was declared lost within the hour, and nothing that was before", () => {
    const points = [
      point(61, { count: 1, lost: 500 }),
      point(60, { count: 1, lost: 3 }),
      point(7, { count: 2, lost: 4 }),
    ];
    expect(found(rule("gap-declared"), [{ tags: agent, points }])).toEqual([7]);
    expect(found(rule("gap-declared"), [{ tags: agent, points: points.slice(0, 1) }])).toEqual([]);
  });

  it("a share of two figures, and none where there is nothing to have a share of", () => {
    const away: AlertRule = {
      ...rule("on-hand-low"),
      when: { on: "measurement", measurement: "utilisation", field: "away", per: "placed", above: 0.9 },
    };
    const kinds = (placed: number, gone: number) => [
      { tags: { kind: "Pump" }, points: [point(1, { placed, away: gone })] },
    ];
    expect(found(away, kinds(20, 19))).toEqual([0.95]);
    expect(found(away, kinds(20, 18))).toEqual([]);
    expect(found(away, kinds(0, 0))).toEqual([]);
  });
});

describe("many rules over many points", () => {
  const series = fc.array(
    fc.record({
      tags: fc.record({ place: fc.constantFrom("a", "b", "c"), kind: fc.constantFrom("X", "Y") }),
      items: fc.nat({ max: 5 }),
    }),
    { maxLength: 6 },
  );
  const some = fc.record({
    place: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
    kind: fc.option(fc.constantFrom("x", "Y"), { nil: undefined }),
    by: fc.subarray(["place" as const, "kind" as const]),
    above: fc.nat({ max: 6 }),
  });

  it("find what looking through every point for every rule does", () => {
    fc.assert(
      fc.property(series, fc.array(some, { maxLength: 5 }), (drawn, rules) => {
        const points = new Map(drawn.map((one) => [JSON.stringify(one.tags), one]));
        const all = [...points.values()];
        const made = rules.map(({ place: of, kind, by, above }, n): AlertRule => {
          const when = { on: "measurement" as const, measurement: "occupancy" as const, field: "items", by, above };
          const base = { id: `r${n}`, title: "R", severity: "info" as const, lasts: 0, when };
          return { ...base, ...(of && { place: of }), ...(kind && { kind }) };
        });
        const given = all.map(({ tags, items }) => ({ tags, points: [point(1, { items })] }));
        const judged = judgeMinute(made, facts("occupancy", given));
        for (const [n, { place: of, kind, by, above }] of rules.entries()) {
          const within: readonly unknown[] = of === "a" ? ["a", "b"] : [of];
          const sums = new Map<string, number>();
          for (const { tags, items } of all) {
            if (of !== undefined && !within.includes(tags.place)) continue;
            if (kind !== undefined && tags.kind.toLowerCase() !== kind.toLowerCase()) continue;
            const key = by.map((tag) => tags[tag]).join();
            sums.set(key, (sums.get(key) ?? 0) + items);
          }
          const expected = [...sums.values()].filter((sum) => sum > above).sort();
          expect(judged[n]?.findings.map(({ evidence }) => evidence.value).sort()).toEqual(expected);
        }
      }),
    );
  });

  it("what rests on a gateway that was not heard so far is neither found nor over", () => {
    const low: AlertRule = { ...rule("on-hand-low"), place: "c" };
    const nobody = facts("occupancy", [{ tags: { place: "c", kind: "X" }, points: [] }], []);
    const [judged] = judgeMinute([low], nobody);
    expect(judged?.findings).toEqual([]);
    expect([...(judged?.unheard ?? [])]).toEqual(["edge"]);
  });
});
