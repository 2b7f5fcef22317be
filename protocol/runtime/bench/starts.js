import { fileURLToPath } from "node:url";

/**
 * Starts a program as it is installed, in one file, and from its modules, in turns, and prints the median of each as one figure.
 *
 * @param {{ name: string, bench: string, rounds: number, secondsOf: (script: string) => number | Promise<number> }} of
 *   `bench` is the URL of a bench of the program's workspace; `secondsOf` starts a script of it and answers with the processor time that took.
 */
export async function compareStarts({ name, bench, rounds, secondsOf }) {
  const ways = ["whole.js", "main.js"].map((file) => fileURLToPath(new URL(`../dist/${file}`, bench)));
  /** @type {number[][]} */
  const taken = ways.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [way, script] of ways.entries()) taken[way]?.push(await secondsOf(script));
  const [value = 0, baselineValue = 0] = taken.map((all) => all.sort((a, b) => a - b)[rounds >> 1]);
  const baseline = "from its modules";
  const ratio = Number((value / baselineValue).toFixed(2));
  console.log(JSON.stringify({ name, value, unit: "s of CPU", baseline, baselineValue, ratio }));
}
