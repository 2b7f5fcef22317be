import { join } from "node:path";
import { Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { itemsCsv } from "../../site/make-items.js";
import { Hospital, type HospitalOptions, STEP_MS } from "./hospital.js";
import { parseItems } from "./items.js";
import { loadScenario } from "./scenario.js";

const folder = join(import.meta.dirname, "../../site");
const startedAt = Date.UTC(2026, 2, 1, 8);
const options: Omit<HospitalOptions, "seed"> = {
  site: loadConfig(Site, join(folder, "site.yaml")),
  items: parseItems(itemsCsv()),
  scenario: loadScenario(join(folder, "scenario.yaml")),
  pace: 1,
  startedAt,
};
const minutes = (count: number) => (count * 60_000) / STEP_MS;
const run = (hospital: Hospital, steps: number) => {
  for (let step = 0; step < steps; step++) hospital.step();
  return hospital;
};

describe("the simulated hospital", () => {
  it("is lively", () => {
    for (const seed of [1, 2, 3]) {
      const hospital = run(new Hospital({ ...options, seed }), minutes(20));
      const { passages } = hospital.truth();
      console.log(
        passages.length,
        passages.slice(0, 3).map((p) => (Date.parse(p.at) - startedAt) / 1000),
        JSON.stringify(hospital.truth().items.reduce((a: any, i) => ((a[i.place] = (a[i.place] ?? 0) + 1), a), {})),
        hospital.truth().items.filter((i) => i.carried).length,
      );
    }
  });
});
