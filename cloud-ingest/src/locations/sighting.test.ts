import type { Site } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalRow, RecordedObservation } from "../journal/index.js";
import { Directory } from "../places/directory.js";
import { arrived, passed } from "./drafts.js";
import { sightingsOf, Zones } from "./sighting.js";
import { type Draft, SITE } from "./testing.js";

const POSITIONS = new Map<string, [number, number]>([["board-1", [3.4, 19.6]]]);

/** The zones of a site in which one board and one door are drawn, and that board was walked. */
function walked({ site, places, readPoints }: Site): Zones {
  const rows = places.map(({ id, name, type, parent = null, neighbours = [] }) => {
    return {
      id,
      code: id,
      open: true,
      name,
      type,
      parent,
      outline: null,
      position: POSITIONS.get(id) ?? null,
      neighbours,
    };
  });
  const points = readPoints.map((point): Site["readPoints"][number] => {
    if (point.id === "a1" && point.role === "shelf") return { ...point, walked: { rssi: -60 } };
    return point.id === "door-1" && point.role === "portal" ? { ...point, position: [10, 11.2] } : point;
  });
  return new Zones(new Directory(site, rows, points));
}

const zones = walked(SITE);
/** Of what is told at this moment, ms since 1970 and since the device's start. */
const sightings = (draft: Draft, at: number) => {
  const head = { at: { boot: "", mono: 0, wall: "" }, config: 1 };
  const row: JournalRow = {
    partition: 0,
    pos: 1,
    recordedAt: new Date(0),
    agent: "shelves",
    epoch: "e",
    seq: 1,
    observedAt: new Date(at),
    monoOffset: 0,
    body: { ...draft, ...head } as RecordedObservation,
  };
  return sightingsOf(row, zones);
};
const factsOf = (draft: Draft) => sightings(draft, 1_000_000_000).map(({ fact }) => fact);

describe("evidence of an observation", () => {
  it("says where on the plan it was observed, and how what lies there is read, where the site says so of its read point", () => {
    expect(factsOf(arrived(1, "a1", 0))).toMatchObject([{ kind: "present", spot: [3, 20], usual: -8.7 }]);
    expect(factsOf(passed(1, "door-1", 0, "in"))).toMatchObject([{ kind: "crossed", spot: [10, 11] }]);
    for (const [fact] of [factsOf(arrived(1, "a2", 0)), factsOf(passed(1, "door-2", 0, "in"))]) {
      expect(fact).not.toHaveProperty("spot");
      expect(fact).not.toHaveProperty("usual");
    }
  });

  it("says how strongly what went through a door was read at most", () => {
    expect(factsOf(passed(1, "door-1", 0, "in"))).toMatchObject([{ kind: "crossed", rssi: -50 }]);
    const { sides: _, ...unseen } = passed(1, "door-1", 0, "in") as Extract<Draft, { type: "passed" }>;
    expect(factsOf({ ...unseen, sides: {} })[0]).not.toHaveProperty("rssi");
  });

  it("takes -100 dBm for what it is: a reader that does not tell how strongly it reads", () => {
    const strength = { rounds: 9, reads: 6, antennas: [{ antenna: 1, reads: 6, rssiMax: -100, rssiMean: -100 }] };
    const arrival = (readPoint: string): Draft => ({ type: "arrived", tag: 1, readPoint, first: 0, strength });
    expect(factsOf(arrival("a1"))).toMatchObject([{ kind: "present", reads: 6, rssi: null }]);
    expect(factsOf(arrival("door-1"))[0]).not.toHaveProperty("lean");
    const pass = passed(1, "door-1", 0, "in") as Extract<Draft, { type: "passed" }>;
    const sides = { inside: { reads: 2, first: 0, last: 900, rssiMax: -100 } };
    expect(factsOf({ ...pass, sides })[0]).not.toHaveProperty("rssi");
  });

  it("says when a departure was found out, where that was so long after the last read that it would be forgotten by then", () => {
    const departed = (decided: number): Draft => ({
      type: "departed",
      tag: 1,
      readPoint: "a1",
      last: 1_000,
      decided,
      expectedRate: 0.5,
    });
    expect(factsOf(departed(801_000))).toMatchObject([{ kind: "gone", decided: 801_000 }]);
    expect(factsOf(departed(9_000))[0]).not.toHaveProperty("decided");
  });

  it("is of no moment more than 5 s after it was told, and of none before 1970, whatever times the device names", () => {
    const at = 1_800_000_000_000;
    const mono = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -2 * at, max: 2 * at }));
    const strength = { rounds: 9, reads: 6, antennas: [] };
    fc.assert(
      fc.property(mono, mono, fc.constantFrom("a1", "door-1"), (one, other, readPoint) => {
        const side = { reads: 2, first: one, last: other, rssiMax: -50 };
        const drafts: Draft[] = [
          { type: "arrived", tag: 1, readPoint, first: one, strength },
          { type: "seen", tag: 1, readPoint, from: one, to: other, strength },
          { type: "departed", tag: 1, readPoint, last: one, decided: other, expectedRate: 0.5 },
          {
            ...(passed(1, "door-1", 0, "in") as Extract<Draft, { type: "passed" }>),
            sides: { inside: side, outside: side },
          },
        ];
        for (const { at: moment, fact } of drafts.flatMap((draft) => sightings(draft, at))) {
          const times = [
            moment,
            ...("seenAt" in fact ? [fact.seenAt] : []),
            ...("decided" in fact ? [fact.decided] : []),
          ];
          for (const time of times)
            expect(time >= 0 && time <= at + 5_000, `${JSON.stringify(fact)} ${time}`).toBe(true);
        }
      }),
    );
  });
});
