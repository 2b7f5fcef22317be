import type { ReadPoint } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import type { Claim, Method } from "../claims.js";
import { EdgeX, offset } from "./edgex.js";
import { Smurf } from "./smurf.js";
import { completeWindow, SmurfWindow } from "./smurf-window.js";
import { FixedWindow } from "./window.js";

const POINTS: readonly ReadPoint[] = [
  { id: "a", role: "shelf", place: "a", antennas: [{ reader: "r", antenna: 1 }] },
  { id: "b", role: "shelf", place: "b", antennas: [{ reader: "r", antenna: 2 }] },
  {
    id: "door",
    role: "portal",
    inside: "store",
    outside: "corridor",
    antennas: { inside: [{ reader: "r", antenna: 3 }], outside: [{ reader: "r", antenna: 4 }] },
  },
];
const EPC = "30AA";

/** `[antenna, ms, dBm]`, with time passing in between and a round every 250 ms; claims as short texts. */
function play(method: Method, reads: readonly (readonly [number, number, number])[], until: number): string[] {
  const claims: Claim[] = [];
  let next = 0;
  for (let now = 250; now <= until; now += 250) {
    for (let read = reads[next]; read !== undefined && read[1] <= now; read = reads[++next]) {
      const [antenna, at, rssi] = read;
      const tag = { epc: EPC, antenna, rssi, first: at, last: at, count: 1 };
      claims.push(...method.handle("r", { type: "reads", reads: [tag] }));
    }
    claims.push(...method.handle("r", { type: "round", antennas: [1, 2, 3, 4], at: now }), ...method.tick(now));
  }
  return claims.map(({ type, told, readPoint, ...rest }) =>
    "direction" in rest ? `${told} ${readPoint} ${rest.direction} at ${rest.at}` : `${told} ${readPoint} ${type}`,
  );
}

const WALK_IN = [
  [4, 1_000, -60],
  [4, 1_400, -50],
  [3, 1_500, -55],
  [3, 1_900, -48],
  [3, 2_300, -62],
] as const;

describe("a fixed window of two seconds", () => {
  it("has a tag wherever it was read in the last two seconds", () => {
    const reads = [
      [1, 100, -60],
      [2, 200, -70],
      [1, 2_000, -60],
      [1, 4_500, -60],
    ] as const;
    expect(play(new FixedWindow(POINTS), reads, 8_000)).toEqual([
      "100 a present",
      "200 b present",
      "2250 b absent",
      "4250 a absent",
      "4500 a present",
      "6750 a absent",
    ]);
  });

  it("tells a passage once its reads are over, from the first side to the last, at the strongest read", () => {
    expect(play(new FixedWindow(POINTS), WALK_IN, 6_000)).toEqual(["4500 door in at 1900"]);
    expect(play(new FixedWindow(POINTS), WALK_IN.slice(0, 2), 6_000)).toEqual([]);
  });
});

describe("the rule of EdgeX", () => {
  it("asks 6 dB more of the new place for half a second, and 8 dB less for each second after that", () => {
    expect([0, 500, 1_000, 1_250, 2_000].map((ms) => Math.round(10 * offset(ms)) / 10)).toEqual([6, 6, 2, 0, -6]);
  });

  it("moves a tag when the mean at the new place exceeds the one at the old by more than the offset", () => {
    const reads = [
      [1, 0, -60],
      [2, 100, -53], // one read at a place is not enough
      [2, 200, -55], // mean -54, at 200 ms: needs more than -54
      [2, 300, -50], // mean -52.7: moves
      [1, 400, -60],
    ] as const;
    const claims = play(new EdgeX(POINTS, { departsMs: 30_000, checkMs: 10_000 }), reads, 1_000);
    expect(claims).toEqual(["0 a present", "300 a absent", "300 b present"]);
  });

  it("moves to a weaker place once the old one has been silent", () => {
    const reads = [
      [1, 0, -60],
      [2, 1_500, -62], // offset at 1.5 s: -2 dB
      [2, 1_600, -62.5], // mean -62.25, offset -2.8 dB: moves
    ] as const;
    const claims = play(new EdgeX(POINTS, { departsMs: 30_000, checkMs: 10_000 }), reads, 2_000);
    expect(claims).toEqual(["0 a present", "1600 a absent", "1600 b present"]);
  });

  it("takes a move from one side of a door to the other for a passage", () => {
    // Equal means, and 2 dB are granted a second and a half after the last read outside.
    const claims = play(
      new EdgeX(POINTS, { departsMs: 30_000, checkMs: 10_000 }),
      [...WALK_IN, [3, 2_900, -58]],
      4_000,
    );
    expect(claims).toEqual(["2900 door in at 2900"]);
  });

  it("departs what was read nowhere for its timeout, at the next check", () => {
    const claims = play(new EdgeX(POINTS, { departsMs: 30_000, checkMs: 10_000 }), [[1, 0, -60]], 60_000);
    expect(claims).toEqual(["0 a present", "30250 a absent"]);
  });
});

describe("SMURF", () => {
  it("needs more epochs the less a tag is read", () => {
    expect([1, 0.5, 0.1].map(completeWindow)).toEqual([3, 6, 30]);
  });

  it("grows its window up to what is complete, and loses a tag that is always read after a few epochs", () => {
    const window = new SmurfWindow();
    const sizes = Array.from({ length: 6 }, () => {
      window.epoch(true);
      return window.size;
    });
    expect(sizes).toEqual([3, 4, 4, 4, 4, 4]);
    const after = [1, 2, 3, 4, 5].map(() => window.epoch(false));
    expect(after).toEqual([true, true, true, true, false]);
  });

  it("bridges the misses of a tag that is often missed", () => {
    const window = new SmurfWindow();
    const there = Array.from({ length: 60 }, (_, epoch) => window.epoch(epoch % 3 === 0));
    expect(there.slice(3).every(Boolean)).toBe(true);
    expect(window.size).toBeGreaterThan(5);
  });

  it("halves its window when fewer epochs read the tag than its rate explains", () => {
    const window = new SmurfWindow();
    for (let epoch = 0; epoch < 12; epoch++) window.epoch(true);
    const sizes = Array.from({ length: 4 }, () => {
      window.epoch(false);
      return window.size;
    });
    expect(sizes).toEqual([4, 4, 5, 2]);
  });

  it("has a tag at every place that reads it, and no departure without rounds", () => {
    const method = new Smurf(POINTS);
    const reads = [
      [1, 100, -60],
      [1, 300, -60],
      [2, 350, -70],
    ] as const;
    const claims = play(method, reads, 2_000);
    expect(claims.filter((claim) => claim.endsWith("present"))).toEqual(["100 a present", "350 b present"]);
    expect(claims.filter((claim) => claim.endsWith("absent")).length).toBe(2);
    const read = { epc: EPC, antenna: 1, rssi: -60, first: 9_000, last: 9_000, count: 1 };
    method.handle("r", { type: "reads", reads: [read] });
    expect(method.tick()).toEqual([]);
  });

  it("tells a passage when neither side has the tag any more", () => {
    const [claim] = play(new Smurf(POINTS), WALK_IN, 6_000);
    expect(claim).toMatch(/door in at 1900$/);
  });
});
