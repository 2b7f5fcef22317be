import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PooledDatabase } from "./pool.js";
import { type TestDatabase, testDatabase } from "./testing.js";

describe("a transaction whose statements are kept prepared", () => {
  let test: TestDatabase;
  /** Of one connection, so that what one transaction has prepared is there for the next. */
  let db: PooledDatabase;
  beforeEach(async () => {
    test = await testDatabase();
    db = new PooledDatabase(test.connection, { max: 1 });
    await db.query("CREATE TABLE t AS SELECT 1 AS n");
  });
  afterEach(async () => {
    await db.close();
    await test.close();
  });

  /** Finds the one row of the table, and finds it again whatever becomes of statements meanwhile. */
  async function isDoneAgain(find: () => Promise<unknown>): Promise<void> {
    expect(await find()).toEqual([{ n: 1 }]);
    for (const change of ["ALTER TABLE t ADD COLUMN more text", "DEALLOCATE ALL"]) {
      await db.query(change);
      expect(await find()).toEqual([{ n: 1, more: null }]);
      expect(await find()).toEqual([{ n: 1, more: null }]);
    }
  }

  it.each([
    ["are gone, as behind a pooler, and keeps none any more", "DEALLOCATE ALL", { n: 1 }, []],
    [
      "answer otherwise than before, and keeps those it asks from then on",
      "ALTER TABLE t ADD COLUMN more text",
      { n: 1, more: null },
      ["SELECT count(*) FROM t WHERE n > $1"],
    ],
  ])("goes on where they %s", async (_, change, row, kept) => {
    const ask = (text: string) => db.transaction((tx) => tx.query(text, [0]), { prepared: true });
    const all = () => ask("SELECT * FROM t WHERE n > $1");
    const prepared = async () =>
      (await db.query<{ statement: string }>("SELECT statement FROM pg_prepared_statements")).map(
        ({ statement }) => statement,
      );
    expect(await all()).toEqual([{ n: 1 }]);
    expect(await prepared()).toHaveLength(1);
    await db.query(change);
    expect(await all()).toEqual([row]);
    expect(await ask("SELECT count(*) FROM t WHERE n > $1")).toEqual([{ count: 1 }]);
    expect(await prepared()).toEqual(kept);
    expect(await all()).toEqual([row]);
  });

  it("does not let a part of it pass for failed where only one of them is no longer what it was", async () => {
    const part = () =>
      db.transaction(
        (tx) => tx.savepoint(() => tx.query("SELECT * FROM t WHERE n = $1", [1])).catch(() => "put aside"),
        { prepared: true },
      );
    await isDoneAgain(part);
  });

  it("is done again also where the work says otherwise what failed for one of them", async () => {
    const ask = () =>
      db.transaction(
        (tx) =>
          tx.query("SELECT * FROM t WHERE n = $1", [1]).catch((cause) => {
            throw new RangeError("not there", { cause });
          }),
        { prepared: true },
      );
    await isDoneAgain(ask);
  });

  it("takes none of them for gone where another statement failed before it, and goes on keeping them", async () => {
    let times = 0;
    const part = db.transaction(
      async (tx) => {
        times++;
        const failing = tx.savepoint(async () => {
          // The server keeps nothing any more when it comes to the second, and does not find it for the third.
          const asked = ["SELECT 1 / $1::int8", "SELECT $1::int8 AS n", "SELECT $1::int8 AS n"];
          const answers = await Promise.allSettled(asked.map((text) => tx.query(text, [0])));
          expect(answers).toMatchObject(asked.map(() => ({ reason: { message: "division by zero" } })));
          throw new RangeError("no");
        });
        await expect(failing).rejects.toThrow("no");
        return tx.query("SELECT $1::int8 AS n", [2]);
      },
      { prepared: true },
    );
    expect(await part).toEqual([{ n: 2 }]);
    expect(times).toBe(1);
    expect(await db.query("SELECT FROM pg_prepared_statements WHERE statement = 'SELECT $1::int8 AS n'")).toHaveLength(
      1,
    );
  });
});
