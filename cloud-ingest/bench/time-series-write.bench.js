/**
 * Points a second into an InfluxDB 1.x: from marks in the database through measuring, asking what there was, writing and cleaning the marks;
 * beside the bare client writing the very points. First into an empty database, then again over what is there. In turns, the best round counts.
 * Does nothing where no InfluxDB 1.x is installed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@storeward/runtime";
import { InfluxDB } from "influx";
import { homeOf } from "../dist/database/embedded/placement.js";
import { migrate, openDatabase } from "../dist/database/index.js";
import { schema } from "../dist/schema.js";
import { openSeries, SeriesWriter, syncTargets } from "../dist/time-series/index.js";
import { skipInflux, TestInflux } from "../dist/time-series/influx/testing.js";
import { measure } from "../dist/time-series/measure.js";

const ROUNDS = 3;
const MINUTES = 300;
const PLACES = 40;
const KINDS = 10;
const POINTS = MINUTES * PLACES * KINDS;
const AT_ONCE = 5000;
const MINUTE_MS = 60_000;
const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const minutes = Array.from({ length: MINUTES }, (_, n) => new Date(end - n * MINUTE_MS));
/** @type {any} only codes are asked for */
const places = { byId: (id) => ({ code: `place-${id.slice(-4)}` }) };

/** Things in every place, one more or less each minute. */
async function fillTables(db) {
  await db.query(
    `INSERT INTO series_level SELECT lpad(p::text, 32, '0')::uuid, 'kind ' || k, 'home', 1000
     FROM generate_series(1, $1::int) p, generate_series(1, $2::int) k`,
    [PLACES, KINDS],
  );
  await db.query(
    `INSERT INTO series_delta SELECT m, lpad(p::text, 32, '0')::uuid, 'kind ' || (1 + p % $3::int), 'home', 1 - 2 * (p % 2)
     FROM unnest($1::timestamptz[]) m, generate_series(1, $2::int) p`,
    [minutes.map((at) => at.toISOString()), PLACES, KINDS],
  );
  await db.query("UPDATE series_sampled SET at = $1", [new Date(end).toISOString()]);
}

const mark = (db, target) =>
  db.query("INSERT INTO series_dirty (target, measurement, at) SELECT $1, 'occupancy', unnest($2::timestamptz[])", [
    target,
    minutes.map((at) => at.toISOString()),
  ]);

async function timed(work) {
  const start = performance.now();
  await work();
  return POINTS / ((performance.now() - start) / 1000);
}

async function bench(db, influx) {
  const log = createLogger("bench", { level: "silent" });
  const names = Array.from({ length: ROUNDS }, (_, round) => `ours${round}`);
  await syncTargets(db, names, end);
  await db.query("UPDATE series_target SET filled_from = NULL");
  const { port } = new URL(influx.url);
  const bare = new InfluxDB({ host: "127.0.0.1", port: Number(port) });
  const buckets = await measure(
    db,
    places,
    minutes.map((at) => ({ measurement: "occupancy", at })),
  );
  const points = buckets.flatMap(({ at, points: of }) =>
    of.map(({ tags, fields }) => ({ measurement: "occupancy", tags, fields, timestamp: at })),
  );
  if (points.length !== POINTS) throw new Error(`${points.length} points instead of ${POINTS}`);
  const best = { fresh: 0, again: 0, bare: 0 };
  for (const [round, name] of names.entries()) {
    const target = openSeries(db, { target: { kind: "influx1", name, url: influx.url, database: name } });
    const writer = new SeriesWriter({ db, target, places, log });
    for (const figure of ["fresh", "again"]) {
      await mark(db, name);
      best[figure] = Math.max(best[figure], await timed(() => writer.run()));
    }
    /** @type {import("../dist/time-series/types.js").RangeQuery} */
    const range = { measurement: "occupancy", from: minutes.at(-1), to: new Date(end + MINUTE_MS), step: 60 };
    const found = await target.series.query(range);
    const there = found.reduce((sum, series) => sum + series.points.length, 0);
    if (there !== POINTS) throw new Error(`${there} of ${POINTS} points are there`);
    const database = `bare${round}`;
    await bare.createDatabase(database);
    const write = async () => {
      for (let first = 0; first < points.length; first += AT_ONCE)
        await bare.writePoints(points.slice(first, first + AT_ONCE), { database, precision: "ms" });
    };
    best.bare = Math.max(best.bare, await timed(write));
  }
  return best;
}

const folder = mkdtempSync(join(tmpdir(), "storeward-bench-"));
const data = join(folder, "data");
const db = openDatabase({ data, log: createLogger("bench", { level: "silent" }) });
const influx = new TestInflux();
try {
  if (!skipInflux) {
    await db.start();
    await influx.start();
    await migrate(db, schema);
    await fillTables(db);
    const { fresh, again, bare } = await bench(db, influx);
    const baseline = { baseline: "the bare client", baselineValue: Math.round(bare), unit: "points/s" };
    const ratio = (value) => Math.round((value / bare) * 100) / 100;
    console.log(
      JSON.stringify({ name: "time-series-write", value: Math.round(fresh), ...baseline, ratio: ratio(fresh) }),
    );
    console.log(
      JSON.stringify({ name: "time-series-rewrite", value: Math.round(again), ...baseline, ratio: ratio(again) }),
    );
  }
} finally {
  await influx.close();
  await db.stop();
  const home = homeOf(data);
  for (const path of [folder, ...(home === undefined ? [] : [home])]) rmSync(path, { recursive: true, force: true });
}
