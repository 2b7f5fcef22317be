/**
 * Rules brought up to date a second, at 100,000 things and 500 rules. `alert-evaluate`: rules about where things have settled, after 2,000 things
 * have moved, through the follower and into the database; beside looking through every thing for every rule, in memory alone. `alert-figures`: as
 * many rules about how many things are where, at the end of a minute; beside looking through every point for every rule. In turns, the best round
 * counts; both sides must find the same.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@storeward/runtime";
import { judgeMinute } from "../dist/alerts/judging/measurements.js";
import { AlertsFollower } from "../dist/alerts/judging/stays-follower.js";
import { SetupStore } from "../dist/alerts/setup/setup-store.js";
import { homeOf } from "../dist/database/embedded/placement.js";
import { migrate, openDatabase } from "../dist/database/index.js";
import { schema } from "../dist/schema.js";

const ROUNDS = 3;
const THINGS = 100_000;
const MOVED = 2000;
const RULES = 500;
const PLACES = 200;
const KINDS = 250;
/** Fewer than so many are to be told. */
const BELOW = 2;
const start = Date.UTC(2026, 2, 2, 8);
const uuid = (n) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const placeOf = (n) => ({ id: uuid(n), code: `place-${n}`, name: `Place ${n}`, path: `Place ${n}` });
const places = Array.from({ length: PLACES }, (_, n) => placeOf(n));
const byId = new Map(places.map((place) => [place.id, place]));
const byCode = new Map(places.map((place) => [place.code, place]));
const directory = { byId: (id) => byId.get(id), byCode: (code) => byCode.get(code), within: (id) => [id] };

const ids = Array.from({ length: THINGS }, (_, n) => uuid(1_000_000 + n));
const kindOf = (n) => `kind ${n % KINDS}`;
const numbers = new Map(ids.map((id, n) => [id, n]));
const items = {
  seriesItems: async (_, asked) => asked.map(({ item }) => ({ kind: kindOf(numbers.get(item)), home: null })),
  cards: async (_, some) => new Map(some.map((id) => [id, { name: `Thing ${numbers.get(id)}` }])),
};

/**
 * Half about things that stay in a place, half about things that stay outside of one; each of a kind.
 * @type {import("@storeward/contracts").AlertRule[]}
 */
const settledRules = Array.from({ length: RULES }, (_, n) => ({
  id: `rule-${n}`,
  title: `Rule ${n}`,
  severity: "warning",
  when: { on: "items", are: n % 2 === 0 ? "in" : "outside" },
  place: `place-${n % PLACES}`,
  kind: `kind ${n % KINDS}`,
  lasts: 600,
}));
/** @type {import("@storeward/contracts").AlertRule[]} */
const figureRules = settledRules.map(({ when: _, ...rule }) => ({
  ...rule,
  when: { on: "measurement", measurement: "occupancy", field: "items", below: BELOW },
}));

const holds = (rule, place, kind) =>
  rule.kind === kind && (rule.when.are === "in" ? rule.place === place : rule.place !== place);

/** What a rule engine does that knows nothing of what has changed. */
function everyRuleOverEveryThing(where) {
  let found = 0;
  for (const rule of settledRules) for (let n = 0; n < THINGS; n++) if (holds(rule, where[n], kindOf(n))) found++;
  return found;
}

async function settled(db) {
  const setup = new SetupStore({ db, places: directory, onRules: async () => undefined });
  await setup.replace({ rules: settledRules }, { actor: "bench", ip: null, requestId: null });
  /** @type {any} */
  const log = { name: "stay_change", partitions: [0] };
  const follower = new AlertsFollower({
    stayChanges: log,
    setup,
    book: { close: async () => undefined },
    items,
    directory,
  });
  const where = ids.map((_, n) => `place-${n % PLACES}`);
  let pos = 0;
  /** @returns {any} a row of the log, with as much as the follower looks at */
  const told = (n, place) => {
    where[n] = place.code;
    const stay = uuid(10_000_000 + ++pos);
    const cause = { agent: "edge", epoch: "e", seq: pos, at: start };
    const body = {
      item: ids[n],
      stay,
      revision: 1,
      op: "open",
      place: place.id,
      from: start + pos,
      to: null,
      p: 1,
      cause,
    };
    return { partition: 0, pos, recordedAt: new Date(start), body };
  };
  const wave = (first, count, shift) =>
    Array.from({ length: count }, (_, index) =>
      told((first + index) % THINGS, places[(first + index + shift) % PLACES]),
    );
  for (let first = 0; first < THINGS; first += MOVED)
    await db.transaction((tx) => follower.handle(tx, wave(first, MOVED, 0)));
  const seconds = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
  for (let round = 1; round <= ROUNDS; round++) {
    const rows = wave(round * 7 * MOVED, MOVED, round);
    let from = performance.now();
    await db.transaction((tx) => follower.handle(tx, rows));
    seconds.ours = Math.min(seconds.ours, (performance.now() - from) / 1000);
    from = performance.now();
    const found = everyRuleOverEveryThing(where);
    seconds.theirs = Math.min(seconds.theirs, (performance.now() - from) / 1000);
    const [{ count }] = await db.query("SELECT count(*) FROM alert_condition");
    if (count !== found) throw new Error(`the two do not agree: ${count}, ${found}`);
  }
  line("alert-evaluate", seconds, "every rule over every thing, in memory");
}

/** A point for each place and kind that has anything. */
function figures() {
  const end = start + 60_000;
  const counts = new Map();
  for (let n = 0; n < THINGS; n++) {
    const key = `${n % PLACES} ${Math.floor(n / PLACES) % KINDS}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const series = [...counts].map(([key, count]) => {
    const [place, kind] = key.split(" ");
    return {
      tags: { place: `place-${place}`, kind: `kind ${kind}` },
      points: [{ at: new Date(start), fields: { items: count % 4 } }],
    };
  });
  const nobody = { agentsAt: () => [], all: () => [], placesOf: () => [], placesOfPoint: () => [] };
  /** @type {import("../dist/alerts/judging/measurements.js").MinuteFacts} */
  const facts = {
    end,
    series: new Map([["occupancy", series]]),
    known: new Map(),
    through: new Map(),
    watchers: nobody,
    directory,
  };
  const ours = () => judgeMinute(figureRules, facts).reduce((sum, { findings }) => sum + findings.length, 0);
  const theirs = () => {
    let found = 0;
    for (const { place, kind } of figureRules) {
      const own = series.filter(({ tags }) => tags.place === place && tags.kind === kind);
      found += own.length === 0 ? 1 : own.filter(({ points }) => points[0].fields.items < BELOW).length;
    }
    return found;
  };
  if (ours() !== theirs()) throw new Error(`the two do not agree: ${ours()}, ${theirs()}`);
  const seconds = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY };
  for (let round = 0; round < 5; round++)
    for (const [side, run] of Object.entries({ ours, theirs })) {
      const from = performance.now();
      run();
      seconds[side] = Math.min(seconds[side], (performance.now() - from) / 1000);
    }
  line("alert-figures", seconds, "every rule over every point");
}

function line(name, { ours, theirs }, baseline) {
  const [value, baselineValue] = [RULES / ours, RULES / theirs].map((figure) => Math.round(figure));
  const ratio = Math.round((value / baselineValue) * 10) / 10;
  console.log(JSON.stringify({ name, value, unit: "rules/s", baseline, baselineValue, ratio }));
}

const data = mkdtempSync(join(tmpdir(), "storeward-bench-"));
const db = openDatabase({ data, url: undefined, log: createLogger("bench", { level: "silent" }) });
try {
  await db.start();
  await migrate(db, schema);
  await settled(db);
  figures();
} finally {
  await db.stop();
  for (const path of [data, homeOf(data)]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
}
