import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as journalMigrations } from "../journal/index.js";
import { doAgain } from "./again.js";
import { migrations } from "./index.js";

const ITEM = "0198c0de-0000-7000-8000-000000000001";
const [AGENT, EPOCH] = ["phone-1", "e".repeat(32)];
const WAS = new Date("2026-03-01T08:00:00Z");
const items = { names: async () => new Map<string, string>(), accept: async () => undefined };

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...migrations]);
});
afterAll(() => test.close());

it("of more acts than are done again each that was to be moved is told, once", async () => {
  const count = 2_500;
  await test.db.query(
    "insert into tag (epc, person) select to_hex(4096 + n), false from generate_series(1, $1::int) n",
    [count],
  );
  await test.db.query(
    `insert into tag_act (act, tag, item, at, actor, agent, epoch, seq)
     select 'bind', number, $1, $2, 'anna', $3, $4, number from tag order by number`,
    [ITEM, WAS, AGENT, EPOCH],
  );
  const moved = [1, 600, 1_400, count].map((seq) => ({
    of: { agent: AGENT, epoch: EPOCH, seq },
    at: new Date(WAS.getTime() + 60_000),
  }));
  const { acts, outcomes } = await test.db.transaction((tx) => doAgain(tx, { items }, moved));
  expect(acts).toEqual([]);
  expect(outcomes.map(({ of }) => of.seq)).toEqual(moved.map(({ of }) => of.seq));
  for (const { error } of outcomes) expect(error).toMatchObject({ code: "TOO_MUCH_SINCE" });
});
