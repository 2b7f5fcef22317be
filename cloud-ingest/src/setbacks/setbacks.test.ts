import type { QuarantinePage, Setbacks, User } from "@storeward/contracts";
import { createLogger, ManualClock, nextChain, randomHex } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrations as auditMigrations } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp } from "../http/index.js";
import { migrations as intakeMigrations, type RetakeDeps, retake } from "../intake/index.js";
import {
  type Follower,
  FollowerRunner,
  Journal,
  type JournalRow,
  migrations as journalMigrations,
  ParkedRetrier,
} from "../journal/index.js";
import { migrations as placeMigrations } from "../places/index.js";
import { Tags, migrations as tagMigrations } from "../tags/index.js";
import { Retaker, routes } from "./index.js";

const START = Date.UTC(2026, 2, 1, 8);
const log = createLogger("test", { level: "silent" });
const clock = new ManualClock({ wall: START });
const journal = new Journal({ clock });
let test: TestDatabase;
let deps: RetakeDeps;
beforeAll(async () => {
  test = await testDatabase(
    [journalMigrations, intakeMigrations, placeMigrations, tagMigrations, auditMigrations].flat(),
  );
  deps = { db: test.db, journal, tags: new Tags(), clock, version: "2.0.0" };
});
afterAll(() => test.close());

const epc = (n: number) => `E2801170000005${n.toString(16).toUpperCase().padStart(10, "0")}`;

/** A body that this release reads, and one that it does not. */
const good = (n: number) => {
  const at = { boot: "b".repeat(32), mono: 1000 * n, wall: new Date(START - 60_000).toISOString() };
  return JSON.stringify({
    type: "departed",
    at,
    config: 1,
    tag: { epc: epc(n) },
    readPoint: "a1",
    last: 1,
    decided: 2,
    expectedRate: 0.5,
  });
};
const bad = (n: number) => `{"type":"from a later release","n":${n}}`;

/** As an earlier release has left them: the cursor has passed them. */
async function quarantine(agent: string, bodies: readonly string[]): Promise<string> {
  const epoch = randomHex(16);
  const chain = (seq: number) => nextChain("0".repeat(16), seq, bodies[seq - 1] ?? "");
  await test.db.query(
    "INSERT INTO intake_cursor (agent, epoch, committed, chain, quarantined, created_at) VALUES ($1, $2, $3, '', $3, now())",
    [agent, epoch, bodies.length],
  );
  await test.db.query(
    `INSERT INTO quarantine (agent, epoch, seq, body, error, recorded_at, chain)
     SELECT $1, $2, n, convert_to(b, 'UTF8'), 'unknown', $4, c FROM unnest($3::text[], $5::text[]) WITH ORDINALITY AS r(b, c, n)`,
    [agent, epoch, bodies, new Date(START), bodies.map((_, index) => chain(index + 1))],
  );
  return epoch;
}

const inJournal = (epoch: string) =>
  test.db
    .query<{ seq: number }>("SELECT seq FROM journal WHERE epoch = $1 ORDER BY seq, pos", [epoch])
    .then((rows) => rows.map(({ seq }) => seq));

describe("quarantine", () => {
  it("what is understood now is in the journal once under its own number, however often and by how many it is retaken", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
        fc.nat({ max: 2 }),
        async (kinds, more) => {
          const agent = `agent-${randomHex(4)}`;
          const epoch = await quarantine(
            agent,
            kinds.map((isGood, n) => (isGood ? good(n) : bad(n))),
          );
          const results = await Promise.all(Array.from({ length: more + 1 }, () => retake({ ...deps, agent })));
          const expected = kinds.flatMap((isGood, index) => (isGood ? [index + 1] : []));
          expect(await inJournal(epoch)).toEqual(expected);
          expect(results.reduce((sum, { taken }) => sum + taken, 0)).toBe(expected.length);
          const [cursor] = await test.db.query("SELECT quarantined FROM intake_cursor WHERE epoch = $1", [epoch]);
          expect(cursor).toEqual({ quarantined: kinds.length - expected.length });
          const marked = await test.db.query<{ seq: number }>(
            "SELECT seq FROM quarantine WHERE epoch = $1 AND retaken_at IS NOT NULL ORDER BY seq",
            [epoch],
          );
          expect(marked.map(({ seq }) => seq)).toEqual(expected);
        },
      ),
      { numRuns: 8 },
    );
  });

  it("one row that cannot be stored keeps no other out, and says why", async () => {
    const epoch = await quarantine("careful", [good(1), good(2), good(3)]);
    const picky = {
      appendAll: async (...[tx, batches]: Parameters<Journal["appendAll"]>) => {
        if ([...batches.values()].flat().some(({ seq }) => seq === 2)) throw new Error("not this one");
        await journal.appendAll(tx, batches);
      },
    };
    expect(await retake({ ...deps, journal: picky, agent: "careful" })).toEqual({ taken: 2, left: 1 });
    expect(await inJournal(epoch)).toEqual([1, 3]);
    const [row] = await test.db.query("SELECT error FROM quarantine WHERE epoch = $1 AND retaken_at IS NULL", [epoch]);
    expect(row).toEqual({ error: expect.stringContaining("not this one") });
  });

  it("is tried once by each release at its start", async () => {
    const epoch = await quarantine("starts", [bad(1), good(2)]);
    const tries: number[] = [];
    const counting = {
      appendAll: (...args: Parameters<Journal["appendAll"]>) => {
        tries.push([...args[1].values()].flat().length);
        return journal.appendAll(...args);
      },
    };
    const start = async (release: string) => {
      const retaker = new Retaker({ ...deps, journal: counting, version: release, log });
      await retaker.start();
      await retaker.stop();
    };
    await start("2.0.0");
    await start("2.0.0");
    expect(await inJournal(epoch)).toEqual([2]);
    expect(tries).toEqual([1]);
    const [row] = await test.db.query("SELECT tried_by, error FROM quarantine WHERE epoch = $1 AND seq = 1", [epoch]);
    expect(row).toEqual({ tried_by: "2.0.0", error: "unknown type from a later release" });
  });
});

describe("what was put aside, over HTTP", () => {
  const admin: User = { id: "01970000-0000-7000-8000-000000000000", username: "admin", role: "administrator" };
  const open = () =>
    createHttp({
      log,
      version: "0",
      listen: { host: "127.0.0.1", port: 0 },
      authenticator: { authenticate: async () => admin },
      health: async () => ({}),
      routes: [routes({ db: test.db, retake: (agent) => retake({ ...deps, agent }) })],
    });
  const headers = { authorization: "Bearer x" };

  it("is listed in pages, shown with its bytes, counted by agent and reason, and retaken", async () => {
    await test.db.query("TRUNCATE quarantine, intake_cursor");
    const epoch = await quarantine("web", [bad(1), bad(2), good(3)]);
    const app = await open();
    const get = async <T>(url: string) => (await app.inject({ url: `/api/v1${url}`, headers })).json<T>();
    const first = await get<QuarantinePage>("/quarantine?agent=web&limit=2");
    expect(first.rows.map(({ seq, bytes }) => [seq, bytes])).toEqual([
      [1, bad(1).length],
      [2, bad(2).length],
    ]);
    const rest = await get<QuarantinePage>(`/quarantine?agent=web&limit=2&cursor=${first.next}`);
    expect(rest).toMatchObject({ rows: [{ seq: 3, retakenAt: null }], next: null });
    const { body } = await get<{ body: string }>(`/quarantine/web/${epoch}/2`);
    expect(Buffer.from(body, "base64").toString()).toBe(bad(2));
    const post = await app.inject({ method: "POST", url: "/api/v1/quarantine/retake", headers, payload: {} });
    expect(post.json()).toEqual({ taken: 1, left: 2 });
    expect(await get<Setbacks>("/setbacks")).toMatchObject({
      quarantine: [{ agent: "web", error: "unknown type from a later release", count: 2 }],
    });
    expect((await app.inject({ url: `/api/v1/quarantine/web/${epoch}/9`, headers })).statusCode).toBe(404);
    expect((await get<QuarantinePage>("/quarantine?retaken=true")).rows).toHaveLength(3);
    await app.close();
  });

  it("parked rows are tried again when that is asked for, and not before", async () => {
    await test.db.query("TRUNCATE parked_row");
    const handled: number[] = [];
    let fails = true;
    const follower: Follower<JournalRow> = {
      name: "picky",
      log: journal,
      handle: async (_tx, rows) => {
        if (fails) throw new Error("not yet");
        handled.push(...rows.map(({ seq }) => seq));
      },
    };
    const runner = new FollowerRunner(test.db, follower, { log, clock });
    const retrier = new ParkedRetrier({ db: test.db, runners: [runner], log, clock });
    const [row] = await test.db.query<{ partition: number; pos: number; seq: number }>(
      "SELECT partition, pos, seq FROM journal ORDER BY partition, pos LIMIT 1",
    );
    await test.db.query("INSERT INTO parked_row (follower, partition, pos, error) VALUES ('picky', $1, $2, 'broken')", [
      row?.partition,
      row?.pos,
    ]);
    const app = await open();
    const ask = () =>
      app.inject({ method: "POST", url: "/api/v1/parked/retry", headers, payload: { follower: "picky" } });
    const parked = async () =>
      (await app.inject({ url: "/api/v1/setbacks", headers }))
        .json<Setbacks>()
        .parked.map(({ error, retry }) => [error, retry]);
    await retrier.run();
    expect(await parked()).toEqual([["broken", false]]);
    expect((await ask()).json()).toEqual({ asked: 1 });
    expect(await parked()).toEqual([["broken", true]]);
    await retrier.run();
    expect(await parked()).toEqual([[expect.stringContaining("not yet"), false]]);
    fails = false;
    await ask();
    await retrier.run();
    expect(handled).toEqual([row?.seq]);
    expect(await parked()).toEqual([]);
    await app.close();
  });
});
