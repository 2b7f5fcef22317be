import { isStorewardError, ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuditSource, migrations as auditMigrations } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, type JournalRow, migrations as journalMigrations } from "../journal/index.js";
import { bindingsOf, migrations, TagActs, Tags } from "./index.js";

const [PUMP, CHAIR, GONE] = ["01", "02", "09"].map((n) => `0198c0de-0000-7000-8000-0000000000${n}`) as [
  string,
  string,
  string,
];
const names = new Map([
  [PUMP, "Pump 1"],
  [CHAIR, "Wheelchair 4"],
]);
const items = {
  names: async () => names,
  accept: async (_tx: unknown, item: string) => {
    if (!names.has(item)) throw new Error("no such item");
  },
};
const anna: AuditSource = { actor: "anna", ip: "10.0.0.1", requestId: "r1" };
const NOW = Date.UTC(2026, 5, 1, 12);
const ago = (hours: number) => new Date(NOW - hours * 3_600_000);

let database: TestDatabase;
let clock: ManualClock;
let acts: TagActs;
const tags = new Tags();
beforeAll(async () => {
  database = await testDatabase([...journalMigrations, ...auditMigrations, ...migrations]);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.query("truncate unknown_tag, tag_act, tag_assignment, tag, journal");
  clock = new ManualClock({ wall: NOW });
  acts = new TagActs({ tags, journal: new Journal({ clock }), items, clock });
});

type Kind = "bind" | "replace" | "retire";
const act = (item: string, kind: Kind, epc: string, validFrom?: Date) =>
  database.db.transaction((tx) =>
    acts.act(tx, item, { act: kind, epc, ...(validFrom && { validFrom: validFrom.toISOString() }) }, anna),
  );
const numberOf = async (epc: string) => {
  const numbers = await database.db.transaction((tx) => tags.numbers(tx, [{ epc }]));
  return numbers.get(epc)!;
};
const itemAt = async (epc: string, at: Date) =>
  (await tags.itemsAt(database.db, [{ tag: await numberOf(epc), at }]))[0];
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error) => (isStorewardError(error) ? error.code : String(error)),
  );

describe("the register of tags", () => {
  it("gives every EPC one number for ever, however many ask at once", async () => {
    const epcs = Array.from({ length: 50 }, (_, i) => `E200${String(i).padStart(4, "0")}`);
    const asked = await Promise.all(
      [epcs, epcs.toReversed(), epcs.slice(10), epcs].map((some) =>
        database.db.transaction((tx) =>
          tags.numbers(
            tx,
            [...some, ...some].map((epc) => ({ epc })),
          ),
        ),
      ),
    );
    const [first] = asked;
    expect(new Set(first!.values()).size).toBe(50);
    for (const numbers of asked) for (const [epc, number] of numbers) expect(number).toBe(first!.get(epc));
    expect((await database.db.transaction((tx) => tags.numbers(tx, []))).size).toBe(0);
  });

  it("keeps the first PC word and TID that are told, also when they are told later", async () => {
    const meet = (pc?: string, tid?: string) =>
      database.db.transaction((tx) => tags.numbers(tx, [{ epc: "AA00", pc, tid }]));
    await meet();
    await meet("3000");
    await meet("3400", "E2801160");
    await meet(undefined, "FFFF0000");
    expect(await database.db.query("select pc, tid, person from tag")).toEqual([
      { pc: "3000", tid: "E2801160", person: false },
    ]);
  });
});

describe("a tag", () => {
  it("is bound, with audit and act; binding it again changes nothing", async () => {
    expect(await act(PUMP, "bind", "AA01")).toBe(true);
    expect(await act(PUMP, "bind", "AA01")).toBe(false);
    const tag = await numberOf("AA01");
    const validFrom = new Date(NOW).toISOString();
    const lines = await database.db.query(
      "select actor, action, subject, detail, ip, request_id from audit_entry order by pos desc limit 1",
    );
    expect(lines).toEqual([
      {
        actor: "anna",
        action: "tag.bound",
        subject: `item:${PUMP}`,
        detail: { tag, validFrom },
        ip: "10.0.0.1",
        request_id: "r1",
      },
    ]);
    const rows = await journaled();
    expect(rows.map(({ body }) => body)).toEqual([
      { type: "act", act: "tag-bound", tag, item: PUMP, validFrom, actor: "anna" },
    ]);
    expect(JSON.stringify([lines, rows])).not.toContain("AA01");
  });

  it("on one item cannot be bound to another, and the refusal names the item that has it", async () => {
    await act(PUMP, "bind", "AA01", ago(5));
    const refused = act(CHAIR, "bind", "AA01");
    await expect(refused).rejects.toThrow(`Tag AA01 is on Pump 1 (item ${PUMP}) since ${ago(5).toISOString()}`);
    await act(PUMP, "retire", "AA01", ago(2));
    expect(await codeOf(act(CHAIR, "bind", "AA01", ago(3)))).toBe("TAG_WAS_ON_ITEM");
    expect(await act(CHAIR, "bind", "AA01", ago(2))).toBe(true);
    expect(await Promise.all([ago(6), ago(5), ago(2.001), ago(2), ago(0)].map((at) => itemAt("AA01", at)))).toEqual([
      undefined,
      PUMP,
      PUMP,
      CHAIR,
      CHAIR,
    ]);
    expect(await tags.spellsOf(database.db, [await numberOf("AA01")])).toEqual([
      { tag: expect.any(Number), item: PUMP, from: ago(5), to: ago(2) },
      { tag: expect.any(Number), item: CHAIR, from: ago(2), to: null },
    ]);
  });

  it("gets to one item only, when two bind it at once", async () => {
    const codes = await Promise.all([PUMP, CHAIR, PUMP, CHAIR].map((item) => codeOf(act(item, "bind", "AA01"))));
    expect(codes.filter((code) => code === "TAG_ON_OTHER_ITEM")).toHaveLength(2);
    expect(await tags.spellsOf(database.db, [await numberOf("AA01")])).toHaveLength(1);
  });

  it("is replaced: the new one is bound and all others retired in one go", async () => {
    await act(PUMP, "bind", "AA01", ago(9));
    await act(PUMP, "bind", "AA02", ago(8));
    await act(PUMP, "replace", "AA03", ago(1));
    expect((await bindingsOf(database.db, PUMP)).map(({ epc, validTo }) => [epc, validTo])).toEqual([
      ["AA03", null],
      ["AA02", ago(1).toISOString()],
      ["AA01", ago(1).toISOString()],
    ]);
    expect((await journaled()).map(({ body }) => (body.type === "act" ? body.act : ""))).toEqual([
      "tag-bound",
      "tag-bound",
      "tag-bound",
      "tag-retired",
      "tag-retired",
    ]);
  });

  it("is replaced not at all when the new one is on another item", async () => {
    await act(PUMP, "bind", "AA01", ago(9));
    await act(CHAIR, "bind", "AA02", ago(9));
    expect(await codeOf(act(PUMP, "replace", "AA02"))).toBe("TAG_ON_OTHER_ITEM");
    expect(await itemAt("AA01", ago(0))).toBe(PUMP);
  });

  it("bound since an earlier time than thought is corrected, and what was thought stays on record", async () => {
    await act(PUMP, "bind", "AA01", ago(1));
    expect(await act(PUMP, "bind", "AA01", ago(5))).toBe(true);
    expect(await itemAt("AA01", ago(3))).toBe(PUMP);
    expect(
      await database.db.query("select valid_from, recorded_to is null as now from tag_assignment order by valid_from"),
    ).toEqual([
      { valid_from: ago(5), now: true },
      { valid_from: ago(1), now: false },
    ]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ["retired from an item it is not on", () => act(PUMP, "retire", "AA09"), "TAG_NOT_ON_ITEM"],
    [
      "retired before it was bound",
      () => act(PUMP, "bind", "AA01", ago(1)).then(() => act(PUMP, "retire", "AA01", ago(2))),
      "TAG_BOUND_LATER",
    ],
    ["bound since a time to come", () => act(PUMP, "bind", "AA01", ago(-1)), "VALID_IN_FUTURE"],
    ["bound when it is a patient's wristband", () => act(PUMP, "bind", "2D76451FD4499602D2000000"), "TAG_OF_PERSON"],
    ["bound to no item", () => act(GONE, "bind", "AA01"), "Error: no such item"],
  ])("cannot be %s", async (_what, attempt, code) => {
    expect(await codeOf(attempt())).toBe(code);
  });

  it("retired in the moment it was bound never was on the item", async () => {
    await act(PUMP, "bind", "AA01", ago(1));
    await act(PUMP, "retire", "AA01", ago(1));
    expect(await tags.spellsOf(database.db, [await numberOf("AA01")])).toEqual([]);
    expect(await act(CHAIR, "bind", "AA01", ago(2))).toBe(true);
  });

  it("new with its item is on it since ever; one used before, since now", async () => {
    await act(CHAIR, "bind", "AA02", ago(9));
    await act(CHAIR, "retire", "AA02", ago(8));
    await database.db.transaction((tx) =>
      acts.bindNew(
        tx,
        [
          { item: PUMP, epc: "AA01" },
          { item: PUMP, epc: "AA02" },
        ],
        anna,
      ),
    );
    expect(await itemAt("AA01", new Date(0))).toBe(PUMP);
    expect(await itemAt("AA02", ago(1))).toBeUndefined();
    expect(await itemAt("AA02", ago(0))).toBe(PUMP);
    const both = await Promise.all(["AA01", "AA02"].map(numberOf));
    expect(await tags.itemsOf(database.db, [...both, 999_999], ago(0))).toEqual(
      new Map(both.map((tag) => [tag, PUMP])),
    );
  });

  it("is on at most one item at any time, whatever is done in whatever order", async () => {
    const step = fc.record({
      item: fc.constantFrom(PUMP, CHAIR),
      kind: fc.constantFrom<Kind>("bind", "replace", "retire"),
      epc: fc.constantFrom("AA01", "AA02"),
      hours: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        await database.db.query("truncate unknown_tag, tag_act, tag_assignment, tag, journal");
        for (const { item, kind, epc, hours } of steps) await codeOf(act(item, kind, epc, ago(hours)));
        const numbers = [
          ...(await database.db.transaction((tx) => tags.numbers(tx, [{ epc: "AA01" }, { epc: "AA02" }]))).values(),
        ];
        const spells = await tags.spellsOf(database.db, numbers);
        for (const tag of numbers) {
          const own = spells.filter((spell) => spell.tag === tag);
          for (const [i, spell] of own.entries()) {
            const next = own[i + 1];
            if (next !== undefined) expect(spell.to!.getTime()).toBeLessThanOrEqual(next.from.getTime());
          }
        }
        // What the acts in the journal tell last is what holds now.
        const last = new Map(
          (await journaled()).flatMap(({ body }) => (body.type === "act" ? [[body.tag, body]] : [])),
        );
        for (const [tag, { act, item }] of last)
          expect(spells.find((spell) => spell.tag === tag && spell.to === null)?.item).toBe(
            act === "tag-bound" ? item : undefined,
          );
      }),
      { numRuns: 15 },
    );
  });
});

async function journaled(): Promise<JournalRow[]> {
  const log = new Journal();
  const rows = await Promise.all(log.partitions.map((partition) => log.read(database.db, partition, 0, 1000)));
  return rows.flat();
}
