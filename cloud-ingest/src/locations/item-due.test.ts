import { createLogger, systemClock } from "@storeward/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Database } from "../database/index.js";
import { arrived, departed } from "./drafts.js";
import { Settler } from "./settler.js";
import { LocatedSite } from "./testing.js";

let site: LocatedSite;
let now: number;
beforeAll(async () => {
  site = await LocatedSite.open();
  now = Date.now();
});
afterAll(() => site.close());

const ago = (seconds: number) => now - seconds * 1000;

/** A settler to which something happens after it has found what is due and before it locks that. */
function settlerOver(meanwhile: () => Promise<void>, wall = systemClock.wall): Settler {
  const { db } = site.test;
  let happened = false;
  const delayed: Database = {
    query: (text, values) => db.query(text, values),
    kysely: () => db.kysely(),
    transaction: async (work, options) => {
      if (!happened) {
        happened = true;
        await meanwhile();
      }
      return db.transaction(work, options);
    },
  };
  const { stayChanges, live, places: directory, through } = site;
  const clock = { ...systemClock, wall };
  const log = createLogger("test", { level: "silent" });
  return new Settler({
    db: delayed,
    stayChanges,
    live,
    directory,
    log,
    clock,
    agents: { through: async () => through },
  });
}

async function toldOf(item: string): Promise<string[]> {
  const rows = await site.sql.query<{ op: string; place: string }>(
    "SELECT body ->> 'op' AS op, body ->> 'place' AS place FROM stay_change WHERE body ->> 'item' = $1 ORDER BY partition, pos",
    [item],
  );
  return rows.map(({ op, place }) => `${op} ${site.placeCode(place)}`);
}

it("what comes after an item was found due and before it is locked is told in its own time", async () => {
  const { item, tag } = await site.tagged("E280117000000300000000A1");
  await site.observe("shelves", ago(299), arrived(tag, "a1", ago(300)));
  await site.follow();
  site.through.set("shelves", new Date(ago(100)));
  const settler = settlerOver(async () => {
    await site.observe("shelves", ago(109), departed(tag, "a1", ago(115), ago(110)), arrived(tag, "a2", ago(109)));
    await site.follow();
  });
  await settler.run();
  expect(await toldOf(item)).toEqual([]);
  site.through.set("shelves", new Date(now));
  await settler.run();
  expect(await toldOf(item)).toEqual(["open board-1", "open board-2"]);
  expect(await site.sql.query("SELECT FROM item_due WHERE item = $1", [item])).toEqual([]);
});

it("a motion that goes on after it was found over, and before its item is locked, is not ended", async () => {
  const { item, tag } = await site.tagged("E280117000000300000000A2");
  await site.observe("shelves", ago(9), arrived(tag, "a1", ago(300)), departed(tag, "a1", ago(10), ago(9)));
  await site.follow();
  const until = async () =>
    (await site.sql.query<{ until: Date }>("SELECT until FROM item_motion WHERE item = $1", [item]))[0]?.until;
  const first = await until();
  const later = (first?.getTime() ?? 0) + 1;
  await settlerOver(
    async () => {
      await site.observe("shelves", now, arrived(tag, "a1", ago(1)), departed(tag, "a1", now, now));
      await site.follow();
    },
    () => later,
  ).run();
  expect((await until())?.getTime()).toBeGreaterThan(later);
});
