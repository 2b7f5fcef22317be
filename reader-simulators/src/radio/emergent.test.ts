import { describe, expect, it } from "vitest";
import { Random } from "../random.js";
import { RadioField, type Reading } from "./field.js";
import { meanGain } from "./link.js";
import { type Material, RADIO } from "./parameters.js";
import type { RadioAntenna, RadioTag, Scene } from "./scene.js";
import { isFaulty, tagTraits } from "./tag-traits.js";

/* The numbers that come of the frozen parameters, in scenes like those of the demonstration site. */

const SHELF_POWER = 20;
const PORTAL_POWER = 28;
const materials: Material[] = ["cardboard", "liquid", "metal", "onMetal"];

function board(index: number): RadioAntenna {
  return { id: index + 1, use: "shelf", position: [index * 1.1, 0, 1], facing: [0, 0, 1], board: `board-${index}` };
}

function tagAt(random: Random, id: number, seed: number, at: Pick<RadioTag, "position" | "board">): RadioTag {
  const epc = `30${String(id).padStart(22, "0")}`;
  return {
    id,
    epc,
    ...tagTraits(seed, epc, materials[id % materials.length] ?? "cardboard"),
    ...at,
    axis: [random.normal(), random.normal(), random.normal()],
  };
}

function shelfScene(seed: number): { antennas: RadioAntenna[]; scene: Scene } {
  const random = new Random(seed);
  const antennas = [0, 1, 2, 3].map(board);
  const tags = Array.from({ length: 80 }, (_, id) => {
    const unit = id % 4;
    return tagAt(random, id + 1, seed, {
      position: [unit * 1.1 + random.between(-0.35, 0.35), random.between(-0.2, 0.2), 1 + random.between(0.1, 0.35)],
      board: `board-${unit}`,
    });
  });
  return { antennas, scene: { tags, bodies: [], walls: [] } };
}

/** Many cycles over four boards, several hospitals. */
function shelfReadings(cycles = 400, seeds = [1, 2, 3, 4, 5]) {
  const own: { tag: RadioTag; inRange: boolean; readings: Reading[]; cycles: number }[] = [];
  let reads = 0;
  let cross = 0;
  for (const seed of seeds) {
    const { antennas, scene } = shelfScene(seed);
    const field = new RadioField(seed);
    const entries = scene.tags.map((tag) => {
      const mine = antennas.find((antenna) => antenna.board === tag.board)!;
      const margin = SHELF_POWER + meanGain(mine, tag, scene) - tag.sensitivity;
      return { tag, inRange: margin >= 0 && !tag.dead, readings: [] as Reading[], cycles };
    });
    const byEpc = new Map(entries.map((entry) => [entry.tag.epc, entry]));
    for (let cycle = 0; cycle < cycles; cycle++) {
      antennas.forEach((antenna, index) => {
        const from = (cycle * 4 + index) * RADIO.turnMs.shelf;
        const turn = {
          power: SHELF_POWER,
          from,
          to: from + RADIO.turnMs.shelf,
          channel: 1 + (Math.floor(from / 2000) % 4),
        };
        for (const reading of field.turn(antenna, scene, turn)) {
          const entry = byEpc.get(reading.epc)!;
          reads++;
          if (entry.tag.board === antenna.board) entry.readings.push(reading);
          else cross++;
        }
      });
    }
    own.push(...entries);
  }
  return { own, crossShare: cross / reads };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};

describe("what comes of the frozen radio parameters", () => {
  const { own, crossShare } = shelfReadings();
  const inRange = own.filter((entry) => entry.inRange);

  it("60 to 70 % of the tags in range are read per cycle", () => {
    const rate = mean(inRange.map((entry) => entry.readings.length / entry.cycles));
    expect(rate).toBeGreaterThan(0.6);
    expect(rate).toBeLessThan(0.7);
  });

  it("the RSSI of one resting tag spreads by 3 to 6 dB", () => {
    const spreads = inRange
      .filter((entry) => entry.readings.length > 50)
      .map((entry) => deviation(entry.readings.map((reading) => reading.rssi)));
    expect(mean(spreads)).toBeGreaterThan(3);
    expect(mean(spreads)).toBeLessThan(6);
  });

  it("one tag in fifty is dead or detuned", () => {
    const all = Array.from({ length: 20_000 }, (_, serial) => tagTraits(7, `30${serial}`, "plastic"));
    expect(all.filter(isFaulty).length / all.length).toBeCloseTo(0.02, 2);
  });

  it("misses come in bursts: after a miss another is much likelier than after a read", () => {
    const strong = inRange.filter((entry) => entry.readings.length / entry.cycles > 0.6);
    const afterMiss = { missed: 0, all: 0 };
    const afterRead = { missed: 0, all: 0 };
    for (const { readings, cycles } of strong) {
      const seen = new Set(readings.map((reading) => Math.floor(reading.at / (4 * RADIO.turnMs.shelf))));
      for (let cycle = 1; cycle < cycles; cycle++) {
        const tally = seen.has(cycle - 1) ? afterRead : afterMiss;
        tally.all++;
        if (!seen.has(cycle)) tally.missed++;
      }
    }
    expect(afterMiss.missed / afterMiss.all).toBeGreaterThan(1.5 * (afterRead.missed / afterRead.all));
  });

  it("the same seed and turns read the same, whatever other antennas are asked", () => {
    const run = (others: boolean) => {
      const { antennas, scene } = shelfScene(9);
      const field = new RadioField(9);
      return Array.from({ length: 50 }, (_, turn) => {
        const at = { power: SHELF_POWER, from: turn * 100, to: turn * 100 + 100, channel: 2 };
        if (others) field.turn(antennas[1]!, scene, at);
        return field.turn(antennas[0]!, scene, at);
      });
    };
    expect(run(true)).toEqual(run(false));
  });

  it("the boards beside read a share of it too", () => {
    expect(crossShare).toBeGreaterThan(0.05);
    expect(crossShare).toBeLessThan(0.2);
  });

  it("a thing carried through a door is read on both sides, more before the body than behind it", () => {
    const passes = Array.from({ length: 300 }, (_, seed) => carriedThrough(seed));
    const of = (side: "inside" | "outside") => mean(passes.map((pass) => pass[side]));
    expect(of("inside")).toBeGreaterThan(15);
    expect(of("inside")).toBeLessThan(30);
    expect(of("outside") / of("inside")).toBeGreaterThan(0.4);
    expect(of("outside") / of("inside")).toBeLessThan(0.75);
    const hardlyOnASide = passes.filter((pass) => Math.min(pass.inside, pass.outside) < 2).length / passes.length;
    expect(hardlyOnASide).toBeGreaterThan(0.02);
    expect(hardlyOnASide).toBeLessThan(0.08);
  });

  it("what stands a metre inside a door is read there, and now and then by the antenna of the other side", () => {
    const rest = (metres: number) => {
      const all = Array.from({ length: 200 }, (_, seed) => resting(seed, metres));
      const of = (side: "inside" | "outside") => mean(all.map((one) => one[side]));
      return {
        inside: of("inside"),
        outside: of("outside"),
        strays: all.filter((one) => one.outside > 0).length / 200,
      };
    };
    const near = rest(1);
    expect(near.inside).toBeGreaterThan(5);
    expect(near.outside).toBeGreaterThan(0.3);
    expect(near.strays).toBeGreaterThan(0.3);
    expect(near.strays).toBeLessThan(0.7);
    // A shelf ten metres from the door is still heard now and then.
    const far = rest(10);
    expect(far.inside).toBeGreaterThan(0.05);
    expect(far.inside).toBeLessThan(0.8);
    expect(far.outside).toBeLessThan(0.01);
  });
});

/** Antennas above both sides of a door in the wall y = 0; inside is to the north. */
const portal: readonly RadioAntenna[] = [
  { id: 11, use: "portal", position: [0, 0.25, 2.3], facing: [0, 0.7, -0.7], board: undefined },
  { id: 12, use: "portal", position: [0, -0.25, 2.3], facing: [0, -0.7, -0.7], board: undefined },
];
const walls = [
  { from: [-6, 0], to: [-0.6, 0] },
  { from: [0.6, 0], to: [6, 0] },
] as const;

function turns(seed: number, seconds: number, scene: (at: number) => Scene) {
  const field = new RadioField(seed);
  const counts = [0, 0];
  for (let turn = 0; turn < (seconds * 1000) / RADIO.turnMs.portal; turn++) {
    const from = turn * RADIO.turnMs.portal;
    const antenna = portal[turn % 2]!;
    counts[turn % 2]! += field.turn(antenna, scene(from + RADIO.turnMs.portal), {
      power: PORTAL_POWER,
      from,
      to: from + RADIO.turnMs.portal,
      channel: 1,
    }).length;
  }
  return { inside: counts[0]!, outside: counts[1]! };
}

/** From 5 m inside to 5 m outside at 1.2 m/s, held before the chest. */
function carriedThrough(seed: number) {
  const random = new Random(seed);
  const aside = random.between(-0.3, 0.3);
  const tag = tagAt(random, 1 + (seed % 4), seed, { position: [0, 0, 0], board: undefined });
  return turns(seed, 10 / 1.2, (at) => {
    const y = 5 - (1.2 * at) / 1000;
    tag.position = [aside, y - 0.35, 1.05];
    return { tags: [tag], bodies: [{ x: aside, y }], walls };
  });
}

/** Ten seconds at rest on the floor inside; reads a second. */
function resting(seed: number, metres: number) {
  const random = new Random(seed);
  const position = [random.between(-1, 1), metres, 0.8] as const;
  const tag = tagAt(random, 1 + (seed % 4), seed, { position, board: undefined });
  const { inside, outside } = turns(seed, 10, () => ({ tags: [tag], bodies: [], walls }));
  return { inside: inside / 10, outside: outside / 10 };
}
