import { expect, it } from "vitest";
import { Random } from "../random.js";
import { RadioField } from "./field.js";
import { RADIO } from "./parameters.js";
import type { RadioAntenna, RadioTag, Scene } from "./scene.js";
import { tagTraits } from "./tag-traits.js";

const SEED = 31;
const antennas: RadioAntenna[] = [
  { id: 1, use: "shelf", position: [0, 0, 1], facing: [0, 0, 1], board: "board-0" },
  { id: 2, use: "portal", position: [1, -1, 2.3], facing: [0, 0.7, -0.7], board: undefined },
];

it("what lies still is read as if it were looked at anew each time, also once it was moved, turned, or put on a board", () => {
  const random = new Random(SEED);
  const somewhere = () => [random.between(-1, 1), random.between(-1, 1), random.between(1.1, 1.6)] as const;
  const axis = () => [random.normal(), random.normal(), random.normal()] as const;
  const walls = [{ from: [-1, 0.2], to: [0.4, 0.2] }] as const;
  const bodies = [{ x: 0.3, y: -0.4 }];
  const tags = Array.from({ length: 30 }, (_, n): RadioTag => {
    const epc = `30${String(n).padStart(22, "0")}`;
    return {
      id: n + 1,
      epc,
      ...tagTraits(SEED, epc, "cardboard"),
      position: somewhere(),
      axis: axis(),
      board: undefined,
    };
  });
  const scene: Scene = { tags, bodies, walls };
  // Nothing of this is the same object twice.
  const anew = (): Scene => ({
    bodies,
    walls: [...walls],
    tags: tags.map((tag) => ({ ...tag, position: [...tag.position], axis: [...tag.axis] })),
  });
  const [known, looked] = [new RadioField(SEED), new RadioField(SEED)];
  let reads = 0;
  for (let turn = 0; turn < 400; turn++) {
    const from = turn * RADIO.turnMs.shelf;
    const asked = { power: 24, from, to: from + RADIO.turnMs.shelf, channel: 1 + (Math.floor(turn / 20) % 4) };
    for (const antenna of antennas) {
      const readings = known.turn(antenna, scene, asked);
      expect(readings).toEqual(looked.turn(antenna, anew(), asked));
      reads += readings.length;
    }
    const tag = tags[random.integer(0, tags.length - 1)];
    if (tag === undefined) continue;
    if (random.chance(0.3)) tag.position = somewhere();
    if (random.chance(0.2)) tag.axis = axis();
    if (random.chance(0.2)) tag.board = random.pick(["board-0", "board-1", undefined]);
    for (const body of bodies) body.x = random.between(-1, 1);
  }
  expect(reads).toBeGreaterThan(1000);
});
