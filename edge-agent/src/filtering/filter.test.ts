import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toEpc } from "@storeward/codecs/epc";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { doors, epcOf, filled, Rig, shelves, spread } from "../../test/filter-rig.js";
import type { TagRead } from "../readers/driver.js";

const seeds = fc.integer({ min: 0, max: 100_000 });

describe("shelf presence", () => {
  it("puts every tag on its own board, and nowhere else, in spite of misses and cross reads", () => {
    let tags = 0;
    let reconsidered = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const rig = new Rig(seed);
        shelves(rig);
        const where = filled(30);
        rig.shelf(where, 30_000);
        const places = rig.places();
        for (const [epc, board] of where) expect(places.get(epc)).toEqual([`b${board}`]);
        tags += where.size;
        reconsidered += rig.of("departed").length;
        rig.valid();
      }),
      { numRuns: 20 },
    );
    // The first rounds may tell one in a hundred wrong.
    expect(reconsidered).toBeLessThanOrEqual(tags / 100);
  });

  it("moves nothing that stays, for half an hour", () => {
    const rig = new Rig(7);
    shelves(rig);
    rig.shelf(filled(45), 1_800_000);
    expect(rig.of("arrived")).toHaveLength(45);
    expect(rig.of("departed")).toHaveLength(0);
  });

  it("has a tag that was put on another board there within five seconds, departed before arrived", () => {
    let right = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      const where = filled(12);
      rig.shelf(where, 20_000);
      where.set(epcOf(0), 3);
      const before = rig.told.length;
      rig.shelf(where, 5_200);
      const moves = rig.told
        .slice(before)
        .flatMap(({ draft }) => ("tag" in draft && draft.type !== "seen" ? [`${draft.type} ${draft.readPoint}`] : []));
      if (moves.join() === "departed b1,arrived b3") right++;
    }
    expect(right).toBeGreaterThanOrEqual(190);
  });

  it("departs a tag that was taken, and only that one, within ten seconds, dated by its last read", () => {
    let departed = 0;
    let others = 0;
    for (let seed = 0; seed < 100; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      const where = filled(12);
      rig.shelf(where, 20_000);
      where.delete(epcOf(4));
      const taken = rig.now;
      rig.shelf(where, 10_000);
      for (const { tag, last, expectedRate } of rig.of("departed")) {
        if (tag.epc !== epcOf(4)) {
          others++;
          continue;
        }
        expect(last).toBeLessThanOrEqual(taken);
        expect(expectedRate).toBeGreaterThan(0.35);
        departed++;
      }
    }
    expect(departed).toBeGreaterThanOrEqual(95);
    expect(others).toBeLessThanOrEqual(2);
  });

  it("departs a tag that was away for minutes, was brought back and is taken again, as soon as the first time", () => {
    for (let seed = 0; seed < 4; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      const where = filled(12);
      const [taken, board] = [epcOf(4), where.get(epcOf(4)) ?? 1];
      rig.shelf(where, 40_000);
      for (const away of [120_000, 60_000, 30_000]) {
        where.delete(taken);
        rig.shelf(where, away);
        where.set(taken, board);
        rig.shelf(where, 10_000);
      }
      const after = rig.of("departed").flatMap(({ tag, last, decided }) => (tag.epc === taken ? [decided - last] : []));
      expect(after).toHaveLength(3);
      expect(Math.max(...after)).toBeLessThan(20_000);
    }
  });

  it("gives a tag that is hard to read the time it needs", () => {
    const rig = new Rig(3);
    shelves(rig);
    rig.shelf(new Map([[epcOf(1), 2]]), 600_000, { own: 0.25, across: 0 });
    expect(rig.places().get(epcOf(1))).toEqual(["b2"]);
    expect(rig.of("departed").length).toBeLessThanOrEqual(1);
  });

  it("a reader outage makes no item depart", () => {
    for (const away of [5_000, 60_000, 3_600_000]) {
      const rig = new Rig(away);
      shelves(rig);
      const where = filled(20);
      rig.shelf(where, 20_000);
      rig.cover("shelf", [1, 2, 3], "blind");
      for (let i = 0; i < 100; i++) {
        rig.now += away / 100;
        rig.take(rig.filter.tick(rig.now));
      }
      shelves(rig);
      rig.shelf(where, 20_000);
      expect(rig.of("departed")).toEqual([]);
      expect(rig.of("arrived")).toHaveLength(20);
    }
  });

  it("a dark antenna makes nothing depart from its board, while the others go on", () => {
    const rig = new Rig(5);
    shelves(rig);
    const where = filled(12);
    rig.shelf(where, 20_000);
    rig.cover("shelf", [1], "blind");
    for (let i = 0; i < 100; i++) {
      rig.now += 400;
      const seen = [...where].filter(([, board]) => board !== 1 && rig.random() < 0.65);
      const reads = seen.map(([epc, board]) => rig.read(epc, board, -50));
      rig.event("shelf", { type: "reads", reads });
      rig.event("shelf", { type: "round", antennas: [2, 3], at: rig.now });
    }
    expect(rig.of("departed")).toEqual([]);
    expect(rig.of("coverage").at(-1)).toMatchObject({ readPoint: "b1", state: "blind", antennas: [] });
  });

  it("a person before a board makes nothing on it depart", () => {
    const rig = new Rig(6);
    shelves(rig);
    const where = filled(30);
    rig.shelf(where, 30_000);
    rig.shelf(where, 6_000, { own: 0.03, across: 0 });
    rig.shelf(where, 20_000);
    expect(rig.of("departed")).toEqual([]);
  });

  it("tells differences only when it watches again: what went, what came, after an inventory of what is there", () => {
    const rig = new Rig(8);
    shelves(rig);
    const where = filled(12);
    rig.shelf(where, 20_000);
    rig.cover("shelf", [1, 2, 3], "blind");
    rig.now += 60_000;
    where.delete(epcOf(0));
    where.set(epcOf(50), 1);
    const before = rig.told.length;
    shelves(rig);
    rig.shelf(where, 20_000);
    const after = rig.told.slice(before).map(({ draft }) => draft);
    expect(after.filter(({ type }) => type === "arrived")).toMatchObject([
      { tag: { epc: epcOf(50) }, readPoint: "b1" },
    ]);
    expect(after.filter(({ type }) => type === "departed")).toMatchObject([
      { tag: { epc: epcOf(0) }, readPoint: "b1" },
    ]);
    for (const board of ["b1", "b2", "b3"]) {
      const [first, second] = after.filter((draft) => "readPoint" in draft && draft.readPoint === board);
      expect([first?.type, second?.type]).toEqual(["coverage", "inventoried"]);
    }
    const inventory = rig
      .of("inventoried")
      .filter(({ readPoint }) => readPoint === "b1")
      .at(-1);
    expect(inventory).toMatchObject({ readPoint: "b1", part: 1, parts: 1 });
    expect(inventory!.completeness).toBeGreaterThanOrEqual(0.99);
    expect(inventory!.tags.map(({ tag }) => tag.epc).sort()).toEqual([3, 6, 9, 50].map(epcOf).sort());
    rig.valid();
  });

  it("goes on after a restart where it was: blind since it was last alive, an inventory, differences", () => {
    const rig = new Rig(9);
    shelves(rig);
    const where = filled(12);
    rig.shelf(where, 60_000);
    const alive = rig.now;
    const next = new Rig(10, { stored: [...rig.kept.values()], lastAlive: alive, now: alive + 30_000 });
    where.delete(epcOf(1));
    next.take(next.filter.tick(next.now));
    expect(next.of("coverage").filter(({ state }) => state === "blind")).toHaveLength(4);
    expect(next.of("coverage")[0]).toMatchObject({ since: alive });
    shelves(next);
    next.shelf(where, 20_000);
    expect(next.of("arrived")).toEqual([]);
    expect(next.of("departed")).toMatchObject([{ tag: { epc: epcOf(1) }, readPoint: "b2", last: alive }]);
    expect(next.of("inventoried")).toHaveLength(3);
    expect([...next.kept.keys()].sort()).toEqual([...where].map(([epc, board]) => `b${board} ${epc}`).sort());
    next.valid();
  });

  it("takes the time before the restart from a clock that has begun anew", () => {
    const rig = new Rig(1, { lastAlive: -50_000, now: 1_000 });
    rig.take(rig.filter.tick(1_000));
    expect(rig.of("coverage")[0]).toMatchObject({ state: "blind", since: -50_000 });
  });

  it("departs what was kept for a read point that is no more, or in words that it does not know", () => {
    const stored = [
      { readPoint: "gone", epc: epcOf(1), state: '{"v":1,"pattern":{"n":9,"rate":0.5}}' },
      { readPoint: "b1", epc: epcOf(2), state: "{" },
      { readPoint: "d", epc: epcOf(3), state: "null" },
    ];
    const rig = new Rig(1, { stored, lastAlive: 0 });
    rig.take(rig.filter.tick(rig.now));
    expect(rig.of("departed").map(({ readPoint }) => readPoint)).toEqual(["gone", "b1", "d"]);
    expect(rig.kept.size).toBe(0);
    rig.valid();
  });

  it("says so when the evidence changes, a minute apart at least, and hourly", () => {
    const rig = new Rig(11);
    shelves(rig);
    const where = new Map([[epcOf(1), 1]]);
    rig.shelf(where, 10_000, { across: 0 });
    rig.shelf(where, 300_000, { own: 0.3, across: 0 });
    const seen = rig.of("seen");
    expect(seen.length).toBeGreaterThanOrEqual(1);
    for (const { from, to } of seen) expect(to - from).toBeGreaterThanOrEqual(60_000);
    const before = rig.of("seen").length;
    rig.shelf(where, 7_300_000, { own: 0.3, across: 0 });
    expect(rig.of("seen").length).toBeGreaterThanOrEqual(before + 2);
    expect(rig.of("seen").length).toBeLessThan(before + 12);
    rig.valid();
  }, 30_000);

  it("writes an inventory of many tags in parts of at most 32 KiB", () => {
    const rig = new Rig(12);
    shelves(rig);
    const where = filled(900, () => 1);
    rig.shelf(where, 8_000, { across: 0 });
    const parts = rig.of("inventoried").filter(({ readPoint }) => readPoint === "b1");
    expect(parts.length).toBeGreaterThan(2);
    expect(new Set(parts.map(({ inventory }) => inventory)).size).toBe(1);
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index + 1));
    for (const part of parts) {
      expect(part.parts).toBe(parts.length);
      expect(JSON.stringify(part).length).toBeLessThan(32 * 1024);
    }
    const listed = parts.flatMap(({ tags }) => tags);
    expect(new Set(listed.map(({ tag }) => tag.epc)).size).toBe(listed.length);
    expect(listed.length).toBeGreaterThan(870);
    rig.valid();
  });

  it("says doubtful, and what it has no number for, when a reader's buffer ran over", () => {
    const rig = new Rig(13);
    shelves(rig);
    rig.shelf(filled(3), 10_000);
    rig.cover("shelf", [1, 2, 3], "doubtful", rig.now - 3_000, "ran over");
    rig.cover("shelf", [1, 2, 3], "watching");
    expect(rig.of("gap").map(({ readPoint, from, to }) => [readPoint, to - from])).toEqual([
      ["b1", 3_000],
      ["b2", 3_000],
      ["b3", 3_000],
    ]);
    rig.valid();
  });
});

/** A walk through the door at `speed` m/s from `from` to `to` metres (inside is negative), as its antennas would read a tag carried by. */
const walk =
  (from: number, to: number, speed = 1.2, weaker = 0) =>
  (side: "inside" | "outside", at: number): number | undefined => {
    const x = from + Math.sign(to - from) * Math.min(Math.abs(to - from), (speed * at) / 1000);
    const own = side === "inside" ? x < 0.3 : x > -0.3;
    const distance = Math.hypot(x - (side === "inside" ? -0.25 : 0.25), 1);
    const rssi = -38 - 28 * Math.log10(distance) - (own ? 0 : 16) - weaker;
    return rssi < -72 ? undefined : rssi;
  };

describe("passages", () => {
  it("tells who goes in and who goes out, 19 of 20 within 0.6 s of the last read", () => {
    let right = 0;
    let wrong = 0;
    let soon = 0;
    for (let seed = 0; seed < 300; seed++) {
      const rig = new Rig(seed);
      doors(rig);
      const inward = seed % 2 === 0;
      const speed = 0.7 + (seed % 10) * 0.1;
      const path = inward ? walk(3, -3, speed, seed % 12) : walk(-3, 3, speed, seed % 12);
      rig.door(6_000 / speed, path);
      rig.door(1_500, () => undefined);
      const passed = rig.of("passed");
      for (const { direction, sides } of passed) {
        if (direction === (inward ? "in" : "out")) right++;
        else wrong++;
        const last = Math.max(sides.inside?.last ?? 0, sides.outside?.last ?? 0);
        const told = rig.told.find(({ draft }) => draft.type === "passed")!.now;
        if (told - last <= 600) soon++;
      }
      expect(passed.length).toBeLessThanOrEqual(1);
      rig.valid();
    }
    expect(wrong).toBeLessThanOrEqual(2);
    expect(right).toBeGreaterThanOrEqual(290);
    expect(soon).toBeGreaterThanOrEqual(0.95 * right);
  });

  it("is told of nobody who turns back, stands in the door, or stays beside it", () => {
    let passed = 0;
    for (let seed = 0; seed < 60; seed++) {
      const rig = new Rig(seed);
      doors(rig);
      rig.door(2_000, walk(-3, -0.6));
      rig.door(2_000, walk(-0.6, -3));
      rig.door(2_000, () => undefined);
      rig.door(60_000, (side) => (side === "inside" ? -52 : -66), epcOf(2), 0.5);
      passed += rig.of("passed").length;
    }
    expect(passed).toBeLessThanOrEqual(1);
  });

  it("is told once when a gap splits the reads", () => {
    for (let seed = 0; seed < 50; seed++) {
      const rig = new Rig(seed);
      doors(rig);
      const path = walk(-3, 3);
      rig.door(6_000, (side, at) =>
        at > 2_400 + (seed % 5) * 100 && at < 3_300 + (seed % 5) * 100 ? undefined : path(side, at),
      );
      rig.door(3_000, () => undefined);
      expect(rig.of("passed").length).toBeLessThanOrEqual(1);
    }
  });

  it("is told of the way out and of the way back", () => {
    const rig = new Rig(4);
    doors(rig);
    rig.door(5_000, walk(-3, 3));
    rig.door(8_000, () => undefined);
    rig.door(5_000, walk(3, -3));
    rig.door(2_000, () => undefined);
    expect(rig.of("passed").map(({ direction }) => direction)).toEqual(["out", "in"]);
    expect(new Set(rig.of("passed").map(({ pass }) => pass)).size).toBe(2);
  });

  it("gives one pass to what goes together", () => {
    const rig = new Rig(5);
    doors(rig);
    const path = walk(-3, 3);
    const start = rig.now;
    for (let at = 0; at < 6_000; at += 50) {
      rig.now = start + at;
      const side = at % 100 === 0 ? "inside" : "outside";
      const rssi = path(side, at);
      const carried = [1, 2, 3].filter(() => rssi !== undefined && rig.random() < 0.65);
      const reads = carried.map((n) =>
        rig.read(epcOf(n), side === "inside" ? 1 : 2, (rssi ?? 0) + spread(rig.random, 4)),
      );
      rig.event("door", { type: "reads", reads });
      rig.take(rig.filter.tick(rig.now));
    }
    rig.door(1_000, () => undefined);
    expect(
      rig
        .of("passed")
        .map(({ tag }) => tag.epc)
        .sort(),
    ).toEqual([1, 2, 3].map(epcOf));
    expect(new Set(rig.of("passed").map(({ pass }) => pass)).size).toBe(1);
  });

  it("ends what a board believes of a tag that it hardly ever reads", () => {
    let left = 0;
    for (let seed = 0; seed < 40; seed++) {
      const rig = new Rig(seed);
      shelves(rig);
      doors(rig);
      rig.shelf(new Map([[epcOf(1), 2]]), 300_000, { own: 0.2, across: 0 });
      expect(rig.places().get(epcOf(1))).toEqual(["b2"]);
      rig.door(5_000, walk(-3, 3));
      rig.door(500, () => undefined);
      rig.shelf(new Map(), 2_000);
      if (rig.of("passed").length === 1 && rig.places().get(epcOf(1))?.length === 0) left++;
    }
    expect(left).toBeGreaterThanOrEqual(36);
  });

  it("tells later of who went while nobody was connected, and does not take it for the present", () => {
    const rig = new Rig(6);
    doors(rig);
    rig.cover("door", [1, 2], "blind");
    const path = walk(-3, 3);
    const reads: TagRead[] = [];
    for (let at = 0; at < 6_000; at += 50) {
      const side = at % 100 === 0 ? "inside" : "outside";
      const rssi = path(side, at);
      if (rssi !== undefined && rig.random() < 0.65)
        reads.push(rig.read(epcOf(1), side === "inside" ? 1 : 2, rssi, rig.now + at));
    }
    rig.now += 60_000;
    rig.event("door", { type: "reads", reads, held: true });
    rig.cover("door", [1, 2], "watching", 1_000, "held");
    rig.door(12_000, () => undefined);
    expect(rig.of("passed")).toMatchObject([{ direction: "out" }]);
    expect(rig.of("arrived")).toEqual([]);
    expect(rig.of("coverage").at(-1)).toMatchObject({ state: "watching", since: 1_000 });
  });

  it("tells who stays near the door after some seconds, and when it left, but not because nobody looked", () => {
    const rig = new Rig(7);
    doors(rig);
    const near = (side: "inside" | "outside") => (side === "inside" ? -50 : undefined);
    rig.door(5_000, near);
    expect(rig.of("arrived")).toEqual([]);
    rig.door(10_000, near);
    expect(rig.of("arrived")).toMatchObject([{ readPoint: "d", tag: { epc: epcOf(1) } }]);
    rig.cover("door", [1, 2], "blind");
    rig.now += 600_000;
    doors(rig);
    rig.door(10_000, near);
    expect(rig.of("departed")).toEqual([]);
    rig.door(20_000, () => undefined);
    expect(rig.of("departed")).toHaveLength(1);
    expect(rig.kept.size).toBe(0);
    rig.valid();
  });
});

describe("the filter as a whole", () => {
  it("lets only the site's tags out, persons only where a read point may store them, and counts the others", () => {
    const rig = new Rig(1, { epcFilter: { prefixes: ["30"] } });
    shelves(rig);
    const foreign = `E2${"0".repeat(22)}`;
    const badge = `2E${"0".repeat(22)}`;
    rig.shelf(
      new Map([
        [epcOf(1), 1],
        [foreign, 1],
        [badge, 1],
      ]),
      10_000,
      { across: 0 },
    );
    expect([...rig.places().keys()]).toEqual([epcOf(1)]);
    expect(rig.filter.filtered().foreign).toBeGreaterThan(5);
    expect(rig.filter.filtered().persons).toBeGreaterThan(5);
    rig.shelf(new Map([[badge, 2]]), 10_000, { across: 0 });
    expect(rig.places().get(badge)).toEqual(["b2"]);
  });

  it("lets out what the site's patterns include and do not exclude, and counts the others by why", () => {
    const [pump, chair, other] = [
      "urn:epc:tag:sgtin-96:3.0614141.112345.7",
      "urn:epc:tag:giai-96:0.9521141.77",
      "urn:epc:tag:sgtin-96:3.0614141.112345.8",
    ].map((uri) => toEpc(uri).hex) as [string, string, string];
    const rig = new Rig(1, {
      epcFilter: {
        prefixes: [],
        include: [{ scheme: "sgtin" }, { scheme: "gsrn" }],
        exclude: ["urn:epc:pat:sgtin-96:*.0614141.112345.[8-9]"],
      },
    });
    shelves(rig);
    const where = new Map([pump, chair, other].map((epc) => [epc, 1]));
    rig.shelf(where, 10_000, { across: 0 });
    expect([...rig.places().keys()]).toEqual([pump]);
    const { foreign, excluded } = rig.filter.filtered();
    expect([foreign > 5, (excluded ?? 0) > 5]).toEqual([true, true]);
    for (const { draft } of rig.told) expect(JSON.stringify(draft)).not.toMatch(new RegExp(`${chair}|${other}`));
  });

  it("gives the same rows for the same events", () => {
    const run = () => {
      const rig = new Rig(3);
      shelves(rig);
      doors(rig);
      rig.shelf(filled(9), 10_000);
      rig.door(5_000, walk(-3, 3));
      rig.door(1_000, () => undefined);
      return rig.told;
    };
    expect(run()).toEqual(run());
  });

  it("never goes back with how far it has told, and waits for what it has not decided", () => {
    const rig = new Rig(4);
    doors(rig);
    const path = walk(-3, 3);
    let through = rig.filter.through();
    let first: number | undefined;
    for (let at = 0; at < 5_000; at += 50) {
      rig.now += 50;
      const rssi = path(at % 100 === 0 ? "inside" : "outside", at);
      if (rssi !== undefined)
        rig.event("door", { type: "reads", reads: [rig.read(epcOf(1), at % 100 === 0 ? 1 : 2, rssi)] });
      rig.take(rig.filter.tick(rig.now));
      expect(rig.filter.through()).toBeGreaterThanOrEqual(through);
      through = rig.filter.through();
      first ??= rssi === undefined ? undefined : rig.now;
      if (rig.of("passed").length === 0) expect(through).toBeLessThanOrEqual(first ?? rig.now);
    }
    rig.door(2_000, () => undefined);
    expect(rig.filter.through()).toBeGreaterThan(rig.now - 100);
  });

  it("survives readers and antennas that nobody knows, and reads from long ago", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            reader: fc.constantFrom("shelf", "door", "other"),
            antenna: fc.integer({ min: 0, max: 5 }),
            n: fc.integer({ min: 0, max: 5 }),
            at: fc.integer({ min: -1_000_000, max: 1_000_000 }),
            kind: fc.constantFrom("reads", "held", "round", "blind", "watching", "doubtful", "tick"),
            rssi: fc.integer({ min: -130, max: 30 }),
          }),
          { maxLength: 200 },
        ),
        (steps) => {
          const rig = new Rig(1);
          for (const { reader, antenna, n, at, kind, rssi } of steps) {
            if (kind === "reads" || kind === "held")
              rig.event(reader, {
                type: "reads",
                reads: [rig.read(epcOf(n), antenna, rssi, at)],
                held: kind === "held",
              });
            else if (kind === "round") rig.event(reader, { type: "round", antennas: [antenna], at });
            else if (kind === "tick") rig.take(rig.filter.tick(at));
            else rig.cover(reader, [antenna], kind, at);
          }
          rig.valid();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("holds a flood of strange tags in bounded memory", () => {
    const rig = new Rig(1);
    shelves(rig);
    doors(rig);
    for (let i = 0; i < 25; i++) {
      rig.now += 400;
      const reads = Array.from({ length: 1_000 }, (_, n) => rig.read(epcOf(i * 1_000 + n), 1 + (n % 2), -60));
      rig.event("door", { type: "reads", reads });
      rig.event("shelf", { type: "reads", reads });
      rig.event("shelf", { type: "round", antennas: [1, 2, 3], at: rig.now });
    }
    expect(rig.of("arrived")).toEqual([]);
  }, 30_000);
});

const recordings = fileURLToPath(new URL("../../../../shared/data/reads/ulyssis-24u2018/", import.meta.url));

describe.skipIf(!existsSync(recordings))(
  "recorded: two portal readers on a running track, 24 hours (needs ../shared/data)",
  () => {
    it("runners that pass one side of a door never cross it, and stay nowhere; strangers are counted", () => {
      const rig = new Rig(1, { epcFilter: { prefixes: ["00242018"] }, now: 0 });
      doors(rig);
      const reads = ["0.json", "1.json"]
        .flatMap((file) =>
          readFileSync(recordings + file, "utf8")
            .trim()
            .split("\n"),
        )
        .map((line) => JSON.parse(line) as { readerId: number; updateTime: number; tag: string })
        .toSorted((a, b) => a.updateTime - b.updateTime);
      const start = reads[0]!.updateTime;
      let strangers = 0;
      for (const { readerId, updateTime, tag } of reads) {
        rig.now = Math.round((updateTime - start) * 1000);
        if (!tag.startsWith("00242018")) strangers++;
        rig.event("door", { type: "reads", reads: [rig.read(tag.toUpperCase(), readerId === 0 ? 1 : 2, -60)] });
        rig.event("door", { type: "round", antennas: [1, 2], at: rig.now });
        rig.take(rig.filter.tick(rig.now));
      }
      expect(rig.filter.filtered().foreign).toBe(strangers);
      expect(rig.of("passed")).toEqual([]);
      expect(rig.of("arrived").length).toBeLessThan(reads.length / 100);
      rig.valid();
    }, 300_000);
  },
);
