/**
 * What would take the suite too long: kills, power losses, full disks, bad networks, copied journals, wrong clocks, for some 20 minutes.
 *
 *     npm run torture [-- NAME]
 *
 * NAME runs only the files whose path contains it. Each test prints lines that begin with "torture: ": they are printed again at the end,
 * and are the figures of docs/torture.md. Exits with 1 if a test failed.
 */
import { spawn } from "node:child_process";
import { cpus, release, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LIMIT_MINUTES = 40;
const FIGURE = "torture: ";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const begun = Date.now();

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
// Lines of tests come as they are printed, and not gathered by test. That option last: it would take a name behind it for its value.
const args = ["run", ...process.argv.slice(2), "--project", "torture", "--disable-console-intercept"];
const child = spawn(process.execPath, [vitest, ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
const limit = setTimeout(() => {
  console.error(`stopped after ${LIMIT_MINUTES} minutes`);
  child.kill("SIGTERM");
}, LIMIT_MINUTES * 60_000);

const figures = [];
createInterface({ input: child.stdout }).on("line", (line) => {
  console.log(line);
  if (line.startsWith(FIGURE)) figures.push(line.slice(FIGURE.length));
});

child.once("close", (code) => {
  clearTimeout(limit);
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
  console.log(`\n${"=".repeat(20)} summary`);
  console.log(
    `${cpus().length} cores, ${cpu?.model ?? "unknown"}, ${memory} GiB; Node ${process.version}, ${release()}`,
  );
  for (const figure of figures) console.log(figure);
  console.log(code === 0 ? `all held, in ${minutes} minutes` : `NOT all held: see above (${minutes} minutes)`);
  process.exitCode = code === 0 ? 0 : 1;
});
