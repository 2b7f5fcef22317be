import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { schema } from "../schema.js";
import type { Evidence } from "./fold/evidence.js";
import { fold } from "./fold/fold.js";
import { packState } from "./fold/packing.js";
import { EMPTY } from "./fold/state.js";
import { itemsDue } from "./item-due.js";
import { motionsOver } from "./item-motion.js";
import { stayId, unsettledStays } from "./stays.js";

/** Steps that come after what each test puts in. */
const LATER = ["0212-open-stay", "0213-open-stay-checkpoint", "0217-item-due", "0235-left-stays"];

const item = "0198c0de-0000-7000-8000-0000000000d1";
/** One whose board has lost it, and that is surely nowhere since. */
const astray = "0198c0de-0000-7000-8000-0000000000d2";
const place = "0198c0de-0000-7000-8000-0000000000e1";
const ended = "0198c0de-0000-7000-8000-0000000000f1";
const there = {
  kind: "present",
  readPoint: "a1",
  place,
  zone: null,
  seenAt: 1_000_000,
  rounds: 18,
  reads: 12,
  rssi: -55,
} as const;
const seen: Evidence = { at: 1_000_000, agent: "shelves", epoch: "e", seq: 1, tag: 1, fact: there };
const { state, stays } = fold(EMPTY, [seen]);
const [open] = stays;
if (open === undefined) throw new RangeError("the evidence opens a stay");

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase(schema.filter(({ id }) => !LATER.includes(id)));
  const { db } = test;
  await db.query(
    `INSERT INTO item_location (item, shard, place, since, p, state, pending_from, due_at, due_agent, moving_until) VALUES
       ($1, 1, $2, to_timestamp(1000), $3, $4, '-infinity', to_timestamp(1030), 'shelves', to_timestamp(1050)),
       ($5, 1, $2, to_timestamp(2000), 0.5, NULL, to_timestamp(1000), NULL, NULL, NULL)`,
    [item, place, open.p, packState(state), astray],
  );
  await db.query(
    `INSERT INTO item_stay (id, item, place, shelf, state, from_at, to_at, p, sure_since, opening_at, opening) VALUES
       ($1, $3, $4, true, 'here', to_timestamp(1000), NULL, 0.5, to_timestamp(1000), to_timestamp(1000), $5),
       ($2, $3, $4, true, 'here', to_timestamp(900), to_timestamp(1000), 0.6, to_timestamp(950), to_timestamp(900), $6)`,
    [stayId(item, open.opening), ended, item, place, open.opening, { ...open.opening, at: 900_000 }],
  );
  await db.query(
    `INSERT INTO item_stay (id, item, place, shelf, state, from_at, p, opening_at, opening)
     VALUES ($1, $1, $2, true, 'here', to_timestamp(2000), 0.5, to_timestamp(2000), $3)`,
    [astray, place, { ...open.opening, at: 2_000_000, agent: "doors" }],
  );
  await db.query("INSERT INTO state_checkpoint VALUES ('2026-01-01', now(), now())");
  await db.query("INSERT INTO state_checkpoint_row SELECT '2026-01-01', 'item_stay', to_jsonb(s) FROM item_stay s");
  await migrate(db, schema);
});
afterAll(() => test.close());

it("an open stay of the release before is as sure as is said of its item, and one that has ended as it was", async () => {
  const { db } = test;
  const found = (await unsettledStays(db, [item])).get(item) ?? [];
  expect(
    found.map(({ to, p, sureSince }) => ({ to, p, sureSince })).sort((a, b) => (a.to ?? 1e15) - (b.to ?? 1e15)),
  ).toEqual([
    { to: 1_000_000, p: 0.6, sureSince: 950_000 },
    { to: null, p: open.p, sureSince: 1_000_000 },
  ]);
  const checkpoint = await db.query<{ row: { id: string; p: number | null } }>("SELECT row FROM state_checkpoint_row");
  expect(new Map(checkpoint.map(({ row }) => [row.id, row.p]))).toEqual(
    new Map([
      [stayId(item, open.opening), null],
      [ended, 0.6],
      [astray, null],
    ]),
  );
});

it("what was to be looked at by the release before is due when it was, and what moved does so as long", async () => {
  const dueBy = (through: number) => itemsDue(test.db, new Map([["shelves", new Date(through)]]), 10);
  expect([await dueBy(1_029_999), await dueBy(1_030_000)]).toEqual([[], [item]]);
  const overBy = (now: number) => motionsOver(test.db, now, 10);
  expect([await overBy(1_049_999), await overBy(1_050_000)]).toEqual([[], [item]]);
});

it("what had left, and was surely nowhere since, is looked at for what is to be told of its end", async () => {
  const dueBy = (through: number) => itemsDue(test.db, new Map([["doors", new Date(through)]]), 10);
  expect([await dueBy(2_029_999), await dueBy(2_030_000)]).toEqual([[], [astray]]);
});
