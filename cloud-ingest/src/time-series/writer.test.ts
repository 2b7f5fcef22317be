import { MEASUREMENTS } from "@storeward/contracts";
import { ManualClock, systemClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as journalMigrations } from "../journal/index.js";
import { STRENGTH } from "../locations/drafts.js";
import { markDirty } from "./dirty.js";
import { EmbeddedSeries } from "./embedded.js";
import { migrations } from "./migrations.js";
import { syncTargets, waitingByTarget } from "./targets.js";
import { flatPoints, MeasuredSite } from "./testing.js";
import type { FullBucket, RangeQuery, TimeSeries } from "./types.js";

/** Another database as a place that can be away, or take its time. */
class Elsewhere implements TimeSeries {
  readonly #series: EmbeddedSeries;
  away = false;
  writes = 0;
  /** What is written last. */
  last: readonly FullBucket[] = [];
  /** Called before each writing. */
  before: () => Promise<void> = async () => undefined;

  constructor(test: TestDatabase) {
    this.#series = new EmbeddedSeries(test.db);
  }
  async prepare(): Promise<void> {
    this.#there();
  }
  async replace(buckets: readonly FullBucket[]): Promise<void> {
    this.#there();
    this.last = buckets;
    await this.before();
    this.writes++;
    await this.#series.replace(buckets);
  }
  query(range: RangeQuery) {
    return this.#series.query(range);
  }
  #there(): void {
    if (this.away) throw new Error("nobody answers");
  }
}

const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;
let measured: MeasuredSite;
let other: TestDatabase;
let elsewhere: Elsewhere;
let tag = 0;
beforeAll(async () => {
  measured = await MeasuredSite.open();
  other = await testDatabase([...journalMigrations, ...migrations]);
  elsewhere = new Elsewhere(other);
  tag = await measured.site.tag("E280117000000200000000D1");
});
afterAll(async () => {
  await measured.close();
  await other.close();
});

const target = () => ({ name: "elsewhere", series: elsewhere });
const sync = (...names: string[]) => syncTargets(measured.site.test.db, names, Date.now());
const waiting = async () => (await waitingByTarget(measured.site.sql)).get("elsewhere") ?? 0;
const observe = (seconds: number) =>
  measured.site.observe("shelves", ago(seconds), {
    type: "arrived",
    tag,
    readPoint: "a1",
    first: ago(seconds),
    strength: STRENGTH,
  });

async function everything(series: TimeSeries) {
  const found = await Promise.all(
    MEASUREMENTS.map((name) => flatPoints(series, name, ago(20_000), Date.now() + 60_000)),
  );
  return Object.fromEntries(MEASUREMENTS.map((name, index) => [name, found[index]]));
}
const same = async () => expect(await everything(elsewhere)).toEqual(await everything(measured.series));

describe("places for time series", () => {
  it("one that is new is given what there was before it", async () => {
    for (const seconds of [9000, 5000, 100]) await observe(seconds);
    await measured.follow();
    await measured.writer.run();
    await sync("database", "elsewhere");
    await measured.writerTo(target()).run();
    expect((await everything(elsewhere)).detection).toHaveLength(3);
    await same();
    expect(await waiting()).toBe(0);
  });

  it("one that is away holds up no other, and lacks nothing once it is back", async () => {
    elsewhere.away = true;
    const writer = measured.writerTo(target());
    await writer.start();
    await observe(8000);
    await measured.follow();
    await vi.waitFor(() => expect(writer.failing?.error).toContain("nobody answers"), { timeout: 20_000 });
    await measured.writer.run();
    expect((await everything(measured.series)).detection).toHaveLength(4);
    expect(await waiting()).toBeGreaterThan(0);
    elsewhere.away = false;
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 20_000 });
    await vi.waitFor(() => expect(writer.failing).toBeUndefined(), { timeout: 20_000 });
    await writer.stop();
    await same();
  });

  it("one that is away for too long is filled anew: what waits for it is bounded", async () => {
    elsewhere.away = true;
    for (let n = 0; n < 8; n++) await observe(3000 + n * 100);
    await measured.follow();
    const writer = measured.writerTo(target(), { mostWaiting: 5 });
    await writer.start();
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 20_000 });
    elsewhere.away = false;
    await writer.stop();
    await measured.writerTo(target()).run();
    await measured.writer.run();
    await same();
  });

  it("wait for followers that are far behind, but not for ever, and lack nothing afterwards", async () => {
    await observe(60);
    await measured.follow();
    const clock = new ManualClock();
    const writes: number[] = [];
    elsewhere.before = async () => void writes.push(clock.mono());
    const writer = measured.writerTo(target(), { clock, busy: () => true });
    await writer.start();
    while (writes.length === 0) await clock.advance(250);
    await writer.stop();
    elsewhere.before = async () => undefined;
    expect(writes[0]).toBeGreaterThanOrEqual(10_000);
    await Promise.all([measured.writerTo(target()).run(), measured.writer.run()]);
    await same();
    expect(await waiting()).toBe(0);
  });

  it("of several processes one writes at a time, so that what is older never comes over what is newer", async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      elsewhere.before = () => {
        resolve();
        return held;
      };
    });
    await observe(50);
    await measured.follow();
    const first = measured.writerTo(target()).run();
    await entered;
    const writes = elsewhere.writes;
    await observe(50);
    await measured.follow();
    await measured.writerTo(target()).run();
    expect(elsewhere.writes).toBe(writes);
    release();
    elsewhere.before = async () => undefined;
    await first;
    await measured.writer.run();
    await same();
    expect(await waiting()).toBe(0);
  });

  it("write many minutes in pieces that take a moment, with rests between them, so that nobody stands still behind them", async () => {
    for (let minute = 10; minute < 40; minute++) await observe(60 * minute);
    await measured.follow();
    const clock = new ManualClock();
    const pieces: { at: number; buckets: number }[] = [];
    elsewhere.before = async () => {
      // Each bucket takes a tenth of a second.
      const { length: buckets } = elsewhere.last;
      pieces.push({ at: clock.mono(), buckets });
      await clock.advance(100 * buckets);
    };
    const writer = measured.writerTo(target(), { clock });
    await writer.start();
    while ((await waiting()) > 0) await clock.advance(50);
    await writer.stop();
    elsewhere.before = async () => undefined;
    expect(pieces.reduce((sum, { buckets }) => sum + buckets, 0)).toBeGreaterThanOrEqual(30);
    for (const [index, { at, buckets }] of pieces.slice(1).entries()) {
      expect(buckets).toBeLessThanOrEqual(2);
      const before = pieces[index];
      if (before !== undefined) expect(at - before.at).toBeGreaterThanOrEqual(5 * 100 * before.buckets);
    }
    await measured.writer.run();
    await same();
  });

  it("what was written of minutes that can be made no more stays as it is", async () => {
    const { sql } = measured.site;
    const before = (await everything(elsewhere)).detection;
    const [{ first } = { first: new Date() }] = await sql.query<{ first: Date }>(
      "SELECT min(at) AS first FROM series_detection",
    );
    await sql.query("DELETE FROM series_detection WHERE at = $1", [first]);
    await measured.site.test.db.transaction((tx) => markDirty(tx, { detection: [first] }));
    await sync("database");
    await sync("database", "elsewhere");
    await measured.writerTo(target()).run();
    await measured.writer.run();
    expect((await everything(elsewhere)).detection).toEqual(before);
    expect(await waiting()).toBe(0);
  });

  it("one that is configured no more is forgotten with its marks", async () => {
    await observe(10);
    await measured.follow();
    expect(await waiting()).toBeGreaterThan(0);
    await sync("database");
    expect(await waiting()).toBe(0);
    await measured.writerTo(target(), { clock: systemClock }).run();
    await measured.writer.run();
    expect((await everything(elsewhere)).observations).not.toEqual((await everything(measured.series)).observations);
  });
});
