import { MEASUREMENTS, type Measurement } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STRENGTH } from "../locations/drafts.js";
import { bucketOf, markDirty } from "./dirty.js";
import { levelsAt } from "./levels.js";
import { SeriesSampler } from "./sampler.js";
import { BOUNDED_TAGS, TagBook } from "./tags.js";
import { type FlatPoint, MeasuredSite } from "./testing.js";
import type { TroubleCounts } from "./types.js";

const log = createLogger("test", { level: "silent" });
const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;
let measured: MeasuredSite;
beforeAll(async () => {
  measured = await MeasuredSite.open();
});
afterAll(() => measured.close());

const points = (measurement: Measurement) => measured.points(measurement, ago(90_000), now + 3_600_000);
const sum = (of: readonly FlatPoint[], field = "count") => of.reduce((all, point) => all + Number(point[field]), 0);
const dirty = () => measured.site.sql.query("SELECT * FROM series_dirty");
const arrived = (tag: number, readPoint: string, first: number) => ({
  type: "arrived" as const,
  tag,
  readPoint,
  first,
  strength: STRENGTH,
});

/** Of these, between the two that are next to it. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [below = 0, above = below] = sorted.slice(Math.floor(at));
  return below + (above - below) * (at % 1);
}

/** Follows everything and settles what `shelves` has told up to a moment. */
async function settle(through: number): Promise<void> {
  await measured.site.follow();
  measured.site.through.set("shelves", new Date(through));
  await measured.site.settler.run();
}

/** Has the levels of the minutes up to one asked for; a service that has run before asks for those since then. */
async function sample(
  last: number,
  counts: ReadonlyMap<string, { unknown: number }> = new Map(),
  troubles: Awaited<ReturnType<TroubleCounts["countByKind"]>> = [],
): Promise<void> {
  const clock = new ManualClock({ wall: last + 60_000 });
  const unknown = { countByPlace: async () => counts };
  const found = { countByKind: async () => troubles };
  await new SeriesSampler({ db: measured.site.test.db, unknown, troubles: found, keepDays: 400, log, clock }).run();
}

describe("what is counted of the journal", () => {
  it("the sum of all buckets is the count of the journal, again after late rows", async () => {
    const { site } = measured;
    const { tag } = await site.tagged("E280117000000200000000A1");
    await site.observe("shelves", ago(5), arrived(tag, "a1", ago(10)), arrived(tag, "a1", ago(9)));
    await site.observe("doors", ago(4), arrived(tag, "a1", ago(8)));
    const count = async () => (await site.sql.query<{ n: number }>("SELECT count(*) AS n FROM journal"))[0]!.n;
    expect(sum(await points("observations"))).toBe(await count());
    await site.observe("shelves", ago(80_000), arrived(tag, "a1", ago(80_000)));
    const found = await points("observations");
    expect(sum(found)).toBe(await count());
    expect(found.filter(({ agent }) => agent === "shelves").length).toBeGreaterThan(0);
    expect(await dirty()).toEqual([]);
  });

  it("delay is from observing to recording, of the minute it was recorded in", async () => {
    const shelves = (await points("delay")).filter(({ agent }) => agent === "shelves");
    expect(sum(shelves)).toBe(3);
    const longest = Math.max(...shelves.map(({ max }) => Number(max)));
    expect(longest).toBeGreaterThan(79_990);
    expect(longest).toBeLessThan(80_300);
    const rows = await measured.site.sql.query<{ at: Date; seconds: number }>(
      "SELECT recorded_at AS at, extract(epoch FROM recorded_at - observed_at)::float8 AS seconds FROM journal WHERE agent = 'shelves'",
    );
    for (const { at, p50, p95 } of shelves) {
      const own = rows.filter((row) => bucketOf(row.at).getTime() === at.getTime()).map(({ seconds }) => seconds);
      expect([p50, p95]).toEqual([0.5, 0.95].map((share) => expect.closeTo(quantile(own, share), 3)));
    }
  });

  it("detection adds up rounds and reads at the minute of observation, late rows too", async () => {
    const found = (await points("detection")).filter(({ at }) => at.getTime() === bucketOf(ago(80_000)).getTime());
    expect(found).toMatchObject([{ read_point: "a1", rounds: STRENGTH.rounds, reads: STRENGTH.reads }]);
  });

  it("what went through a portal together is one passage, in the minute it was observed", async () => {
    const { site } = measured;
    const [one, two] = [await site.tag("E280117000000200000000B1"), await site.tag("E280117000000200000000B2")];
    const side = (at: number) => ({ reads: 4, first: at, last: at + 400, rssiMax: -50 });
    const passed = (tag: number, pass: string, at: number, direction: "in" | "out" = "in") => ({
      type: "passed" as const,
      pass: pass.padStart(32, "0"),
      tag,
      readPoint: "door-1",
      direction,
      p: 0.95,
      sides: { inside: side(at), outside: side(at - 500) },
    });
    await site.observe("doors", ago(3600), passed(one, "1", ago(3601)), passed(two, "1", ago(3601)));
    await site.observe("doors", ago(3600), passed(two, "1", ago(3601)), passed(one, "2", ago(3601), "out"));
    const found = await points("passages");
    const at = bucketOf(ago(3600));
    expect(found).toMatchObject([
      { read_point: "door-1", direction: "in", count: 1, at },
      { read_point: "door-1", direction: "out", count: 1, at },
    ]);
  });

  it("a passage that a clock dates anew leaves the minute it was counted in", async () => {
    const { site } = measured;
    const tag = await site.tag("E280117000000200000000B3");
    const side = (at: number) => ({ reads: 4, first: at, last: at + 400, rssiMax: -50 });
    const sides = { inside: side(ago(301)), outside: side(ago(302)) };
    const told = {
      type: "passed" as const,
      pass: "9".repeat(32),
      tag,
      readPoint: "door-2",
      direction: "out" as const,
      p: 0.95,
    };
    await site.observeWrong("doors", -7_200_000, ago(300), { ...told, sides });
    const ofDoor = async () => (await points("passages")).filter(({ read_point }) => read_point === "door-2");
    expect(await ofDoor()).toMatchObject([{ at: bucketOf(ago(7500)), count: 1 }]);
    const [last] = await site.sql.query<{ seq: number }>("SELECT max(seq) AS seq FROM journal WHERE agent = 'doors'");
    await site.redate("doors", last!.seq, last!.seq);
    expect(await ofDoor()).toMatchObject([{ at: bucketOf(ago(300)), count: 1 }]);
    const [{ n = 0 } = {}] = await site.sql.query<{ n: number }>("SELECT count(*) AS n FROM journal");
    expect(sum(await points("observations"))).toBe(n);
    expect(await dirty()).toEqual([]);
  });

  it("reads that a clock dates anew leave the minute they were counted in, each time anew, and an empty minute has no point", async () => {
    const { site } = measured;
    const tag = await site.tag("E280117000000200000000B4");
    const place = { tag, readPoint: "b1", strength: STRENGTH };
    await site.observeWrong("doors", -7_200_000, ago(200), { type: "arrived", first: ago(200), ...place });
    await site.observeWrong("doors", -7_200_000, ago(100), { type: "seen", from: ago(110), to: ago(100), ...place });
    const [last] = await site.sql.query<{ seq: number }>("SELECT max(seq) AS seq FROM journal WHERE agent = 'doors'");
    const seq = last!.seq;
    const read = async () => (await points("detection")).filter((point) => point.read_point === "b1");
    const at = (seconds: number) => bucketOf(ago(seconds)).getTime();
    const once = { rounds: STRENGTH.rounds, reads: STRENGTH.reads };
    const minutes = async () => (await read()).map(({ at, rounds, reads }) => [at.getTime(), { rounds, reads }]);
    expect(await minutes()).toEqual([
      [at(7400), once],
      [at(7300), once],
    ]);
    await site.redate("doors", seq - 1, seq, seq, -3_600_000);
    expect(await minutes()).toEqual([
      [at(3800), once],
      [at(3700), once],
    ]);
    // The clock was wrong too, for the first of them.
    await site.redate("doors", seq - 1, seq - 1);
    expect(await minutes()).toEqual([
      [at(3700), once],
      [at(200), once],
    ]);
    await site.redate("doors", seq - 1, seq);
    expect(await minutes()).toEqual([
      [at(200), once],
      [at(100), once],
    ]);
    expect(await dirty()).toEqual([]);
  });

  it("a declared gap counts its ranges and what was lost in them", async () => {
    const { site } = measured;
    const at = new Date(ago(500));
    await site.test.db.transaction(async (tx) => {
      for (const [from, to] of [
        [3, 12],
        [20, 20],
      ])
        await tx.query(
          "INSERT INTO declared_gap (agent, epoch, from_seq, to_seq, why, types, recorded_at) VALUES ('doors', 'e', $1, $2, '', '{}', $3)",
          [from, to, at],
        );
      await markDirty(tx, { gaps: [at] });
    });
    expect(await points("gaps")).toEqual([{ agent: "doors", told: 2, count: 2, lost: 11, at: bucketOf(at) }]);
  });
});

describe("what is counted of stays", () => {
  const bin = (of: readonly FlatPoint[]) => of.filter(({ place }) => place === "bin-1");

  it("an arrival that turns out otherwise leaves the minute it was counted in, and the levels since", async () => {
    const { site } = measured;
    await sample(ago(3000));
    const { item, tag } = await site.tagged("E280117000000200000000C1", { home: "store-1" });
    await site.observe("shelves", ago(2000), arrived(tag, "b1", ago(2000)));
    await settle(ago(1900));
    await points("arrivals");
    await sample(ago(1700));
    expect(bin(await points("arrivals"))).toMatchObject([{ kind: "Infusion pump", count: 1 }]);
    const minutes = bin(await points("occupancy")).map(({ at }) => at.getTime());
    expect(minutes.at(0)).toBe(bucketOf(ago(2000)).getTime());
    expect(minutes.at(-1)).toBe(bucketOf(ago(1700)).getTime());
    expect(new Set(minutes).size).toBe((minutes.at(-1)! - minutes[0]!) / 60_000 + 1);
    expect((await points("utilisation")).at(-1)).toMatchObject({ kind: "Infusion pump", placed: 1, away: 1 });

    await site.act("retire", item, "E280117000000200000000C1", new Date(ago(2500)));
    await settle(ago(1700));
    expect(bin(await points("arrivals"))).toEqual([]);
    expect(bin(await points("occupancy"))).toEqual([]);
    expect((await points("utilisation")).filter(({ away }) => Number(away) > 0)).toEqual([]);
    expect(await dirty()).toEqual([]);
  });

  it("a stay that has ended counts where it was, for as long as it lasted", async () => {
    const { site } = measured;
    const { tag } = await site.tagged("E280117000000200000000C2", { kind: "Bed", home: "store-2" });
    await site.observe("shelves", ago(1600), arrived(tag, "b1", ago(1600)));
    await site.observe("shelves", ago(1000), {
      type: "departed",
      tag,
      readPoint: "b1",
      last: ago(1000),
      decided: ago(1000),
      expectedRate: 0.9,
    });
    await site.observe("shelves", ago(990), arrived(tag, "a1", ago(990)));
    // No door saw it come: once more is surer.
    const again = { tag, readPoint: "a1", from: ago(990), to: ago(930), strength: STRENGTH };
    await site.observe("shelves", ago(930), { type: "seen", ...again });
    await settle(ago(800));
    const [dwell] = bin(await points("dwell"));
    expect(dwell).toMatchObject({ kind: "Bed", count: 1 });
    expect(dwell?.seconds).toBe(dwell?.longest);
    expect(Math.abs(Number(dwell?.seconds) - 600)).toBeLessThan(60);
    await points("occupancy");
    await sample(ago(700));
    const beds = (await points("occupancy")).filter(({ kind }) => kind === "Bed");
    const last = beds.filter(({ at }) => at.getTime() === bucketOf(ago(700)).getTime());
    expect(last).toMatchObject([{ place: "board-1", items: 1 }]);
    const used = (await points("utilisation")).filter(({ kind }) => kind === "Bed");
    expect(used.at(0)).toMatchObject({ placed: 1, away: 0 });
    expect(used.at(-1)).toMatchObject({ placed: 1, away: 1 });
  });

  it("levels are those that counting the stays gives, at every minute", async () => {
    const { sql } = measured.site;
    const minutes = Array.from({ length: 60 }, (_, n) => new Date(bucketOf(ago(700)).getTime() - n * 60_000));
    const levels = await levelsAt(sql, minutes);
    expect(levels.length).toBeGreaterThan(20);
    const counted = await sql.query(
      `SELECT b.at, place, kind, role, count(*) AS items FROM unnest($1::timestamptz[]) b(at)
       JOIN series_stay s ON date_trunc('minute', s.from_at) <= b.at AND (s.to_at IS NULL OR date_trunc('minute', s.to_at) > b.at)
       GROUP BY 1, 2, 3, 4`,
      [minutes.map((at) => at.toISOString())],
    );
    const key = (row: object) => JSON.stringify(Object.entries(row).sort());
    expect(levels.map(key).sort()).toEqual(counted.map(key).sort());
  });
});

describe("what is looked at each minute", () => {
  it("things of which it is not known where they are, by place, once, whoever looks", async () => {
    const counts = new Map([
      [measured.site.placeId("bin-1"), { unknown: 2 }],
      [measured.site.placeId("store-1"), { unknown: 0 }],
    ]);
    await sample(ago(600), counts);
    await sample(ago(600), new Map([[measured.site.placeId("bin-1"), { unknown: 9 }]]));
    expect(await points("unknown_items")).toEqual([{ place: "bin-1", items: 2, at: bucketOf(ago(600)) }]);
  });

  it("things outside their area and overdue, by kind, with nothing where all is well, and the kinds beyond the bound together", async () => {
    const { db } = measured.site.test;
    const kind = (name: string, wrongPlace: number, missing: number) => ({
      kind: name,
      items: 10,
      wrongPlace,
      missing,
    });
    await sample(ago(500), undefined, [kind("BED", 2, 1), kind("Cot", 0, 0)]);
    expect(await points("troubles")).toEqual([
      { kind: "Bed", items: 10, wrong_place: 2, missing: 1, at: bucketOf(ago(500)) },
      { kind: "Cot", items: 10, wrong_place: 0, missing: 0, at: bucketOf(ago(500)) },
    ]);
    await db.query("INSERT INTO series_tag SELECT 'kind', 'x' || n, 'x' || n FROM generate_series(1, 500) n");
    await sample(ago(400), undefined, [kind("Drip", 1, 0), kind("Easel", 2, 3)]);
    await db.query("DELETE FROM series_tag WHERE tag = 'kind' AND key ~ '^x[0-9]+$'");
    expect((await points("troubles")).filter(({ at }) => at > bucketOf(ago(500)))).toEqual([
      { kind: BOUNDED_TAGS.kind.others, items: 20, wrong_place: 3, missing: 3, at: bucketOf(ago(400)) },
    ]);
  });

  it("is kept by one of several processes that look at once, and the others do not wait for it", async () => {
    const { db } = measured.site.test;
    const place = measured.site.placeId("bin-1");
    const counted = (unknown: number) => sample(ago(330), new Map([[place, { unknown }]]));
    const waiting = () =>
      db.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'");
    let first: Promise<void> = Promise.resolve();
    let others: Promise<unknown> = Promise.resolve();
    const held = db.transaction(async (tx) => {
      // What the first would keep waits for this, which is undone.
      await tx.query(
        "INSERT INTO series_sample (at, measurement, place, fields) VALUES ($1, 'unknown_items', $2, '{}')",
        [bucketOf(ago(330)).toISOString(), place],
      );
      first = counted(3);
      await expect.poll(waiting).toHaveLength(1);
      let passed = 0;
      others = Promise.all([4, 5].map((n) => counted(n).then(() => passed++)));
      await expect.poll(() => passed).toBe(2);
      throw new RangeError("as it is to");
    });
    await expect(held).rejects.toThrow("as it is to");
    await Promise.all([first, others]);
    await counted(6);
    const kept = (await points("unknown_items")).filter(({ at }) => at.getTime() === bucketOf(ago(330)).getTime());
    expect(kept).toMatchObject([{ place: "bin-1", items: 3 }]);
  });
});

describe("how many series there can be", () => {
  it("kinds are tags up to a bound, in whatever case they are written; the others are one", async () => {
    const { db } = measured.site.test;
    const [{ n } = { n: 0 }] = await db.query<{ n: number }>("SELECT count(*) AS n FROM series_tag WHERE tag = 'kind'");
    const book = new TagBook("kind", n + 3);
    const tagsOf = (kinds: readonly string[]) => db.transaction((tx) => book.tags(tx, kinds));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 }), async (kinds) => {
        const tags = await tagsOf(kinds);
        for (const kind of kinds) expect(tags.get(kind)).toMatch(/^[^\n\\]{1,160}$/u);
        expect(await tagsOf(kinds)).toEqual(tags);
      }),
      { numRuns: 15 },
    );
    const tags = await tagsOf(["Bed", "  bED ", ...Array.from({ length: 9 }, (_, index) => `kind ${index}`)]);
    expect(tags.get("  bED ")).toBe("Bed");
    expect(tags.get("kind 8")).toBe(BOUNDED_TAGS.kind.others);
    const [{ now: known } = { now: 0 }] = await db.query<{ now: number }>(
      "SELECT count(*) AS now FROM series_tag WHERE tag = 'kind'",
    );
    expect(known).toBe(n + 3);
    const another = new TagBook("kind", n + 3);
    expect(await db.transaction((tx) => another.tags(tx, ["BED", "kind 8"]))).toEqual(
      new Map([
        ["BED", "Bed"],
        ["kind 8", BOUNDED_TAGS.kind.others],
      ]),
    );
  });

  it("whatever was tagged, moved and read, no tag of any series names a thing, and more things make no more series", async () => {
    const { site } = measured;
    const seriesNow = async () => {
      const names: string[] = [];
      for (const measurement of MEASUREMENTS)
        for (const { at: _, ...point } of await points(measurement))
          names.push(
            `${measurement} ${JSON.stringify(Object.entries(point).filter(([, value]) => typeof value === "string"))}`,
          );
      return new Set(names);
    };
    const epcs: string[] = [];
    const items: string[] = [];
    let made = 0;
    const carry = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const epc = `E2801170000003${(made++).toString(16).toUpperCase().padStart(10, "0")}`;
        const { item, tag } = await site.tagged(epc, { kind: "Bed", home: "store-2" });
        epcs.push(epc);
        items.push(item);
        for (const [readPoint, at] of [
          ["a2", 500],
          ["b1", 400],
        ] as const)
          await site.observe("shelves", ago(at), arrived(tag, readPoint, ago(at)));
      }
      await settle(ago(300));
      await sample(ago(250));
    };
    await carry(2);
    const before = await seriesNow();
    await carry(10);
    const after = await seriesNow();
    expect(
      [...after].filter((name) => !before.has(name) && !name.startsWith("occupancy") && !name.startsWith("arrivals")),
    ).toEqual([]);
    expect(after.size).toBeLessThanOrEqual(before.size + 4);
    const all = [...after].join("\n").toUpperCase();
    for (const one of [...epcs, ...items]) expect(all).not.toContain(one.toUpperCase());
    expect(all).not.toMatch(/[0-9A-F]{8}-[0-9A-F]{4}-/);
  });
});
