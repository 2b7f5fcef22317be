import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, inventory, passed } from "./drafts.js";
import { type Draft, LocatedSite } from "./testing.js";

/* One site is told everything with right dates; the other gets some with the dates of a device without a clock, and the clock later. */

let right: LocatedSite;
let wrong: LocatedSite;
beforeAll(async () => {
  [right, wrong] = await Promise.all([LocatedSite.open(), LocatedSite.open()]);
});
afterAll(() => Promise.all([right.close(), wrong.close()]));

let epcs = 0;
const now = Date.now();
const at = (minute: number) => now - 6 * 3_600_000 + minute * 60_000;

interface Tell {
  readonly agent: string;
  readonly minute: number;
  /** By the tags' places in the list. */
  readonly drafts: (tags: readonly number[]) => Draft[];
}

const tellings = fc.array(
  fc.record({
    what: fc.constantFrom("arrived", "departed", "in", "out", "inventory"),
    tag: fc.nat({ max: 1 }),
    readPoint: fc.constantFrom("a1", "a2", "b1"),
    door: fc.constantFrom("door-1", "door-2"),
  }),
  { minLength: 4, maxLength: 14 },
);

interface Given {
  readonly what: string;
  readonly tag: number;
  readonly readPoint: string;
  readonly door: string;
}

function tellOf({ what, tag, readPoint, door }: Given, minute: number): Tell {
  const time = at(minute);
  const drafts = (tags: readonly number[]): Draft[] => {
    const one = tags[tag] ?? 0;
    switch (what) {
      case "arrived":
        // First read up to an hour before.
        return [arrived(one, readPoint, time - (minute % 7) * 600_000)];
      case "departed":
        // Found out at once or after a quarter of an hour.
        return [departed(one, readPoint, time - (minute % 40 === 0 ? 3000 : 900_000), time)];
      case "inventory":
        return [inventory(readPoint, time - 100, [one])];
      default:
        return [passed(one, door, time - 2000, what === "in" ? "in" : "out", `${minute}`.padStart(32, "0"))];
    }
  };
  return { agent: what === "in" || what === "out" ? "doors" : "shelves", minute, drafts };
}

async function known(site: LocatedSite, items: readonly string[]) {
  await site.follow();
  const rows = await site.sql.query<{ item: string; place: string; from: Date; to: Date | null; p: number }>(
    `SELECT item, s.place, from_at AS from, to_at AS to, coalesce(s.p, l.p) AS p FROM item_stay s JOIN item_location l USING (item)
     WHERE item = ANY ($1) AND NOT withdrawn AND (to_at IS NULL OR to_at > from_at) ORDER BY opening_at, array_position($1, item)`,
    [items],
  );
  const sightings = await site.sql.query<{ item: string; fact: { place?: string } }>(
    "SELECT item, at, seq, agent, observed_at, fact - 'place' - 'zone' - 'inside' - 'outside' AS fact FROM tag_sighting WHERE item = ANY ($1) ORDER BY at, agent, seq",
    [items],
  );
  const which = (item: string) => items.indexOf(item);
  return {
    stays: rows.map(({ item, place, ...rest }) => ({ item: which(item), place: site.placeCode(place), ...rest })),
    sightings: sightings.map(({ item, ...rest }) => JSON.stringify({ item: which(item), ...rest })).sort(),
  };
}

describe("what a clock dates anew", () => {
  const seqs = { shelves: 0, doors: 0 };

  it("is then known as if it had been dated right at once, whenever the clock comes and however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        tellings,
        fc.integer({ min: 1, max: 13 }),
        fc.constantFrom(-3 * 3_600_000, 2 * 3_600_000, -41_000),
        fc.integer({ min: 1, max: 4 }),
        fc.nat({ max: 13 }),
        async (tellable, before, ahead, step, followed) => {
          const tells = tellable.map((each, index) => tellOf(each, index * 20));
          const pair = [`E28011700000030${(epcs++).toString(16).toUpperCase().padStart(9, "0")}`];
          pair.push(`E28011700000030${(epcs++).toString(16).toUpperCase().padStart(9, "0")}`);
          const make = async (site: LocatedSite) => ({
            one: await site.tagged(pair[0] ?? ""),
            two: await site.tagged(pair[1] ?? ""),
          });
          const [ours, theirs] = await Promise.all([make(right), make(wrong)]);
          const [first, late] = [{ ...seqs }, { ...seqs }];
          for (const [index, { agent, minute, drafts }] of tells.entries()) {
            const name = agent as keyof typeof seqs;
            seqs[name]++;
            if (index < before) late[name] = seqs[name];
            await right.observe(agent, at(minute), ...drafts([ours.one.tag, ours.two.tag]));
            const offset = index < before ? ahead : 0;
            await wrong.observeWrong(agent, offset, at(minute), ...drafts([theirs.one.tag, theirs.two.tag]));
            if (index === followed) await wrong.follow();
            if (index + 1 !== Math.min(before, tells.length)) continue;
            for (const each of ["shelves", "doors"] as const)
              for (let from = first[each] + 1; from <= late[each]; from += step)
                await wrong.redate(each, from, Math.min(from + step - 1, late[each]), late[each]);
          }
          const expected = await known(right, [ours.one.item, ours.two.item]);
          expect(await known(wrong, [theirs.one.item, theirs.two.item])).toEqual(expected);
        },
      ),
      { numRuns: Number(process.env.STOREWARD_RUNS ?? 6) },
    );
  }, 600_000);

  it("is known then also where a device began years before there was a journal", async () => {
    const sites = await Promise.all([LocatedSite.open(), LocatedSite.open()]);
    const found: unknown[] = [];
    for (const [index, site] of sites.entries()) {
      await site.sql.query("UPDATE location_horizon SET at = $1", [new Date(at(0) - 86_400_000)]);
      const { item, tag } = await site.tagged("E28011700000040000000001");
      const other = await site.tagged("E28011700000040000000002");
      const years = index === 0 ? 0 : -10 * 365 * 86_400_000;
      await site.observeWrong("shelves", years, at(1), arrived(tag, "a1", at(0)));
      await site.observeWrong("shelves", years, at(2), inventory("a1", at(2), [tag, other.tag]));
      await site.observeWrong("doors", years, at(5), passed(tag, "door-1", at(5), "out"));
      await site.observeWrong("shelves", years, at(6), departed(tag, "a1", at(4)));
      await site.follow();
      if (index === 1) {
        // The first clock is wrong too.
        await site.redate("shelves", 1, 3, 3, years / 2);
        for (const [agent, last] of [
          ["shelves", 3],
          ["doors", 1],
        ] as const)
          await site.redate(agent, 1, last);
        await site.redate("doors", 1, 1);
      }
      found.push(await known(site, [item, other.item]));
      await site.close();
    }
    expect((found[0] as { stays: unknown[] }).stays.length).toBeGreaterThan(2);
    expect(found[1]).toEqual(found[0]);
  });
});
