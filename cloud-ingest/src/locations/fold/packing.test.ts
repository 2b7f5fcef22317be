import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PLACES, SHARES } from "./belief.js";
import type { Fact } from "./evidence.js";
import { packState, unpackState } from "./packing.js";
import { EMPTY, type FoldState } from "./state.js";
import { step } from "./step.js";

const at = fc.integer({ min: 1, max: 4_102_444_800_000 });
const name = fc.constantFrom("agent-1", "agent-2", "door", "shelf", "0198c1a2-6f10-7cc3-98c4-dc0c0c07398f");
const id = fc.constantFrom("ab".repeat(16), "cd".repeat(16));
const number = fc.nat(1_000_000);
const p = fc.double({ min: 0, max: 1, noNaN: true }).map((each) => each + 0);
const share = fc.integer({ min: 0, max: SHARES }).map((each) => each / SHARES);
const point = fc.constantFrom(-8.733333333333334, -6, 0.25);

const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of);
/** With these members or without them. */
const some = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(of, { requiredKeys: [] });

const key = fc.record({ at, agent: name, epoch: id, seq: number, tag: number });
const zone = fc.record({ place: name, watched: fc.boolean() });
const word = { tag: number, epoch: id, seq: number };
const basis = fc
  .tuple(
    fc.record({ kind: fc.constantFrom("present", "gone", "crossed", "near"), readPoint: name, at }),
    some({ rounds: number, reads: number, direction: fc.constantFrom("in", "out", "unknown") }),
  )
  .map(([fixed, more]) => ({ ...fixed, ...more }));
const presence = fc
  .tuple(
    fc.record({
      readPoint: name,
      place: name,
      zone: maybe(zone),
      tags: fc.array(fc.record(word)),
      score: point,
      seenAt: at,
    }),
    some({ overruled: fc.record({ at, to: name }) }),
  )
  .map(([fixed, more]) => ({ ...fixed, ...more }));
const tombstone = fc
  .tuple(fc.record({ ...word, readPoint: name, at }), some({ decided: at }))
  .map(([fixed, more]) => ({ ...fixed, ...more }));
const likely = fc
  .tuple(fc.record({ place: name, p: share }), some({ floor: name, open: fc.constant(true as const) }))
  .map(([fixed, more]) => ({ ...fixed, ...more }));
const state = fc.record({
  key,
  stay: maybe(
    fc.record({
      opening: key,
      place: name,
      shelf: fc.boolean(),
      state: fc.constantFrom("here", "left"),
      from: at,
      p,
      sureSince: maybe(at),
    }),
  ),
  presences: fc.array(presence, { maxLength: 4 }),
  tombstones: fc.array(tombstone, { maxLength: 4 }),
  pending: maybe(fc.record({ from: zone, to: zone, at, p, basis })),
  seenAt: maybe(at),
  movingUntil: maybe(at),
  basis: maybe(basis),
  belief: fc.array(likely, { maxLength: 8 }),
  level: maybe(point),
  last: maybe(fc.record({ spot: fc.tuple(point, point), at })),
}) as fc.Arbitrary<FoldState>;

describe("a packed state", () => {
  it("is the same state when it is unpacked, and its text is the same text", () => {
    fc.assert(
      fc.property(state, (each) => {
        const text = packState(each);
        expect(unpackState(text)).toEqual(each);
        expect(packState(unpackState(text))).toBe(text);
      }),
    );
  });

  it("of an item that has been on 400 shelves behind 25 doors is no bigger than that of one that has been on ten", () => {
    let now = EMPTY;
    let [early, late, places] = [0, 0, 0];
    for (let seq = 0; seq < 1_000; seq++) {
      const n = (Math.floor(seq / 2) * 131) % 400;
      const floor = { place: `floor-${n >> 4}`.padEnd(36), watched: true };
      const shelf = { readPoint: `point-${n}`.padEnd(36), place: `shelf-${n}`.padEnd(36), zone: floor };
      const seen = {
        kind: "present",
        ...shelf,
        seenAt: seq * 90_000,
        rounds: 18,
        reads: 3 + (seq % 15),
        rssi: -60 + (seq % 21),
      };
      const fact = (seq % 2 === 0 ? seen : { kind: "gone", ...shelf }) as Fact;
      now = step(now, { at: seq * 90_000, agent: `edge-${n >> 4}`, epoch: "ab".repeat(16), seq, tag: 7, fact });
      places = Math.max(places, now.belief.length);
      const size = packState(now)?.length ?? 0;
      if (seq < 20) early = Math.max(early, size);
      else late = Math.max(late, size);
    }
    expect(places).toBeLessThanOrEqual(PLACES);
    expect(late).toBeLessThan(1.5 * early);
    expect(late).toBeLessThan(1_000);
  });

  it("is nothing where nothing is known", () => {
    expect(packState(EMPTY)).toBeNull();
    expect(unpackState(null)).toBe(EMPTY);
  });

  it("is refused where it names what it does not have", () => {
    const text = '[["a"],5,[0,0,7,1,1],null,[],[],null,null,null,null,"",null,null]';
    expect(() => unpackState(text)).toThrow(RangeError);
  });
});
