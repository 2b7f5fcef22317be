import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PooledDatabase } from "../src/database/pool.js";
import { SHORT_LIMITS, type TestDatabase, testDatabase } from "../src/database/testing.js";
import { daysOf } from "../src/journal/index.js";
import { createEvidenceLog } from "../src/locations/index.js";
import { Places } from "../src/places/index.js";
import { writeCheckpoint } from "../src/rebuild/index.js";
import { Retention } from "../src/retention.js";
import { schema } from "../src/schema.js";
import { syncTargets } from "../src/time-series/index.js";
import { site } from "./test-service.js";

const log = createLogger("test", { level: "silent" });
const DAY_MS = 86_400_000;
/** Each of these takes longer than a statement of ordinary work may. */
const SLOW = ["INSERT ON state_checkpoint", "INSERT ON place", "INSERT ON series_target", "DELETE ON evidence_day"];

/* Of what the service itself does. Commands have no limits at all: database/maintenance.ts, service.test.ts. */
describe("work that takes longer than ordinary work may", () => {
  const clock = new ManualClock({ wall: Date.UTC(2026, 2, 1, 8) });
  let test: TestDatabase;
  let db: PooledDatabase;
  beforeAll(async () => {
    test = await testDatabase(schema);
    await test.db.query(
      "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2.8); RETURN NULL; END'",
    );
    for (const [n, what] of SLOW.entries())
      await test.db.query(`CREATE TRIGGER slow_${n} AFTER ${what} FOR EACH STATEMENT EXECUTE FUNCTION slow()`);
    db = new PooledDatabase(test.connection, {
      max: 8,
      applicationName: "limited",
      limits: { ...SHORT_LIMITS, statementMs: 1_500 },
    });
  });
  afterAll(async () => {
    await db.close();
    await test.close();
  });

  it("is ended where it is ordinary: a limit holds", async () => {
    await expect(db.query("DELETE FROM evidence_day")).rejects.toMatchObject({ code: "DATABASE_SLOW" });
  });

  it("is done: a checkpoint, a day that is dropped, places, a new place for time series", async () => {
    const evidence = createEvidenceLog(clock);
    await test.db.query("INSERT INTO journal_day (partition, day, first_pos) VALUES (0, '2026-02-01', 1)");
    await test.db.transaction((tx) => evidence.append(tx, 0, [{ item: "i", fact: {} } as never]));
    await test.db.query("INSERT INTO follower_cursor (follower, partition, pos) VALUES ('f', 0, 1)");
    clock.stepWall(4 * DAY_MS);
    const retention = new Retention({ db, log, clock, keep: { days: 2 } });
    retention.register({ name: "f", log: evidence });
    const first = async () => (await daysOf(test.db, "evidence")).map(({ day }) => day)[0];
    expect(await first()).toBe("2026-03-01");
    const [written] = await Promise.all([
      writeCheckpoint(db, "2026-03-01"),
      new Places({ db, log }).sync(site),
      syncTargets(db, ["database", "influx"], clock.wall()),
      // With a checkpoint of its own, of today.
      retention.tick(),
    ]);
    expect(written).toBe(true);
    expect(await first()).not.toBe("2026-03-01");
    const [found] = await test.db.query(
      "SELECT (SELECT count(*) FROM place) AS places, (SELECT count(*) FROM series_target) AS targets",
    );
    expect(found).toEqual({ places: site.places.length, targets: 2 });
  });
});
