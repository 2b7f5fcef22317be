import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Evidence, Fact, Spot, Zone } from "./evidence.js";
import { fold } from "./fold.js";
import { EMPTY } from "./state.js";
import { reachOf } from "./travel.js";

const spot = fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 }));
const time = fc.integer({ min: 0, max: 3_600_000 });

describe("how far a thing can have come", () => {
  it("is never less with more time or a shorter way, and anywhere once there was time to walk there", () => {
    fc.assert(
      fc.property(spot, spot, time, time, (from, to, a, b) => {
        const [soon, late] = [Math.min(a, b), Math.max(a, b)];
        const last = { spot: from, at: 0 };
        const half: Spot = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
        expect(reachOf(last, to, late)).toBeGreaterThanOrEqual(reachOf(last, to, soon));
        expect(reachOf(last, half, soon)).toBeGreaterThanOrEqual(reachOf(last, to, soon));
        expect(reachOf(last, to, (Math.hypot(to[0] - from[0], to[1] - from[1]) / 2) * 1000)).toBe(1);
        expect(reachOf(last, to, soon)).toBeGreaterThan(0);
      }),
    );
  });

  it("says nothing where the site does not say where its read points are", () => {
    expect(reachOf(null, [0, 0], 0)).toBe(1);
    expect(reachOf({ spot: [0, 0], at: 0 }, undefined, 0)).toBe(1);
  });

  it("keeps a thing from a shelf and a door at the other end of the house that read it at once, and not from one beside it", () => {
    const near = run(arrived("a", [0, 0], 0), gone("a", [0, 0], 60), arrived("b", [6, 0], 62));
    const far = run(arrived("a", [0, 0], 0), gone("a", [0, 0], 60), arrived("b", [150, 0], 62));
    const later = run(arrived("a", [0, 0], 0), gone("a", [0, 0], 60), arrived("b", [150, 0], 180));
    expect(near).toBe("board-b");
    expect(far).toBe("wing-a");
    expect(later).toBe("board-b");
    const through = (at: number) => run(arrived("a", [0, 0], 0), gone("a", [0, 0], 60), wentIn([150, 0], at));
    expect(through(62)).toBe("wing-a");
    expect(through(180)).toBe("wing-b");
  });
});

const zone = (name: string): Zone => ({ place: `wing-${name}`, watched: true });
const shelf = (name: string, at: Spot) => {
  return { readPoint: name, place: `board-${name}`, zone: zone(name), spot: at };
};
type Seen = { readonly at: number; readonly fact: Fact };
const arrived = (name: string, at: Spot, seconds: number): Seen => {
  const strength = { rounds: 12, reads: 10, rssi: -50 };
  return { at: seconds, fact: { kind: "present", ...shelf(name, at), seenAt: seconds * 1000, ...strength } };
};
const gone = (name: string, at: Spot, seconds: number): Seen => ({
  at: seconds,
  fact: { kind: "gone", ...shelf(name, at) },
});
const wentIn = (at: Spot, seconds: number): Seen => {
  const sides = { inside: zone("b"), outside: zone("c") };
  const fact: Fact = {
    kind: "crossed",
    readPoint: "door",
    ...sides,
    spot: at,
    direction: "in",
    p: 0.9,
    seenAt: seconds * 1000,
  };
  return { at: seconds, fact };
};

/** Where it is said to be in the end. */
function run(...seen: Seen[]): string | undefined {
  const evidence = seen.map(({ at, fact }, index): Evidence => {
    return { at: at * 1000, agent: fact.readPoint, epoch: "e", seq: index + 1, tag: 1, fact };
  });
  return fold(EMPTY, evidence).state.stay?.place;
}
