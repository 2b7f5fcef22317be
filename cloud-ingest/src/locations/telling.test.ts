import type { LocationEvent, PassageEvent, StayPage } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, passed } from "./drafts.js";
import { packState, unpackState } from "./fold/packing.js";
import { LocatedSite } from "./testing.js";
import { type LocationApi, locationApi } from "./testing-api.js";

let site: LocatedSite;
beforeAll(async () => {
  site = await LocatedSite.open();
});
afterAll(() => site.close());

const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;

describe("live events of locations", () => {
  let told = 0;
  const events = async () => {
    await site.follow();
    const rows = await site.sql.query<{ pos: number; type: string; data: string }>(
      "SELECT pos, type, data FROM live_event WHERE pos > $1 ORDER BY pos",
      [told],
    );
    told = rows.at(-1)?.pos ?? told;
    return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) as unknown }));
  };
  const locations = async () =>
    (await events()).filter(({ type }) => type === "location").map(({ data }) => data as LocationEvent);

  it("a change of place is told with where from, and nothing else is", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000A1");
    await site.observe("shelves", ago(40), arrived(tag, "a1", ago(50)));
    expect(await locations()).toMatchObject([
      { from: null, item: { id: item, state: "here", place: { code: "board-1" } } },
    ]);
    await site.observe("shelves", ago(30), arrived(tag, "a1", ago(30)));
    expect(await locations()).toEqual([]);
    await site.observe("shelves", ago(2), departed(tag, "a1", ago(5)));
    expect(await locations()).toMatchObject([
      { from: { code: "board-1" }, item: { state: "moving", place: { code: "store-1" } } },
    ]);
  });

  it("what no longer counts as moving is told by time alone", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000A2");
    await site.observe("shelves", ago(1), arrived(tag, "a1", ago(60)), departed(tag, "a1", ago(5)));
    expect(await locations()).toMatchObject([{ item: { state: "moving" } }]);
    await site.settler.run();
    expect(await locations()).toEqual([]);
    // As if half a minute had passed.
    const [stored] = await site.sql.query<{ state: string }>("SELECT state FROM item_location WHERE item = $1", [item]);
    const over = { ...unpackState(stored?.state ?? null), movingUntil: Date.now() - 1000 };
    await site.sql.query("UPDATE item_location SET state = $2 WHERE item = $1", [item, packState(over)]);
    await site.sql.query("UPDATE item_motion SET until = now() - interval '1 s' WHERE item = $1", [item]);
    await site.settler.run();
    expect(await locations()).toMatchObject([
      { from: null, item: { id: item, state: "here", place: { code: "store-1" } } },
    ]);
    await site.settler.run();
    expect(await locations()).toEqual([]);
  });

  it("what went through together is one passage event, unknown tags counted", async () => {
    const pass = "f".repeat(32);
    const [one, two] = [await site.tagged("E280117000000200000000B1"), await site.tagged("E280117000000200000000B2")];
    const stranger = await site.tag("E280117000000200000000B3");
    await site.observe(
      "doors",
      ago(1),
      ...[one.tag, two.tag, stranger].map((tag) => passed(tag, "door-1", ago(2), "out", pass)),
    );
    const passages = (await events()).filter(({ type }) => type === "passage").map(({ data }) => data as PassageEvent);
    expect(passages).toMatchObject([
      {
        pass,
        readPoint: "door-1",
        direction: "out",
        from: { code: "store-1" },
        to: { code: "corridor" },
        unknownTags: 1,
      },
    ]);
    expect(passages[0]?.items.map(({ id }) => id).sort()).toEqual([one.item, two.item].sort());
    expect(passages[0]?.observedAt).toBe(new Date(ago(2) + 900).toISOString());
  });

  it("a passage told a minute late is history, not news; where the thing is now is told", async () => {
    const { tag } = await site.tagged("E280117000000200000000C1");
    await site.observe("doors", ago(119), passed(tag, "door-1", ago(120), "out"));
    const late = await events();
    expect(late.map(({ type }) => type)).toEqual(["location"]);
  });
});

describe("GET /items/{id}/history", () => {
  let api: LocationApi;
  beforeAll(async () => {
    api = await locationApi(site);
  });
  afterAll(() => api.close());
  const ask = async (path: string) => {
    const { status, body } = await api.get(path);
    return { status, body: body as StayPage };
  };

  it("gives the stays, newest first, by pages, each with the observations that say so", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000D1");
    await site.observe("shelves", ago(595), arrived(tag, "a1", ago(600)));
    for (let hour = 0; hour < 30; hour++)
      await site.observe("shelves", ago(500 - hour), arrived(tag, "a1", ago(500 - hour)));
    await site.observe("shelves", ago(97), departed(tag, "a1", ago(100)));
    await site.observe("doors", ago(94), passed(tag, "door-1", ago(95), "out"));
    await site.follow();
    const { body } = await ask(`/items/${item}/history?limit=2`);
    expect(body.stays.map(({ place, from, to }) => [place?.code, from, to])).toEqual([
      ["corridor", new Date(ago(95)).toISOString(), null],
      ["store-1", new Date(ago(100)).toISOString(), new Date(ago(95)).toISOString()],
    ]);
    expect(body.stays[0]?.observations).toMatchObject([{ agent: "doors", type: "passed", readPoint: "door-1" }]);
    expect(body.stays[1]?.observations).toMatchObject([{ agent: "shelves", type: "departed", readPoint: "a1" }]);
    const { body: rest } = await ask(`/items/${item}/history?limit=2&cursor=${body.next}`);
    expect(rest.next).toBeNull();
    expect(rest.stays).toMatchObject([{ place: { code: "board-1" }, to: new Date(ago(100)).toISOString() }]);
    expect(rest.stays[0]?.observations).toHaveLength(20);
    expect(rest.stays[0]?.observations[0]).toMatchObject({
      type: "arrived",
      observedAt: new Date(ago(595)).toISOString(),
    });
  });

  it("knows an item without history, and no other", async () => {
    expect((await ask(`/items/${site.item()}/history`)).body).toEqual({ stays: [], retracted: [], next: null });
    expect((await ask("/items/0198c0de-0000-7000-8000-0000000000ff/history")).status).toBe(404);
    expect((await ask(`/items/${site.item()}/history?cursor=yesterday`)).status).toBe(400);
  });
});
