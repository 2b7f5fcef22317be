import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AntennaRole, ReaderEvent } from "./driver.js";
import { SliceTeller } from "./slice-teller.js";

function teller(roles: readonly (readonly [number, AntennaRole])[], blind = new Set<number>()) {
  const events: ReaderEvent[] = [];
  const slices = new SliceTeller({
    roles: new Map(roles),
    lengths: { portal: 250, shelf: 500 },
    startedAt: 1_000,
    watching: (antenna) => !blind.has(antenna),
    emit: (event) => events.push(event),
  });
  const rounds = () => events.map((event) => (event.type === "round" ? [event.at, ...event.antennas] : []));
  return { slices, rounds };
}

describe("rounds that are slices of time", () => {
  it("are told by the first sign of life after their end, each once, whatever its rhythm", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 30 }), (gaps) => {
        const { slices, rounds } = teller([[1, "portal"]]);
        let now = 1_000;
        for (const gap of gaps) {
          now += gap;
          slices.alive(now);
          const ended = Math.floor((now - 1_000) / 250);
          expect(rounds()).toEqual(Array.from({ length: ended }, (_, n) => [1_250 + n * 250, 1]));
        }
      }),
    );
  });

  it("that ended within the last quarter of a second are not told by what is no read: reads may still be on their way", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 30 }), (gaps) => {
        const { slices, rounds } = teller([[1, "portal"]]);
        let now = 1_000;
        for (const gap of gaps) {
          now += gap;
          slices.spoke(now);
          expect(rounds()).toHaveLength(Math.max(0, Math.floor((now - 250 - 1_000) / 250)));
        }
      }),
    );
  });

  it("are as long as a role needs, and leave out antennas that are blind", () => {
    const blind = new Set([3]);
    const { slices, rounds } = teller(
      [
        [1, "portal"],
        [2, "shelf"],
        [3, "shelf"],
      ],
      blind,
    );
    slices.alive(1_600);
    expect(rounds()).toEqual([
      [1_250, 1],
      [1_500, 1],
      [1_500, 2],
    ]);
  });

  it("leave out the time for which the process was suspended", () => {
    const { slices, rounds } = teller([[1, "portal"]]);
    slices.alive(1_000 + 86_400_000);
    expect(rounds()).toHaveLength(60_000 / 250 + 1);
  });
});
