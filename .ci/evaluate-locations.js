/**
 * How often the cloud is right about where things are, beside simpler rules on the same observations.
 *
 *     npm run evaluate:locations                                   # the simulated hospital: writes the tables of docs/locations.md
 *     npm run evaluate:locations -- --seeds 7,8 --keep FILE        # other seeds; those that are in FILE are not run again
 *     npm run evaluate:locations -- --minutes 10 --conditions clean,misses,strays,dead-unknown,clock,weak,walked
 *     npm run evaluate:locations -- --observed FOLDER              # keeps observations there: another model is measured on them in a minute
 *     npm run evaluate:locations -- --site SITE.yaml READS.csv     # recorded reads with the true place of each: prints the figures
 *
 * The simulation takes some two minutes of one core a seed, on two at once; the figures are the same on every machine.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const SEEDS = "381,382,383,384,385,386";
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const { values, positionals } = parseArgs({
  options: {
    seeds: { type: "string", default: SEEDS },
    minutes: { type: "string" },
    conditions: { type: "string" },
    keep: { type: "string" },
    observed: { type: "string" },
    site: { type: "string" },
  },
  allowPositionals: true,
});
if ((positionals.length === 1) !== (values.site !== undefined)) {
  console.error("For recorded reads: --site SITE.yaml READS.csv. For the simulated hospital: no file.");
  process.exit(2);
}

const scratch = mkdtempSync(join(tmpdir(), "storeward-locations-"));
const code =
  values.site === undefined ? await simulated(scratch) : await recorded(scratch, values.site, positionals[0]);
rmSync(scratch, { recursive: true });
process.exit(code);

async function simulated(folder) {
  const keep = values.keep === undefined ? join(folder, "kept") : resolve(values.keep);
  const seeds = values.seeds.split(",");
  // Each of two processes writes outcomes of its own; what is known already is given to both.
  const halves = [0, 1].map((half) => ({
    file: join(folder, `${half}`),
    seeds: seeds.filter((_, at) => at % 2 === half),
  }));
  const scale = {
    ...(values.minutes === undefined ? {} : { STOREWARD_LOCATIONS_MINUTES: values.minutes }),
    ...(values.conditions === undefined ? {} : { STOREWARD_LOCATIONS_CONDITIONS: values.conditions }),
    ...(values.observed === undefined ? {} : { STOREWARD_LOCATIONS_OBSERVED: resolve(values.observed) }),
  };
  const known = existsSync(keep) ? readFileSync(keep, "utf8") : "";
  for (const { file } of halves) appendFileSync(file, known);
  const codes = await Promise.all(
    halves.map(({ file, seeds: some }) =>
      run("page", { ...scale, STOREWARD_LOCATIONS_KEEP: file, STOREWARD_LOCATIONS_SEEDS: some.join(",") }),
    ),
  );
  for (const { file } of halves) appendFileSync(keep, readFileSync(file, "utf8").slice(known.length));
  if (codes.some((one) => one !== 0)) return 1;
  const page = join(root, "docs", "locations.md");
  return run("page", { STOREWARD_LOCATIONS_KEEP: keep, STOREWARD_LOCATIONS_PAGE: page });
}

async function recorded(folder, site, reads) {
  const report = join(folder, "report");
  const found = await run("recorded", {
    STOREWARD_LOCATIONS_RECORDING: resolve(reads),
    STOREWARD_LOCATIONS_SITE: resolve(site),
    STOREWARD_LOCATIONS_REPORT: report,
  });
  if (existsSync(report)) process.stdout.write(readFileSync(report, "utf8"));
  return found;
}

/** Runs one of the accuracy tests of the cloud; tests run from sources and need no build. */
function run(name, env) {
  const args = [vitest, "run", "--project", "parts", `cloud-ingest/test/accuracy/${name}.test.ts`];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((done) => child.on("exit", (status) => done(status ?? 1)));
}
