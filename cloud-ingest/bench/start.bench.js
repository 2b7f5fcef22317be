/**
 * Processor time of the service's own process from its start until it answers, on a data folder that is there already: as it is installed, in one file,
 * and from its modules, in turns.
 */
import { fileURLToPath } from "node:url";
import { startService } from "./load/service.js";

const ROUNDS = 7;
const WAYS = ["whole.js", "main.js"].map((name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url)));

const service = await startService({ agents: 1, outside: false });
try {
  /** @type {number[][]} */
  const taken = WAYS.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [way, script] of WAYS.entries()) {
      await service.kill();
      await service.start(script);
      taken[way]?.push(service.cpuSeconds());
    }
  const [value = 0, baselineValue = 0] = taken.map((seconds) => seconds.sort((a, b) => a - b)[ROUNDS >> 1]);
  const baseline = "from its modules";
  const figure = {
    name: "start-cloud",
    value,
    unit: "s of CPU",
    baseline,
    baselineValue,
    ratio: Number((value / baselineValue).toFixed(2)),
  };
  console.log(JSON.stringify(figure));
} finally {
  await service.stop();
}
