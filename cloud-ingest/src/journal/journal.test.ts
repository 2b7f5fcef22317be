import { partitionOf } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Transaction } from "../database/index.js";
import { PooledDatabase } from "../database/pool.js";
import { SHORT_LIMITS, type TestDatabase, testDatabase } from "../database/testing.js";
import {
  Abreast,
  createLog,
  type Follower,
  FollowerRunner,
  Journal,
  type LogRow,
  logTables,
  migrations,
} from "./index.js";

const log = createLogger("test", { level: "silent" });
const numbers = { table: "number_log", headTable: "number_head", partitions: 2 };
let test: TestDatabase;

beforeAll(async () => {
  const tables = {
    id: "0900-numbers",
    sql: `${logTables(numbers)}; CREATE TABLE seen (partition int, n int, at bigserial)`,
  };
  test = await testDatabase([...migrations, tables]);
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.query(
    "TRUNCATE seen, parked_row, follower_cursor, number_log, number_log_day; UPDATE number_head SET pos = 0, recorded_at = '-infinity'",
  );
});

const clock = () => new ManualClock({ wall: Date.UTC(2026, 2, 1, 23, 59, 59) });

function follower(source: ReturnType<typeof createLog<number>>, poison: ReadonlySet<number> = new Set()) {
  const made: Follower<LogRow<number>> = {
    name: "seen",
    log: source,
    async handle(tx: Transaction, rows) {
      for (const { partition, body } of rows) {
        if (poison.has(body))
          throw new Error(`cannot handle ${body}\0, as the text of a device that PostgreSQL does not take`);
        await tx.query("INSERT INTO seen VALUES ($1, $2)", [partition, body]);
      }
    },
  };
  return made;
}

const seen = async (partition: number) =>
  (await test.db.query<{ n: number }>("SELECT n FROM seen WHERE partition = $1 ORDER BY at", [partition])).map(
    ({ n }) => n,
  );

describe("a log", () => {
  it("gives positions without a hole in commit order, also when writers race and some roll back", async () => {
    const source = createLog<number>(numbers);
    const write = (n: number) =>
      test.db
        .transaction(async (tx) => {
          await source.append(tx, 0, [n, n]);
          if (n % 3 === 0) throw new Error("undone");
        })
        .catch(() => undefined);
    await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)));
    const rows = await source.read(test.db, 0, 0, 100);
    expect(rows.map((row) => row.pos)).toEqual(Array.from({ length: rows.length }, (_, index) => index + 1));
    expect(rows).toHaveLength(26);
    expect((await source.heads(test.db)).get(0)).toBe(26);
  });

  it("is read in order over days, also when the wall clock goes back a day", async () => {
    const time = clock();
    const source = createLog<number>({ ...numbers, clock: time });
    for (let n = 1; n <= 6; n++) {
      await test.db.transaction((tx) => source.append(tx, 1, [n]));
      time.stepWall(n === 3 ? -86_400_000 : 36_000_000);
    }
    for (const limit of [1, 2, 10]) {
      const read: number[] = [];
      for (let rows = await source.read(test.db, 1, 0, limit); rows.length > 0; ) {
        read.push(...rows.map(({ body }) => body));
        rows = await source.read(test.db, 1, rows.at(-1)!.pos, limit);
      }
      expect(read).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it("remembers nothing of what went on beside something that failed", async () => {
    const source = createLog<number>(numbers);
    const wake = vi.fn();
    source.onAppend(wake);
    const failing = test.db.transaction((tx) =>
      Promise.all([source.append(tx, 0, [1]), Promise.reject(new Error("no"))]),
    );
    await expect(failing).rejects.toThrow("no");
    expect([await source.read(test.db, 0, 0, 10), wake.mock.calls]).toEqual([[], []]);
  });

  it("wakes only after the commit", async () => {
    const source = createLog<number>(numbers);
    const wake = vi.fn();
    source.onAppend(wake);
    await test.db.transaction(async (tx) => {
      await source.append(tx, 0, [1]);
      expect(wake).not.toHaveBeenCalled();
    });
    expect(wake).toHaveBeenCalledWith(0, 1);
  });
});

describe("the journal", () => {
  it("journals acts under the service's own name and sequence", async () => {
    const journal = new Journal({ clock: clock() });
    const act = {
      type: "act",
      act: "tag-bound",
      tag: 7,
      item: "i",
      validFrom: "2026-03-01T00:00:00.000Z",
      actor: "u",
    } as const;
    for (let n = 0; n < 2; n++) await test.db.transaction((tx) => journal.appendAct(tx, act));
    const rows = await journal.read(test.db, partitionOf("storeward-cloud"), 0, 10);
    expect(rows.map(({ agent, seq, body }) => ({ agent, seq, body }))).toEqual([
      { agent: "storeward-cloud", seq: 1, body: act },
      { agent: "storeward-cloud", seq: 2, body: act },
    ]);
  });
});

describe("a follower", () => {
  const run = (source: ReturnType<typeof createLog<number>>, poison?: ReadonlySet<number>, more: object = {}) =>
    new FollowerRunner(test.db, Object.assign(follower(source, poison), more), { log, batchSize: 8, pollMs: 20 });

  it("handles every row once and in order, also when two processes run it", async () => {
    const source = createLog<number>(numbers);
    const runners = [run(source), run(createLog<number>(numbers))];
    for (const runner of runners) await runner.start();
    for (let n = 0; n < 40; n++) await test.db.transaction((tx) => source.append(tx, n % 2, [n]));
    await vi.waitFor(async () => expect([await seen(0), await seen(1)].flat()).toHaveLength(40), 30_000);
    // What the other one has done is seen at the next look.
    await vi.waitFor(() => expect(runners.map((runner) => runner.lag())).toEqual([0, 0]), 30_000);
    for (const runner of runners) await runner.stop();
    expect(await seen(0)).toEqual(Array.from({ length: 20 }, (_, n) => n * 2));
    expect(await seen(1)).toEqual(Array.from({ length: 20 }, (_, n) => n * 2 + 1));
  });

  it("that may gather takes what comes soon after a round in one round", async () => {
    const source = createLog<number>(numbers);
    const clock = new ManualClock();
    const rounds: number[][] = [];
    const handle = async (_: Transaction, rows: readonly LogRow<number>[]) =>
      void rounds.push(rows.map(({ body }) => body));
    const gathering = { name: "gathering", log: source, handle };
    const runner = new FollowerRunner(test.db, gathering, { log, clock, gatherMs: 200 });
    await runner.start();
    await test.db.transaction((tx) => source.append(tx, 0, [1]));
    await vi.waitFor(() => expect(rounds).toEqual([[1]]), 30_000);
    for (const n of [2, 3]) await test.db.transaction((tx) => source.append(tx, 0, [n]));
    while (rounds.length < 2) await clock.advance(50);
    await runner.stop();
    expect(rounds).toEqual([[1], [2, 3]]);
  });

  it("that is ahead of others waits for them, but not for ever", async () => {
    const source = createLog<number>(numbers);
    const clock = new ManualClock();
    const handled: number[] = [];
    const ahead = { name: "ahead", log: source, handle: async () => void handled.push(clock.mono()) };
    await test.db.transaction((tx) => source.append(tx, 0, [1]));
    const abreast = new Abreast({ clock, most: 10 });
    abreast.add({ log: source.name, waiting: () => 100, handledAt: () => clock.mono() });
    const runner = new FollowerRunner(test.db, ahead, { log, clock, abreast });
    await runner.start();
    while (handled.length === 0) await clock.advance(25);
    await runner.stop();
    expect(handled[0]).toBeGreaterThanOrEqual(1_000);
  });

  it("that stands still is waited for by the others no more", async () => {
    const source = createLog<number>(numbers);
    const clock = new ManualClock();
    const abreast = new Abreast({ clock, most: 10 });
    const rows = Array.from({ length: 40 }, (_, n) => n);
    await test.db.transaction((tx) => source.append(tx, 0, rows));
    const handled: number[] = [];
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const following = (name: string, handle: (rows: number) => Promise<void>) => {
      const named: Follower<LogRow<number>> = { name, log: source, handle: (_, some) => handle(some.length) };
      return new FollowerRunner(test.db, named, { log, clock, batchSize: 8, abreast });
    };
    let batches = 0;
    const stands = following("stands", async () => {
      if (++batches > 1) await held;
    });
    const goes = following("goes", async (some) => void handled.push(some));
    await stands.start();
    await vi.waitFor(() => expect(batches).toBe(2), 30_000);
    await goes.start();
    // One has handled something just now: it is waited for.
    await vi.waitFor(() => expect(abreast.isAhead(goes)).toBe(true), 30_000);
    const before = handled.length;
    await clock.advance(5_000);
    await vi.waitFor(() => expect(handled.reduce((sum, some) => sum + some, 0)).toBe(40), 30_000);
    expect(before).toBeLessThan(5);
    goOn();
    await vi.waitFor(() => expect(stands.waiting()).toBe(0), 30_000);
    await Promise.all([stands.stop(), goes.stop()]);
  });

  it("puts aside the one row that fails three times, and goes on", async () => {
    const source = createLog<number>(numbers);
    await test.db.transaction((tx) =>
      source.append(
        tx,
        0,
        Array.from({ length: 20 }, (_, n) => n),
      ),
    );
    const poison = new Set([5, 17]);
    const runner = run(source, poison);
    await runner.start();
    await vi.waitFor(async () => expect(await seen(0)).toHaveLength(18), 30_000);
    expect(await seen(0)).not.toContain(5);
    expect(await test.db.query("SELECT pos FROM parked_row ORDER BY pos")).toEqual([{ pos: 6 }, { pos: 18 }]);
    poison.delete(5);
    expect(await runner.retryParked()).toBe(1);
    await runner.stop();
    expect(await seen(0)).toContain(5);
    expect(await test.db.query("SELECT pos FROM parked_row")).toEqual([{ pos: 18 }]);
  });

  it("puts aside the later rows about the same thing with it", async () => {
    const source = createLog<number>(numbers);
    await test.db.transaction((tx) => source.append(tx, 0, [3, 1, 13, 2, 23]));
    const runner = run(source, new Set([3]), { keyOf: (row: LogRow<number>) => String(row.body % 10) });
    await runner.start();
    await vi.waitFor(async () => expect(await seen(0)).toHaveLength(2), 30_000);
    await vi.waitFor(
      async () => expect(await test.db.query("SELECT pos FROM parked_row ORDER BY pos")).toHaveLength(3),
      30_000,
    );
    await runner.stop();
    expect(await seen(0)).toEqual([1, 2]);
  });
});

describe("a follower for which the database takes too long", () => {
  it("is given less at a time, until it is not too much, and nothing is put aside", async () => {
    const limits = { ...SHORT_LIMITS, statementMs: 1_000 };
    const db = new PooledDatabase(test.connection, { max: 4, applicationName: "limited", limits });
    const source = createLog<number>(numbers);
    const rows = Array.from({ length: 60 }, (_, n) => n);
    await test.db.transaction((tx) => source.append(tx, 0, rows));
    const quick = follower(source);
    const slow: Follower<LogRow<number>> = {
      ...quick,
      async handle(tx, some) {
        await tx.query("SELECT pg_sleep($1)", [some.length * 0.03]);
        await quick.handle(tx, some);
      },
    };
    const runner = new FollowerRunner(db, slow, { log });
    await runner.start();
    await vi.waitFor(async () => expect(await seen(0)).toEqual(rows), { timeout: 40_000, interval: 50 });
    await runner.stop();
    expect(await test.db.query("SELECT FROM parked_row")).toEqual([]);
    await db.close();
  });
});
