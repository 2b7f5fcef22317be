import { queryObjects } from "node:v8";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "./index.js";
import { type Connection, PIPELINED, PooledDatabase } from "./pool.js";
import { ClientTransaction } from "./pool-transaction.js";
import { SHORT_LIMITS, type TestDatabase, testDatabase } from "./testing.js";
import { WatchedConnection } from "./watched-connection.js";

const asOptions = (connection: Connection): pg.ClientConfig =>
  "url" in connection ? { connectionString: connection.url } : connection;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

describe("database", () => {
  it("gives int8 as a checked number, numeric and date as text, timestamptz as Date", async () => {
    const [row] = await test.db.query(
      "SELECT 9007199254740991::int8 AS big, ARRAY[1,2]::int8[] AS bigs, 1.10::numeric AS exact, date '2026-03-01' AS day, timestamptz '2026-03-01 00:00Z' AS at",
    );
    expect(row).toEqual({
      big: 9007199254740991,
      bigs: [1, 2],
      exact: "1.10",
      day: "2026-03-01",
      at: new Date("2026-03-01T00:00:00Z"),
    });
    await expect(test.db.query("SELECT 9007199254740993::int8")).rejects.toThrow(RangeError);
  });

  it("runs what was left for after the commit, and not after a rollback", async () => {
    const ran: string[] = [];
    await test.db.transaction(async (tx) => tx.afterCommit(() => ran.push("committed")));
    const failing = test.db.transaction(async (tx) => {
      tx.afterCommit(() => ran.push("rolled back"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(ran).toEqual(["committed"]);
  });

  it("asks last what is left for the commit: whoever else wants the row does not wait while the work goes on", async () => {
    await test.db.query("CREATE TABLE head (pos int8); INSERT INTO head VALUES (0)");
    const advance = "UPDATE head SET pos = pos + $1";
    const pos = async () => (await test.db.query<{ pos: number }>("SELECT pos FROM head"))[0]?.pos;
    await test.db.transaction(async (tx) => {
      tx.withCommit(advance, [1]);
      await tx.query("CREATE TABLE work (n int8)");
      await test.db.transaction(async (other) => other.withCommit(advance, [10]));
      expect(await pos()).toBe(10);
    });
    expect(await pos()).toBe(11);
  });

  it("undoes everything where what is left for the commit fails, and asks nothing of what a savepoint has undone", async () => {
    await test.db.query("CREATE TABLE done (n int8)");
    const ran: string[] = [];
    const failing = test.db.transaction(async (tx) => {
      await tx.query("INSERT INTO done VALUES (1)");
      tx.afterCommit(() => ran.push("committed"));
      tx.withCommit("INSERT INTO done VALUES ($1)", [2]);
      tx.withCommit("SELECT 1 / $1::int8", [0]);
    });
    await expect(failing).rejects.toThrow("division by zero");
    expect(ran).toEqual([]);
    await test.db.transaction(async (tx) => {
      const part = tx.savepoint(async () => {
        tx.withCommit("INSERT INTO done VALUES ($1)", [3]);
        throw new Error("no");
      });
      await expect(part).rejects.toThrow("no");
      tx.withCommit("INSERT INTO done VALUES ($1)", [4]);
    });
    expect(await test.db.query("SELECT n FROM done")).toEqual([{ n: 4 }]);
  });

  it("asks nothing any more for what went on beside something that failed", async () => {
    await test.db.query("CREATE TABLE beside (n int8)");
    let failed: () => void = () => undefined;
    const failure = new Promise<void>((resolve) => {
      failed = resolve;
    });
    let late: Promise<unknown>[] = [];
    const failing = test.db.transaction((tx) => {
      const insert = "INSERT INTO beside VALUES (1)";
      late = [
        failure.then(() => tx.query(insert)),
        failure.then(() => tx.savepoint(() => tx.query(insert))),
        failure.then(() => tx.kysely<{ beside: { n: number } }>().insertInto("beside").values({ n: 1 }).execute()),
      ];
      for (const each of late) each.catch(() => undefined);
      return Promise.all([tx.query("SELECT 1 / 0"), ...late]);
    });
    await expect(failing).rejects.toThrow("division by zero");
    failed();
    for (const each of late) await expect(each).rejects.toThrow("the transaction has ended");
    expect(await test.db.query("SELECT FROM beside")).toEqual([]);
  });

  it("leaves nothing for after the commit of what went on beside something that failed", async () => {
    const ran: string[] = [];
    const failing = test.db.transaction((tx) =>
      Promise.all([
        Promise.reject(new RangeError("no")),
        tx.query("SELECT 1").then(() => tx.afterCommit(() => ran.push("never committed"))),
      ]),
    );
    await expect(failing).rejects.toThrow("no");
    expect(ran).toEqual([]);
  });

  it("is not taken for done where what failed in it was let pass", async () => {
    await test.db.query("CREATE TABLE passed (n int8)");
    const ran: string[] = [];
    const failing = test.db.transaction(async (tx) => {
      await tx.query("INSERT INTO passed VALUES (1)");
      tx.afterCommit(() => ran.push("never committed"));
      await tx.query("SELECT 1 / 0").catch(() => undefined);
    });
    await expect(failing).rejects.toThrow("division by zero");
    expect([ran, await test.db.query("SELECT FROM passed")]).toEqual([[], []]);
  });

  it.each(["what asks again", "what is built"])(
    "says what failed, and not that nothing was done behind it: %s",
    async (which) => {
      await test.db.query("CREATE TABLE IF NOT EXISTS behind (n int8)");
      let tries = 0;
      const conflict = "DO $$ BEGIN RAISE EXCEPTION 'in conflict' USING ERRCODE = '40001'; END $$";
      await test.db.transaction(async (tx) => {
        const failing = tx.query(tries++ === 0 ? conflict : "SELECT 1");
        const behind =
          which === "what is built"
            ? tx.kysely<{ behind: object }>().selectFrom("behind").execute()
            : tx.query("SELECT 1");
        // It is heard of after what was asked behind it, as by whoever has to tidy up first.
        const late = failing.finally(() => Promise.allSettled([behind]));
        await Promise.all([late, behind]);
      });
      expect(tries).toBe(2);
    },
  );

  it("that looks first writes nothing before it is known that it has begun", async () => {
    await test.db.query("CREATE TABLE begun (n int8)");
    const client = new pg.Client({ ...asOptions(test.connection), ...PIPELINED });
    await client.connect();
    const tx = new ClientTransaction(client as unknown as pg.PoolClient, false);
    await tx.begin("SELECT 1 / 0", true);
    const asked = await Promise.allSettled([tx.query("SELECT 1"), tx.query("INSERT INTO begun VALUES (1)")]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(tx.query("INSERT INTO begun VALUES (2)")).rejects.toThrow("division by zero");
    const built = tx.kysely<{ begun: { n: number } }>().insertInto("begun").values({ n: 3 }).execute();
    await expect(built).rejects.toThrow("division by zero");
    await client.end();
    expect(await test.db.query("SELECT FROM begun")).toEqual([]);
  });

  it("that looks first asks nothing after its end either, for what has waited for its beginning", async () => {
    await test.db.query("CREATE TABLE waited (n int8)");
    const late: Promise<unknown>[] = [];
    const failing = test.db.transaction(
      (tx) => {
        late.push(tx.query("SELECT 1"), tx.query("INSERT INTO waited VALUES (1)"));
        return Promise.all([...late, Promise.reject(new RangeError("no"))]);
      },
      { looksFirst: true },
    );
    await expect(failing).rejects.toThrow("no");
    await Promise.allSettled(late);
    expect(await test.db.query("SELECT FROM waited")).toEqual([]);
  });

  it("keeps of savepoints within savepoints what all around them have ended well, whichever of them fail", async () => {
    interface Part {
      readonly n: number;
      readonly fails: boolean;
      readonly parts: readonly Part[];
    }
    const parts = (depth: number): fc.Arbitrary<Part[]> =>
      depth === 0
        ? fc.constant([])
        : fc.array(fc.record({ n: fc.nat(99), fails: fc.boolean(), parts: parts(depth - 1) }), { maxLength: 3 });
    const kept = ({ n, fails, parts }: Part): number[] => (fails ? [] : [n, ...parts.flatMap(kept)]);
    await test.db.query("CREATE TABLE kept (n int8)");
    await fc.assert(
      fc.asyncProperty(parts(3), async (parts) => {
        const stored = await test.db.transaction(async (tx) => {
          await tx.query("TRUNCATE kept");
          const does = ({ n, fails, parts }: Part): Promise<void> =>
            tx
              .savepoint(async () => {
                await tx.query("INSERT INTO kept VALUES ($1)", [n]);
                for (const each of parts) await does(each);
                if (fails) throw new RangeError("as it is to");
              })
              .catch((error) => expect(error).toBeInstanceOf(RangeError));
          for (const each of parts) await does(each);
          return tx.query<{ n: number }>("SELECT n FROM kept ORDER BY n");
        });
        expect(stored.map(({ n }) => n)).toEqual(parts.flatMap(kept).sort((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  it("keeps nothing of connections that could not be made ready", async () => {
    const watched = () => queryObjects(WatchedConnection, { format: "count" });
    const before = watched();
    // More than the server takes for a limit.
    const db = new PooledDatabase(test.connection, { limits: { ...SHORT_LIMITS, statementMs: 1e12 } });
    for (let n = 0; n < 5; n++) await expect(db.query("SELECT 1")).rejects.toMatchObject({ code: "22023" });
    await expect.poll(watched).toBeLessThanOrEqual(before);
    await db.close();
  });

  it("applies each migration once, also when two processes start together", async () => {
    const { db, close } = await testDatabase();
    const list = [
      { id: "0002-b", sql: "INSERT INTO t VALUES (1)" },
      { id: "0001-a", sql: "CREATE TABLE t (n int)" },
    ];
    await Promise.all([migrate(db, list), migrate(db, list)]);
    expect(await db.query("SELECT count(*) FROM t")).toEqual([{ count: 1 }]);
    await expect(migrate(db, list.slice(0, 1))).rejects.toThrow("0001-a");
    await expect(migrate(db, [...list.slice(1), { id: "0002-b", sql: "SELECT 1" }])).rejects.toThrow("0002-b");
    await close();
  });

  it("undoes a migration that fails, and names it", async () => {
    const { db, close } = await testDatabase();
    const bad = [{ id: "0001-bad", sql: "CREATE TABLE t (n int); SELECT 1/0" }];
    await expect(migrate(db, bad)).rejects.toThrow("0001-bad");
    expect(await db.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }]);
    await close();
  });
});
