import { setTimeout as pause } from "node:timers/promises";
import { PARTITIONS } from "@storeward/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "../fleet.js";
import { hasServers } from "../servers.js";

const HOLE_MS = 40_000;
const LOCKED_MS = 30_000;
/** A silent connection is given up after 25 s, a new one is tried for 10 s. */
const GIVEN_UP_MS = 35_000;
/** By then it is all made up for, on a machine that has other work too; TCP by itself takes a quarter of an hour. */
const BACK_MS = 110_000;
const REPLACED_MS = 10_000;
/** A process that is told to stop waits 8 s for its database. */
const STOPPED_MS = 20_000;
/** What is sent right before a connection goes dumb. */
const LAST_WORDS = [
  "BEGIN",
  "COMMIT",
  "INSERT INTO journal ",
  "UPDATE intake_cursor",
  "UPDATE follower_cursor",
  "cloud_process",
] as const;

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const say = (text: string) => console.log(`torture: silent database: ${text}`);

const NAME = "a database that goes silent (skipped where PostgreSQL and Mosquitto are not installed)";
describe.skipIf(!hasServers)(NAME, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await Fleet.make(24, { lines: true });
    await fleet.start("one");
    await fleet.observe();
    // It has begun to work before anything is done to it.
    await fleet.until(() => fleet.agents.every(({ acked }) => acked > 0));
  });
  afterAll(() => fleet.remove());

  const holds = async (name: string) => (await fleet.shares())[name] ?? 0;
  /** How long until everything that is observed within a second from now is committed, and followed; ms. */
  const back = async () => {
    await pause(1_000);
    return (await fleet.caughtUp()) + (await fleet.followed());
  };
  /** How many agents have something acknowledged in this time. */
  const heardWithin = async (ms: number) => {
    const before = fleet.agents.map(({ acked }) => acked);
    await pause(ms);
    return fleet.agents.filter(({ acked }, n) => acked > (before[n] ?? 0)).length;
  };

  it("for everybody, for 40 s, is gone on with soon after it is there again", async () => {
    const line = fleet.line("one");
    line.set([{ kind: "black-hole" }]);
    await pause(HOLE_MS);
    line.set([]);
    const took = await back();
    say(`${seconds(HOLE_MS)} of a black hole: all that had waited was followed ${seconds(took)} after it`);
    expect(took).toBeLessThan(BACK_MS);
  });

  it("on one connection, whatever that was about, or on all there are, is found out and done without", async () => {
    const line = fleet.line("one");
    for (const words of LAST_WORDS) {
      await line.forgetAfter(words);
      const took = await back();
      say(`a connection dumb after ${words.trim()}: all was followed after ${seconds(took)}`);
      expect(took).toBeLessThan(BACK_MS);
      expect(await holds("one")).toBe(PARTITIONS);
    }
    line.forget();
    const took = await back();
    say(`all connections dumb, new ones not: all was followed after ${seconds(took)}`);
    expect(took).toBeLessThan(BACK_MS);
  });

  it("in one process of the server keeps nobody waiting but those whose locks it holds", async () => {
    let stopped = 0;
    const takesIn = async () => (await fleet.backends("one")).filter(({ query }) => query.includes("INTO journal "));
    await fleet.until(async () => {
      const [backend] = await takesIn();
      if (backend === undefined) return false;
      process.kill(backend.pid, "SIGSTOP");
      // It may have been done by then.
      if ((await takesIn()).some(({ pid }) => pid === backend.pid)) stopped = backend.pid;
      else process.kill(backend.pid, "SIGCONT");
      return stopped !== 0;
    });
    try {
      // Meanwhile the turn is given up, and its agents are tried by another connection.
      await pause(GIVEN_UP_MS);
      const heard = await heardWithin(HOLE_MS);
      say(`a backend stopped in a turn of intake: ${heard} of ${fleet.agents.length} agents were heard meanwhile`);
      expect(heard).toBeGreaterThan(0);
    } finally {
      process.kill(stopped, "SIGCONT");
    }
    const took = await back();
    say(`  all was followed ${seconds(took)} after it went on`);
    expect(took).toBeLessThan(BACK_MS);
  });

  it("for the lock of one agent keeps no other waiting, and for that of all only as long as it is held", async () => {
    const victim = fleet.agents[0]?.name ?? "";
    const others = await fleet.db.transaction(async (tx) => {
      await tx.query("SELECT FROM intake_cursor WHERE agent = $1 FOR UPDATE", [victim]);
      return heardWithin(LOCKED_MS);
    });
    const one = await back();
    say(
      `the cursor of an agent locked for ${seconds(LOCKED_MS)}: ${others} others were heard, all ${seconds(one)} after`,
    );
    expect(others).toBe(fleet.agents.length - 1);
    await fleet.db.transaction(async (tx) => {
      await tx.query("LOCK TABLE intake_cursor IN ACCESS EXCLUSIVE MODE");
      await pause(LOCKED_MS);
      const { parts } = await fleet.get<{ parts: Record<string, object> }>("one", "/health");
      expect(parts.database).toMatchObject({ status: "degraded", detail: expect.stringContaining("holds a lock") });
    });
    const all = await back();
    say(`the table of them locked for ${seconds(LOCKED_MS)}: all was followed ${seconds(all)} after`);
    expect(Math.max(one, all)).toBeLessThan(BACK_MS);
  });

  it("because its process was stopped in a transaction: another has its share, and its locks, within 10 s", async () => {
    await fleet.start("two");
    await fleet.until(async () => (await holds("two")) === PARTITIONS / 2);
    await fleet.caughtUp();
    // Transactions that take long enough to be stopped in.
    fleet.line("two").set([{ kind: "latency", ms: 20 }]);
    await fleet.until(async () => {
      fleet.signal("two", "SIGSTOP");
      if ((await fleet.backends("two")).some(({ state }) => state === "idle in transaction")) return true;
      fleet.signal("two", "SIGCONT");
      return false;
    });
    const replaced = await fleet.caughtUp();
    say(`a process stopped in a transaction: others had committed all of its share within ${seconds(replaced)}`);
    fleet.signal("two", "SIGCONT");
    fleet.line("two").set([]);
    await fleet.until(async () => (await holds("two")) === PARTITIONS / 2);
    await back();
    expect(replaced).toBeLessThan(REPLACED_MS);
  });

  it("does not keep a process from ending", async () => {
    fleet.line("two").set([{ kind: "black-hole" }]);
    await pause(3_000);
    const began = performance.now();
    await fleet.end("two", "SIGTERM");
    const took = performance.now() - began;
    fleet.line("two").set([]);
    say(
      `SIGTERM in a black hole: ended after ${seconds(took)}, all that waited was followed ${seconds(await back())} later`,
    );
    expect(took).toBeLessThan(STOPPED_MS);
  });

  it("loses nothing, and makes nothing twice", async () => {
    await fleet.rest();
    expect(await fleet.faults()).toEqual([]);
    say(`${await fleet.count()} observations, each there once and in order`);
  });
});
