import { setTimeout as wait } from "node:timers/promises";
import { ChaosProxy } from "@storeward/reader-simulators";
import { createLogger, randomHex, systemClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTransient, migrate } from "./index.js";
import type { Limits } from "./limits.js";
import { PooledDatabase } from "./pool.js";
import { SHORT_LIMITS, type TestDatabase, testDatabase } from "./testing.js";

const log = createLogger("test", { level: "silent" });
let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.close());

interface Limited {
  readonly db: PooledDatabase;
  readonly line: ChaosProxy;
  /** A table of the test's own, with a column `n`. */
  readonly table: string;
}

/** The test's database behind a line of its own, with short limits, for the while of a test. */
async function limited(work: (limited: Limited) => Promise<void>, limits: Partial<Limits> = {}): Promise<void> {
  const { connection } = test;
  if ("url" in connection) throw new Error("the test server listens on a socket");
  const to = { path: `${connection.host}/.s.PGSQL.${connection.port}` };
  const line = new ChaosProxy({ listen: 0, to, clock: systemClock, log });
  await line.start();
  const table = `t_${randomHex(8)}`;
  await test.db.query(`CREATE TABLE ${table} (n int)`);
  const behind = { ...connection, host: "127.0.0.1", port: line.port };
  const db = new PooledDatabase(behind, { applicationName: table, limits: { ...SHORT_LIMITS, ...limits } });
  try {
    await work({ db, line, table });
  } finally {
    db.abandon();
    await line.stop();
  }
}

/** As everything that works with the database does: tried again while that may help. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      await wait(20);
    }
}

describe.concurrent("limits of the database", () => {
  it("give a connection up whose answer to a commit does not come: nothing is done that was left for after it, and the next try finds what is there", async () => {
    await limited(async ({ db, line, table }) => {
      const after: string[] = [];
      await again(() => db.query("SELECT 1"));
      const dumb = line.forgetAfter("COMMIT");
      const tried = db.transaction(async (tx) => {
        await tx.query(`INSERT INTO ${table} VALUES (1)`);
        tx.afterCommit(() => after.push("done"));
      });
      await expect(tried).rejects.toMatchObject({ code: "DATABASE_SILENT", retryable: true });
      await dumb;
      expect(after).toEqual([]);
      expect(await again(() => db.query(`SELECT count(*) AS n FROM ${table}`))).toEqual([{ n: 1 }]);
    });
  });

  it("end on the server what was given up here, so that its locks are gone", async () => {
    await limited(async ({ db, line, table }) => {
      const tried = db.transaction(async (tx) => {
        await tx.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        line.forget();
        await tx.query("SELECT 1");
      });
      await expect(tried).rejects.toMatchObject({ code: "DATABASE_SILENT" });
      // The server never hears that the connection is gone: it is told by another, and nobody need ask for one.
      await test.db.query(`SELECT count(*) FROM ${table}`);
    });
  });

  it("find all connections dumb by one of them", async () => {
    await limited(async ({ db, line }) => {
      const asked = Array.from({ length: 5 }, () => again(() => db.query("SELECT pg_sleep(0.05)")));
      await Promise.all(asked);
      line.forget();
      let silent = 0;
      await again(() =>
        db.query("SELECT 1").catch((error) => {
          if (error.code === "DATABASE_SILENT") silent++;
          throw error;
        }),
      );
      expect(silent).toBe(1);
    });
  });

  it("give no connection up that answers: of what is asked at once each statement has its time", async () => {
    await limited(
      async ({ db }) => {
        await again(() => db.query("SELECT 1"));
        await db.transaction((tx) => Promise.all([1, 2, 3].map(() => tx.query("SELECT pg_sleep(1)"))));
      },
      { statementMs: 60_000 },
    );
  });

  it("say who is to blame: a statement that takes too long, or another session's lock; the connection is good for the next", async () => {
    await limited(async ({ db, table }) => {
      await expect(db.query("SELECT pg_sleep(30)")).rejects.toMatchObject({ code: "DATABASE_SLOW", retryable: true });
      await test.db.transaction(async (tx) => {
        await tx.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        const waiting = db.transaction((other) => other.query(`SELECT * FROM ${table}`));
        await expect(waiting).rejects.toMatchObject({ code: "DATABASE_LOCKED", retryable: true });
        const typed = db.kysely<Record<string, { n: number }>>().selectFrom(table).selectAll().execute();
        await expect(typed).rejects.toMatchObject({ code: "DATABASE_LOCKED" });
      });
      expect(await db.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
    });
  });

  it("are not those of work that takes long, such as a step of the schema", async () => {
    await limited(async ({ db, line, table }) => {
      await migrate(db, [{ id: "0001-slow", sql: `SELECT pg_sleep(3); INSERT INTO ${table} VALUES (2)` }]);
      expect(await db.query(`SELECT n FROM ${table}`)).toEqual([{ n: 2 }]);
      // Its beginning and its end take no time, and are heard of as any other.
      const dumb = line.forgetAfter("COMMIT");
      const tried = db.transaction((tx) => tx.query("SELECT pg_sleep(3)"), { long: true });
      await expect(tried).rejects.toMatchObject({ code: "DATABASE_SILENT" });
      await dumb;
      // And hold again for what comes after.
      await expect(db.query("SELECT pg_sleep(30)")).rejects.toMatchObject({ code: "DATABASE_SLOW" });
    });
  });

  it("end a transaction in which nothing is asked, unless it waits for something outside", async () => {
    await limited(
      async ({ db }) => {
        const idle = (waits: boolean) => async () =>
          db.transaction(
            async (tx) => {
              await tx.query("SELECT 1");
              await wait(600);
              await tx.query("SELECT 1");
            },
            { waits },
          );
        const error = await idle(false)().catch((thrown: unknown) => thrown);
        expect(isTransient(error)).toBe(true);
        await again(idle(true));
      },
      { idleMs: 200 },
    );
  });

  it("do not outlive the process's will to end: what is being done fails at once", async () => {
    await limited(async ({ db }) => {
      const asked = db.query("SELECT pg_sleep(1.9)").catch((error: unknown) => error);
      const open = db
        .transaction((tx) => tx.query("SELECT pg_sleep(30)"), { long: true })
        .catch((error: unknown) => error);
      await again(() => db.query("SELECT 1"));
      db.abandon();
      for (const failed of [await asked, await open]) expect(failed).toMatchObject({ code: "DATABASE_CLOSED" });
      await expect(db.query("SELECT 1")).rejects.toMatchObject({ code: "DATABASE_CLOSED" });
    });
  });

  it("do not outlive it either where it is a connection that is waited for", async () => {
    const hour = 3_600_000;
    const limits = { ...SHORT_LIMITS, connectMs: hour, statementMs: hour, silentMs: hour };
    const db = new PooledDatabase(test.connection, { max: 1, limits });
    let begun: () => void = () => undefined;
    const inUse = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const transaction = db.transaction((tx) => {
      begun();
      return tx.query("SELECT pg_sleep(30)");
    });
    const failures = [transaction, db.query("SELECT 1"), db.transaction((tx) => tx.query("SELECT 1"))].map((asked) =>
      asked.catch((error: unknown) => error),
    );
    await inUse;
    db.abandon();
    for (const failed of failures) expect(await failed).toMatchObject({ code: "DATABASE_CLOSED" });
  });
});
