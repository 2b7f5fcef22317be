import { type AgentStatus, type Hello, type LiveEvent, partitionOf, type Telemetry } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as intakeMigrations } from "../intake/index.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import { Coverage, CoverageFollower, Gateways, migrations } from "./index.js";

const log = createLogger("test", { level: "silent" });
const START = Date.UTC(2026, 2, 1, 8);
const id = (digit: string) => digit.repeat(32);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...intakeMigrations, ...migrations]);
});
afterAll(() => test.close());
beforeEach(() => test.db.query("TRUNCATE gateway, intake_cursor, coverage_span, journal, telemetry_sample"));

const heard = (agent: string, through: number) =>
  test.db.query(
    `INSERT INTO intake_cursor (agent, epoch, committed, chain, created_at, through) VALUES ($1, 'e', 5, '', now(), $2)
     ON CONFLICT (agent, epoch) DO UPDATE SET through = excluded.through`,
    [agent, new Date(through)],
  );

describe("coverage", () => {
  const at = (seconds: number) => START + seconds * 1000;
  /** Journals what `edge` says of `shelf`: state, since, when journaled; in seconds from the start. */
  async function told(
    rows: readonly (readonly [state: "watching" | "blind" | "doubtful", since: number, journaled: number])[],
  ) {
    const journal = new Journal();
    const follower = new CoverageFollower(journal);
    const partition = partitionOf("edge");
    const before = (await journal.heads(test.db)).get(partition) ?? 0;
    await test.db.transaction(async (tx) => {
      const made = rows.map(([state, since, journaled], index) => ({
        agent: "edge",
        epoch: id("e"),
        seq: index + 1,
        type: "coverage",
        observedAt: new Date(at(journaled)),
        monoOffset: START,
        body: {
          type: "coverage" as const,
          at: { boot: id("b"), mono: journaled * 1000, wall: "" },
          config: 1,
          readPoint: "shelf",
          state,
          since: since * 1000,
          why: "",
          antennas: [1],
        },
      }));
      await journal.append(tx, partition, made);
      await follower.handle(tx, await journal.read(tx, partition, before, 100));
    });
  }

  /** A clock tells that these rows were so many seconds later. */
  async function redated(from: number, to: number, later: number) {
    const journal = new Journal();
    const partition = partitionOf("edge");
    const before = (await journal.heads(test.db)).get(partition) ?? 0;
    const what = { agent: "edge", epoch: id("e"), boot: id("b"), from, to, until: to, was: [START, START] as const };
    const offsetMs = START + later * 1000;
    await test.db.transaction(async (tx) => {
      const body = { type: "redated" as const, ...what, recorded: ["-infinity", "infinity"] as const, offsetMs };
      await journal.appendRedated(tx, "edge", [body]);
      await new CoverageFollower(journal).handle(tx, await journal.read(tx, partition, before, 100));
    });
  }

  it("counts the time a read point was not watching, from a moment on, for many at once", async () => {
    const clock = new ManualClock({ wall: at(1000) });
    const coverage = new Coverage({ clock });
    await told([
      ["watching", 0, 0],
      ["blind", 100, 101],
      ["watching", 160, 161],
      ["doubtful", 900, 901],
    ]);
    await heard("edge", at(1000));
    const asked = [0, 130, 200, 950, 2000].map((seconds) => ({ readPoint: "shelf", after: new Date(at(seconds)) }));
    expect(await coverage.blindSeconds(test.db, asked)).toEqual([160, 130, 100, 50, 0]);
    expect(await coverage.blindSeconds(test.db, [{ readPoint: "never", after: new Date(at(400)) }])).toEqual([600]);
    expect((await coverage.at(test.db)).get("shelf")).toEqual({ state: "doubtful", since: new Date(at(900)) });
  });

  it("has not heard a read point whose agent's journal is more than 45 s behind, whatever it said last", async () => {
    const clock = new ManualClock({ wall: at(500) });
    const coverage = new Coverage({ clock });
    await told([["watching", 0, 0]]);
    await heard("edge", at(460));
    expect((await coverage.at(test.db)).get("shelf")?.state).toBe("watching");
    expect(await coverage.blindSeconds(test.db, [{ readPoint: "shelf", after: new Date(START) }])).toEqual([0]);
    clock.stepWall(10_000);
    expect((await coverage.at(test.db)).get("shelf")).toEqual({ state: "unheard", since: new Date(at(460)) });
    expect(await coverage.blindSeconds(test.db, [{ readPoint: "shelf", after: new Date(at(400)) }])).toEqual([50]);
    // The backlog tells that it was watching all the time.
    await heard("edge", at(510));
    expect(await coverage.blindSeconds(test.db, [{ readPoint: "shelf", after: new Date(at(400)) }])).toEqual([0]);
  });

  it("a clock that comes late puts the spells of its boot where they belong, and those it hid come forth", async () => {
    await told([
      ["watching", 0, 0],
      // Without a clock it says three hours ago, and by that hides what was before.
      ["blind", 600 - 10_800, 601 - 10_800],
      ["watching", 660 - 10_800, 661 - 10_800],
      ["blind", 900, 901],
    ]);
    const spans = () =>
      test.db.query(
        "SELECT state, from_at, to_at FROM coverage_span WHERE to_at IS NULL OR to_at > from_at ORDER BY n",
      );
    expect(await spans()).toHaveLength(2);
    await redated(2, 3, 10_800);
    expect(await spans()).toEqual([
      { state: "watching", from_at: new Date(at(0)), to_at: new Date(at(600)) },
      { state: "blind", from_at: new Date(at(600)), to_at: new Date(at(660)) },
      { state: "watching", from_at: new Date(at(660)), to_at: new Date(at(900)) },
      { state: "blind", from_at: new Date(at(900)), to_at: null },
    ]);
  });

  it("takes a spell that tells of the past from where the last one began", async () => {
    await told([
      ["watching", 0, 0],
      ["watching", 50, 50],
      ["blind", -20, 100],
      ["watching", 100, 101],
    ]);
    expect(
      await test.db.query(
        "SELECT state, from_at, to_at FROM coverage_span WHERE to_at IS NULL OR to_at > from_at ORDER BY n",
      ),
    ).toEqual([
      { state: "blind", from_at: new Date(at(0)), to_at: new Date(at(100)) },
      { state: "watching", from_at: new Date(at(100)), to_at: null },
    ]);
  });
});

describe("gateways", () => {
  const events: LiveEvent[] = [];
  const make = async (clock: ManualClock, db: Database = test.db) => {
    events.length = 0;
    const live = { append: async (_tx: unknown, event: LiveEvent) => void events.push(event) };
    const gateways = new Gateways({ db, log, live, clock });
    await gateways.sync([{ id: "edge", name: "Stores" }]);
    return gateways;
  };
  const status = (state: AgentStatus["state"], session: string): Buffer =>
    Buffer.from(
      JSON.stringify({ v: 1, state, session, boot: id("b"), config: 1, software: "s" } satisfies AgentStatus),
    );
  const telemetry = (state: "watching" | "blind", session = id("1")): Buffer =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        agent: "edge",
        session,
        at: { boot: id("b"), mono: 1, wall: new Date(START).toISOString() },
        readers: [{ reader: "r1", driver: "llrp", state, since: 0, antennas: [], counters: {} }],
        journal: {
          epoch: "e".repeat(32),
          head: 9,
          acked: 5,
          released: 0,
          oldest: 1,
          bytes: 1,
          maxBytes: 2,
          full: false,
          refused: 0,
        },
        uplink: { outstandingBytes: 0, credit: 0, resends: 0, rejects: 0, reconnects: 0 },
        filtered: { foreign: 0, persons: 0 },
        host: { uptimeSeconds: 1, rssBytes: 1 },
      } satisfies Telemetry),
    );

  it("are never, online and offline; the last will of an earlier connection changes nothing; silence is offline", async () => {
    const clock = new ManualClock({ wall: START });
    const gateways = await make(clock);
    const state = async () => (await gateways.list(test.db))[0]?.state;
    expect(await state()).toBe("never");
    gateways.receive("edge", "status", status("online", id("1")));
    await gateways.tick();
    expect(await state()).toBe("online");
    gateways.receive("edge", "status", status("offline", id("0")));
    await gateways.tick();
    expect(await state()).toBe("online");
    gateways.receive("edge", "status", status("offline", id("1")));
    await gateways.tick();
    expect(await state()).toBe("offline");
    gateways.onHello("edge", {
      session: id("2"),
      hardware: "h\0",
      software: "s",
      epochs: [{ epoch: id("e"), head: 3 }],
    } as unknown as Hello);
    await gateways.tick();
    expect(await state()).toBe("online");
    clock.stepWall(46_000);
    await gateways.tick();
    expect(await state()).toBe("offline");
  });

  it("show what troubles them, and tell who listens only when something has changed", async () => {
    const clock = new ManualClock({ wall: START });
    const gateways = await make(clock);
    const tell = async (payload: Buffer) => {
      gateways.receive("edge", "telemetry", payload);
      clock.stepWall(1_000);
      for (let ticks = 0; ticks < 6; ticks++) await gateways.tick();
    };
    await tell(telemetry("watching"));
    await tell(telemetry("watching"));
    expect(events.filter(({ type }) => type === "gateway")).toHaveLength(1);
    await tell(telemetry("blind"));
    expect(events).toHaveLength(2);
    expect(events[1]?.data).toMatchObject({
      agent: "edge",
      name: "Stores",
      trouble: ["reader r1 is blind"],
      behind: 9,
    });
    await tell(Buffer.from("rubbish"));
    gateways.receive("stranger", "telemetry", telemetry("watching"));
    await gateways.tick();
    expect(await test.db.query("SELECT count(*) FROM telemetry_sample")).toEqual([{ count: 3 }]);
    await gateways.sync([]);
    expect(await gateways.list(test.db)).toEqual([]);
  });

  it("are heard once, also where the database has committed what they told and its answer was lost", async () => {
    const clock = new ManualClock({ wall: START });
    let lost = 0;
    const gateways = await make(clock, {
      query: (text, values) => test.db.query(text, values),
      kysely: () => test.db.kysely(),
      transaction: async (work, options) => {
        const done = await test.db.transaction(work, options);
        if (++lost === 2) throw new Error("Connection terminated");
        return done;
      },
    });
    gateways.receive("edge", "telemetry", telemetry("watching"));
    await gateways.tick();
    expect(lost).toBe(2);
    await gateways.tick();
    expect(await test.db.query("SELECT count(*) FROM telemetry_sample")).toEqual([{ count: 1 }]);
  });
});
