import type { Batch } from "@storeward/contracts";
import { createLogger, GENESIS_CHAIN, ManualClock, nextChain, randomHex } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, migrations as journalMigrations, type Redated } from "../journal/index.js";
import { commitPieces } from "./commit.js";
import { SAME_MS } from "./dating.js";
import { migrations, Redater } from "./index.js";
import type { RedaterOptions } from "./redater.js";
import { pieceOfBatch } from "./sequence.js";
import { type Submission, submissionOf } from "./submission.js";

const START = Date.UTC(2026, 2, 1, 8);
const MINUTE = 60_000;
const log = createLogger("test", { level: "silent" });
const clock = new ManualClock({ wall: START + 1_000 * MINUTE });
const journal = new Journal({ clock });
const tags = { numbers: async () => new Map<string, number>() };
let test: TestDatabase;
/** Nobody follows the journal, and nothing else is to be done. */
let alone: RedaterOptions;
beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...migrations]);
  alone = { db: test.db, journal, followers: [], lag: () => 0, log, clock };
});
afterAll(() => test.close());

/** One boot after the other: rows a minute apart, by a wall clock that is wrong; what is `clock` tells the truth, or what it takes for it. */
interface Boot {
  readonly wallAhead: number;
  /** Per row: nothing, or a clock that is so many ms off. */
  readonly rows: readonly (null | number)[];
}

interface Told {
  readonly truth: number;
  readonly body: string;
  readonly boot: number;
}

function told(boots: readonly Boot[]): Told[] {
  let minute = 0;
  return boots.flatMap(({ wallAhead, rows }, boot) => {
    const began = START + minute * MINUTE;
    const name = randomHex(16);
    return rows.map((off) => {
      const truth = START + ++minute * MINUTE;
      const mono = truth - began;
      const at = { boot: name, mono, wall: new Date(truth + wallAhead).toISOString() };
      const said =
        off === null
          ? { type: "input", at, config: 1, reader: "r1", port: 1, high: true }
          : {
              type: "clock",
              at,
              config: 1,
              utc: new Date(truth + off).toISOString(),
              plusMinusMs: 20,
              source: "cloud",
            };
      return { truth, body: JSON.stringify(said), boot };
    });
  });
}

/** Rows `first` to `last` as one batch. */
function submission(agent: string, epoch: string, rows: readonly Told[], first: number, last: number): Submission {
  const chains = [GENESIS_CHAIN];
  rows.forEach(({ body }, index) => void chains.push(nextChain(chains[index] ?? "", index + 1, body)));
  const prev = chains[first - 1] ?? "";
  const through = { boot: epoch, mono: 0, wall: "" };
  const batch: Batch = { v: 1, kind: "batch", agent, session: epoch, epoch, first, last, prev, lost: [], through };
  const bodies = rows.slice(first - 1, last).map(({ body }) => Buffer.from(body));
  const piece = pieceOfBatch(batch, bodies);
  if ("kind" in piece) throw new Error(piece.detail);
  return submissionOf(agent, piece);
}

/** All rows in batches of `size` rows. */
function batches(agent: string, epoch: string, rows: readonly Told[], size: number): Submission[] {
  const firsts = rows.map((_, index) => index + 1).filter((seq) => seq % size === 1 % size);
  return firsts.map((first) => submission(agent, epoch, rows, first, Math.min(rows.length, first + size - 1)));
}

async function take(submissions: readonly Submission[]): Promise<void> {
  const committed = await commitPieces({ db: test.db, journal, tags, clock }, submissions);
  expect(committed.map(({ outcome }) => outcome)).toEqual(submissions.map(() => "appended"));
}

/** The dates of an agent's rows as the journal says them, those told anew included, and how often each was told anew. */
async function dates(agent: string): Promise<Map<number, { at: number; anew: number }>> {
  const found = new Map<number, { at: number; anew: number }>();
  const rows = (
    await Promise.all(
      (
        await test.db.query<{ p: number }>("SELECT DISTINCT partition AS p FROM journal")
      ).map(({ p }) => journal.read(test.db, p, 0, 100_000)),
    )
  ).flat();
  const own = rows.filter((row) => row.agent === agent);
  for (const { seq, observedAt } of own) found.set(seq, { at: observedAt.getTime(), anew: 0 });
  const redated = rows.flatMap(({ body }) => (body.type === "redated" && body.agent === agent ? [body] : []));
  for (const body of redated)
    for (const { seq, observedAt } of await journal.redatedRows(test.db, body))
      found.set(seq, { at: observedAt.getTime(), anew: (found.get(seq)?.anew ?? 0) + 1 });
  return found;
}

const boots = fc.array(
  fc.record({
    wallAhead: fc.constantFrom(0, 200, -3 * 60 * MINUTE, 90 * MINUTE),
    rows: fc.array(fc.option(fc.constant(0), { freq: 4 }), { minLength: 1, maxLength: 12 }),
  }),
  { minLength: 1, maxLength: 3 },
);

describe("a clock that comes late", () => {
  it("dates every row of its boot right, once each, however batches are cut and joined and whatever is interrupted", async () => {
    await fc.assert(
      fc.asyncProperty(
        boots,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.nat({ max: 2 })),
        async (given, size, joined, faults) => {
          const agent = `agent-${randomHex(4)}`;
          const epoch = randomHex(16);
          const rows = told(given);
          const redater = new Redater({ ...alone, journal: failing([...faults]) });
          const cut = batches(agent, epoch, rows, size);
          for (let first = 0; first < cut.length; first += joined) {
            await take(cut.slice(first, first + joined));
            await redater.run().catch(() => undefined);
          }
          for (let left = true; left; )
            left = await redater.run().then(
              () => false,
              () => true,
            );
          const found = await dates(agent);
          const known = new Set(rows.filter(({ body }) => body.includes('"clock"')).map(({ boot }) => boot));
          expect(found.size).toBe(rows.length);
          for (const [index, { truth, boot }] of rows.entries()) {
            const { at = 0, anew = 0 } = found.get(index + 1) ?? {};
            const off = Math.abs(at - truth);
            if (known.has(boot)) expect(off).toBeLessThan(SAME_MS);
            else expect(off).toBe(Math.abs(given[boot]?.wallAhead ?? 0));
            expect(anew).toBeLessThanOrEqual(1);
          }
          expect(await test.db.query("SELECT FROM redating")).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  it("corrects what an earlier clock has dated only where it contradicts it, and is not vaguer", async () => {
    const off = async (agent: string, clocks: readonly (null | number)[], size = clocks.length, joined = 1) => {
      const epoch = randomHex(16);
      const rows = told([{ wallAhead: 0, rows: clocks }]);
      const cut = batches(agent, epoch, rows, size);
      for (let first = 0; first < cut.length; first += joined) await take(cut.slice(first, first + joined));
      await new Redater(alone).run();
      const found = await dates(agent);
      return rows.map(({ truth }, index) => (found.get(index + 1)?.at ?? 0) - truth);
    };
    expect(await off("drifts", [null, 0, null, 300, null, 600, null])).toEqual([0, 0, 0, 300, 300, 600, 600]);
    for (const size of [1, 2, 5])
      for (const joined of [1, 2, 5])
        expect(await off(`wrong-${size}-${joined}`, [null, 20 * MINUTE, null, 0, null], size, joined)).toEqual([
          0, 0, 0, 0, 0,
        ]);
  });

  it("corrects it before a fork too: the boot goes on in another epoch", async () => {
    // Of the first boot a wrong clock dates what comes after it; of the second also what came before it, in another epoch.
    const [first, second] = [20 * MINUTE, null].map((begins) =>
      told([{ wallAhead: -90 * MINUTE, rows: [begins, null, 20 * MINUTE, null, 0, null] }]),
    );
    for (const [agent, rows = []] of [
      ["forks", first],
      ["forks-undated", second],
    ] as const) {
      const [before, between, after] = Array.from({ length: 3 }, () => randomHex(16));
      const lives = [
        [before, rows.slice(0, 2)],
        [between, rows.slice(2, 4)],
        [after, rows.slice(4)],
      ] as const;
      for (const [epoch = "", some] of lives) {
        await take(batches(agent, epoch, some, 2));
        clock.stepWall(1_000);
      }
      await new Redater(alone).run();
      const bodies = await test.db.query<{ body: Redated }>(
        "SELECT body FROM journal WHERE type = 'redated' AND body->>'agent' = $1 ORDER BY pos",
        [agent],
      );
      const anew = new Map<string, number>();
      for (const { body } of bodies)
        for (const { epoch, seq, observedAt } of await journal.redatedRows(test.db, body))
          anew.set(`${epoch} ${seq}`, observedAt.getTime());
      expect([...anew.entries()].sort()).toEqual(
        lives
          .slice(0, 2)
          .flatMap(([epoch, some]) => some.map(({ truth }, at) => [`${epoch} ${at + 1}`, truth]))
          .sort(),
      );
    }
  });

  it("is told in steps, none of which names more than 200 rows", async () => {
    const rows = told([{ wallAhead: -90 * MINUTE, rows: [...Array.from({ length: 500 }, () => null), 0] }]);
    const epoch = randomHex(16);
    for (const batch of batches("long", epoch, rows, 250)) await take([batch]);
    await new Redater(alone).run();
    const steps = await test.db.query<{ body: Redated }>(
      "SELECT body FROM journal WHERE type = 'redated' AND body->>'agent' = 'long' ORDER BY pos",
    );
    expect(steps.map(({ body: { from, to, until } }) => [from, to, until])).toEqual([
      [1, 200, 500],
      [201, 400, 500],
      [401, 500, 500],
    ]);
    const found = await dates("long");
    expect(rows.every(({ truth }, index) => found.get(index + 1)?.at === truth)).toBe(true);
  });

  it("goes behind live work: the next step waits until everybody has followed the last, and while many rows wait", async () => {
    const rows = told([{ wallAhead: -90 * MINUTE, rows: [...Array.from({ length: 390 }, () => null), 0] }]);
    const epoch = randomHex(16);
    for (const batch of batches("paced", epoch, rows, 250)) await take([batch]);
    const pace = new ManualClock({ wall: clock.wall() });
    let waiting = 1_000_000;
    const redater = new Redater({ ...alone, clock: pace, followers: ["quick", "slow"], lag: () => waiting });
    const follow = (follower: string) =>
      test.db.query(
        `INSERT INTO follower_cursor (follower, partition, pos) SELECT $1, partition, pos FROM journal_head
         ON CONFLICT (follower, partition) DO UPDATE SET pos = excluded.pos`,
        [follower],
      );
    await follow("quick");
    await follow("slow");
    let ended = false;
    const running = redater.run().finally(() => {
      ended = true;
    });
    /** So many looks, each of which has come to its end. */
    const looks = async (count: number) => {
      for (let n = 0; n < count && !ended; n++) {
        await vi.waitFor(() => expect(ended || pace.pending > 0).toBe(true));
        await pace.advance(100);
      }
    };
    const steps = async () => {
      const [{ n = -1 } = {}] = await test.db.query<{ n: number }>(
        "SELECT count(*) AS n FROM journal WHERE type = 'redated' AND body->>'agent' = 'paced'",
      );
      return n;
    };
    await looks(3);
    expect(await steps()).toBe(0);
    waiting = 100;
    await looks(3);
    expect(await steps()).toBe(1);
    await follow("quick");
    await looks(3);
    expect(await steps()).toBe(1);
    await follow("slow");
    await looks(3);
    expect(await steps()).toBe(2);
    expect(await test.db.query("SELECT FROM redating")).toHaveLength(1);
    await follow("quick");
    await follow("slow");
    await looks(3);
    await running;
    expect(await test.db.query("SELECT FROM redating")).toEqual([]);
  });
});

/** Takes what it is told, and then the transaction fails: where the list says 0. */
function failing(faults: number[]): Pick<Journal, "rowsOf" | "appendRedated"> {
  return {
    rowsOf: (...args) => journal.rowsOf(...args),
    appendRedated: async (tx, agent, bodies) => {
      const told = await journal.appendRedated(tx, agent, bodies);
      if (faults.pop() === 0) throw new Error("the power is gone");
      return told;
    },
  };
}
