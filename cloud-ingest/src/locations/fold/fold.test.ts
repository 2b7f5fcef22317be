import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fact } from "./evidence.js";
import { beside, crossed, gone, missed, near, places, present, run, S, type Shelf } from "./testing-evidence.js";

describe("where an item is", () => {
  it("is nowhere before anything was observed, and a portal alone places nothing", () => {
    expect(run().state.stay).toBeNull();
    const { state } = run(near(5 * S));
    expect(state.stay).toBeNull();
    expect(state.seenAt).toBe(5 * S);
  });

  it("is in the shelf's place once it has arrived there", () => {
    const { state } = run(present(S, "a1"));
    expect(state.stay).toMatchObject({ place: "board-1", state: "here", from: S, shelf: true });
    expect(state.stay?.p).toBeGreaterThan(0.95);
  });

  it("was in a place for those who keep books, once it was surely there for half a minute, whatever doubt comes before it leaves", () => {
    const doubt = (at: number) => present(at, "a1", { reads: 10, rounds: 300 });
    const long = run(present(S, "a1"), doubt(61 * S), gone(62 * S, "a1")).stays[0];
    expect(long).toMatchObject({ place: "board-1", sureSince: S, to: 62 * S });
    expect(long?.p).toBeLessThan(0.9);
    const short = run(present(S, "a1"), doubt(25 * S), gone(62 * S, "a1")).stays[0];
    expect(short).toMatchObject({ place: "board-1", sureSince: null, to: 62 * S });
  });

  it("is not where its device said last that it was before it found out, after however long, that it had gone", () => {
    for (const minutes of [1, 13, 600]) {
      const [arrived, stale, found] = [present(S, "a1"), present(minutes * 60 * S, "a1"), gone(30 * S, "a1")];
      const left = { ...found, fact: { ...found.fact, decided: minutes * 60 * S + 12 * S } as Fact };
      const { state, stays } = run(arrived, left, stale, missed(minutes * 60 * S + 1, "a1"));
      expect(stays.map(({ place, from }) => [place, from])).toEqual([
        ["board-1", S],
        ["store", 30 * S],
      ]);
      expect(state.seenAt).toBe(30 * S);
    }
  });

  it("was seen last on a floor when a door read it so strongly that it can be on no shelf there", () => {
    const seenAt = (...rssi: number[]) =>
      run(crossed(S, "store", "in"), ...rssi.map((dbm, index) => beside((index + 1) * 60 * S, dbm))).state.seenAt;
    expect(seenAt(-75, -70, -64)).toBe(S + 300);
    expect(seenAt(-75, -55, -64)).toBe(120 * S);
  });

  it("goes on to where another shelf reads it after a passage that waits, although the shelf before the door never lets go of it", () => {
    const rssi = fc.integer({ min: -50, max: -38 });
    fc.assert(
      fc.property(rssi, rssi, (before, after) => {
        const lies = [1, 20, 40].map((s) => present(s * S, "a1", { rssi: before }));
        const reads = [3, 4, 5, 6].map((minute) =>
          present(minute * 60 * S, "b1", { rssi: after, rounds: 200, reads: 120 }),
        );
        expect(places(...lies, crossed(60 * S, "store", "out", 0.9, -45), ...reads).at(-1)).toBe("bin-1");
        // What is read through the door at once is no such place.
        expect(
          places(...lies, crossed(60 * S, "store", "out", 0.9, -45), present(62 * S, "b1", { rssi: -56 })).at(-1),
        ).toBe("board-1");
      }),
      { numRuns: 30 },
    );
  });

  it("is moving in the room around a shelf that it has left", () => {
    const { state } = run(present(S, "a1"), gone(60 * S, "a1"));
    expect(state.stay).toMatchObject({ place: "store", state: "here", from: 60 * S });
    expect(state.movingUntil).toBe(90 * S);
  });

  it("has left when it went out, and is here when it came in", () => {
    expect(run(crossed(S, "store", "out")).state.stay).toMatchObject({ place: "corridor", state: "left" });
    const { state } = run(crossed(S, "store", "out"), crossed(9 * S, "store", "in"));
    expect(state.stay).toMatchObject({ place: "store", state: "here", from: 9 * S });
    expect(state.movingUntil).toBeNull();
  });

  it("follows a walk from one shelf through two doors to another", () => {
    const walk = [
      present(S, "a1"),
      gone(60 * S, "a1"),
      crossed(64 * S, "store", "out"),
      crossed(80 * S, "other", "in"),
      present(84 * S, "b1"),
    ];
    expect(places(...walk)).toEqual(["board-1", "store", "corridor", "other-store", "bin-1"]);
  });

  it("keeps its place through a passage in an unknown direction, less surely", () => {
    const { state } = run(crossed(S, "store", "in"), crossed(9 * S, "store", "unknown"));
    expect(state.stay).toMatchObject({ place: "store", sureSince: null });
    expect(state.stay?.p).toBeLessThan(0.9);
    expect(state.movingUntil).toBe(39 * S);
  });

  it("loses confidence, not its place, by an inventory without it", () => {
    const before = run(present(S, "a1")).state.stay?.p ?? 0;
    const { state } = run(present(S, "a1"), missed(60 * S, "a1"));
    expect(state.stay?.place).toBe("board-1");
    expect(state.stay?.p).toBeLessThan(before);
  });
});

describe("evidence that disagrees", () => {
  it("a departure that is told late does not undo a passage that came after the last read", () => {
    const { state, stays } = run(present(S, "a1"), crossed(64 * S, "store", "out"), gone(60 * S, "a1"));
    expect(stays.map((stay) => stay.place)).toEqual(["board-1", "store", "corridor"]);
    expect(state.stay).toMatchObject({ place: "corridor", from: 64 * S });
  });

  it("a shelf that reads a little past the door keeps nothing back", () => {
    const { state } = run(present(S, "a1"), crossed(64 * S, "store", "out"), gone(65 * S, "a1"));
    expect(state.stay).toMatchObject({ place: "corridor", state: "left", from: 64 * S });
  });

  it("a passage of something that its shelf goes on reading moves nothing", () => {
    const { state } = run(
      present(S, "a1"),
      crossed(64 * S, "store", "out"),
      present(90 * S, "a1"),
      gone(600 * S, "a1"),
    );
    expect(places(present(S, "a1"), crossed(64 * S, "store", "out"))).toEqual(["board-1"]);
    expect(state.stay?.place).toBe("store");
    expect(state.pending).toBeNull();
  });

  it("a very sure passage is believed before the shelf has let go, and the departure changes nothing of that", () => {
    const out = [present(S, "a1"), crossed(64 * S, "store", "out", 0.985)];
    expect(run(...out).state.stay).toMatchObject({ place: "corridor", state: "left", from: 64 * S });
    expect(run(...out, gone(66 * S, "a1")).state.stay).toMatchObject({ place: "corridor", from: 64 * S });
    expect(places(...out, gone(60 * S, "a1"))).toEqual(["board-1", "store", "corridor"]);
    expect(run(...out, present(68 * S, "a1")).state.stay?.place).toBe("corridor");
  });

  it("even a very sure passage is taken back by a shelf that reads it long after", () => {
    const out = [present(S, "a1"), crossed(64 * S, "store", "out", 0.985)];
    expect(run(...out, present(90 * S, "a1")).state.stay?.place).toBe("board-1");
    expect(run(...out, gone(90 * S, "a1")).state.stay?.place).toBe("store");
    const onwards = [...out, crossed(75 * S, "other", "in")];
    expect(run(...onwards, gone(90 * S, "a1")).state.stay?.place).toBe("other-store");
  });

  it("was seen last where it is said to be: that it is read elsewhere makes no place surer", () => {
    const inStore = [present(S, "a1"), gone(60 * S, "a1")];
    const echo = present(200 * S, "b1", { rssi: -78, reads: 2 });
    expect(run(...inStore, echo).state).toMatchObject({ stay: { place: "store" }, seenAt: 60 * S });
    const beside = present(200 * S, "a2", { rssi: -78, reads: 2 });
    expect(run(...inStore, beside).state.seenAt).toBe(200 * S);
  });

  it("what a door reads faintly of a thing that a shelf holds says nothing, however often", () => {
    const faint = fc.tuple(fc.integer({ min: -85, max: -64 }), fc.integer({ min: -24, max: 24 }));
    fc.assert(
      fc.property(fc.array(faint, { minLength: 1, maxLength: 30 }), (reads) => {
        const held = [present(S, "a1", { rssi: -56 }), missed(5 * S, "a1")];
        const heard = reads.map(([rssi, lean], index) => beside((index + 10) * 60 * S, rssi, lean));
        const { key: _, ...state } = run(...held, ...heard).state;
        const { key: __, ...before } = run(...held).state;
        expect(state).toEqual(before);
      }),
    );
    // What no shelf holds is on that floor.
    expect(run(crossed(S, "other", "out"), beside(60 * S, -70), beside(120 * S, -70)).state.stay?.place).toBe("store");
  });

  it("a passage of which every read was faint moves nothing that was surely elsewhere, and is not when it was seen", () => {
    const pass = fc.record({
      p: fc.double({ min: 0.5, max: 0.99, noNaN: true }),
      rssi: fc.integer({ min: -85, max: -64 }),
    });
    fc.assert(
      fc.property(pass, ({ p, rssi }) => {
        for (const before of [
          [crossed(S, "store", "in", 0.97)],
          [present(S, "a1")],
          [present(S, "a1"), gone(30 * S, "a1")],
        ]) {
          const { stay, seenAt } = run(...before).state;
          const { state } = run(...before, crossed(300 * S, "store", "out", p, rssi));
          expect(state.stay?.place).toBe(stay?.place);
          expect(state.seenAt).toBe(seenAt);
          expect(state.stay?.sureSince).toBe(stay?.sureSince);
        }
      }),
    );
    // Unless something else agrees.
    const out = [crossed(S, "store", "in", 0.97), crossed(300 * S, "store", "out", 0.97, -70)];
    expect(run(...out, beside(302 * S, -50, -12)).state.stay?.place).toBe("corridor");
  });

  it("while a shelf still reads what went out, it is moving", () => {
    expect(run(present(S, "a1"), crossed(64 * S, "store", "out")).state).toMatchObject({ movingUntil: 94 * S });
  });

  it("an arrival behind the door ends a presence before it that nobody ended", () => {
    const walk = [
      present(S, "a1"),
      crossed(64 * S, "store", "out"),
      crossed(70 * S, "other", "in"),
      present(74 * S, "b1", { rssi: -56 }),
    ];
    expect(run(...walk).state.stay?.place).toBe("bin-1");
    expect(run(...walk, gone(75 * S, "a1")).state.stay?.place).toBe("bin-1");
  });

  it("a weaker read at another shelf moves nothing until the first one has lost it", () => {
    const both = [present(S, "a1"), present(9 * S, "a2", { reads: 4, rssi: -56 })];
    expect(run(...both).state.stay?.place).toBe("board-1");
    expect(run(...both, gone(12 * S, "a1")).state.stay).toMatchObject({ place: "board-2", from: 12 * S });
  });

  it("a much stronger read at another shelf moves it at once", () => {
    const { state } = run(present(S, "a1", { rssi: -58, reads: 6 }), present(9 * S, "a2", { rssi: -42, reads: 17 }));
    expect(state.stay).toMatchObject({ place: "board-2", from: 9 * S });
  });

  it("two shelves that read it about equally strongly make no false move, however often they say so", () => {
    const strength = fc.record({
      rssi: fc.double({ min: -46, max: -42, noNaN: true }),
      reads: fc.integer({ min: 11, max: 13 }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom<Shelf>("a1", "a2"), strength), { maxLength: 40 }), (reads) => {
        const evidence = reads.map(([shelf, read], index) => present((index + 2) * 60 * S, shelf, read));
        expect(places(present(S, "a1"), ...evidence)).toEqual(["board-1"]);
      }),
    );
  });

  it("a departure from a shelf it is not on changes nothing", () => {
    expect(places(present(S, "a1"), present(2 * S, "b1", { rssi: -70, reads: 3 }), gone(30 * S, "b1"))).toEqual([
      "board-1",
    ]);
  });

  it("what an agent said first does not undo what it said last, whatever times the two name", () => {
    const [arrived, seen, left] = [present(S, "a1"), present(60 * S, "a1"), gone(58 * S, "a1")];
    expect(run(arrived, seen, left).state.stay?.place).toBe("store");
    const [departed, back] = [gone(70 * S, "a1"), present(69 * S, "a1")];
    expect(run(arrived, departed, back).state.stay?.place).toBe("board-1");
  });

  it("an item with two tags stays while one of them is read", () => {
    const second = { ...present(2 * S, "a1"), tag: 2 };
    expect(places(present(S, "a1"), second, gone(30 * S, "a1"))).toEqual(["board-1"]);
    expect(places(present(S, "a1"), second, gone(30 * S, "a1"), { ...gone(40 * S, "a1"), tag: 2 })).toEqual([
      "board-1",
      "store",
    ]);
  });
});
