import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, inventory, passed } from "./drafts.js";
import { compareKeys, type Evidence } from "./fold/evidence.js";
import { type FoldedStay, fold } from "./fold/fold.js";
import { unpackState } from "./fold/packing.js";
import { EMPTY, SETTLED_MS } from "./fold/state.js";
import { sightingsOfTags } from "./sightings.js";
import type { StayChangeBody } from "./stay-change.js";
import { type Draft, LocatedSite } from "./testing.js";

let site: LocatedSite;
beforeAll(async () => {
  site = await LocatedSite.open();
});
afterAll(() => site.close());

const BASE = Date.now() - 3_600_000;
const shelf = fc.constantFrom("a1", "a2", "b1");
const at = fc.integer({ min: 0, max: 900_000 });
type Make = (tag: number) => { agent: string; at: number; draft: Draft };

/** Each agent tells its own in its own order; how the two are interleaved is anybody's guess. */
const made: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(shelf, at, fc.integer({ min: -67, max: -37 })).map(
    ([point, when, rssi]): Make =>
      (tag) => ({ agent: "shelves", at: when, draft: arrived(tag, point, BASE + when, rssi) }),
  ),
  fc.tuple(shelf, at).map(
    ([point, when]): Make =>
      (tag) => ({ agent: "shelves", at: when, draft: departed(tag, point, BASE + when) }),
  ),
  fc.tuple(shelf, at, fc.boolean()).map(
    ([point, when, found]): Make =>
      (tag) => ({ agent: "shelves", at: when, draft: inventory(point, BASE + when, found ? [tag] : []) }),
  ),
  fc.tuple(fc.constantFrom("door-1", "door-2"), at, fc.constantFrom("in" as const, "out" as const)).map(
    ([point, when, direction]): Make =>
      (tag) => ({ agent: "doors", at: when, draft: passed(tag, point, BASE + when, direction) }),
  ),
);

let tags = 0;

/** Long after everything, but for time that is measured by agents. */
const END = BASE + 3_000_000;

/** The agents have looked up to then; what has settled by that is told. */
async function settle(through: number): Promise<void> {
  for (const agent of ["doors", "shelves"]) site.through.set(agent, new Date(through));
  await site.settler.run();
}

type Booked = Pick<StayChangeBody, "place" | "from" | "to">;

/** What those who keep books have in them: the last word on each stay, in order. */
async function booked(item: string): Promise<Booked[]> {
  const words = await site.sql.query<{ body: StayChangeBody }>(
    "SELECT body FROM stay_change WHERE body ->> 'item' = $1 ORDER BY pos",
    [item],
  );
  const last = new Map<string, StayChangeBody>();
  for (const { body } of words) {
    expect(body.revision).toBe((last.get(body.stay)?.revision ?? 0) + 1);
    last.set(body.stay, body);
  }
  return [...last.values()]
    .filter(({ op }) => op !== "retract")
    .map(({ place, from, to }) => ({ place, from, to }))
    .sort((a, b) => a.from - b.from);
}

/** What they should have in them: the stays that were sure for half a minute. */
function countedOf(stays: readonly FoldedStay[]): Booked[] {
  return stays
    .filter(({ sureSince, to }) => sureSince !== null && (to ?? END) - sureSince >= SETTLED_MS)
    .map(({ place, from, to }) => ({ place, from, to }));
}

describe("from journal to tables", () => {
  it("any interleaving of agents, and any batches, give the state, the stays and in the end the books of the whole set of evidence", {
    timeout: 180_000,
  }, async () => {
    const histories = fc.record({
      rows: fc.array(made, { minLength: 1, maxLength: 25 }),
      /** Which agent comes next, and whether the followers run after it, and whether what has settled is told then. */
      order: fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { minLength: 60, maxLength: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(histories, async ({ rows, order }) => {
        const { item, tag } = await site.tagged(`E2801170${(++tags).toString(16).toUpperCase().padStart(16, "0")}`);
        const all = rows.map((make) => make(tag)).sort((a, b) => a.at - b.at);
        const queues = {
          doors: all.filter(({ agent }) => agent === "doors"),
          shelves: all.filter(({ agent }) => agent === "shelves"),
        };
        for (let turn = 0; queues.doors.length + queues.shelves.length > 0; turn++) {
          const [doorsFirst, follow, tell] = order[turn % order.length] ?? [true, true, true];
          const [one, other] = doorsFirst ? [queues.doors, queues.shelves] : [queues.shelves, queues.doors];
          const next = one.shift() ?? other.shift();
          if (next !== undefined) await site.observe(next.agent, BASE + next.at + 1000, next.draft);
          if (follow) await site.follow();
          if (tell && next !== undefined) await settle(BASE + next.at + 60_000);
        }
        await site.follow();
        await settle(END);

        const evidence: Evidence[] = (await sightingsOfTags(site.sql, [tag])).map(
          ({ at: when, agent, epoch, seq, fact }) => ({ at: when, agent, epoch, seq, tag, fact }),
        );
        const whole = fold(EMPTY, evidence.sort(compareKeys));
        const [stored] = await site.sql.query<{ state: string | null }>(
          "SELECT state FROM item_location WHERE item = $1",
          [item],
        );
        expect(unpackState(stored?.state ?? null)).toEqual(whole.state);
        const stays = await site.sql.query<{ place: string; from_at: Date; to_at: Date | null; p: number }>(
          `SELECT s.place, from_at, to_at, CASE WHEN to_at IS NULL THEN l.p ELSE s.p END AS p FROM item_stay s JOIN item_location l USING (item)
           WHERE item = $1 AND NOT withdrawn ORDER BY opening_at, from_at`,
          [item],
        );
        const asStored = whole.stays.map(({ place, from, to, p }) => ({
          place,
          from_at: new Date(from),
          to_at: to === null ? null : new Date(to),
          p,
        }));
        const order_ = (a: (typeof asStored)[number], b: (typeof asStored)[number]) =>
          a.from_at.getTime() - b.from_at.getTime() ||
          (a.to_at?.getTime() ?? 1e15) - (b.to_at?.getTime() ?? 1e15) ||
          a.place.localeCompare(b.place);
        expect(stays.sort(order_)).toEqual(asStored.sort(order_));
        const open = whole.stays.at(-1);
        // What counted when it was told, and does not by what came late, is in the books while it lasts.
        const isDoubted = ({ place, to }: Booked) => to === null && open?.place === place && open.sureSince === null;
        expect((await booked(item)).filter((one) => !isDoubted(one))).toEqual(countedOf(whole.stays));
      }),
      { numRuns: 25 },
    );
  });

  it("a stay that was told, taken back and found again is told on, and not anew", async () => {
    const { item, tag } = await site.tagged("E280117000000200000000C1");
    const tell = async (agent: string, draft: Draft) => {
      await site.observe(agent, END, draft);
      await site.follow();
      site.through.set(agent, new Date(END));
      await settle(END);
    };
    await tell("shelves", arrived(tag, "a1", BASE + 600_000));
    // It was there before, says another; and then, that it had gone in between.
    await tell("another", arrived(tag, "a1", BASE + 300_000));
    await tell("another", departed(tag, "a1", BASE + 400_000));
    const words = await site.sql.query<{ stay: string; op: string; revision: number }>(
      `SELECT body ->> 'stay' AS stay, body ->> 'op' AS op, (body ->> 'revision')::int4 AS revision
       FROM stay_change WHERE body ->> 'item' = $1 ORDER BY pos`,
      [item],
    );
    const [first] = words;
    const ofFirst = words.filter(({ stay }) => stay === first?.stay).map(({ op, revision }) => ({ op, revision }));
    expect(ofFirst).toEqual([
      { op: "open", revision: 1 },
      { op: "retract", revision: 2 },
      { op: "open", revision: 3 },
    ]);
    const board = site.placeId("board-1");
    expect(await booked(item)).toMatchObject([{ place: board, to: BASE + 400_000 }, {}, { place: board, to: null }]);
  });
});
