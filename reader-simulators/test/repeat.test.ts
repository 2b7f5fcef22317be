import { join } from "node:path";
import { Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import { expect, it } from "vitest";
import { itemsCsv } from "../site/make-items.js";
import { Hospital, STEP_MS } from "../src/hospital/hospital.js";
import { parseItems } from "../src/hospital/items.js";
import { loadScenario } from "../src/hospital/scenario.js";
import { RadioField, type Reading } from "../src/radio/field.js";
import type { RadioAntenna } from "../src/radio/scene.js";

const folder = join(import.meta.dirname, "../site");
const site = loadConfig(Site, join(folder, "site.yaml"));
const inside: RadioAntenna = {
  id: 1,
  use: "portal",
  position: [10, 11.25, 2.3],
  facing: [0, 0.7, -0.7],
  board: undefined,
};

/** What a door's antenna reads in a minute. */
function minute(seed: number, startedAt: number): Reading[] {
  const scenario = loadScenario(join(folder, "scenario.yaml"));
  const hospital = new Hospital({ site, items: parseItems(itemsCsv()), scenario, seed, pace: 1, startedAt });
  const field = new RadioField(seed);
  const readings: Reading[] = [];
  for (let step = 0; step < 60_000 / STEP_MS; step++) {
    hospital.step();
    const to = hospital.elapsed;
    readings.push(...field.turn(inside, hospital.scene, { power: 28, from: to - STEP_MS, to, channel: 1 }));
  }
  return readings;
}

it("the same seed gives the same reads whenever it is run, another seed others", () => {
  const first = minute(21, 0);
  expect(first.length).toBeGreaterThan(50);
  expect(minute(21, Date.UTC(2026, 5, 1))).toEqual(first);
  expect(minute(22, 0)).not.toEqual(first);
});
