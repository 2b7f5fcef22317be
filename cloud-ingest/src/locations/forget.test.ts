import { createLogger } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, passed } from "./drafts.js";
import { Forgetter } from "./forget.js";
import { LocatedSite } from "./testing.js";

let site: LocatedSite;
beforeAll(async () => {
  site = await LocatedSite.open();
});
afterAll(() => site.close());

const DAY = 86_400_000;
const now = Date.now();

describe("forgetting", () => {
  it("takes what is older than the journal, and leaves where things are", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000A1");
    const old = now - 9 * DAY;
    await site.observe("shelves", old, arrived(tag, "a1", old), departed(tag, "a1", old + 60_000));
    await site.observe("doors", old + 70_000, passed(tag, "door-1", old + 65_000, "out"));
    await site.follow();
    // Nothing is to be told of the closed ones any more.
    site.through.set("doors", new Date());
    await site.settler.run();
    // One that was taken back while it was open.
    await site.sql.query(
      `INSERT INTO item_stay (id, item, place, shelf, state, from_at, opening_at, opening, revision, withdrawn, pending)
       SELECT gen_random_uuid(), item, place, shelf, state, from_at, opening_at, opening, 2, true, false FROM item_stay WHERE item = $1 LIMIT 1`,
      [item],
    );
    await site.sql.query("UPDATE journal_day SET day = $1", [new Date(now - 7 * DAY).toISOString().slice(0, 10)]);
    const forgetter = new Forgetter({ db: site.test.db, log: createLogger("test", { level: "silent" }) });
    await forgetter.run();

    expect(await site.sql.query("SELECT * FROM tag_sighting")).toEqual([]);
    const where = () => site.sql.query<{ place: string }>("SELECT place FROM item_location WHERE item = $1", [item]);
    const stays = () => site.sql.query<{ place: string }>("SELECT place FROM item_stay WHERE item = $1", [item]);
    expect(await where()).toEqual([{ place: site.placeId("corridor") }]);
    expect(await stays()).toEqual([{ place: site.placeId("corridor") }]);

    // What is told now of the time before changes nothing.
    await site.observe("doors", now, passed(tag, "door-2", old + 90_000, "in"));
    await site.follow();
    expect(await where()).toEqual([{ place: site.placeId("corridor") }]);
    // What happens now does.
    await site.observe("doors", now, passed(tag, "door-2", now - 5000, "in"));
    await site.follow();
    expect(await where()).toEqual([{ place: site.placeId("store-2") }]);
  });
});
