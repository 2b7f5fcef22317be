import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionName, isTransient } from "../database/index.js";
import { PooledDatabase } from "../database/pool.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations } from "./index.js";
import { beat, endConnectionsOfDead, enter, forgetEnded, leave, look, take } from "./register.js";

const LEASE_MS = 3_600_000;

describe("connections of processes", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase([...migrations, { id: "0001-t", sql: "CREATE TABLE t (id text PRIMARY KEY)" }]);
  });
  afterAll(() => test.close());

  /** A process that holds partitions, and is in the middle of a transaction until `go` is called. */
  async function working(id: string) {
    const db = new PooledDatabase(test.connection, { max: 1, applicationName: connectionName(id) });
    await enter(test.db, { id, home: `here:/${id}`, software: "test", alone: false }, LEASE_MS);
    await take(test.db, id, 10);
    let go: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    let began: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      began = resolve;
    });
    const done = db.transaction(async (tx) => {
      await tx.query("INSERT INTO t VALUES ($1)", [id]);
      began();
      await gone;
      await tx.query("SELECT 1");
    });
    const outcome = done.then(
      () => "committed" as const,
      (error: unknown) => error,
    );
    await begun;
    return { outcome, go, close: () => db.close() };
  }

  it("are ended with their locks once it is dead and others want its partitions; those of one that lives, or has left and finishes, are not", async () => {
    const [dead, living, left] = await Promise.all(["dead", "living", "left"].map(working));
    await test.db.query("UPDATE cloud_process SET until = clock_timestamp() - interval '1 s' WHERE id = 'dead'");
    await leave(test.db, "left");
    expect(await endConnectionsOfDead(test.db)).toBe(1);
    // The lock of what it was about to insert is free.
    await test.db.query("INSERT INTO t VALUES ('dead')");
    for (const each of [dead, living, left]) each?.go();
    expect(isTransient(await dead?.outcome)).toBe(true);
    expect([await living?.outcome, await left?.outcome]).toEqual(["committed", "committed"]);
    // Whoever has taken the partitions of one that is dead does not look for it again.
    await take(test.db, "living", 64);
    expect(await endConnectionsOfDead(test.db)).toBe(0);
    for (const each of [dead, living, left]) await each?.close();
  });
});

describe("processes that have died", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase(migrations);
  });
  afterAll(() => test.close());

  const process = (id: string, alone = false) => ({ id, home: `here:/${id}`, software: "test", alone });
  const living = async () => (await look(test.db)).living.map(({ id }) => id).sort();
  /** As if the database's clock had gone back by a day. */
  const goBack = () => test.db.query("UPDATE cloud_process SET until = until + interval '1 day'");

  it("are not taken to live when the database's clock goes back: others have their share, and one alone can start", async () => {
    for (const id of ["dies", "lives"]) await enter(test.db, process(id), LEASE_MS);
    await goBack();
    await beat(test.db, { ...process("lives"), hears: true }, LEASE_MS);
    expect(await living()).toEqual(["dies", "lives"]);
    await forgetEnded(test.db, LEASE_MS);
    expect(await living()).toEqual(["lives"]);
    await goBack();
    await enter(test.db, process("alone", true), LEASE_MS);
    expect(await living()).toEqual(["alone"]);
  });
});
