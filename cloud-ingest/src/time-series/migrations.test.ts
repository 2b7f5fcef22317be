import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createTelemetryLog } from "../gateways/index.js";
import { daysOf } from "../journal/index.js";
import { schema } from "../schema.js";
import { dirtyBuckets } from "./dirty.js";
import { EmbeddedSeries } from "./embedded.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase(schema.filter(({ id }) => id < "0190"));
});
afterAll(() => test.close());

it("a database of the release before keeps its points, marks and telemetry, and telemetry gets positions in its order", async () => {
  const { db } = test;
  const at = new Date("2026-03-01T12:00:00Z");
  await db.query(
    `INSERT INTO series_point VALUES ('observations', $1, '{"agent":"a","type":"seen"}', 3), ('passages', $1, '{"direction":"in","readPoint":"d"}', 1);`,
    [at],
  );
  await db.query("INSERT INTO series_dirty (measurement, at, marks) VALUES ('observations', $1, 7)", [at]);
  await db.query("INSERT INTO series_passage VALUES ('d', 'p', 'in', $1)", [at]);
  for (const [day, next] of [
    ["2026-03-01", "2026-03-02"],
    ["2026-03-02", "2026-03-03"],
  ])
    await db.query(
      `CREATE TABLE telemetry_sample_${day?.replaceAll("-", "")} PARTITION OF telemetry_sample FOR VALUES FROM ('${day}T00:00Z') TO ('${next}T00:00Z')`,
    );
  for (const hour of [47, 3, 26])
    await db.query(
      "INSERT INTO telemetry_sample VALUES ('a', timestamptz '2026-03-01T00:00Z' + $1 * interval '1 hour', $2)",
      [hour, JSON.stringify({ agent: "a", hour })],
    );
  await migrate(db, schema);

  const range = { from: at, to: new Date(at.getTime() + 60_000), step: 60 };
  expect(await new EmbeddedSeries(db).query({ measurement: "observations", ...range })).toEqual([
    { tags: { agent: "a", type: "seen" }, points: [{ at, fields: { count: 3 } }] },
  ]);
  expect((await dirtyBuckets(db, "database", 10)).map(({ measurement }) => measurement)).toEqual([
    "observations",
    "passages",
  ]);
  const log = createTelemetryLog();
  expect((await log.heads(db)).get(0)).toBe(3);
  const bodies = (await log.read(db, 0, 0, 10)).map(({ pos, body }) => [
    pos,
    (body as unknown as { hour: number }).hour,
  ]);
  expect(bodies).toEqual([
    [1, 3],
    [2, 26],
    [3, 47],
  ]);
  await db.transaction((tx) => log.append(tx, 0, [{ agent: "a", hour: 99 } as never]));
  expect((await log.read(db, 0, 3, 10)).map(({ pos }) => pos)).toEqual([4]);
  expect((await daysOf(db, "telemetry_sample")).length).toBe(3);
});
