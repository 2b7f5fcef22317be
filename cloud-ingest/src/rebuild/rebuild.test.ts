import { createLogger, isoMs, systemClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PooledDatabase } from "../database/pool.js";
import { CoverageFollower, migrations as gatewayMigrations } from "../gateways/index.js";
import { migrations as intakeMigrations } from "../intake/index.js";
import { FollowerRunner } from "../journal/index.js";
import { arrived, departed, inventory, passed } from "../locations/drafts.js";
import { LocatedSite, SITE } from "../locations/testing.js";
import { SeriesFollower, StaysFollower, migrations as seriesMigrations } from "../time-series/index.js";
import { thinned, usableCheckpoints, writeCheckpoint } from "./checkpoints.js";
import { describeDifference, migrations, type RebuildResult, rebuild, SHADOW_PATH } from "./index.js";
import { STATE_TABLES } from "./state-tables.js";

const log = createLogger("test", { level: "silent" });
const NOW = Date.now();
const DAY = 86_400_000;
const day = (ahead: number) => new Date(NOW + ahead * DAY).toISOString().slice(0, 10);

let site: LocatedSite;
let shadow: PooledDatabase;
let runners: FollowerRunner<never>[];

beforeAll(async () => {
  site = await LocatedSite.open([...intakeMigrations, ...gatewayMigrations, ...seriesMigrations, ...migrations]);
  shadow = new PooledDatabase(site.test.connection, { max: 2, searchPath: SHADOW_PATH });
}, 60_000);
afterAll(async () => {
  await shadow.close();
  await site.close();
});
/** The live service. */
beforeEach(async () => {
  const followers = [
    new CoverageFollower(site.journal),
    site.evidenceFollower,
    site.locationsFollower,
    new SeriesFollower(site),
    new StaysFollower({ stayChanges: site.stayChanges, items: site.cards, directory: site.places }),
  ];
  runners = followers.map((each) => new FollowerRunner(site.test.db, each as never, { log, batchSize: 7 }));
  for (const runner of runners) await runner.start();
});
afterEach(async () => {
  for (const runner of runners) await runner.stop();
});

function run(options: { from?: string; swap?: boolean; progress?: () => void } = {}): Promise<RebuildResult> {
  const { swap = false, ...rest } = options;
  const beside = { db: site.test.db, shadow, directory: site.places, items: site.cards, clock: systemClock };
  return rebuild({ ...beside, swap, ...rest });
}

/** Tells what has settled, by agents that have looked up to now, and lets everybody hear of it. */
async function settled(): Promise<void> {
  await followed();
  for (const agent of ["doors", "shelves"]) site.through.set(agent, new Date(NOW));
  await site.settler.run();
  await followed();
}

async function followed(): Promise<void> {
  await vi.waitFor(
    async () => {
      const behind = await site.sql.query(
        `SELECT 1 FROM follower_cursor c JOIN journal_head h USING (partition) WHERE follower IN ('coverage', 'evidence', 'series') AND c.pos < h.pos
         UNION ALL SELECT 1 FROM follower_cursor c JOIN stay_change_head h USING (partition) WHERE follower = 'series-stays' AND c.pos < h.pos
         UNION ALL SELECT 1 FROM follower_cursor c JOIN evidence_head h USING (partition) WHERE follower = 'locations' AND c.pos < h.pos`,
      );
      expect(behind).toEqual([]);
    },
    { timeout: 60_000 },
  );
}

/** None more is as good as no row, and what was taken back is only kept with what was told of it. */
const IS_NONE: Readonly<Record<string, string>> = {
  item_stay: "WHERE NOT withdrawn",
  series_delta: "WHERE items <> 0",
  series_level: "WHERE items <> 0",
};

/** What there is in the tables of a schema, without what depends on who has been told and on the clock on the wall. */
async function tables(schema: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { name, key, compared } of STATE_TABLES)
    if (compared.length > 0)
      found.push(
        await site.sql.query(
          `SELECT ${[...key, ...compared].join(", ")} FROM ${schema}.${name} ${IS_NONE[name] ?? ""} ORDER BY ${key.join(", ")}`,
        ),
      );
  return found;
}

let epcs = 0;
const nextEpc = () => `E28011700000${(++epcs).toString(16).toUpperCase().padStart(12, "0")}`;

/** Things go to and fro for a while; one is late by an hour, one has its tag only afterwards, one tag goes from one thing to another. */
async function someLife(at: number): Promise<{ item: string; tag: number }> {
  const one = await site.tagged(nextEpc());
  const epc = nextEpc();
  const untagged = await site.tag(epc);
  const both = [one.tag, untagged];
  for (const [index, tag] of both.entries()) {
    const from = at + index * 7_000;
    await site.observe("shelves", from, arrived(tag, "a1", from));
    await site.observe("shelves", from + 300_000, departed(tag, "a1", from + 290_000));
    await site.observe("doors", from + 310_000, passed(tag, "door-1", from + 300_000, "out"));
    await site.observe("doors", from + 400_000, passed(tag, "door-2", from + 390_000, "in"));
    await site.observe(
      "shelves",
      from + 500_000,
      arrived(tag, "b1", from + 490_000),
      inventory("a2", from + 500_000, []),
    );
  }
  await site.act("bind", site.item(), epc, new Date(at + 200_000));
  await site.observe("shelves", at + 600_000, inventory("b1", at + 600_000, both));
  await site.observe("doors", at + 610_000, passed(one.tag, "door-1", at - 3_600_000, "in"));
  await site.observe("shelves", at + 620_000, {
    type: "coverage",
    readPoint: "a1",
    state: "watching",
    since: at + 615_000,
    why: "connected",
    antennas: [1],
    power: 30,
  } as never);
  return one;
}

describe("a rebuild", { timeout: 120_000 }, () => {
  it("finds nothing to mend in tables that nobody has touched, and gives the same tables twice, whatever is journaled meanwhile", async () => {
    for (let n = 0; n < 4; n++) {
      await someLife(NOW - (8 - n) * 3_600_000);
      await settled();
    }
    for (const table of ["series_stay", "series_passage", "series_detection", "series_level"])
      expect((await site.sql.query(`SELECT FROM ${table}`)).length).toBeGreaterThan(0);
    const first = await run();
    expect(first.listed.map(describeDifference)).toEqual([]);
    expect(first).toMatchObject({ from: "start", differences: 0 });
    const once = await tables("rebuild");
    expect(await run()).toMatchObject({ differences: 0, rows: first.rows });
    expect(await tables("rebuild")).toEqual(once);
    expect(once).toEqual(await tables("public"));

    // Rows come in while it runs, and while it is swapped in.
    let life: Promise<unknown> = Promise.resolve();
    let started = 0;
    const progress = (): void => {
      if (++started === 2) life = someLife(NOW - 3_600_000).then(() => someLife(NOW - 1_800_000));
    };
    expect((await run({ swap: true, progress })).listed.map(describeDifference)).toEqual([]);
    await life;
    await followed();
    expect(await run()).toMatchObject({ differences: 0 });
    expect(await tables("rebuild")).toEqual(await tables("public"));
  });

  it("waits for a binding that the service has not heard of yet, for it is known from then on", async () => {
    const epc = nextEpc();
    const tag = await site.tag(epc);
    const [, evidence] = runners;
    await site.observe("shelves", NOW - 900_000, arrived(tag, "a1", NOW - 900_000));
    await followed();
    await evidence?.stop();
    await site.act("bind", site.item(), epc, new Date(NOW - 1_000_000));
    const found = run({ swap: true });
    // It holds further bindings off, and waits.
    await vi.waitFor(
      async () =>
        expect(
          await site.sql.query(
            "SELECT 1 FROM pg_locks WHERE relation = 'tag_assignment'::regclass AND mode = 'ExclusiveLock' AND granted",
          ),
        ).toHaveLength(1),
      { timeout: 60_000 },
    );
    await evidence?.start();
    expect((await found).listed.map(describeDifference)).toEqual([]);
    await followed();
  });

  it("judges what was observed by the read points of that time", async () => {
    await someLife(NOW - 6_000_000);
    await settled();
    // From now on the reader of bin 1 hangs at the second board.
    const readPoints = SITE.readPoints.map((point) =>
      point.id === "b1" && point.role === "shelf" ? { ...point, place: "board-2" } : point,
    );
    await site.places.sync({ ...SITE, readPoints });
    const { item, tag } = await site.tagged(nextEpc());
    const moved = Date.now() + 1_000;
    await site.observe("shelves", moved, arrived(tag, "b1", moved));
    await followed();
    expect((await run()).listed.map(describeDifference)).toEqual([]);
    const [now] = await site.sql.query<{ place: string }>("SELECT place FROM item_location WHERE item = $1", [item]);
    expect(site.placeCode(now?.place ?? null)).toBe("board-2");
    // Told only now, and of before.
    const { item: other, tag: late } = await site.tagged(nextEpc());
    await site.observe("shelves", NOW - 5_000, arrived(late, "b1", NOW - 5_000));
    await followed();
    const [then] = await site.sql.query<{ place: string }>("SELECT place FROM item_location WHERE item = $1", [other]);
    expect(site.placeCode(then?.place ?? null)).toBe("bin-1");
    expect((await run()).listed.map(describeDifference)).toEqual([]);
  });

  it("finds exactly what was tampered with, mends it in one transaction or not at all, and has the correction told", async () => {
    const { item, tag } = await someLife(NOW - 7_200_000);
    await settled();
    const told = () =>
      site.sql.query(
        "SELECT body->>'op' AS op, body->>'revision' AS revision, body->>'place' AS place FROM stay_change WHERE body->>'item' = $1 ORDER BY pos",
        [item],
      );
    const before = await told();
    const whole = await tables("public");
    expect(before.length).toBeGreaterThan(0);

    const corridor = site.placeId("corridor");
    await site.sql.query("UPDATE item_location SET place = $2 WHERE item = $1", [item, corridor]);
    const [stay] = await site.sql.query<{ id: string }>(
      "UPDATE item_stay SET place = $2 WHERE item = $1 AND to_at IS NULL RETURNING id",
      [item, corridor],
    );
    await site.sql.query("DELETE FROM tag_sighting WHERE tag = $1 AND type = 'passed'", [tag]);
    await site.sql.query(
      `INSERT INTO item_stay (id, item, place, shelf, state, from_at, p, opening_at, opening, to_at, revision, told)
       SELECT gen_random_uuid(), item, place, shelf, state, from_at, p, opening_at, opening, from_at + interval '1 s', 3, told
       FROM item_stay WHERE id = $1`,
      [stay?.id],
    );
    const tampered = await tables("public");
    const found = await run();
    const kinds = found.listed.map(({ table, kind }) => `${table} ${kind}`).sort();
    expect(kinds).toEqual([
      "item_location changed",
      "item_stay changed",
      "item_stay extra",
      "tag_sighting missing",
      "tag_sighting missing",
      "tag_sighting missing",
    ]);
    expect(found.differences).toBe(6);
    expect(found.listed.map(describeDifference).find((words) => words.includes("item_location"))).toBe(
      `item_location ${item}: place is "${corridor}", should be "${site.placeId("bin-1")}"`,
    );
    expect(await tables("public")).toEqual(tampered);

    // The connection is cut at the last moment.
    await site.sql.query(
      `CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
       CREATE TRIGGER cut AFTER INSERT OR UPDATE ON item_due EXECUTE FUNCTION cut()`,
    );
    await expect(run({ swap: true })).rejects.toThrow();
    await site.sql.query("DROP FUNCTION cut CASCADE");
    expect(await tables("public")).toEqual(tampered);

    expect(await run({ swap: true })).toMatchObject({ differences: 6 });
    await settled();
    expect(await tables("public")).toEqual(whole);
    // The stay that never was is taken back with the revision after the last; of the others all was told before.
    const corrections = (await told()).slice(before.length);
    expect(corrections).toMatchObject([{ op: "retract", revision: "4" }]);
    expect(await run()).toMatchObject({ differences: 0 });
  });

  it("finds what was changed in the tables of time series, and has the minutes of that written anew", async () => {
    await someLife(NOW - 6_500_000);
    await settled();
    const whole = await tables("public");
    const one = (table: string) => `ctid = (SELECT ctid FROM ${table} LIMIT 1)`;
    const [passage] = await site.sql.query<{ at: Date }>(
      `DELETE FROM series_passage WHERE ${one("series_passage")} RETURNING date_trunc('minute', at) AS at`,
    );
    const [reads] = await site.sql.query<{ at: Date }>(
      `UPDATE series_detection SET reads = reads + 1 WHERE ${one("series_detection")} RETURNING at`,
    );
    const [stay] = await site.sql.query<{ from: Date; to: Date | null }>(
      `UPDATE series_stay SET role = 'away' WHERE ${one("series_stay")}
       RETURNING date_trunc('minute', from_at) AS from, date_trunc('minute', to_at) AS to`,
    );
    await site.sql.query("DELETE FROM series_dirty");
    const found = await run({ swap: true });
    expect(found.listed.map(({ table, kind }) => `${table} ${kind}`)).toEqual([
      "series_detection changed",
      "series_passage missing",
      "series_stay changed",
    ]);
    expect(await tables("public")).toEqual(whole);
    const marked = await site.sql.query("SELECT measurement, at FROM series_dirty ORDER BY 1, 2");
    expect(marked).toEqual([
      { measurement: "arrivals", at: stay?.from },
      { measurement: "detection", at: reads?.at },
      ...(stay?.to == null ? [] : [{ measurement: "dwell", at: stay.to }]),
      { measurement: "passages", at: passage?.at },
    ]);
  });

  it("is one at a time, and refuses to put anything in place while rows are aside", async () => {
    let second: Promise<unknown> | undefined;
    await run({
      progress: () => {
        second ??= run().then(
          () => "ran",
          (error: { code: string }) => error.code,
        );
      },
    });
    expect(await second).toBe("REBUILD_RUNNING");
    await site.sql.query("INSERT INTO parked_row (follower, partition, pos, error) VALUES ('evidence', 0, 1, 'odd')");
    await expect(run({ swap: true })).rejects.toMatchObject({ code: "REBUILD_PARKED" });
    await site.sql.query("DELETE FROM parked_row");
  });

  it("begins with a checkpoint once the journal's first days are gone, and not without one", async () => {
    await followed();
    const edge = day(1);
    // A follower that has not come to the edge has nothing to say of it.
    await site.sql.query("UPDATE follower_cursor SET pos = pos - 1 WHERE follower = 'coverage' AND pos > 1");
    for (const runner of runners) await runner.stop();
    await site.sql.query("UPDATE follower_cursor SET pos = pos - 1 WHERE follower = 'coverage' AND pos > 1");
    expect(await writeCheckpoint(site.test.db, edge)).toBe(false);
    for (const runner of runners) await runner.start();
    await followed();
    // What has become evidence and not yet a location is in it too.
    await runners[2]?.stop();
    const { tag } = await someLife(NOW - 5_000_000);
    await vi.waitFor(async () => expect(await writeCheckpoint(site.test.db, edge)).toBe(true), { timeout: 60_000 });
    expect(await writeCheckpoint(site.test.db, edge)).toBe(false);
    await runners[2]?.start();
    await someLife(NOW - 4_000_000);
    // Late: from before the checkpoint, and heard after it.
    await site.observe("doors", NOW, passed(tag, "door-1", NOW - 4_850_000, "in"));
    await followed();
    const after = await run({ from: edge });
    expect(after.listed.map(describeDifference)).toEqual([]);
    expect(after.from).toBe(edge);
    expect(after.rows).toBeGreaterThan(10);

    // The days before it go.
    const cut = (more: number) =>
      site.sql.query(
        `UPDATE journal_day d SET first_pos = c.pos + 1 + $1 FROM state_checkpoint_cursor c JOIN journal_head h USING (partition)
         WHERE c.follower = 'evidence' AND c.partition = d.partition AND h.pos >= c.pos + 1 + $1`,
        [more],
      );
    await cut(0);
    await site.sql.query(
      `DELETE FROM journal j USING state_checkpoint_cursor c
       WHERE c.follower = 'evidence' AND c.partition = j.partition AND j.pos <= c.pos`,
    );
    await expect(run({ from: "start" })).rejects.toMatchObject({ code: "REBUILD_NO_START" });
    expect(await run()).toMatchObject({ from: edge, differences: 0, rows: after.rows });
    // And one row more: what it would have changed nobody knows.
    await cut(1);
    expect(await usableCheckpoints(site.test.db)).toEqual([]);
    await expect(run()).rejects.toMatchObject({ code: "REBUILD_NO_START" });
    // Or a word that rows of before it were observed at another time: which, nobody can tell.
    await cut(0);
    expect(await usableCheckpoints(site.test.db)).toHaveLength(1);
    await site.redate("doors", 1, 1);
    expect(await usableCheckpoints(site.test.db)).toEqual([]);
  });
});

describe("checkpoints", () => {
  it("stay few, with the oldest and the two latest among them, and never far apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 4, max: 10 }), (days, keep) => {
        let kept: string[] = [];
        const all = Array.from({ length: days }, (_, n) => isoMs(n * DAY).slice(0, 10));
        for (const each of all) {
          kept = thinned([...kept, each], keep);
          expect(kept.length).toBeLessThanOrEqual(keep);
          expect(kept).toEqual([...kept].sort());
        }
        expect(kept[0]).toBe(all[0]);
        expect(kept.slice(-2)).toEqual(all.slice(-2));
        const gaps = kept.slice(1).map((each, n) => Date.parse(each) - Date.parse(kept[n] ?? ""));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(DAY * Math.max(1, (4 * days) / (keep - 2)));
      }),
      { numRuns: 15 },
    );
  });
});
