import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, inventory, passed } from "./drafts.js";
import { unpackState } from "./fold/packing.js";
import { LocatedSite } from "./testing.js";
import { Whereabouts } from "./whereabouts.js";

let site: LocatedSite;
let whereabouts: Whereabouts;
let blind = 0;
beforeAll(async () => {
  site = await LocatedSite.open();
  const blindness = { blindSeconds: async (_: unknown, asked: readonly unknown[]) => asked.map(() => blind) };
  whereabouts = new Whereabouts({ directory: site.places, blindness });
});
afterAll(() => site.close());

let epcs = 0;
const epc = () => `E28011700000020${(epcs++).toString(16).toUpperCase().padStart(9, "0")}`;
const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;

const where = async (item: string) => {
  await site.follow();
  const found = (await whereabouts.of(site.sql, [item])).get(item)!;
  return { ...found, place: site.placeCode(found.placeId) };
};
const stays = (item: string) =>
  site.sql
    .query<{ place: string; from_at: Date; to_at: Date | null }>(
      "SELECT place, from_at, to_at FROM item_stay WHERE item = $1 AND NOT withdrawn ORDER BY opening_at",
      [item],
    )
    .then((rows) =>
      rows.map((row) => [site.placeCode(row.place), row.from_at.getTime(), row.to_at?.getTime() ?? null]),
    );

describe("where things are", () => {
  it("follows a thing from a shelf through doors to another, told by two agents", async () => {
    const { item, tag } = await site.tagged(epc());
    expect(await where(item)).toMatchObject({ place: null, state: "unknown", why: "Never seen", confidence: 0 });
    await site.observe("shelves", ago(595), arrived(tag, "a1", ago(600)));
    expect(await where(item)).toMatchObject({ place: "board-1", state: "here", since: new Date(ago(600)) });
    await site.observe("shelves", ago(97), departed(tag, "a1", ago(100)));
    expect(await where(item)).toMatchObject({ place: "store-1", state: "here" });
    await site.observe("doors", ago(94), passed(tag, "door-1", ago(95), "out"));
    expect(await where(item)).toMatchObject({ place: "corridor", state: "left" });
    await site.observe("doors", ago(79), passed(tag, "door-2", ago(80), "in"));
    await site.observe("shelves", ago(70), arrived(tag, "b1", ago(74)));
    expect(await where(item)).toMatchObject({ place: "bin-1", state: "here", since: new Date(ago(74)) });
    expect(await stays(item)).toEqual([
      ["board-1", ago(600), ago(100)],
      ["store-1", ago(100), ago(95)],
      ["corridor", ago(95), ago(80)],
      ["store-2", ago(80), ago(74)],
      ["bin-1", ago(74), null],
    ]);
  });

  it("says what it rests on", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(50), arrived(tag, "a2", ago(55)));
    expect((await where(item)).why).toMatch(
      /^Seen by Shelf A, board 2 (at|on .* at) \d\d:\d\d:\d\d; read 12 of 18 rounds$/,
    );
    await site.observe("doors", ago(39), passed(tag, "door-1", ago(40), "out"));
    await site.observe("shelves", ago(38), departed(tag, "a2", ago(44)));
    expect((await where(item)).why).toMatch(/^Went out through the door of Store 1 (at|on .* at) \d\d:\d\d:\d\d$/);
  });

  it("is moving for half a minute after it has left a shelf, and not longer", async () => {
    const [just, before] = [await site.tagged(epc()), await site.tagged(epc())];
    // In a transaction now is when it began, however slow the machine is.
    await site.test.db.transaction(async (tx) => {
      const [at] = await tx.query<{ now: Date }>("SELECT now() AS now", []);
      const begun = at!.now.getTime();
      const left = async ({ tag }: { tag: number }, since: number) => {
        await site.observe(
          "shelves",
          begun - since,
          arrived(tag, "a1", begun - 300_000),
          departed(tag, "a1", begun - since),
        );
      };
      await left(just, 29_000);
      await left(before, 31_000);
      await site.follow();
      const found = await whereabouts.of(tx, [just.item, before.item]);
      expect(found.get(just.item)).toMatchObject({ placeId: site.placeId("store-1"), state: "moving" });
      expect(found.get(before.item)).toMatchObject({ placeId: site.placeId("store-1"), state: "here" });
    });
  });

  it("puts a late departure where it belongs, and takes the stay back that was wrong", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(400), arrived(tag, "a1", ago(400)));
    await site.observe("doors", ago(299), passed(tag, "door-1", ago(300), "out"));
    await site.observe("doors", ago(249), passed(tag, "door-2", ago(250), "in"));
    expect(await where(item)).toMatchObject({ place: "store-2" });
    await site.observe("shelves", ago(240), departed(tag, "a1", ago(310)));
    expect(await where(item)).toMatchObject({ place: "store-2", state: "here" });
    expect((await stays(item)).map(([place]) => place)).toEqual(["board-1", "store-1", "corridor", "store-2"]);
  });

  it("an arrival at the next board does not reach back before the departure from the one before", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(495), arrived(tag, "a1", ago(500), -52));
    // The next board has read it across all along; now it lies there.
    await site.observe("shelves", ago(95), departed(tag, "a1", ago(100)), arrived(tag, "a2", ago(499), -37));
    expect(await where(item)).toMatchObject({ place: "board-2", since: new Date(ago(100)) });
    expect((await stays(item)).filter(([, from, to]) => from !== to)).toEqual([
      ["board-1", ago(500), ago(100)],
      ["board-2", ago(100), null],
    ]);
  });

  it("loses confidence while what watches its place is blind, and then says unknown", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(100), arrived(tag, "a1", ago(100)));
    const before = await where(item);
    blind = 60;
    const after = await where(item);
    expect(after.confidence).toBeCloseTo(before.confidence * Math.exp(-60 / 300), 2);
    expect(after.why).toContain("what watches board 1 was blind for 60 s since");
    blind = 250;
    expect(await where(item)).toMatchObject({ place: "board-1", state: "unknown" });
    const counts = (await whereabouts.countByPlace(site.sql)).get(site.placeId("board-1"))!;
    expect(counts.unknown).toBe(counts.items);
    expect(counts.items).toBeGreaterThan(0);
    blind = 0;
    expect((await whereabouts.countByPlace(site.sql)).get(site.placeId("board-1"))!.unknown).toBe(0);
  });

  it("counts by kind and place", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(100), arrived(tag, "b1", ago(100)));
    await site.follow();
    const never = site.item();
    expect(
      await whereabouts.count(
        site.sql,
        new Map([
          [item, "pump"],
          [never, "pump"],
        ]),
      ),
    ).toEqual(
      expect.arrayContaining([
        { group: "pump", placeId: site.placeId("bin-1"), state: "here", count: 1 },
        { group: "pump", placeId: null, state: "unknown", count: 1 },
      ]),
    );
  });

  it("an inventory confirms what it holds, and what it misses is less sure but still there", async () => {
    const [one, two] = [await site.tagged(epc()), await site.tagged(epc())];
    await site.observe("shelves", ago(300), arrived(one.tag, "b1", ago(300)), arrived(two.tag, "b1", ago(300)));
    const before = await where(two.item);
    await site.observe("shelves", ago(200), inventory("b1", ago(200), [one.tag], 1, 2, "e".repeat(32)));
    expect((await where(two.item)).confidence).toBe(before.confidence);
    await site.observe("shelves", ago(200), inventory("b1", ago(200), [], 2, 2, "e".repeat(32)));
    expect(await where(one.item)).toMatchObject({ place: "bin-1", seenAt: new Date(ago(200)) });
    const after = await where(two.item);
    expect(after.place).toBe("bin-1");
    expect(after.confidence).toBeLessThan(before.confidence);
  });
});

describe("tags bound later", () => {
  it("what was seen of a tag counts for the item since its binding holds", async () => {
    const code = epc();
    const [tag, item] = [await site.tag(code), site.item()];
    await site.observe("shelves", ago(500), arrived(tag, "a1", ago(500)));
    await site.observe("shelves", ago(396), departed(tag, "a1", ago(400)));
    await site.observe("doors", ago(390), passed(tag, "door-1", ago(391), "out"));
    await site.follow();
    await site.act("bind", item, code, new Date(ago(450)));
    expect(await where(item)).toMatchObject({ place: "corridor", state: "left" });
    expect(await stays(item)).toEqual([
      ["board-1", ago(450), ago(400)],
      ["store-1", ago(400), ago(391)],
      ["corridor", ago(391), null],
    ]);
  });

  it("a tag that lies on a shelf when it is bound is there at once", async () => {
    const code = epc();
    const [tag, item] = [await site.tag(code), site.item()];
    await site.observe("shelves", ago(5000), arrived(tag, "b1", ago(5000)));
    await site.follow();
    await site.act("bind", item, code, new Date());
    expect(await where(item)).toMatchObject({ place: "bin-1", state: "here" });
  });

  it("a departure told just after the binding, of a last read just before it, is not lost", async () => {
    const code = epc();
    const [tag, item] = [await site.tag(code), site.item()];
    await site.observe("shelves", ago(500), arrived(tag, "b1", ago(500)));
    await site.act("bind", item, code, new Date(ago(100)));
    expect(await where(item)).toMatchObject({ place: "bin-1" });
    await site.observe("shelves", ago(98), departed(tag, "b1", ago(102)));
    expect((await where(item)).place).toBe("store-2");
  });

  it("a retired tag takes its later evidence away again", async () => {
    const code = epc();
    const { item, tag } = await site.tagged(code);
    await site.observe("shelves", ago(500), arrived(tag, "a1", ago(500)));
    await site.observe("shelves", ago(400), departed(tag, "a1", ago(403)), arrived(tag, "b1", ago(390)));
    expect((await where(item)).place).toBe("bin-1");
    await site.act("retire", item, code, new Date(ago(450)));
    expect((await where(item)).place).toBe("board-1");
    expect((await stays(item)).length).toBe(1);
  });
});

describe("what is told to those who keep books", () => {
  const changes = async (item: string) => {
    const rows = await site.sql.query<{
      body: { item: string; op: string; place: string; to: number | null; revision: number };
    }>("SELECT body FROM stay_change ORDER BY partition, pos");
    return rows
      .filter(({ body }) => body.item === item)
      .map(({ body: { op, place, to, revision } }) => [op, site.placeCode(place), to, revision]);
  };

  it("a stay is told once it was sure for half a minute by what its agent has looked at, and a walk between is not", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(595), arrived(tag, "a1", ago(600)));
    await site.follow();
    site.through.set("shelves", new Date(ago(580)));
    await site.settler.run();
    expect(await changes(item)).toEqual([]);
    site.through.set("shelves", new Date(ago(570)));
    await site.settler.run();
    await site.settler.run();
    expect(await changes(item)).toEqual([["open", "board-1", null, 1]]);

    await site.observe("shelves", ago(96), departed(tag, "a1", ago(100)), arrived(tag, "a2", ago(90)));
    await site.follow();
    site.through.set("shelves", new Date(ago(70)));
    await site.settler.run();
    expect((await changes(item)).length).toBe(1);
    site.through.set("shelves", new Date(ago(60)));
    await site.settler.run();
    expect((await changes(item)).slice(1)).toEqual([
      ["close", "board-1", ago(100), 2],
      ["open", "board-2", null, 1],
    ]);
  });

  it("that a stay has ended is told after half a minute, also where the thing has been nowhere surely since", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(595), arrived(tag, "a1", ago(600)));
    // What another board reads so weakly is the most likely place, and is not sure.
    await site.observe("shelves", ago(296), departed(tag, "a1", ago(300)), arrived(tag, "a2", ago(300), -60));
    expect((await where(item)).confidence).toBeLessThan(0.9);
    site.through.set("shelves", new Date(ago(271)));
    await site.settler.run();
    expect(await changes(item)).toEqual([]);
    site.through.set("shelves", new Date(ago(270)));
    await site.settler.run();
    expect(await changes(item)).toEqual([["open", "board-1", ago(300), 1]]);
  });

  it("an item stored by an older release goes on from where it was, and nothing is told twice", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(399), arrived(tag, "a1", ago(400)));
    await site.follow();
    site.through.set("shelves", new Date(ago(300)));
    await site.settler.run();
    expect(await changes(item)).toEqual([["open", "board-1", null, 1]]);
    const [stored] = await site.sql.query<{ state: string }>("SELECT state FROM item_location WHERE item = $1", [item]);
    const { belief: _, level: __, ...older } = unpackState(stored?.state ?? null);
    await site.sql.query("UPDATE item_location SET state = $2, behind = $2, next = $2 WHERE item = $1", [item, older]);
    await site.sql.query("UPDATE item_stay SET checkpoint = $2 WHERE item = $1", [item, older]);
    // One that comes late, from before what is stored, and one that is new.
    await site.observe("doors", ago(250), {
      type: "departed",
      tag,
      readPoint: "door-1",
      last: ago(390),
      decided: ago(389),
      expectedRate: 0.5,
    });
    await site.observe("shelves", ago(249), departed(tag, "a1", ago(260)));
    await site.follow();
    site.through.set("shelves", new Date(ago(10)));
    await site.settler.run();
    expect((await changes(item)).slice(1)).toEqual([
      ["close", "board-1", ago(260), 2],
      ["open", "store-1", null, 1],
    ]);
  });

  it("where else an item may be is said beside where it is", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("shelves", ago(60), arrived(tag, "a1", ago(70)), departed(tag, "a1", ago(65)));
    await site.follow();
    const [found] = (await whereabouts.of(site.sql, [item])).values();
    expect(found?.placeId).toBe(site.placeId("store-1"));
    expect(found?.alternatives).toMatchObject([{ placeId: site.placeId("board-1") }]);
    const others = found?.alternatives.reduce((sum, { p }) => sum + p, 0) ?? 1;
    expect(others + (found?.confidence ?? 1)).toBeLessThanOrEqual(1);
  });

  it("what turns out otherwise is taken back and told anew", async () => {
    const { item, tag } = await site.tagged(epc());
    await site.observe("doors", ago(399), passed(tag, "door-1", ago(400), "in"));
    await site.follow();
    site.through.set("doors", new Date(ago(300)));
    site.through.set("shelves", new Date(ago(300)));
    await site.settler.run();
    expect(await changes(item)).toEqual([["open", "store-1", null, 1]]);
    // The shelf's agent was offline: it had it from before the door saw it, to after.
    await site.observe("shelves", ago(200), arrived(tag, "a1", ago(405)));
    await site.follow();
    await site.settler.run();
    expect((await changes(item)).slice(1)).toEqual([
      ["retract", "store-1", null, 2],
      ["open", "board-1", null, 1],
    ]);
  });
});
