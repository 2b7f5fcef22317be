import type { AlertRule } from "@storeward/contracts";
import fc from "fast-check";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StayChangeBody } from "../locations/index.js";
import { MOST_OPEN } from "./judging/timers.js";
import { alertStatus } from "./queries.js";
import { AlertedSite, DARK, START, TESTER } from "./testing.js";

let alerted: AlertedSite;
beforeAll(async () => {
  alerted = await AlertedSite.open();
});
afterAll(() => alerted.close());

const EVERYBODY = { id: "all", name: "All", by: { kind: "webhook" as const, url: "http://127.0.0.1:9/" } };
const setUp = (rules: AlertRule[], more = {}) => alerted.set({ rules, receivers: [EVERYBODY], ...more });
const open = async () => (await alerted.alerts()).filter(({ state }) => state !== "closed");

describe("alerts about gateways", { timeout: 60_000 }, () => {
  it("one is open exactly while a gateway has been dark for as long as the rule says, and its beginning and end are told once each", async () => {
    const step = fc.record({ online: fc.boolean(), seconds: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        await setUp([DARK]);
        alerted.says("doors", "online");
        alerted.says("shelves", "online");
        await alerted.round();
        let heard = alerted.clock.wall();
        let isOpen = false;
        const expected: string[] = [];
        const look = async (online: boolean) => {
          const isDark = !online && alerted.clock.wall() - heard >= 60_000;
          if (isDark && !isOpen) expected.push("opened: doors");
          if (online && isOpen) expected.push("closed: doors");
          isOpen = online ? false : isOpen || isDark;
          expect((await open()).map(({ what }) => what)).toEqual(isOpen ? ["doors"] : []);
        };
        for (const { online, seconds } of steps) {
          alerted.says("shelves", "online");
          alerted.says("doors", online ? "online" : "offline");
          if (online) heard = alerted.clock.wall();
          await alerted.round();
          await look(online);
          await alerted.pass(seconds);
          await look(online);
        }
        expect(await alerted.told()).toEqual(expected);
      }),
      { numRuns: 6 },
    );
  });

  it("a journal that has forked is told once, with what the gateway or the service knows of it, until it is over", async () => {
    const forked: AlertRule = { ...DARK, id: "forked", when: { on: "gateway", is: "forked" }, lasts: 0 };
    await setUp([forked]);
    alerted.says("shelves", "online");
    await alerted.round();
    expect(await open()).toEqual([]);
    alerted.gateways.onFork("shelves");
    await alerted.round();
    const text = "On 2026-03-02T08:00:00.000Z the cloud had 7 rows of epoch e of another life than this journal's 5";
    alerted.hears = false;
    alerted.tells("doors", [{ code: "JOURNAL_HAS_FORKED", text }]);
    await alerted.round();
    alerted.tells("shelves", [{ code: "JOURNAL_HAS_FORKED", text }]);
    await alerted.round();
    expect((await open()).map(({ what, evidence }) => [what, evidence.says]).sort()).toEqual([
      ["doors", `It says: ${text}`],
      ["shelves", expect.stringMatching(/^At .* it sent rows of another life of its journal/)],
    ]);
    alerted.hears = true;
    await alerted.pass(86_401);
    // Neither has been heard since.
    expect(await open()).toHaveLength(2);
    for (const agent of ["doors", "shelves"]) alerted.tells(agent, []);
    await alerted.round();
    expect(await open()).toEqual([]);
    expect((await alerted.told()).map((word) => word.split(":")[0])).toEqual(["opened", "opened", "closed", "closed"]);
  });

  it("nothing is said of any while the service hears nobody itself, and silence from before it heard is not a gateway's", async () => {
    await setUp([DARK]);
    alerted.says("doors", "online");
    await alerted.round();
    alerted.hears = false;
    await alerted.pass(300);
    expect(await open()).toEqual([]);
    alerted.hears = true;
    await alerted.round();
    await alerted.pass(50);
    expect(await open()).toEqual([]);
    alerted.says("shelves", "online");
    await alerted.pass(12);
    expect((await open()).map(({ what, evidence }) => [what, evidence.about.agent])).toEqual([["doors", "doors"]]);
  });
});

describe("alerts about figures", { timeout: 60_000 }, () => {
  const minute = (n: number) => START + 10 * 60_000 + n * 60_000;
  const LOW: AlertRule = {
    id: "low",
    title: "Few",
    severity: "warning",
    when: { on: "measurement", measurement: "occupancy", field: "items", by: ["place"], below: 3 },
    place: "store-1",
    lasts: 120,
  };
  const put = (n: number, points: { tags: Record<string, string>; fields: Record<string, number> }[]) =>
    alerted.series.replace([{ measurement: "occupancy", at: new Date(minute(n)), points }]);
  const boards = (first: number, second: number) =>
    [
      { tags: { place: "board-1", kind: "A" }, fields: { items: first } },
      { tags: { place: "board-1", kind: "B" }, fields: { items: 1 } },
      { tags: { place: "bin-1", kind: "A" }, fields: { items: second } },
    ].filter(({ fields }) => fields.items > 0);
  /** Judges minute n, with what the gateways have looked at up to so many seconds after its end. */
  const judge = async (n: number, points: ReturnType<typeof boards>, heard = 30) => {
    await put(n, points);
    await alerted.clock.advance(Math.max(0, minute(n) + 90_000 - alerted.clock.wall()));
    alerted.heardAll(minute(n) + 60_000 + heard * 1000);
    await alerted.round();
  };
  beforeEach(async () => {
    await alerted.site.sql.query("TRUNCATE series_point, series_dirty");
    await alerted.clock.advance(Math.max(0, minute(0) - alerted.clock.wall()));
  });
  const base = () => Math.ceil((alerted.clock.wall() - minute(0)) / 60_000);

  it("open where the figure is beyond its limit for as long as the rule says, with what is not there as nothing, and close by themselves", async () => {
    await setUp([LOW]);
    const n = base();
    await judge(n, boards(5, 1));
    await judge(n + 1, boards(1, 1));
    expect(await open()).toEqual([]);
    await judge(n + 2, []);
    const [alert, ...others] = await open();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ what: "board 1", since: new Date(minute(n + 1)).toISOString() });
    expect(alert?.evidence).toMatchObject({ value: 0, limit: 3, about: { place: "board-1" } });
    expect(alert?.evidence.judged).toBe(new Date(minute(n + 3)).toISOString());
    await judge(n + 3, boards(2, 1));
    expect(await open()).toEqual([]);
    expect(await alerted.told()).toEqual(["opened: board 1", "closed: board 1"]);
  });

  it("are of the rule's kind and place also where neither has a figure of its own", async () => {
    const when = { on: "measurement", measurement: "occupancy", field: "items", below: 9 } as const;
    await setUp([
      { ...LOW, id: "kind-a", lasts: 0, when: { ...when, by: ["place"] }, kind: "a" },
      { ...LOW, id: "by-kind", lasts: 0, when: { ...when, by: ["kind"] } },
    ]);
    const n = base();
    await judge(n, boards(5, 7));
    expect((await open()).map(({ rule, what, evidence: { value } }) => [rule, what, value]).sort()).toEqual([
      ["by-kind", "A", 5],
      ["by-kind", "B", 1],
      ["kind-a", "board 1", 5],
    ]);
  });

  it("find also what was there within the hour and is there no more, at once", async () => {
    const { place: _, ...rule } = LOW;
    const when = { on: "measurement", measurement: "occupancy", field: "items", below: 1 } as const;
    await setUp([{ ...rule, when: { ...when, by: ["kind"] }, lasts: 0 }]);
    const n = base();
    await judge(n, boards(5, 5));
    await judge(n + 1, []);
    expect((await open()).map(({ what }) => what).sort()).toEqual(["A", "B"]);
  });

  it("stay as they are while those who watch the place are not heard: quiet is not the same as not heard", async () => {
    await setUp([{ ...LOW, lasts: 0 }]);
    const n = base();
    await judge(n, boards(1, 1), -1);
    expect(await open()).toEqual([]);
    const { unjudged } = await alertStatus(alerted.site.sql, [], true);
    expect(unjudged).toEqual([{ rule: "low", why: "Not heard far enough: shelves" }]);
    await judge(n + 1, boards(1, 1));
    expect(await open()).toHaveLength(1);
    await judge(n + 2, boards(9, 9), -1);
    expect(await open()).toHaveLength(1);
    await judge(n + 3, boards(9, 9));
    expect(await open()).toHaveLength(0);
  });

  it("wait for points that are still to be written, and say why nothing is judged where they cannot be read", async () => {
    await setUp([{ ...LOW, lasts: 0 }]);
    const n = base();
    await put(n, boards(1, 1));
    await alerted.clock.advance(minute(n) + 85_000 - alerted.clock.wall());
    alerted.heardAll();
    await alerted.site.sql.query(
      "INSERT INTO series_dirty (target, measurement, at) VALUES ('database', 'occupancy', $1)",
      [new Date(minute(n))],
    );
    await alerted.round();
    expect(await open()).toEqual([]);
    await alerted.site.sql.query("TRUNCATE series_dirty");
    await alerted.round();
    expect(await open()).toHaveLength(1);
  });
});

describe("alerts about where things have settled", { timeout: 60_000 }, () => {
  const OUTSIDE: AlertRule = {
    id: "outside",
    title: "Pump away",
    severity: "warning",
    when: { on: "items", are: "outside" },
    place: "store-1",
    kind: "infusion PUMP",
    lasts: 600,
  };
  const IN: AlertRule = { ...OUTSIDE, id: "in", when: { on: "items", are: "in" }, place: "store-2", lasts: 300 };
  const at = (seconds: number) => START + 100_000_000 + seconds * 1000;
  async function told(item: string, change: Partial<StayChangeBody> & { place: string; from: number }) {
    const { site } = alerted;
    const body: StayChangeBody = {
      item,
      stay: uuidv7(),
      revision: 1,
      op: "open",
      to: null,
      p: 1,
      cause: { agent: "shelves", epoch: "e", seq: 1, at: change.from } as unknown as StayChangeBody["cause"],
      ...change,
    };
    await site.test.db.transaction((tx) => site.stayChanges.appendAll(tx, new Map([[3, [body]]])));
    await alerted.follow();
    return body;
  }
  beforeEach(async () => {
    await alerted.clock.advance(Math.max(0, at(0) - alerted.clock.wall()));
    await alerted.site.sql.query("TRUNCATE alert_stay");
  });
  const place = (code: string) => alerted.site.placeId(code);

  it("open once the gateway has looked far enough, whatever the clock on the wall says, and close when the thing is elsewhere", async () => {
    await setUp([OUTSIDE, IN]);
    const item = alerted.site.item();
    const from = alerted.clock.wall();
    const first = await told(item, { place: place("bin-1"), from });
    alerted.heardAll(from + 299_000);
    await alerted.pass(3600);
    expect(await open()).toEqual([]);
    alerted.heardAll(from + 300_000);
    await alerted.round();
    expect((await open()).map(({ rule, what }) => [rule, what])).toEqual([["in", "Pump (Infusion pump) in bin 1"]]);
    alerted.heardAll(from + 600_000);
    await alerted.round();
    await alerted.round();
    expect((await open()).map(({ rule }) => rule).sort()).toEqual(["in", "outside"]);
    await told(item, { ...first, revision: 2, op: "close", to: from + 700_000 });
    // On its way it is in no place, and not back either.
    expect((await open()).map(({ rule }) => rule)).toEqual(["outside"]);
    await told(item, { place: place("board-1"), from: from + 800_000 });
    expect(await open()).toEqual([]);
    expect(await alerted.told()).toHaveLength(4);
  });

  it("what turns out never to have been is closed, and never opened where it was not yet", async () => {
    await setUp([IN]);
    const [one, two] = [alerted.site.item(), alerted.site.item()];
    const from = alerted.clock.wall();
    const stays = [await told(one, { place: place("bin-1"), from }), await told(two, { place: place("bin-1"), from })];
    alerted.heardAll(from + 299_000);
    await told(two, { ...(stays[1] as StayChangeBody), revision: 2, op: "retract" });
    alerted.heardAll(from + 400_000);
    await alerted.round();
    expect((await open()).map(({ evidence }) => evidence.about.item)).toEqual([one]);
    await told(one, { ...(stays[0] as StayChangeBody), revision: 2, op: "retract" });
    expect(await open()).toEqual([]);
  });

  it("a rule that is new meets what has settled before it, and one that is changed closes what it had opened", async () => {
    await setUp([]);
    const item = alerted.site.item();
    const from = alerted.clock.wall() - 3_600_000;
    await told(item, { place: place("bin-1"), from });
    await alerted.alerting.setup.put("rules", IN, TESTER);
    alerted.heardAll();
    await alerted.round();
    expect(await open()).toHaveLength(1);
    await alerted.alerting.setup.put("rules", { ...IN, lasts: 86_400 }, TESTER);
    await alerted.round();
    expect(await open()).toEqual([]);
    expect((await alerted.alerts())[0]?.closed?.why).toBe("Its rule was changed");
  });

  it("what the catalogue finds in a wrong place has an alert each, of the kinds and places of the rule", async () => {
    const [pump, bed] = [alerted.site.item(), alerted.site.item({ kind: "Bed" })];
    const { place: _, ...rule } = OUTSIDE;
    await setUp([{ ...rule, id: "wrong", when: { on: "items", are: "wrong-place" }, lasts: 0 }]);
    alerted.wrong = [pump, bed];
    await alerted.pass(20);
    expect((await open()).map(({ evidence }) => evidence.about.item)).toEqual([pump]);
    alerted.wrong = [];
    await alerted.pass(20);
    expect(await open()).toEqual([]);
  });

  it("of one rule so many are open at most, it says so, and the others follow when some are over", async () => {
    const items = Array.from({ length: MOST_OPEN + 30 }, () => alerted.site.item());
    const { place: _, ...rule } = OUTSIDE;
    await setUp([{ ...rule, id: "wrong", when: { on: "items", are: "wrong-place" }, lasts: 0 }]);
    const count = async () => (await alerted.site.sql.query("SELECT FROM alert WHERE closed_at IS NULL")).length;
    alerted.wrong = items;
    await alerted.pass(20);
    expect(await count()).toBe(MOST_OPEN);
    await alerted.pass(20);
    expect(await count()).toBe(MOST_OPEN);
    const [state] = await alerted.site.sql.query<{ unjudged: unknown }>("SELECT unjudged FROM alert_evaluator");
    expect(state?.unjudged).toMatchObject([{ rule: "wrong" }]);
    alerted.wrong = items.slice(50);
    await alerted.pass(40, 20);
    expect(await count()).toBe(MOST_OPEN - 20);
  });
});
