import { createLogger } from "@storeward/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Transaction } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createLog, FollowerRunner, type LogRow, logTables, migrations } from "./index.js";

const log = createLogger("test", { level: "silent" });
const words = { table: "word_log", headTable: "word_head", partitions: 1 };
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase([
    ...migrations,
    { id: "0900-words", sql: `${logTables(words)}; CREATE TABLE heard (n int)` },
  ]);
});
afterAll(() => test.close());

it("rows that are put aside behind one that is tried again are tried too", async () => {
  const source = createLog<number>(words);
  const say = (n: number) => test.db.transaction((tx) => source.append(tx, 0, [n]));
  const parked = (count: number) =>
    expect.poll(async () => (await test.db.query("SELECT FROM parked_row")).length, { timeout: 60_000 }).toBe(count);
  let fails = true;
  const follower = {
    name: "heard",
    log: source,
    keyOf: () => "one thing",
    handle: async (tx: Transaction, rows: readonly LogRow<number>[]) => {
      for (const { body } of rows) {
        if (fails) throw new Error(`cannot handle ${body}`);
        // While the first is tried again, more comes of it.
        if (body === 1) await say(3).then(() => parked(3));
        await tx.query("INSERT INTO heard VALUES ($1)", [body]);
      }
    },
  };
  const runner = new FollowerRunner(test.db, follower, { log, pollMs: 50 });
  await runner.start();
  await say(1);
  await parked(1);
  await say(2);
  await parked(2);
  fails = false;
  expect(await runner.retryParked()).toBe(3);
  await parked(0);
  expect(await test.db.query("SELECT n FROM heard ORDER BY n")).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await runner.stop();
});
