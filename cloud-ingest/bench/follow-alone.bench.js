/**
 * What a row costs each follower: rows that were just appended are followed by one follower after the other, in this process, on the embedded PostgreSQL with its default
 * settings and fsync; no broker and no intake. By processor time of this process and of PostgreSQL, which says nearly the same on a busy machine; beside both
 * what appending the rows costs.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partitionOf } from "@storeward/contracts";
import { systemClock as clock, createLogger } from "@storeward/runtime";
import { ItemBook } from "../dist/catalog/index.js";
import { homeOf } from "../dist/database/embedded/placement.js";
import { migrate, openDatabase } from "../dist/database/index.js";
import { Coverage, CoverageFollower } from "../dist/gateways/index.js";
import { FollowerRunner, Journal } from "../dist/journal/index.js";
import { LiveHub } from "../dist/live/index.js";
import {
  createEvidenceLog,
  createStayChangeLog,
  EvidenceFollower,
  LocationsFollower,
  Settler,
} from "../dist/locations/index.js";
import { Places } from "../dist/places/index.js";
import { schema } from "../dist/schema.js";
import { KnownAssignments, Tags } from "../dist/tags/index.js";
import { SeriesFollower, StaysFollower, syncTargets } from "../dist/time-series/index.js";
import { seed, siteOf } from "./load/house.js";
import { agentName, Ward } from "./load/rows.js";

const AGENTS = Number(process.env.STOREWARD_BENCH_AGENTS ?? 200);
const ROWS = Number(process.env.STOREWARD_BENCH_ROWS ?? 24_000);
const AT_ONCE = 4_000;
const DAY = 86_400_000;
const HOUR = 3_600_000;

const log = createLogger("bench", { level: "warn" });
const data = mkdtempSync(join(tmpdir(), "storeward-follow-bench-"));
// PostgreSQL runs under an account of its own.
chmodSync(data, 0o711);
const db = openDatabase({ data, log });
try {
  await db.start();
  await migrate(db, schema);
  await bench();
} finally {
  await db.stop();
  for (const path of [homeOf(data), data]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
}

async function bench() {
  const names = Array.from({ length: AGENTS }, (_, agent) => agentName(agent));
  const places = new Places({ db, log });
  await places.sync(siteOf(names));
  await syncTargets(db, ["database"], Date.now());
  await seed(db, AGENTS);
  await db.query(
    "INSERT INTO intake_cursor (agent, epoch, chain, created_at, through) SELECT n, '', '', now(), now() FROM unnest($1::text[]) AS n",
    [names],
  );
  const journal = new Journal();
  const rows = await rowSource(names);
  const followers = followersOn(journal, places);
  const postgres = await postgresProcess();
  // What is compiled, and tables that grow at first, are not counted.
  for (const counted of [false, true]) {
    const costs = new Map();
    for (let done = 0; done < ROWS / (counted ? 1 : 2); done += AT_ONCE) {
      const fresh = rows(AT_ONCE);
      const work = [["append", () => append(journal, fresh)], ...followers];
      for (const [name, follow] of work) await measure(costs, name, follow, postgres);
    }
    if (counted) tell(costs);
  }
}

/** What is measured, by name, in the order in which one writes what the next one reads. */
function followersOn(journal, directory) {
  const tags = new KnownAssignments(new Tags());
  const [evidence, stayChanges] = [createEvidenceLog(), createStayChangeLog()];
  const cards = new ItemBook();
  const live = new LiveHub({ db, names: cards, log });
  const deps = { db, journal, evidence, stayChanges, directory, tags, cards, live, clock, log, agents: new Coverage() };
  const settler = new Settler(deps);
  const all = [
    new CoverageFollower(journal),
    new EvidenceFollower(deps),
    new LocationsFollower(deps),
    new SeriesFollower(deps),
  ];
  const last = new StaysFollower({ ...deps, items: cards });
  const upToHead = (follower) => [follower.name, runUpToHead(follower)];
  return [...all.map(upToHead), ["settler", () => settler.run()], upToHead(last)];
}

function runUpToHead(follower) {
  const runner = new FollowerRunner(db, follower, { log });
  return async () => {
    await runner.start();
    const heads = await follower.log.heads(db);
    const isBehind = async () => {
      /** @type {{ partition: number, pos: number }[]} */
      const at = await db.query("SELECT partition, pos FROM follower_cursor WHERE follower = $1", [follower.name]);
      return at.some(({ partition, pos }) => pos < (heads.get(partition) ?? 0));
    };
    while (await isBehind()) await new Promise((resolve) => setTimeout(resolve, 10));
    await runner.stop();
  };
}

/** The next rows, of the agents in turns, in the mix of `load/rows.js`, as the journal has them. */
async function rowSource(names) {
  /** @type {{ number: number, epc: string }[]} */
  const tags = await db.query("SELECT number, epc FROM tag");
  const numbers = new Map(tags.map(({ number, epc }) => [epc, number]));
  const numbered = (thing) => ({ ...thing, tag: numbers.get(thing.tag.epc) });
  const withNumbers = (body) =>
    "tag" in body ? numbered(body) : "tags" in body ? { ...body, tags: body.tags.map(numbered) } : body;
  const wards = names.map((_, agent) => new Ward(agent));
  const begun = Math.floor(Date.now() / DAY) * DAY - 2 * HOUR;
  const everyMs = (1.5 * HOUR * AGENTS) / (ROWS * 1.5);
  let made = 0;
  return (count) =>
    Array.from({ length: count }, () => {
      const agent = made % names.length;
      const seq = Math.floor(made++ / names.length) + 1;
      const at = Math.round(begun + seq * everyMs);
      const instant = { boot: "b".repeat(32), mono: at - begun + HOUR, wall: new Date(at).toISOString() };
      const body = withNumbers(JSON.parse(wards[agent].next(instant)));
      const epoch = agent.toString(16).padStart(32, "e");
      const dated = { observedAt: new Date(at), monoOffset: begun - HOUR };
      return { agent: names[agent], epoch, seq, chain: "0".repeat(16), type: body.type, ...dated, body };
    });
}

async function append(journal, rows) {
  const batches = new Map();
  for (const row of rows) {
    const partition = partitionOf(row.agent);
    const batch = batches.get(partition);
    if (batch === undefined) batches.set(partition, [row]);
    else batch.push(row);
  }
  const sorted = new Map([...batches].sort(([a], [b]) => a - b));
  await db.transaction((tx) => journal.appendAll(tx, sorted));
}

async function measure(costs, name, work, postgres) {
  const others = cpuOf(postgres);
  const own = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(own);
  const cost = costs.get(name) ?? { service: 0, postgres: 0 };
  costs.set(name, {
    service: cost.service + user + system,
    postgres: cost.postgres + cpuOf(postgres) - others,
  });
}

function tell(costs) {
  const { append: floor, ...followers } = Object.fromEntries(costs);
  const all = { service: 0, postgres: 0 };
  for (const cost of Object.values(followers)) for (const side of Object.keys(all)) all[side] += cost[side];
  for (const [name, cost] of [...Object.entries(followers), ["all", all]])
    for (const side of ["service", "postgres"])
      print({
        name: `follow-alone-${name}-${side}`,
        value: aRow(cost[side]),
        unit: `us of CPU of ${side === "service" ? "this process" : "PostgreSQL"} a row`,
        baseline: "appending it",
        baselineValue: aRow(floor[side]),
        ratio: Math.round((10 * cost[side]) / floor[side]) / 10,
      });
}

function aRow(microseconds) {
  return Math.round((10 * microseconds) / ROWS) / 10;
}

/** The process whose children serve our connections. */
async function postgresProcess() {
  /** @type {{ pid: number }[]} */
  const [{ pid }] = await db.query("SELECT pg_backend_pid() AS pid");
  return statOf(pid).parent;
}

/** Microseconds of CPU of a process, of what it has waited for, and of its children. */
function cpuOf(pid) {
  const { own, waited } = statOf(pid);
  const children = readdirSync("/proc").flatMap((each) => {
    const stat = /^\d+$/.test(each) ? statOf(each) : undefined;
    return stat?.parent === pid ? [stat.own] : [];
  });
  return children.reduce((sum, each) => sum + each, own + waited);
}

/** Of `/proc/PID/stat`, whose times are hundredths of a second; undefined for a process that is gone. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [utime, stime, cutime, cstime] = fields.slice(11, 15).map((each) => Number(each) * 10_000);
    return { parent: fields[1], own: utime + stime, waited: cutime + cstime };
  } catch {
    return undefined;
  }
}

function print(figure) {
  console.log(JSON.stringify(figure));
}
