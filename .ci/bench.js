/**
 * Runs every workspace's `bench/*.bench.js`, each in a process of its own against the built package, and prints a table.
 *
 *     npm run bench [-- --json FILE] [-- NAME]
 *
 * A bench prints one line of JSON per figure: {"name","value","unit","baseline","baselineValue","ratio"}, where a figure
 * without something to compare with has null for the last three. `--json FILE` writes all of them as one list. NAME runs
 * only the files whose path contains it. Exits with 1 if a bench fails; the others still run.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });

const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const files = workspaces.flatMap(benchesOf).filter((file) => positionals.every((name) => file.includes(name)));
build([...new Set(files.map((file) => dirname(dirname(file))))]);

const figures = [];
for (const file of files) figures.push(...run(file));
printTable(figures);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);

function benchesOf(workspace) {
  const folder = join(root, workspace, "bench");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith(".bench.js"));
  return names.sort().map((name) => join(folder, name));
}

/** Compiles the workspaces that have benches, and what they are made of. */
function build(folders) {
  const projects = folders.filter((folder) => existsSync(join(folder, "tsconfig.json")));
  if (projects.length === 0) return;
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-b", ...projects], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
  const made = spawnSync(process.execPath, [join(root, ".ci", "programs.js")], { cwd: root, stdio: "inherit" });
  if (made.status !== 0) process.exit(1);
}

function run(file) {
  const child = spawnSync(process.execPath, [file], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  if (child.status !== 0) {
    console.error(`${relative(root, file)} failed with ${child.signal ?? child.status}`);
    process.exitCode = 1;
    return [];
  }
  const lines = child.stdout.toString().split("\n");
  return lines
    .filter((line) => line.startsWith("{"))
    .map((line) => {
      const { name, value, unit, baseline = null, baselineValue = null, ratio = null } = JSON.parse(line);
      return { name, value, unit, baseline, baselineValue, ratio };
    });
}

function printTable(rows) {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  console.log(
    `${cpus().length} cores, ${cpu?.model ?? "unknown"}, ${memory} GiB; Node ${process.version}, ${release()}`,
  );
  const number = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : "");
  const cells = rows.map((row) => [
    row.name,
    `${number(row.value)} ${row.unit}`,
    row.baseline ?? "",
    number(row.baselineValue),
    row.ratio === null ? "" : `${row.ratio}×`,
  ]);
  const lines = [["name", "value", "beside", "its value", "ratio"], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join("  ")
        .trimEnd(),
    );
}
