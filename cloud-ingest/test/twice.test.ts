import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrations as archiveMigrations } from "../src/archive/index.js";
import { CoverageFollower, migrations as gatewayMigrations } from "../src/gateways/index.js";
import { migrations as intakeMigrations, Redater, Release } from "../src/intake/index.js";
import { type Follower, FollowerRunner, type JournalRow, ParkedRetrier, type Redated } from "../src/journal/index.js";
import { arrived, passed } from "../src/locations/drafts.js";
import { Forgetter, Settler } from "../src/locations/index.js";
import { BOOT, LocatedSite } from "../src/locations/testing.js";
import { migrations as rebuildMigrations } from "../src/rebuild/index.js";
import { Retention } from "../src/retention.js";
import { SeriesSampler, StaysFollower, migrations as seriesMigrations } from "../src/time-series/index.js";

/*
 * Two processes on one database: what is done by the clock runs in both. Everything here is done by two at the same moment, several times, and has
 * its effect once; and no one of them complains of the other.
 */

const DAY_MS = 86_400_000;
const THINGS = 40;
const now = Date.now();
const warnings: unknown[] = [];
const log = Object.assign(createLogger("test", { level: "silent" }), {
  warn: (...what: unknown[]) => void warnings.push(what),
});

let site: LocatedSite;
beforeAll(async () => {
  site = await LocatedSite.open(
    [intakeMigrations, gatewayMigrations, seriesMigrations, rebuildMigrations, archiveMigrations].flat(),
  );
});
afterAll(() => site.close());

/** What two processes have of the same part, working side by side. */
async function twice(make: () => () => Promise<unknown>, times = 4): Promise<void> {
  const both = [make(), make()];
  for (let n = 0; n < times; n++) await Promise.all(both.map((work) => work()));
}

async function count(of: string): Promise<number> {
  const [row] = await site.sql.query<{ n: number }>(`SELECT count(*) AS n FROM ${of}`);
  return row?.n ?? -1;
}

it("every stay that has settled is told once, and once more where it has ended", async () => {
  const tags: number[] = [];
  for (let n = 0; n < THINGS; n++) {
    const { tag } = await site.tagged(`E28011700000DD${n.toString(16).toUpperCase().padStart(10, "0")}`);
    tags.push(tag);
  }
  const settle = async () => {
    await site.follow();
    await twice(() => {
      const settler = new Settler({ ...site, db: site.test.db, log, directory: site.places, agents });
      return () => settler.run();
    });
  };
  const agents = { through: async () => new Map([...site.through]) };
  for (const agent of ["shelves", "doors"]) site.through.set(agent, new Date(now));
  await site.observe("shelves", now - 600_000, ...tags.map((tag) => arrived(tag, "a1", now - 600_000)));
  await settle();
  expect(await count("stay_change")).toBe(THINGS);
  await site.observe("doors", now - 300_000, ...tags.map((tag) => passed(tag, "door-1", now - 300_000, "out")));
  await settle();
  const told = await site.sql.query<{ words: string[] }>(
    "SELECT array_agg((body->>'op') || (body->>'revision') ORDER BY pos) AS words FROM stay_change GROUP BY body->>'stay'",
  );
  const ended = told.filter(({ words }) => words.length > 1);
  expect(ended.map(({ words }) => words)).toEqual(tags.map(() => ["open1", "close2"]));
  for (const { words } of told) expect(words[0]).toBe("open1");
});

it("a minute is sampled once", async () => {
  const clock = new ManualClock({ wall: now });
  const counts = new Map([[site.placeId("bin-1"), { unknown: 3 }]]);
  await twice(() => {
    const sampler = new SeriesSampler({
      db: site.test.db,
      unknown: { countByPlace: async () => counts },
      troubles: { countByKind: async () => [{ kind: "Pump", items: 2, wrongPlace: 1, missing: 0 }] },
      keepDays: 400,
      log,
      clock,
    });
    return () => sampler.run();
  });
  expect([await count("series_sample"), await count("series_trouble")]).toEqual([1, 1]);
});

it("rows are dated anew once each, whichever process tells the step", async () => {
  const drafts = Array.from({ length: 500 }, () => ({ type: "input", reader: "r1", port: 1, high: true }) as const);
  await site.observeWrong("porch", -3_600_000, now - 100_000, ...drafts);
  await site.sql.query(
    `INSERT INTO redating (agent, boot, epoch, next_seq, to_seq, offset_ms, every)
     SELECT 'porch', $1, epoch, min(seq), max(seq), 0, false FROM journal WHERE agent = 'porch' GROUP BY epoch`,
    [BOOT],
  );
  await twice(() => {
    const redater = new Redater({ db: site.test.db, journal: site.journal, followers: [], lag: () => 0, log });
    return () => redater.run();
  });
  const steps = await site.sql.query<{ body: Redated }>("SELECT body FROM journal WHERE type = 'redated' ORDER BY pos");
  expect(steps.map(({ body: { from, to } }) => [from, to])).toEqual([
    [1, 200],
    [201, 400],
    [401, 500],
  ]);
  expect(await count("redating")).toBe(0);
});

it("a row that was put aside is handled once when it is tried again", async () => {
  await site.sql.query("CREATE TABLE handled (pos int8)");
  const follower: Follower<JournalRow> = {
    name: "handling",
    log: site.journal,
    handle: async (tx, rows) => {
      await tx.query("INSERT INTO handled SELECT unnest($1::int8[])", [rows.map(({ pos }) => pos)]);
    },
  };
  await site.sql.query(
    `INSERT INTO parked_row (follower, partition, pos, error, retry)
     SELECT 'handling', partition, pos, 'odd', true FROM journal WHERE agent = 'shelves'`,
  );
  const parked = await count("parked_row");
  expect(parked).toBe(THINGS);
  await twice(() => {
    const runner = new FollowerRunner(site.test.db, follower, { log });
    const retrier = new ParkedRetrier({ db: site.test.db, runners: [runner], log });
    return () => retrier.run();
  }, 2);
  expect(await count("parked_row")).toBe(0);
  expect(await count("handled")).toBe(parked);
});

it("what is committed is released by whoever looks, and never goes back", async () => {
  await site.sql.query(
    `INSERT INTO intake_cursor (agent, epoch, committed, chain, created_at) SELECT 'edge-' || n, 'e', 100, '', now() FROM generate_series(1, 30) n`,
  );
  const clock = new ManualClock({ wall: now });
  await twice(() => {
    const release = new Release({ db: site.test.db, log, after: "72h", clock });
    return async () => {
      await release.tick();
      clock.stepWall(50 * 3_600_000);
    };
  });
  expect(await site.sql.query("SELECT DISTINCT released FROM intake_cursor")).toEqual([{ released: 100 }]);
});

it("one checkpoint is written, days that are over are dropped and days to come made, and what is old is forgotten", async () => {
  const followers = [
    new CoverageFollower(site.journal),
    site.evidenceFollower,
    new StaysFollower({ stayChanges: site.stayChanges, items: site.cards, directory: site.places }),
  ];
  for (const [follower, head] of [
    ["coverage", "journal_head"],
    ["evidence", "journal_head"],
    ["series", "journal_head"],
    ["locations", "evidence_head"],
    ["series-stays", "stay_change_head"],
  ])
    await site.sql.query(
      `INSERT INTO follower_cursor (follower, partition, pos) SELECT $1, partition, pos FROM ${head}
       ON CONFLICT (follower, partition) DO UPDATE SET pos = excluded.pos`,
      [follower],
    );
  const clock = new ManualClock({ wall: now + 10 * DAY_MS });
  await twice(() => {
    const retention = new Retention({ db: site.test.db, log, keep: { days: 5 }, clock });
    for (const follower of followers) retention.register(follower);
    const forgetter = new Forgetter({ db: site.test.db, log, clock });
    return async () => {
      await retention.tick();
      await forgetter.run();
    };
  });
  expect(await count("state_checkpoint")).toBe(1);
  expect(await count("journal_day")).toBe(0);
  expect(await count("journal")).toBe(0);
  expect(warnings).toEqual([]);
});
