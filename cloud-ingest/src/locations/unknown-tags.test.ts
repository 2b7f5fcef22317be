import type { PlaceRef } from "@storeward/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arrived, departed, inventory, passed } from "./drafts.js";
import { LocatedSite } from "./testing.js";
import { unknownTags } from "./unknown-tags.js";

const NOW = Date.now();
const ago = (hours: number) => NOW - hours * 3_600_000;
const iso = (hours: number) => new Date(ago(hours)).toISOString();

let site: LocatedSite;
let shelf: PlaceRef | null;
beforeAll(async () => {
  site = await LocatedSite.open();
  shelf = site.places.byCode("board-1") ?? null;
});
afterAll(() => site.close());
beforeEach(() => site.sql.query("truncate tag_sighting, tag_act, tag_assignment, unknown_tag, tag"));

const placeOf = (readPoint: string) => (readPoint === "a1" ? shelf : null);
const page = (query = {}) => unknownTags(site.sql, placeOf, query);
const list = async (query = {}) => (await page(query)).tags.map(({ epc }) => epc);

/** On a shelf, so many hours ago. */
async function see(epc: string, hours: number): Promise<void> {
  await site.observe("shelves", ago(hours), arrived(await site.tag(epc), "a1", ago(hours)));
  await site.follow();
}

describe("tags seen but unknown", () => {
  it("are listed with when and where, the last seen first", async () => {
    const sgtin = await site.tag("3066C4409047E140075BCD15");
    await see("AA02", 9);
    await see("3066C4409047E140075BCD15", 8);
    await see("3066C4409047E140075BCD15", 4);
    await site.observe("doors", ago(2), passed(sgtin, "door-1", ago(2), "out"));
    await site.observe("shelves", ago(1), departed(sgtin, "a1", ago(1)));
    await site.follow();
    expect(await page()).toEqual({
      tags: [
        {
          epc: "3066C4409047E140075BCD15",
          uri: "urn:epc:id:sgtin:95060001343.05.123456789",
          firstSeenAt: iso(8),
          lastSeenAt: iso(2),
          readPoint: "door-1",
          place: null,
          observations: 3,
        },
        {
          epc: "AA02",
          uri: null,
          firstSeenAt: iso(9),
          lastSeenAt: iso(9),
          readPoint: "a1",
          place: shelf,
          observations: 1,
        },
      ],
      next: null,
    });
  });

  it("are taken from inventories too, counted once for each, and not for one that missed them", async () => {
    const [a, b] = [await site.tag("AA01"), await site.tag("AA02")];
    await site.act("bind", site.item(), "AA01", new Date(ago(9)));
    await site.observe("shelves", ago(3), inventory("a1", ago(3), [a, b]));
    await site.observe("shelves", ago(2), inventory("a1", ago(2), [a, b]));
    await site.observe("shelves", ago(1), inventory("a1", ago(1), [a]));
    await site.follow();
    expect((await page()).tags).toMatchObject([{ epc: "AA02", observations: 2, lastSeenAt: iso(2) }]);
  });

  it("are gone when bound, and back with what was seen of them since they were retired, whenever that is told", async () => {
    const item = site.item();
    await see("AA01", 5);
    await site.act("bind", item, "AA01", new Date(ago(4)));
    // At once, although nobody has followed the binding yet.
    expect(await list()).toEqual([]);
    await see("AA01", 6);
    expect(await list()).toEqual([]);
    await see("AA01", 2);
    await site.act("retire", item, "AA01", new Date(ago(3)));
    await site.follow();
    expect((await page()).tags).toMatchObject([{ epc: "AA01", observations: 1, firstSeenAt: iso(2) }]);
  });

  it("are never badges or wristbands, nor erased ones", async () => {
    await see("2D76451FD4499602D2000000", 1);
    await see("AA01", 1);
    await site.sql.query("update tag set epc = null where epc = 'AA01'");
    expect(await list()).toEqual([]);
  });

  it("come page by page, each once", async () => {
    for (let n = 10; n < 20; n++) {
      const tag = await site.tag(`AA${n}`);
      for (const hours of [n % 3, 7]) await site.observe("shelves", ago(hours), arrived(tag, "a1", ago(hours)));
    }
    await site.follow();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { tags, next } = await page({ limit: 3, ...(cursor && { cursor }) });
      seen.push(...tags.map(({ epc }) => epc));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(10);
    expect(new Set(seen).size).toBe(10);
    await expect(page({ cursor: "xx" })).rejects.toMatchObject({ code: "CURSOR_UNREADABLE" });
  });

  it("are found from tag to tag, however often each was seen", async () => {
    const plan = await site.sql.query<{ "QUERY PLAN": string }>(
      "EXPLAIN SELECT s.tag FROM tag_sighting s WHERE s.item IS NULL AND s.type <> 'departed' AND s.fact ->> 'kind' <> 'missed' AND s.tag > 7 ORDER BY s.tag LIMIT 1",
    );
    expect(plan.map((row) => row["QUERY PLAN"]).join("\n")).toContain("tag_sighting_unknown");
  });
});
