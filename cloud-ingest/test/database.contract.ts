import { createHash } from "node:crypto";
import { type Ack, encodeUpward, PARTITIONS, partitionOf } from "@storeward/contracts";
import { createLogger, GENESIS_CHAIN, ManualClock, nextChain, randomHex } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Database, Transaction } from "../src/database/index.js";
import { PooledDatabase } from "../src/database/pool.js";
import { type TestDatabase, type TestServer, testDatabase } from "../src/database/testing.js";
import { Intake } from "../src/intake/index.js";
import {
  createLog,
  type Follower,
  FollowerRunner,
  Journal,
  type LogRow,
  logTables,
  makeDaysAhead,
} from "../src/journal/index.js";
import type { Leases } from "../src/leases/index.js";
import { testLeases } from "../src/leases/testing.js";
import { schema } from "../src/schema.js";

const log = createLogger("test", { level: "silent" });
const LEDGER = "1".repeat(32);
const numbers = { table: "number_log", headTable: "number_head", partitions: 4 };
const tables = {
  id: "9000-numbers",
  sql: `${logTables(numbers)}; CREATE TABLE seen (partition int, n int, at bigserial)`,
};
const boot = "b".repeat(32);
const instant = { boot, mono: 1, wall: "2026-03-01T08:00:00.000Z" };

/** What every PostgreSQL must hold, also when several processes work on it: intake, followers, leases. */
export function databaseContract(server: TestServer): void {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase([...schema, tables], server);
  });
  afterAll(() => test.close());

  /** The same database, asked in another way outside of transactions. */
  const withQuery = (query: (text: string, values?: readonly unknown[]) => Promise<never[]>): Database => ({
    query,
    kysely: () => test.db.kysely(),
    transaction: (work, options) => test.db.transaction(work, options),
  });

  describe("intake", () => {
    const tags = {
      numbers: async (_tx: Transaction, list: readonly { epc: string }[]) =>
        new Map(list.map(({ epc }) => [epc, createHash("md5").update(epc).digest().readUInt32BE()])),
    };
    const body = (n: number) =>
      JSON.stringify({ type: "input", at: instant, config: 1, reader: "r1", port: n, high: true });

    it("has every row once and in order, when two processes that both believe they own the partition take every batch, in any order", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 12 }),
          fc.array(fc.nat(), { maxLength: 30 }),
          async (rows, picks) => {
            const agent = `agent-${randomHex(4)}`;
            const [epoch, session] = [randomHex(16), randomHex(16)];
            const bodies = Array.from({ length: rows }, (_, n) => body(n));
            const chains = [GENESIS_CHAIN];
            for (const [n, text] of bodies.entries()) chains.push(nextChain(chains[n] ?? "", n + 1, text));
            const acks: Ack[] = [];
            const made = () =>
              new Intake({
                db: test.db,
                journal: new Journal(),
                tags,
                log,
                ledger: LEDGER,
                send: (_agent, text) => void acks.push(JSON.parse(text)),
              });
            const both = [made(), made()];
            const batch = (first: number, last: number) =>
              encodeUpward(
                {
                  v: 1,
                  kind: "batch",
                  agent,
                  session,
                  epoch,
                  first,
                  last,
                  prev: chains[first - 1] ?? "",
                  lost: [],
                  through: instant,
                },
                bodies.slice(first - 1, last),
              );
            const send = (to: Intake, first: number, last: number) =>
              to.receive(agent, Buffer.from(batch(first, last)));
            const answered = () => Promise.all(both.map((one) => one.finish([partitionOf(agent)])));
            for (const pick of picks) {
              const first = 1 + (pick % rows);
              send(both[pick % 2] as Intake, first, Math.min(rows, first + (pick % 3)));
            }
            // The agent goes on until it is told that everything is there.
            for (let at = 1; at <= rows; at++) for (const one of both) send(one, at, at);
            await answered();
            while ((acks.at(-1)?.committed ?? 0) < rows) {
              const at = Math.max(...acks.map(({ committed }) => committed)) + 1;
              if (at > rows) break;
              for (const one of both) send(one, at, at);
              await answered();
            }
            for (const ack of acks) expect(ack.chain).toBe(chains[ack.committed]);
            const stored = await test.db.query<{ seq: number }>(
              "SELECT seq FROM journal WHERE agent = $1 ORDER BY pos",
              [agent],
            );
            expect(stored.map(({ seq }) => seq)).toEqual(bodies.map((_, n) => n + 1));
            for (const one of both) await one.stop();
          },
        ),
        { numRuns: 12 },
      );
    });

    it("tells an agent that the broker says is connected where its journal stands, once, as soon as the database tells, and not one that is heard meanwhile", async () => {
      const clock = new ManualClock();
      let asked = 0;
      const db = withQuery((text: string, values?: readonly unknown[]) =>
        asked++ === 0 ? Promise.reject(new Error("Connection terminated")) : test.db.query(text, values),
      );
      const told: { agent: string; ack: Ack }[] = [];
      const intake = new Intake({
        db,
        journal: new Journal(),
        tags,
        log,
        ledger: LEDGER,
        clock,
        send: (agent, text) => void told.push({ agent, ack: JSON.parse(text) }),
      });
      const session = randomHex(16);
      const status = (state: string) =>
        Buffer.from(JSON.stringify({ v: 1, state, session, boot, config: 1, software: "s" }));
      const agents = ["waits", "sends", "gone"].map((name) => `${name}-${randomHex(4)}`);
      for (const [n, agent] of agents.entries())
        await test.db.query(
          `INSERT INTO intake_cursor (agent, epoch, committed, chain, created_at)
           VALUES ($1, $2, 5, $3, now() - interval '1 hour'), ($1, $4, $5, $6, now())`,
          [agent, "e".repeat(32), "0".repeat(16), "f".repeat(32), 7 + n, "a".repeat(16)],
        );
      const [waits = "", sends = "", gone = ""] = agents;
      intake.meet(waits, status("online"));
      intake.meet(sends, status("online"));
      intake.meet(gone, status("offline"));
      intake.meet(waits, Buffer.from("not a status"));
      intake.receive(sends, Buffer.from("anything"));
      await clock.advance(500);
      expect(asked).toBe(1);
      await clock.advance(500);
      await vi.waitFor(() => expect(told.map(({ agent }) => agent)).toContain(waits), { timeout: 10_000 });
      expect(told.filter(({ ack }) => ack.kind === "ack")).toEqual([
        {
          agent: waits,
          ack: expect.objectContaining({ session, epoch: "f".repeat(32), committed: 7, chain: "a".repeat(16) }),
        },
      ]);
      await intake.stop();
    });
  });

  describe("followers", () => {
    const source = createLog<number>(numbers);
    beforeEach(async () => {
      await test.db.query(
        "TRUNCATE seen, parked_row, follower_cursor, number_log, number_log_day; UPDATE number_head SET pos = 0, recorded_at = '-infinity'",
      );
    });
    const follower: Follower<LogRow<number>> = {
      name: "seen",
      log: source,
      async handle(tx, rows) {
        for (const { partition, body } of rows) await tx.query("INSERT INTO seen VALUES ($1, $2)", [partition, body]);
      },
    };
    const runner = (runs?: (partition: number) => boolean) =>
      new FollowerRunner(test.db, follower, {
        log,
        batchSize: 7,
        pollMs: 20,
        ...(runs === undefined ? {} : { runs }),
      });
    const count = async () => (await test.db.query<{ n: number }>("SELECT count(*) AS n FROM seen"))[0]?.n;

    it("handle every row once and in order, wherever they run, also rows that commit late and out of order, and none that was undone", async () => {
      const owners = [new Set([0, 1]), new Set([2, 3])];
      const runners = owners.map((owner) => runner((partition) => owner.has(partition)));
      for (const one of runners) await one.start();
      let late: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        late = resolve;
      });
      await makeDaysAhead(test.db, numbers.table, new Date(), 1);
      // Those that wait for each other hold a connection each.
      const writers = new PooledDatabase(test.connection, { max: 50 });
      // In every partition one that keeps its place and commits last, and others that are there before it.
      const writes = [0, 1, 2, 3].flatMap((partition) => [
        writers.transaction(async (tx) => {
          await source.append(tx, partition, [1, 2]);
          if (partition % 2 === 0) await held;
        }),
        ...Array.from({ length: 10 }, (_, n) =>
          writers
            .transaction(async (tx) => {
              await source.append(tx, partition, [n * 10, n * 10 + 1]);
              if (n % 3 === 1) throw new Error("undone");
            })
            .catch(() => undefined),
        ),
      ]);
      await vi.waitFor(async () => expect(await count()).toBeGreaterThan(0), { timeout: 10_000, interval: 10 });
      // Meanwhile each has the other's share too.
      for (const owner of owners) for (const partition of [0, 1, 2, 3]) owner.add(partition);
      late();
      await Promise.all(writes);
      await vi.waitFor(async () => expect(await count()).toBe(4 * 2 * (1 + 7)), { timeout: 10_000, interval: 10 });
      for (const one of runners) await one.stop();
      await writers.close();
      for (const partition of [0, 1, 2, 3]) {
        const rows = await source.read(test.db, partition, 0, 1000);
        const seen = await test.db.query<{ n: number }>("SELECT n FROM seen WHERE partition = $1 ORDER BY at", [
          partition,
        ]);
        expect(seen.map(({ n }) => n)).toEqual(rows.map((row) => row.body));
        expect(rows.map(({ pos }) => pos)).toEqual(rows.map((_, n) => n + 1));
      }
    });

    it("leave alone what another process has, and ask nothing of the database where they have nothing at all", async () => {
      await test.db.transaction(async (tx) => {
        for (const partition of [0, 1]) await source.append(tx, partition, [1, 2, 3]);
      });
      let asked = 0;
      const counting = withQuery((text: string, values?: readonly unknown[]) => {
        if (!text.startsWith("INSERT INTO follower_cursor")) asked++;
        return test.db.query(text, values);
      });
      const clock = new ManualClock();
      const idle = new FollowerRunner(counting, follower, { log, clock, runs: () => false });
      await idle.start();
      for (let second = 0; second < 30; second++) await clock.advance(1_000);
      expect(asked).toBe(0);
      await idle.stop();
      const one = runner((partition) => partition === 1);
      await one.start();
      await vi.waitFor(async () => expect(await count()).toBe(3), { timeout: 10_000, interval: 10 });
      expect(await test.db.query("SELECT DISTINCT partition FROM seen")).toEqual([{ partition: 1 }]);
      expect([one.lag(), one.waiting()]).toEqual([3, 0]);
      await one.stop();
    });
  });

  describe("leases", () => {
    const started: Leases[] = [];
    beforeEach(async () => {
      for (const one of started.splice(0)) await one.stop();
      await test.db.query("DELETE FROM cloud_process");
    });
    async function begin(options: Partial<Parameters<typeof testLeases>[0]> = {}): Promise<Leases> {
      const one = testLeases({ db: test.db, ...options });
      await one.start();
      started.push(one);
      return one;
    }
    const dies = (home: string) =>
      test.db.query("UPDATE cloud_process SET until = now() - interval '1 second' WHERE home = $1", [home]);
    const shares = (...all: Leases[]) => all.map((one) => one.gauges().held.size);
    const sum = (...all: Leases[]) => new Set(all.flatMap((one) => [...one.gauges().held])).size;
    const self = (home: string) => ({ id: randomHex(16), home, software: "test", alone: false });

    it("are all of the only process at once, and shared fairly with each that comes, after it has finished what it gives", async () => {
      const finished: number[] = [];
      const changes: number[] = [];
      const one = await begin({
        finish: async (partitions) => void finished.push(partitions.length),
        onChange: (held) => void changes.push(held.size),
      });
      expect(shares(one)).toEqual([PARTITIONS]);
      const two = await begin();
      expect(shares(one, two)).toEqual([64, 0]);
      await one.tick();
      // It no longer hears them before it finishes, and others have them only after.
      expect([finished, changes]).toEqual([[32], [64, 32]]);
      await two.tick();
      expect(shares(one, two)).toEqual([32, 32]);
      const three = await begin();
      for (let n = 0; n < 2; n++) for (const each of [one, two, three]) await each.tick();
      expect(shares(one, two, three).sort()).toEqual([21, 21, 22]);
      expect(sum(one, two, three)).toBe(PARTITIONS);
      expect((await one.list(test.db)).map(({ partitions, self: is }) => [partitions.length, is])).toEqual([
        [one.gauges().held.size, true],
        [two.gauges().held.size, false],
        [three.gauges().held.size, false],
      ]);
    });

    it("of one that says nothing for too long are taken by the others, and it believes so as soon as it looks", async () => {
      const one = await begin();
      const two = await begin({ self: self("a:/two") });
      await one.tick();
      await two.tick();
      await dies("a:/two");
      await one.tick();
      expect(shares(one, two)).toEqual([PARTITIONS, 32]);
      await two.tick();
      expect(shares(one, two)).toEqual([PARTITIONS, 0]);
      await one.tick();
      await two.tick();
      expect(shares(one, two)).toEqual([32, 32]);
      expect(sum(one, two)).toBe(PARTITIONS);
    });

    it("are given back at the end, and taken by the next look of another", async () => {
      const one = await begin();
      const two = await begin();
      await one.tick();
      await two.tick();
      await two.stop();
      await one.tick();
      expect(shares(one, two)).toEqual([PARTITIONS, 0]);
    });

    it("of the earlier life of a process are its own again at once", async () => {
      await begin({ self: self("a:/data") });
      const again = await begin({ self: self("a:/data") });
      expect(shares(again)).toEqual([PARTITIONS]);
    });

    it("go to those that hear agents, and stay where they are while nobody does", async () => {
      const clock = new ManualClock();
      let heard = true;
      const one = await begin({ clock, hears: () => heard });
      const two = await begin({ clock, hears: () => true });
      await one.tick();
      await two.tick();
      heard = false;
      // A broker that is away for a moment moves nothing.
      await one.tick();
      expect(shares(one, two)).toEqual([32, 32]);
      await clock.advance(5_000);
      await one.tick();
      await two.tick();
      expect(shares(one, two)).toEqual([0, PARTITIONS]);
      heard = true;
      for (const each of [one, two, one]) await each.tick();
      expect(shares(one, two)).toEqual([32, 32]);
    });

    it("are believed lost when the database does not answer for as long as others wait, and held again when it does", async () => {
      const clock = new ManualClock();
      let away = false;
      const db = withQuery((text: string, values?: readonly unknown[]) =>
        away ? new Promise(() => undefined) : test.db.query(text, values),
      );
      const one = await begin({ db, clock, everyMs: 1_000, leaseMs: 6_000 });
      away = true;
      await clock.advance(5_900);
      expect(shares(one)).toEqual([PARTITIONS]);
      await clock.advance(1_100);
      expect([shares(one), one.share]).toEqual([[0], 0]);
      // What hangs is never answered; the next start of the process goes on.
      started.pop();
    });

    it("are kept when the connection has died by which the process says that it lives: it says so by another at once", async () => {
      const clock = new ManualClock();
      let [dead, away, looks] = [false, false, 0];
      const prompt = withQuery(async (text: string, values?: readonly unknown[]) => {
        if (away) return new Promise(() => undefined);
        if (dead) {
          dead = false;
          throw new Error("Connection terminated");
        }
        const rows = await test.db.query<never>(text, values);
        if (text.includes("FROM partition_lease")) looks++;
        return rows;
      });
      const one = await begin({ prompt, clock, everyMs: 1_000, leaseMs: 6_000 });
      const before = looks;
      dead = true;
      await clock.advance(1_000);
      await vi.waitFor(() => expect(looks).toBeGreaterThan(before), { timeout: 20_000, interval: 5 });
      away = true;
      await clock.advance(5_900);
      expect(shares(one)).toEqual([PARTITIONS]);
      started.pop();
    });

    it("are refused to a second process where one has a broker or a database of its own", async () => {
      await begin({ self: { ...self("a:/one"), alone: true } });
      await expect(begin({ self: self("b:/two") })).rejects.toMatchObject({ code: "PROCESS_NOT_ALONE" });
      await dies("a:/one");
      const two = await begin({ self: self("b:/two") });
      expect(shares(two)).toEqual([PARTITIONS]);
      await expect(begin({ self: { ...self("a:/one"), alone: true } })).rejects.toThrow(/b:\/two.*broker\.url/);
    });
  });
}
