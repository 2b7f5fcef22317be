import type { SeriesAnswer, User } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp } from "../http/index.js";
import { STRENGTH } from "../locations/drafts.js";
import { LocatedSite } from "../locations/testing.js";
import { ArrivalsFollower, SeriesFollower } from "./followers.js";
import { EmbeddedSeries, migrations, routes } from "./index.js";
import { SeriesWriter } from "./writer.js";

const log = createLogger("test", { level: "silent" });
const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;
let site: LocatedSite;
let series: EmbeddedSeries;
let writer: SeriesWriter;
let rows: SeriesFollower;
let arrivals: ArrivalsFollower;
beforeAll(async () => {
  site = await LocatedSite.open(migrations);
  series = new EmbeddedSeries(site.test.db);
  writer = new SeriesWriter({ db: site.test.db, series, log });
  rows = new SeriesFollower(site);
  arrivals = new ArrivalsFollower(site);
});
afterAll(() => site.close());

const total = async (measurement: "observations" | "passages" | "arrivals") => {
  await site.followAll(rows);
  await site.followAll(arrivals);
  await writer.run();
  const range = { measurement, from: new Date(ago(90_000)), to: new Date(now + 3_600_000), step: 60 };
  return (await series.query(range)).flatMap(({ tags, points }) => points.map((point) => ({ ...tags, ...point })));
};
const sum = (points: readonly { count: number }[]) => points.reduce((all, { count }) => all + count, 0);
const dirty = () => site.sql.query("SELECT * FROM series_dirty");

describe("event series", () => {
  it("the sum of all buckets is the count of the journal, again after late rows", async () => {
    const { tag } = await site.tagged("E280117000000200000000A1");
    const arrived = (first: number) => ({ type: "arrived" as const, tag, readPoint: "a1", first, strength: STRENGTH });
    await site.observe("shelves", ago(5), arrived(ago(10)), arrived(ago(9)));
    await site.observe("doors", ago(4), arrived(ago(8)));
    const count = async () => (await site.sql.query<{ n: number }>("SELECT count(*) AS n FROM journal"))[0]!.n;
    expect(sum(await total("observations"))).toBe(await count());
    await site.observe("shelves", ago(80_000), arrived(ago(80_000)));
    const points = await total("observations");
    expect(sum(points)).toBe(await count());
    expect(points.filter((point) => "agent" in point && point.agent === "shelves").length).toBeGreaterThan(0);
    expect(await dirty()).toEqual([]);
  });

  it("what went through a portal together is one passage, in the minute it was observed", async () => {
    const [one, two] = [await site.tag("E280117000000200000000B1"), await site.tag("E280117000000200000000B2")];
    const side = (at: number) => ({ reads: 4, first: at, last: at + 400, rssiMax: -50 });
    const passed = (tag: number, pass: string, at: number) => ({
      type: "passed" as const,
      pass: pass.padStart(32, "0"),
      tag,
      readPoint: "door-1",
      direction: "in" as const,
      p: 0.95,
      sides: { inside: side(at), outside: side(at - 500) },
    });
    await site.observe("doors", ago(3600), passed(one, "1", ago(3601)), passed(two, "1", ago(3601)));
    await site.observe("doors", ago(3600), passed(two, "1", ago(3601)), passed(one, "2", ago(3601)));
    const points = await total("passages");
    expect(sum(points)).toBe(2);
    expect(points[0]).toMatchObject({ readPoint: "door-1", direction: "in" });
    expect(points[0]!.at).toEqual(new Date(Math.floor(ago(3600) / 60_000) * 60_000));
  });

  it("a passage that a clock dates anew leaves the minute it was counted in", async () => {
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
    const ofDoor = async () =>
      (await total("passages")).filter((point) => "readPoint" in point && point.readPoint === "door-2");
    const minute = (seconds: number) => new Date(Math.floor(ago(seconds) / 60_000) * 60_000);
    expect(await ofDoor()).toMatchObject([{ at: minute(7500), count: 1 }]);
    const [last] = await site.sql.query<{ seq: number }>("SELECT max(seq) AS seq FROM journal WHERE agent = 'doors'");
    await site.redate("doors", last!.seq, last!.seq);
    expect(await ofDoor()).toMatchObject([{ at: minute(300), count: 1 }]);
    const [{ n = 0 } = {}] = await site.sql.query<{ n: number }>("SELECT count(*) AS n FROM journal");
    expect(sum(await total("observations"))).toBe(n);
    expect(await dirty()).toEqual([]);
  });

  it("an arrival that turns out otherwise leaves the minute it was counted in", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000C1");
    await site.observe("shelves", ago(2000), {
      type: "arrived",
      tag,
      readPoint: "b1",
      first: ago(2000),
      strength: STRENGTH,
    });
    await site.follow();
    site.through.set("shelves", new Date(ago(1900)));
    await site.settler.run();
    const bin = site.placeId("bin-1");
    const atBin = (points: readonly object[]) => points.filter((point) => "place" in point && point.place === bin);
    expect(atBin(await total("arrivals"))).toMatchObject([{ kind: "Infusion pump", count: 1 }]);
    await site.act("retire", item, "E280117000000200000000C1", new Date(ago(2500)));
    await site.follow();
    await site.settler.run();
    expect(atBin(await total("arrivals"))).toEqual([]);
  });
});

describe("GET /series", () => {
  const user: User = { id: "0198c0de-0000-7000-8000-00000000000a", username: "viewer", role: "viewer" };
  const ask = async (query: string) => {
    const app = await createHttp({
      listen: { host: "127.0.0.1", port: 0 },
      log,
      version: "1",
      authenticator: { authenticate: async () => user },
      routes: [routes({ series })],
      health: async () => ({}),
    });
    const answer = await app.inject({ url: `/api/v1/series?${query}`, headers: { authorization: "Bearer x" } });
    await app.close();
    return { status: answer.statusCode, body: answer.json() as SeriesAnswer & { code?: string } };
  };
  const at = (second: number) => new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString();

  it("gives counts by tags in steps that suit the range, or are asked for", async () => {
    const points = [{ tags: { readPoint: "door-1", direction: "out" }, count: 2 }];
    await series.replace([
      { measurement: "passages", at: new Date(at(0)), points },
      { measurement: "passages", at: new Date(at(60)), points },
    ]);
    const { body } = await ask(`measurement=passages&from=${at(0)}&to=${at(600)}`);
    expect(body).toMatchObject({ measurement: "passages", step: 60, from: at(0), to: at(600) });
    expect(body.series).toEqual([
      { tags: points[0]!.tags, points: [0, 60].map((second) => ({ at: at(second), count: 2 })) },
    ]);
    const { body: coarse } = await ask(`measurement=passages&from=${at(0)}&to=${at(600)}&step=300`);
    expect(coarse.series[0]?.points).toEqual([{ at: at(0), count: 4 }]);
    expect((await ask(`measurement=passages&from=${at(0)}&to=${at(90 * 86_400)}`)).body.step).toBe(15_600);
  });

  it("refuses what makes no sense, and says how it would", async () => {
    expect((await ask("measurement=heartbeats")).status).toBe(400);
    expect((await ask(`measurement=passages&from=${at(60)}&to=${at(0)}`)).body.code).toBe("SERIES_RANGE");
    const { body } = await ask(`measurement=passages&from=${at(0)}&to=${at(30 * 86_400)}&step=60`);
    expect(body.code).toBe("SERIES_TOO_LONG");
  });
});
