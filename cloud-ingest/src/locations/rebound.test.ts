import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, passed } from "./drafts.js";
import { LocatedSite } from "./testing.js";

let site: LocatedSite;
beforeAll(async () => {
  site = await LocatedSite.open();
});
afterAll(() => site.close());

const MINUTE = 60_000;
const BASE = Date.now() - 6 * 3_600_000;
const at = (minute: number) => BASE + minute * MINUTE;

let epcs = 0;
const epc = () => `E28011720000${(epcs++).toString(16).toUpperCase().padStart(12, "0")}`;

/** What is told of a tag at a minute of its own; what is late is told once the tag is bound. */
const sightings = fc.array(
  fc.record({
    what: fc.constantFrom("arrived", "departed", "in", "out"),
    readPoint: fc.constantFrom("a1", "b1"),
    late: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

async function known(item: string) {
  const stays = await site.sql.query<{ place: string }>(
    `SELECT s.place, s.state, from_at, to_at, coalesce(s.p, l.p) AS p FROM item_stay s JOIN item_location l USING (item)
     WHERE item = $1 AND NOT withdrawn AND (to_at IS NULL OR to_at > from_at) ORDER BY opening_at`,
    [item],
  );
  const counted = await site.sql.query("SELECT at, agent, type FROM tag_sighting WHERE item = $1 ORDER BY 1, 2, 3", [
    item,
  ]);
  return { stays, counted };
}

describe("a binding that is found to have begun earlier", () => {
  it("leaves nothing of the moment at which it was thought to begin", async () => {
    const moments = fc.uniqueArray(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(sightings, moments, async (told, thought) => {
        const [right, wrong] = [
          { item: site.item(), epc: epc() },
          { item: site.item(), epc: epc() },
        ];
        const tell = async (late: boolean) => {
          for (const [n, { what, readPoint, ...rest }] of told.entries()) {
            if (rest.late !== late) continue;
            const minute = 10 * n + 5;
            for (const each of [right, wrong]) {
              const tag = await site.tag(each.epc);
              if (what === "arrived") await site.observe("shelves", at(minute), arrived(tag, readPoint, at(minute)));
              else if (what === "departed")
                await site.observe("shelves", at(minute), departed(tag, readPoint, at(minute) - 3000));
              else await site.observe("doors", at(minute), passed(tag, "door-1", at(minute) - 2000, what as "in"));
            }
          }
          await site.follow();
        };
        await tell(false);
        // As phones and people correct it: earlier each time.
        const [first = 0, ...corrections] = thought.toSorted((a, b) => b - a);
        await site.act("bind", wrong.item, wrong.epc, new Date(at(first)));
        await site.follow();
        for (const minute of corrections) await site.act("bind", wrong.item, wrong.epc, new Date(at(minute)));
        await site.act("bind", right.item, right.epc, new Date(at(Math.min(...thought))));
        await tell(true);
        expect(await known(wrong.item)).toEqual(await known(right.item));
      }),
      { numRuns: 6 },
    );
  }, 120_000);
});
