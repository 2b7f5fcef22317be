/**
 * Makes one archive of the device, for sites without the internet: `storeward-edge` with what it needs to run and nothing else.
 *
 *     npm run package [-- --out DIR] [--with-node] [--check]      for this machine
 *     npm run package -- --platform linux-arm64 --sqlite FILE     for another: FILE is better-sqlite3's binary for it
 *     npm run package -- --list                                   says what would be in it, and makes nothing
 *
 * Everything comes from this folder's node_modules: run `npm ci` first. `serialport` brings its binaries for all platforms; SQLite's is
 * the one built or fetched for this machine, so that for any other it must be given (from the release page of better-sqlite3, or
 * from `npm ci` on a machine of that kind). `--with-node` adds this machine's Node, for devices that have none. `--check` unpacks
 * the archive elsewhere and starts it there, without a network where this machine can take one away.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const own = `${process.platform}-${process.arch}`;
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "dist") },
    platform: { type: "string", default: own },
    sqlite: { type: "string" },
    "with-node": { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

/** Needed to build or fetch binaries, never to run. */
const BUILD_ONLY = new Set(["prebuild-install", "node-addon-api"]);
/** In packages of others: what no program reads. */
const LEFT_OUT =
  /^(?:\.github|\.vscode|tests?|examples?|docs?|benchmarks?)\/|\.(?:map|md|markdown|ts|cts|mts|tsbuildinfo|yml)$|(?:^|\/)\.[^/]+$/;
const LICENCE = /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i;
/** Of these only what is named: the rest is the source of their binaries. */
const ONLY = {
  "better-sqlite3": ["package.json", "LICENSE", "lib", "build/Release/better_sqlite3.node"],
  "@serialport/bindings-cpp": ["package.json", "LICENSE", "dist", `prebuilds/${values.platform}`],
};

const agent = manifestOf(join(root, "edge-agent"));
const packages = collect(join(root, "edge-agent"));
const name = `storeward-edge-${agent.version}-${values.platform}-node${process.versions.node.split(".")[0]}`;

if (values.list) list();
else await make();

function list() {
  for (const { id, version, folder, to } of packages)
    console.log(`${id} ${version}  ${filesOf(folder, id).length} files  ${to}`);
  for (const missing of missingParts()) console.log(`missing: ${missing}`);
}

async function make() {
  const missing = missingParts();
  if (missing.length > 0) fail(missing.join("\n"));
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-b", join(root, "edge-agent")], { cwd: root, stdio: "inherit" });
  const dist = join(root, "edge-agent", "dist");
  execFileSync(process.execPath, [join(root, ".ci", "programs.js"), dist, "whole.js", "main.js"], { stdio: "inherit" });

  const work = mkdtempSync(join(tmpdir(), "storeward-package-"));
  try {
    const folder = join(work, name);
    fill(folder);
    mkdirSync(values.out, { recursive: true });
    const archive = join(values.out, `${name}.tar.gz`);
    // The same content is the same archive.
    const plain = [
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mtime=@0",
      "--use-compress-program=gzip -n",
    ];
    execFileSync("tar", [...plain, "-C", work, "-cf", archive, name], { stdio: "inherit" });
    const hash = createHash("sha256").update(readFileSync(archive)).digest("hex");
    writeFileSync(`${archive}.sha256`, `${hash}  ${basename(archive)}\n`);
    console.log(`${archive}: ${packages.length} packages, ${(statSync(archive).size / 1024 ** 2).toFixed(1)} MiB`);
    if (values.check) await check(archive);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function fill(folder) {
  for (const { id, folder: from, to } of packages)
    for (const file of filesOf(from, id)) cpSync(join(from, file), join(folder, to, file), { dereference: true });
  if (values.sqlite !== undefined) {
    const to = join(folder, "node_modules", "better-sqlite3", "build", "Release");
    mkdirSync(to, { recursive: true });
    cpSync(values.sqlite, join(to, "better_sqlite3.node"));
  }
  cpSync(join(root, "provisioning", "archive"), folder, { recursive: true });
  if (values["with-node"]) {
    cpSync(realpathSync(process.execPath), join(folder, "bin", "node"));
    chmodSync(join(folder, "bin", "node"), 0o755);
  }
  const manifest = {
    name: "storeward-edge",
    version: agent.version,
    private: true,
    type: "module",
    storeward: { platform: values.platform, node: process.versions.node, abi: process.versions.modules },
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const others = packages.filter(({ id }) => !id.startsWith("@storeward/"));
  const lines = others.map(({ id, version, license }) => `${id} ${version}: ${license}\n`);
  writeFileSync(
    join(folder, "THIRD-PARTY.txt"),
    `Packages of others in node_modules, each with its licence beside it.\n\n${lines.join("")}`,
  );
  for (const file of ["LICENSE", "NOTICE", "docs/installation.md"])
    cpSync(join(root, file), join(folder, basename(file)));
  const systemd = join(root, "provisioning", "systemd");
  for (const file of ["storeward-edge.service", "storeward.sysusers.conf"])
    cpSync(join(systemd, file), join(folder, "systemd", file));
  // Whatever umask it was checked out under: the service's own user reads it.
  execFileSync("chmod", ["-R", "u=rwX,go=rX", folder]);
}

/** The agent and everything its production dependencies lead to, each with where it stands in the archive. */
function collect(start) {
  const found = new Map();
  const waiting = [start];
  for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
    if (found.has(folder)) continue;
    const { name: id, version, license = "unknown", dependencies = {}, optionalDependencies = {} } = manifestOf(folder);
    found.set(folder, { id, version, license, folder, to: placeOf(folder, id) });
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (BUILD_ONLY.has(dependency) || dependency.startsWith("@types/")) continue;
      const at = resolveFrom(folder, dependency);
      if (at !== undefined) waiting.push(at);
      else if (dependency in dependencies && !(dependency in optionalDependencies))
        fail(`${dependency}, needed by ${id}, is not installed: npm ci`);
    }
  }
  return [...found.values()].sort((a, b) => (a.to < b.to ? -1 : 1));
}

/** As Node looks: in the node_modules of the folder and of every folder above. */
function resolveFrom(folder, dependency) {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", dependency);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (at === dirname(at)) return undefined;
  }
}

/** Our own packages go beside the others; those keep their place, also one within another. */
function placeOf(folder, id) {
  const path = relative(root, folder);
  if (path.startsWith(`node_modules${sep}`)) return path;
  const nested = path.indexOf(`${sep}node_modules${sep}`);
  if (nested < 0) return join("node_modules", id);
  return join("node_modules", manifestOf(join(root, path.slice(0, nested))).name, path.slice(nested + 1));
}

function filesOf(folder, id) {
  const ours = id.startsWith("@storeward/");
  const parts = ours ? ["package.json", "LICENSE", "NOTICE", "dist"] : ONLY[id];
  const walked = (parts ?? readdirSync(folder)).flatMap((part) => walk(folder, part));
  if (ours) return walked.filter((file) => /\.js$|^[^/]+$/.test(file) && !/^dist\/test-/.test(file));
  return walked.filter((file) => LICENCE.test(file) || !LEFT_OUT.test(file));
}

function walk(folder, part) {
  const path = join(folder, part);
  if (!existsSync(path) || basename(part) === "node_modules") return [];
  if (!statSync(path).isDirectory()) return [part];
  return readdirSync(path)
    .sort()
    .flatMap((entry) => walk(folder, `${part}/${entry}`));
}

function missingParts() {
  const missing = [];
  if (values.platform !== own && values.sqlite === undefined)
    missing.push(
      `SQLite's binary for ${values.platform}: give it with --sqlite FILE (better_sqlite3.node, for Node ABI ${process.versions.modules}), or run this on such a machine`,
    );
  if (
    values.platform === own &&
    !existsSync(join(root, "node_modules", "better-sqlite3", "build", "Release", "better_sqlite3.node"))
  )
    missing.push("SQLite's binary: npm ci builds or fetches it");
  if (!existsSync(join(root, "node_modules", "@serialport", "bindings-cpp", "prebuilds", values.platform)))
    missing.push(`serialport has no binary for ${values.platform}`);
  if (values["with-node"] && values.platform !== own)
    missing.push(`Node for ${values.platform}: --with-node takes this machine's`);
  if (values["with-node"] && statSync(realpathSync(process.execPath)).size < 20 * 1024 ** 2)
    missing.push("a Node in one file: this machine's is in parts (libnode), take one from nodejs.org for --with-node");
  return missing;
}

/** Unpacked elsewhere, without this folder and without a network: does it start, and take a configuration? */
async function check(archive) {
  const place = mkdtempSync(join(tmpdir(), "storeward-unpacked-"));
  try {
    execFileSync("tar", ["-xzf", archive, "-C", place]);
    const alone = spawnSync("unshare", ["-rn", "true"]).status === 0 ? ["unshare", "-rn"] : [];
    const start = (...args) => {
      const [program, ...rest] = [...alone, join(place, name, "bin", "storeward-edge"), ...args];
      return execFileSync(program, rest, {
        cwd: place,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: place },
      });
    };
    process.stdout.write(start("--version"));
    writeFileSync(join(place, "password"), "secret\n", { mode: 0o600 });
    const cloud = { url: "mqtt://127.0.0.1:1883", username: "box", passwordFile: "password", ledger: "0".repeat(32) };
    const config = { version: 1, agent: "box", data: "data", cloud, readers: [], readPoints: [] };
    writeFileSync(join(place, "agent.yaml"), JSON.stringify(config));
    process.stdout.write(start("--check-config"));
    await run(alone, place);
    console.log(`${basename(archive)} runs where it was unpacked${alone.length > 0 ? ", without a network" : ""}`);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** A whole start and stop: the native parts are loaded, a journal is made. */
async function run(alone, place) {
  const antennas = [{ antenna: 1, power: 10 }];
  const readers = [{ id: "r1", agent: "box", region: "ETSI", driver: "metratec", device: "/dev/no-reader", antennas }];
  const readPoints = [{ id: "p1", role: "shelf", place: "p1", antennas: [{ reader: "r1", antenna: 1 }] }];
  const config = JSON.parse(readFileSync(join(place, "agent.yaml"), "utf8"));
  writeFileSync(join(place, "agent.yaml"), JSON.stringify({ ...config, readers, readPoints, status: { port: 0 } }));
  const [program, ...rest] = [...alone, join(place, name, "bin", "storeward-edge")];
  const env = { PATH: process.env.PATH, STOREWARD_LOG: "text" };
  const child = spawn(program, rest, { cwd: place, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      said += text;
      // Once: a second signal ends it at once.
      if (!child.killed && / started( |$)/m.test(said)) child.kill("SIGTERM");
    });
  const status = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(limit);
  if (status !== 0 || !existsSync(join(place, "data", "journal.db"))) fail(`it did not run:\n${said}`);
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function fail(text) {
  console.error(text);
  process.exit(1);
}
