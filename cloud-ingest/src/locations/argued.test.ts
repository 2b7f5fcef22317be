import type { ItemEvidence, StayPage } from "@storeward/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived, departed, inventory, passed } from "./drafts.js";
import type { Evidence } from "./fold/evidence.js";
import { EMPTY, type FoldState } from "./fold/state.js";
import { step } from "./fold/step.js";
import { LocatedSite } from "./testing.js";
import { type LocationApi, locationApi } from "./testing-api.js";
import { weigh } from "./weights.js";

const now = Date.now();
const ago = (seconds: number) => now - seconds * 1000;
let site: LocatedSite;
let api: LocationApi;
/** The last minutes in which nothing watched. */
let blindFrom = Number.POSITIVE_INFINITY;
beforeAll(async () => {
  site = await LocatedSite.open();
  const blindness = {
    blindSeconds: async (_: unknown, asked: readonly { after: Date }[]) =>
      asked.map(({ after }) => Math.max(0, now - Math.max(blindFrom, after.getTime())) / 1000),
  };
  api = await locationApi(site, blindness);
});
afterAll(async () => {
  await api.close();
  await site.close();
});

async function get<T>(path: string): Promise<T> {
  const { status, body } = await api.get(path);
  expect(status).toBe(200);
  return body as T;
}

const history = (item: string, asOf?: Date) =>
  get<StayPage>(`/items/${item}/history${asOf === undefined ? "" : `?asOf=${asOf.toISOString()}`}`);
const told = ({ stays }: StayPage) =>
  stays.map(({ place, from, to }) => [place?.code, Date.parse(from), to && Date.parse(to)]);

/** What agents have looked at up to then settles and is told. */
async function settle(seconds: number): Promise<Date> {
  await site.follow();
  for (const agent of ["doors", "shelves"]) site.through.set(agent, new Date(ago(seconds)));
  await site.settler.run();
  const [row] = await site.sql.query<{ at: Date }>("SELECT max(recorded_at) AS at FROM stay_change");
  return row?.at ?? new Date(0);
}

describe("a history that can be argued with", () => {
  it("says what is known now, what was said before, and when that was corrected", async () => {
    const { item, tag } = await site.tagged("E280117000000400000000A1");
    await site.observe("shelves", ago(4000), arrived(tag, "a1", ago(4000)));
    await site.observe("doors", ago(3000), passed(tag, "door-1", ago(3000), "out"));
    await site.observe("doors", ago(2900), passed(tag, "door-2", ago(2900), "in"));
    const before = await settle(2000);
    expect(told(await history(item, before))).toEqual(told(await history(item)));
    // The shelves were offline: all the time it lay on another board, and left that later.
    await site.observe("shelves", ago(100), departed(tag, "a1", ago(3950)), arrived(tag, "a2", ago(3940)));
    await site.observe("shelves", ago(99), departed(tag, "a2", ago(3100)));
    const after = await settle(50);
    const known = await history(item);
    expect(told(await history(item, after))).toEqual(
      told(known).filter(([, from, to]) => Number(to ?? now) - Number(from) >= 30_000),
    );
    expect(told(await history(item, before))).not.toEqual(told(known));
    const corrected = known.stays.filter(({ corrections }) => corrections.length > 0);
    expect(corrected.map(({ place, corrections }) => [place?.code, corrections.length])).toContainEqual(["board-1", 1]);
    const [first] = corrected.find(({ place }) => place?.code === "board-1")?.corrections ?? [];
    expect(first?.was).toMatchObject({ place: { code: "board-1" }, to: expect.any(String) });
    expect(new Date(first?.recordedAt ?? 0).getTime()).toBeGreaterThan(before.getTime());
    // Before anything was told, nothing was believed.
    expect(told(await history(item, new Date(0)))).toEqual([]);
  });

  it("keeps what was told and never was", async () => {
    const epc = "E280117000000400000000A2";
    const { item, tag } = await site.tagged(epc);
    await site.observe("shelves", ago(4000), arrived(tag, "b1", ago(4000)));
    await site.observe("doors", ago(3000), passed(tag, "door-2", ago(3000), "out"));
    const before = await settle(2000);
    expect((await history(item, before)).stays[0]?.place?.code).toBe("corridor");
    // The tag had been taken off it before it went out.
    await site.act("retire", item, epc, new Date(ago(3500)));
    const after = await settle(10);
    const page = await history(item);
    expect(page.retracted).toEqual([
      {
        place: expect.objectContaining({ code: "corridor" }),
        from: new Date(ago(3000)).toISOString(),
        to: null,
        toldAt: before.toISOString(),
        retractedAt: after.toISOString(),
      },
    ]);
    const codes = (each: StayPage) => each.stays.map(({ place }) => place?.code);
    expect(codes(page)).toEqual(["bin-1"]);
    expect(codes(await history(item, after))).toEqual(["bin-1"]);
    expect(codes(await history(item, before))).toContain("corridor");
  });
});

describe("the evidence of an answer", () => {
  const evidence = (item: string, query = "") => get<ItemEvidence>(`/items/${item}/evidence${query}`);

  it("names every observation with what it did to the belief, up to what is said now", async () => {
    const { item, tag } = await site.tagged("E280117000000400000000B1");
    await site.observe("shelves", ago(500), arrived(tag, "a1", ago(500)));
    await site.observe(
      "doors",
      ago(400),
      passed(tag, "door-1", ago(400), "out"),
      passed(tag, "door-2", ago(300), "in"),
    );
    await site.observe("shelves", ago(395), departed(tag, "a1", ago(405)));
    await site.observe("shelves", ago(200), arrived(tag, "b1", ago(250)));
    await site.observe("shelves", ago(100), inventory("b1", ago(100), [tag]));
    await site.follow();
    const [row] = await site.sql.query<{ p: number; place: string }>(
      "SELECT p, place FROM item_location WHERE item = $1",
      [item],
    );
    const said = await evidence(item);
    expect(said.place?.id).toBe(row?.place);
    expect(said.p).toBeCloseTo(row?.p ?? 0, 3);
    expect(said.evidence[0]).toMatchObject({
      after: said.p,
      type: "inventoried",
      says: "present",
      reads: 12,
      rounds: 18,
      rssi: -44,
    });
    expect(said.evidence.every(({ recordedAt }) => recordedAt !== null)).toBe(true);
    const opening = said.evidence.find(({ before, after }) => before === 0 && after > 0);
    expect(opening).toMatchObject({ type: "arrived", readPoint: "b1", place: { code: "bin-1" } });
    // Each begins where the one before it ended.
    const steps = said.evidence.toReversed();
    expect(steps.slice(1).map(({ before }) => before)).toEqual(steps.slice(0, -1).map(({ after }) => after));
    const then = await evidence(item, `?at=${new Date(ago(450)).toISOString()}`);
    expect(then).toMatchObject({ place: { code: "board-1" }, confidence: null, blindSeconds: 0 });
    expect(then.evidence).toMatchObject([{ type: "arrived", readPoint: "a1", before: 0 }]);
  });

  it("says how long what watches the place did not, until then and until now, and what is left", async () => {
    const { item, tag } = await site.tagged("E280117000000400000000B2");
    await site.observe("shelves", ago(300), arrived(tag, "a1", ago(300)));
    await site.follow();
    blindFrom = ago(200);
    const said = await evidence(item);
    expect(said.watchers).toEqual([{ readPoint: "a1", blindSeconds: 200 }]);
    expect(said.confidence).toBeLessThan(said.p);
    const then = await evidence(item, `?at=${new Date(ago(150)).toISOString()}`);
    expect(then.watchers).toEqual([{ readPoint: "a1", blindSeconds: 50 }]);
    blindFrom = Number.POSITIVE_INFINITY;
  });

  it("is empty where there is none", async () => {
    expect(await evidence(site.item())).toMatchObject({ place: null, p: 0, evidence: [], more: false });
  });

  it("ends where the fold ends, from whatever state it is weighed", () => {
    const facts = fc.array(
      fc.record({
        at: fc.integer({ min: 0, max: 600_000 }),
        agent: fc.constantFrom("x", "y"),
        seq: fc.nat({ max: 1000 }),
        reads: fc.integer({ min: 1, max: 30 }),
        place: fc.constantFrom("p", "q"),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(facts, fc.nat({ max: 12 }), (given, cut) => {
        const evidence = given
          .map(({ at, agent, seq, reads, place }): Evidence => {
            const shelf = { readPoint: place, place, zone: null };
            return {
              ...{ at, agent, seq, epoch: "e", tag: 1 },
              fact: { kind: "present", ...shelf, seenAt: at, rounds: 40, reads, rssi: -44 },
            };
          })
          .sort((a, b) => a.at - b.at);
        const all = weigh(EMPTY, evidence, null);
        const ordered = all.weighed.map((each) => each.evidence);
        const state = ordered.reduce<FoldState>((before, each) => step(before, each), EMPTY);
        expect(all.state).toEqual(state);
        const middle = ordered.slice(0, cut).reduce<FoldState>((before, each) => step(before, each), EMPTY);
        expect(weigh(middle, evidence, null).state).toEqual(state);
        if (state.stay !== null) expect(all.weighed.at(-1)?.after).toBe(state.stay.p);
      }),
    );
  });
});
