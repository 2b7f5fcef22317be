import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { arrayOf, columns, insertNew, lookUpByIndex } from "./index.js";
import { type TestDatabase, testDatabase } from "./testing.js";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await test.db.query("CREATE TABLE t (n int4 PRIMARY KEY, said text)");
});
afterAll(() => test.close());

const ROW = columns({ n: "int4", said: "text" });
const INSERT = `INSERT INTO t (${ROW.names}) ${ROW.rows}`;
const said = (numbers: readonly number[], word: string) => [
  arrayOf("int4", numbers, (n) => n),
  arrayOf("text", numbers, () => word),
];

it("rows that are new are all put in, whichever were there already, and these stay or change as is said", async () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 99 });
  const changes = "ON CONFLICT (n) DO UPDATE SET said = excluded.said";
  await fc.assert(
    fc.asyncProperty(numbers, numbers, fc.boolean(), async (there, come, changed) => {
      await test.db.query("TRUNCATE t");
      await test.db.query(INSERT, said(there, "before"));
      await test.db.transaction(async (tx) => {
        await insertNew(
          tx,
          { insert: INSERT, otherwise: changed ? changes : "ON CONFLICT DO NOTHING" },
          come.length,
          said(come, "after"),
        );
        await tx.query("INSERT INTO t VALUES (100, 'goes on')");
      });
      const isAfter = (n: number) => come.includes(n) && (changed || !there.includes(n));
      const all = [...new Set([...there, ...come])].sort((a, b) => a - b);
      expect(await test.db.query("SELECT * FROM t ORDER BY n")).toEqual([
        ...all.map((n) => ({ n, said: isAfter(n) ? "after" : "before" })),
        { n: 100, said: "goes on" },
      ]);
    }),
    { numRuns: 40 },
  );
});

it("what fails otherwise than by a row that is there already is not tried again", async () => {
  const tries = test.db.transaction((tx) =>
    insertNew(tx, { insert: "INSERT INTO t SELECT 1 / $1::int4", otherwise: "ON CONFLICT DO NOTHING" }, 1000, [0]),
  );
  await expect(tries).rejects.toThrow("division by zero");
});

it("a transaction that looks up by index reads no young table whole, and others do what they did", async () => {
  await test.db.query("CREATE TABLE young (n int4 PRIMARY KEY)");
  const many = Array.from({ length: 2000 }, (_, n) => n);
  const join = `UPDATE young y SET n = y.n FROM (${columns({ n: "int4" }).rows}) r WHERE y.n = r.n`;
  const plan = async (sql: typeof test.db | Parameters<Parameters<typeof test.db.transaction>[0]>[0]) => {
    const rows = await sql.query<{ "QUERY PLAN": string }>(`EXPLAIN ${join}`, [arrayOf("int4", many, (n) => n)]);
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const byIndex = await test.db.transaction(async (tx) => {
    await lookUpByIndex(tx);
    return plan(tx);
  });
  expect(byIndex).toMatch(/Index .*Scan using young_pkey/);
  expect(byIndex).not.toContain("Seq Scan");
  expect(await plan(test.db)).toContain("Seq Scan on young");
});
