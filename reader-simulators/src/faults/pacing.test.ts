import type { ChaosSchedule, Toxic } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../random.js";
import { Pacer } from "./pacer.js";
import { nextChange, stepsOf, toxicsAt } from "./schedule.js";
import { type Pacing, parseToxic } from "./toxics.js";

const pacings = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("latency" as const), ms: fc.nat(500), jitterMs: fc.nat(200) }),
    fc.record({ kind: fc.constant("bandwidth" as const), bytesPerSecond: fc.integer({ min: 1, max: 1e6 }) }),
    fc.record({ kind: fc.constant("slicer" as const), bytes: fc.integer({ min: 1, max: 50 }), pauseMs: fc.nat(20) }),
  ),
  { maxLength: 4 },
);
const chunks = fc.array(fc.record({ size: fc.integer({ min: 1, max: 400 }), wait: fc.nat(100) }), { maxLength: 12 });

/** Plans chunks that come one after the other; the bytes are numbered. */
function planned(toxics: readonly Pacing[], sizes: readonly { size: number; wait: number }[]) {
  const pacer = new Pacer(randomStream(1, "test"));
  let now = 0;
  let byte = 0;
  return sizes.flatMap(({ size, wait }) => {
    now += wait;
    const chunk = Buffer.from(Array.from({ length: size }, () => byte++ % 256));
    return pacer.plan(chunk, now, toxics).map((piece) => ({ ...piece, at: now }));
  });
}

describe("the pace of a connection", () => {
  it("changes no byte, loses none and lets none overtake another, under any toxics", () => {
    fc.assert(
      fc.property(pacings, chunks, (toxics, sizes) => {
        const pieces = planned(toxics, sizes);
        const all = Buffer.concat(pieces.map(({ bytes }) => bytes));
        expect(all.every((value, i) => value === i % 256)).toBe(true);
        expect(all.length).toBe(sizes.reduce((sum, { size }) => sum + size, 0));
        const dues = pieces.map(({ due }) => due);
        expect(dues).toEqual([...dues].sort((a, b) => a - b));
        expect(pieces.every(({ due, at }) => due >= at)).toBe(true);
      }),
    );
  });

  it("is as late as it was told, and at most by the jitter later", () => {
    const pieces = planned([{ kind: "latency", ms: 200, jitterMs: 50 }], [{ size: 10, wait: 0 }]);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]!.due).toBeGreaterThanOrEqual(200);
    expect(pieces[0]!.due).toBeLessThanOrEqual(250);
  });

  it("lets so many bytes a second pass, as a trickle", () => {
    const pieces = planned([{ kind: "bandwidth", bytesPerSecond: 1_000 }], [{ size: 3_000, wait: 0 }]);
    expect(pieces.at(-1)!.due).toBeCloseTo(3_000, 3);
    expect(Math.max(...pieces.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(20);
  });

  it("is cut into pieces no longer than told, with pauses in between", () => {
    const pieces = planned([{ kind: "slicer", bytes: 5, pauseMs: 10 }], [{ size: 100, wait: 0 }]);
    expect(Math.max(...pieces.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(5);
    expect(pieces.map(({ due }) => due)).toEqual(pieces.map((_, i) => i * 10));
  });
});

describe("a schedule", () => {
  const down: Toxic = { kind: "down" };
  const weather = { lengthMs: 60_000, onlineMs: [500, 2_000], offlineMs: [300, 1_000], toxics: [down] };
  const drawn = (seed: number): ChaosSchedule => ({ seed, steps: [], weather });

  it("is the same for the same seed, and another for another", () => {
    expect(stepsOf(drawn(7))).toEqual(stepsOf(drawn(7)));
    expect(stepsOf(drawn(7))).not.toEqual(stepsOf(drawn(8)));
  });

  it("goes online and offline by turns within its spans, and ends online", () => {
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => {
        const steps = stepsOf(drawn(seed));
        expect(steps.length).toBeGreaterThan(15);
        let online = 0;
        for (const { from, to } of steps) {
          expect(from - online).toBeGreaterThanOrEqual(500);
          expect(to - from).toBeLessThanOrEqual(1_000);
          online = to;
        }
        expect(online).toBeLessThanOrEqual(60_000);
        expect(toxicsAt(steps, 60_000)).toEqual([]);
      }),
    );
  });

  it("tells each moment at which something begins or ends, and nothing in between", () => {
    const slow: Toxic = { kind: "latency", ms: 5 };
    const steps = stepsOf({
      seed: 1,
      steps: [
        { after: 10, for: 20, toxic: down },
        { after: 20, toxic: slow },
      ],
    });
    const seen: unknown[] = [];
    for (let at: number | undefined = 0; at !== undefined; at = nextChange(steps, at))
      seen.push([at, toxicsAt(steps, at)]);
    expect(seen).toEqual([
      [0, []],
      [10, [down]],
      [20, [down, slow]],
      [30, [slow]],
    ]);
  });

  it("ends even where its spans are nothing", () => {
    const none = { ...weather, lengthMs: 50, onlineMs: [0, 0], offlineMs: [0, 0] };
    expect(stepsOf({ seed: 1, steps: [], weather: none }).length).toBeLessThanOrEqual(50);
  });
});

describe("a toxic on the command line", () => {
  it("is read with its fields", () => {
    expect(parseToxic("latency:ms=200,jitterMs=50,direction=to-client")).toEqual({
      kind: "latency",
      ms: 200,
      jitterMs: 50,
      direction: "to-client",
    });
    expect(parseToxic("black-hole")).toEqual({ kind: "black-hole" });
  });

  it.each(["latency", "latency:ms=soon", "warp", "slicer:bytes=0", "down:ms=3", ""])("is refused as %j", (text) => {
    expect(() => parseToxic(text)).toThrow(expect.objectContaining({ code: "CLI_USAGE" }));
  });
});
