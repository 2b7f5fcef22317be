import { createHash } from "node:crypto";
import {
  type Ack,
  type Batch,
  encodeUpward,
  type Hello,
  type Instant,
  type Lost,
  MAX_BODY_BYTES,
  partitionOf,
  type Reject,
} from "@storeward/contracts";
import { createLogger, GENESIS_CHAIN, ManualClock, nextChain, randomHex } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import { adoptLedger, claimLedger, Intake, migrations, Release } from "./index.js";

const log = createLogger("test", { level: "silent" });
const BOOT = "b".repeat(32);
const SESSION = "5".repeat(32);
const LEDGER = "1".repeat(32);
const START = Date.UTC(2026, 2, 1, 8);
let test: TestDatabase;

beforeAll(async () => {
  test = await testDatabase([...journalMigrations, ...migrations]);
});
afterAll(() => test.close());

/** Numbers by a hash: what it does is tested in tags/. */
const tags: TagRegister = {
  numbers: async (_tx, list) =>
    new Map(list.map(({ epc }) => [epc, createHash("md5").update(epc).digest().readUInt32BE()])),
};

const at = (mono = 1000, wall = START): Instant => ({ boot: BOOT, mono, wall: new Date(wall).toISOString() });
const measured = (value: number, instant = at()): string =>
  JSON.stringify({
    type: "measured",
    at: instant,
    config: 1,
    sensor: "t1",
    quantity: "temperature",
    value,
    unit: "°C",
  });

/** What stands at a place of an agent's sequence. */
type Place = { body: string } | { lost: true; body: string };

class Agent {
  readonly name: string;
  readonly epoch = randomHex(16);
  readonly places: Place[];
  readonly chains: string[] = [GENESIS_CHAIN];
  answers: (Ack | Reject)[] = [];

  constructor(places: Place[], name = `agent-${randomHex(4)}`) {
    this.name = name;
    this.places = places;
    places.forEach((place, index) => void this.chains.push(nextChain(this.chains[index]!, index + 1, place.body)));
  }

  batch(first: number, last: number, change: Partial<Batch> = {}): string {
    const lost: Lost[] = [];
    const bodies: string[] = [];
    for (let seq = first; seq <= last; seq++) {
      const place = this.places[seq - 1]!;
      if ("lost" in place) lost.push({ from: seq, to: seq, chain: this.chains[seq]!, why: "full", types: { seen: 1 } });
      else bodies.push(place.body);
    }
    const { name: agent, epoch } = this;
    const prev = this.chains[first - 1]!;
    return encodeUpward(
      { v: 1, kind: "batch", agent, session: SESSION, epoch, first, last, prev, lost, through: at(), ...change },
      bodies,
    );
  }

  get ack(): Ack {
    return this.answers.at(-1) as Ack;
  }
}

const running: Intake[] = [];
afterAll(async () => {
  for (const intake of running) await intake.stop();
});

async function intakeFor(agent: Agent, options: Partial<ConstructorParameters<typeof Intake>[0]> = {}) {
  const intake = new Intake({
    db: test.db,
    journal: new Journal(options.clock === undefined ? {} : { clock: options.clock }),
    tags,
    log,
    ledger: LEDGER,
    send: (_agent, text) => void agent.answers.push(JSON.parse(text)),
    ...options,
  });
  await intake.start();
  running.push(intake);
  const tell = async (payload: string | Uint8Array) => {
    const before = agent.answers.length;
    intake.receive(agent.name, Buffer.from(payload));
    await vi.waitFor(() => expect(agent.answers.length).toBeGreaterThan(before), { timeout: 20_000, interval: 1 });
    return agent.answers.at(-1)!;
  };
  return { intake, tell };
}

const rows = (count: number): Place[] => Array.from({ length: count }, (_, index) => ({ body: measured(index) }));

async function stored(agent: Agent) {
  const journal = await test.db.query<{ seq: number; value: string | null }>(
    "SELECT seq, body->>'value' AS value FROM journal WHERE agent = $1 AND epoch = $2 ORDER BY pos",
    [agent.name, agent.epoch],
  );
  const quarantine = await test.db.query<{ seq: number; body: Buffer }>(
    "SELECT seq, body FROM quarantine WHERE agent = $1 AND epoch = $2 ORDER BY seq",
    [agent.name, agent.epoch],
  );
  const gaps = await test.db.query<{ from_seq: number }>(
    "SELECT from_seq FROM declared_gap WHERE agent = $1 AND epoch = $2 ORDER BY from_seq",
    [agent.name, agent.epoch],
  );
  return { journal, quarantine, gaps: gaps.map(({ from_seq }) => from_seq) };
}

describe("intake", () => {
  it("loses nothing, doubles nothing and never sticks, whatever is shuffled, repeated, lost, cut or garbled on the way", async () => {
    const place = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 1e6 }).map((value) => ({ body: measured(value) })) },
      { weight: 1, arbitrary: fc.constant({ lost: true as const, body: measured(-1) }) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom(
            '{"type":"from the future"}',
            "not JSON",
            measured(1).replace("°C", "\\u0000"),
            measured(1).replace("°C", "\\ud800"),
            measured(1).replace("1000", "1e308"),
            '{"type":"__proto__"}',
            "[]",
            "",
          )
          .map((body) => ({ body })),
      },
    );
    const fault = fc.constantFrom("none", "none", "lost", "twice", "late", "cut", "garbled", "prev", "ahead");
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { minLength: 1, maxLength: 60 }),
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), fault }), { minLength: 1, maxLength: 30 }),
        async (places, plan) => {
          const agent = new Agent(places);
          const { tell } = await intakeFor(agent);
          let next = 1;
          let late: string | undefined;
          for (let turn = 0; next <= places.length; turn++) {
            // After the plan the line is good: the agent must get through.
            const { size, fault: what } = plan[turn] ?? { size: 7, fault: "none" };
            expect(turn).toBeLessThan(plan.length + places.length + 5);
            const last = Math.min(places.length, next + size - 1);
            const good = agent.batch(next, last);
            if (what === "lost") continue;
            if (what === "late") late = good;
            if (what === "twice") await tell(good);
            if (what === "ahead" && last < places.length) await tell(agent.batch(last + 1, places.length));
            if (what === "prev") await tell(agent.batch(next, last, { prev: randomHex(8) }));
            else if (what === "cut") await tell(good.slice(0, good.length >> 1));
            else if (what === "garbled")
              await tell(Buffer.from(good).map((byte, index) => (index % 7 === 0 ? byte ^ 0x55 : byte)));
            else await tell(good);
            if (late !== undefined && what === "none") await tell(late);
            const ack = agent.answers.findLast((answer) => answer.kind === "ack" && answer.epoch === agent.epoch) as
              | Ack
              | undefined;
            if (ack === undefined) continue;
            expect(ack.chain).toBe(agent.chains[ack.committed]);
            next = ack.committed + 1;
          }
          const { journal, quarantine, gaps } = await stored(agent);
          const seqs = [...journal.map(({ seq }) => seq), ...quarantine.map(({ seq }) => seq), ...gaps];
          expect(seqs.sort((a, b) => a - b)).toEqual(places.map((_, index) => index + 1));
          for (const { seq, value } of journal)
            expect(JSON.parse(agent.places[seq - 1]!.body).value).toBe(Number(value));
          for (const { seq, body } of quarantine) expect(body.toString()).toBe(agent.places[seq - 1]!.body);
          for (const seq of gaps) expect(agent.places[seq - 1]).toHaveProperty("lost");
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it("answers a gap, a duplicate and a fork with where it stands, and writes none of them", async () => {
    const agent = new Agent(rows(10));
    const onFork = vi.fn();
    const { tell } = await intakeFor(agent, { onFork });
    const first = (await tell(agent.batch(1, 4))) as Ack;
    expect(first).toMatchObject({
      ledger: LEDGER,
      session: SESSION,
      committed: 4,
      chain: agent.chains[4],
      released: 0,
    });
    for (const batch of [
      agent.batch(7, 9),
      agent.batch(1, 4),
      agent.batch(3, 6),
      agent.batch(5, 6, { prev: randomHex(8) }),
    ])
      expect(await tell(batch)).toMatchObject({ kind: "ack", committed: 4, chain: agent.chains[4] });
    expect(onFork).toHaveBeenCalledOnce();
    expect((await stored(agent)).journal).toHaveLength(4);
  });

  it("refuses an envelope it cannot read with the payload's hash, and takes the row as opaque", async () => {
    const agent = new Agent(rows(1));
    const { tell } = await intakeFor(agent);
    const payload = agent.batch(1, 1).replace('"v":1', '"v":9');
    expect(await tell(payload)).toMatchObject({
      kind: "reject",
      code: "ENVELOPE_VERSION",
      hash: createHash("sha256").update(payload).digest("hex").slice(0, 16),
    });
    expect(await tell(agent.batch(1, 1, { agent: "another" }))).toMatchObject({ code: "AGENT_MISMATCH" });
    expect(await tell(agent.batch(1, 1, { last: 3 }))).toMatchObject({ code: "BATCH_INCOMPLETE" });
    const body = Buffer.from(agent.places[0]!.body).toString("base64");
    const { name, epoch } = agent;
    const opaque = {
      v: 1,
      kind: "opaque",
      agent: name,
      session: SESSION,
      epoch,
      seq: 1,
      prev: GENESIS_CHAIN,
      body,
    } as const;
    expect(await tell(encodeUpward(opaque))).toMatchObject({ kind: "ack", committed: 1, chain: agent.chains[1] });
    expect((await stored(agent)).quarantine.map(({ body: bytes }) => bytes.toString())).toEqual([
      agent.places[0]!.body,
    ]);
  });

  it("answers a hello with one ack an epoch, one that it does not know from the beginning", async () => {
    const agent = new Agent(rows(3));
    const { tell } = await intakeFor(agent);
    await tell(agent.batch(1, 3));
    agent.answers = [];
    const kept = { head: 3, headChain: agent.chains[3]!, oldest: 1, acked: 3, ackedChain: agent.chains[3]! };
    const hello: Hello = {
      v: 1,
      kind: "hello",
      agent: agent.name,
      session: "6".repeat(32),
      boot: BOOT,
      at: at(),
      hardware: "h",
      software: "s",
      epochs: [
        { epoch: "e".repeat(32), ...kept },
        { epoch: agent.epoch, ...kept },
      ],
    };
    await tell(encodeUpward(hello));
    await vi.waitFor(() => expect(agent.answers).toHaveLength(2));
    expect(agent.answers).toMatchObject([
      { epoch: "e".repeat(32), committed: 0, chain: GENESIS_CHAIN, session: "6".repeat(32) },
      { epoch: agent.epoch, committed: 3, chain: agent.chains[3] },
    ]);
  });

  it("dates rows by the clock their boot has learnt, else by the device's, and never in the future", async () => {
    const clock = new ManualClock({ wall: START });
    const set = JSON.stringify({
      type: "clock",
      at: at(5000, 0),
      config: 1,
      utc: new Date(START - 60_000).toISOString(),
      plusMinusMs: 5,
      source: "ntp",
    });
    const bodies = [
      measured(1, at(4000, START - 3000)),
      set,
      measured(2, at(6000, 0)),
      measured(3, at(1e9, 0)),
      measured(4, at(-1e308, 0)),
    ];
    const agent = new Agent(bodies.map((body) => ({ body })));
    const { tell } = await intakeFor(agent, { clock });
    await tell(agent.batch(1, 2));
    await tell(agent.batch(3, 5));
    const dates = await test.db.query(
      "SELECT observed_at AS at, mono_offset AS offset, dated FROM journal WHERE agent = $1 ORDER BY pos",
      [agent.name],
    );
    expect(dates).toEqual([
      { at: new Date(START - 3000), offset: START - 7000, dated: "wall" },
      { at: new Date(START - 60_000), offset: START - 65_000, dated: "clock" },
      { at: new Date(START - 59_000), offset: START - 65_000, dated: "clock" },
      { at: new Date(START), offset: START - 1e9, dated: "clamped" },
      { at: new Date(START), offset: expect.any(Number), dated: "clamped" },
    ]);
    const [cursor] = await test.db.query("SELECT through FROM intake_cursor WHERE agent = $1", [agent.name]);
    expect(cursor).toEqual({ through: new Date(START - 64_000) });
  });

  it("has others give way once somebody has waited for an answer, until it is given", async () => {
    const clock = new ManualClock({ wall: START });
    const agent = new Agent(rows(1));
    const journal = new Journal({ clock });
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow: Pick<Journal, "appendAll"> = {
      appendAll: async (tx, batches) => {
        await opened;
        return journal.appendAll(tx, batches);
      },
    };
    const { intake, tell } = await intakeFor(agent, { clock, journal: slow });
    const answered = tell(agent.batch(1, 1));
    expect(intake.isBusy).toBe(false);
    await clock.advance(201);
    expect(intake.isBusy).toBe(true);
    open();
    await answered;
    await intake.finish([partitionOf(agent.name)]);
    expect(intake.isBusy).toBe(false);
  });

  it("keeps a row that cannot be stored out of the way of the others", async () => {
    const agent = new Agent(rows(5));
    const journal = new Journal();
    const picky: Pick<Journal, "appendAll"> = {
      appendAll: (tx, batches) => {
        if ([...batches.values()].flat().some(({ seq }) => seq === 3)) throw new Error("this row breaks the database");
        return journal.appendAll(tx, batches);
      },
    };
    const { tell } = await intakeFor(agent, { journal: picky });
    expect(await tell(agent.batch(1, 5))).toMatchObject({ committed: 5 });
    const { journal: kept, quarantine } = await stored(agent);
    expect(kept.map(({ seq }) => seq)).toEqual([1, 2, 4, 5]);
    expect(quarantine.map(({ seq }) => seq)).toEqual([3]);
  });

  it("has every row of all lives of a journal once, whichever of them, and of their copies, comes first", async () => {
    const share = fc.integer({ min: 1, max: 9 });
    const garbage = '{"type":"from the future"}';
    await fc.assert(
      fc.asyncProperty(
        fc.record({ common: share, first: share, second: share, later: share }),
        fc.array(fc.record({ who: fc.nat(2), size: fc.integer({ min: 1, max: 4 }) }), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async ({ common, first, second, later }, plan, lostIsOne) => {
          let n = 0;
          const some = (count: number): Place[] =>
            Array.from({ length: count }, () => ({
              body: ++n % 5 === 0 ? `${garbage.slice(0, -1)},"n":${n}}` : measured(n),
            }));
          const shared = some(common);
          // One life, another one of the same epoch that forked and carried its rows, and a third that carried those of the second.
          const one = new Agent([...shared, ...some(first)]);
          const other = new Agent([...shared, ...some(second)], one.name);
          const copies = (of: Agent): Place[] =>
            of.places.map(({ body }, i) => ({
              body: body.includes('"origin"')
                ? body
                : `${body.slice(0, -1)},"origin":${JSON.stringify({ epoch: of === other ? one.epoch : of.epoch, seq: i + 1, chain: of.chains[i + 1] })}}`,
            }));
          const two = new Agent([...copies(other), ...some(later)], one.name);
          const three = new Agent([...copies(two), ...some(1)], one.name);
          // A row that one life has declared lost may still come as a copy of the other.
          if (lostIsOne) one.places[0] = { lost: true, body: one.places[0]!.body };
          const { tell } = await intakeFor(one);
          const agents = [one, two, three];
          const at = new Map(agents.map((agent) => [agent, 0]));
          for (let turn = 0; agents.some((agent) => at.get(agent)! < agent.places.length); turn++) {
            const { who, size } = plan[turn] ?? { who: turn % 3, size: 9 };
            const agent = agents[who]!;
            const before = at.get(agent)!;
            if (before === agent.places.length) continue;
            const last = Math.min(agent.places.length, before + size);
            expect(await tell(agent.batch(before + 1, last))).toMatchObject({
              committed: last,
              chain: agent.chains[last],
            });
            at.set(agent, last);
          }
          const rows = await test.db.query<{ value: number }>(
            `SELECT (body->>'value')::int4 AS value FROM journal WHERE agent = $1
             UNION ALL SELECT (convert_from(body, 'UTF8')::jsonb->>'n')::int4 FROM quarantine WHERE agent = $1`,
            [one.name],
          );
          expect(rows.map(({ value }) => value).sort((a, b) => a - b)).toEqual(
            Array.from({ length: n }, (_, i) => i + 1),
          );
          const [sum] = await test.db.query<{ kept: number }>(
            "SELECT sum(committed - skipped - lost)::int4 AS kept FROM intake_cursor WHERE agent = $1",
            [one.name],
          );
          expect(sum).toEqual({ kept: n });
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it("finds by the hello that an agent has another life than the one that is here, and not where it is only behind", async () => {
    const agent = new Agent(rows(6));
    const onFork = vi.fn();
    const { tell } = await intakeFor(agent, { onFork });
    await tell(agent.batch(1, 4));
    const hello = (kept: Partial<Hello["epochs"][number]>) => {
      const [headChain, ackedChain] = [agent.chains[kept.head ?? 6]!, agent.chains[kept.acked ?? 2]!];
      const epochs = [{ epoch: agent.epoch, head: 6, oldest: 1, acked: 2, headChain, ackedChain, ...kept }];
      const { name } = agent;
      const said = { agent: name, session: SESSION, boot: BOOT, at: at(), hardware: "h", software: "s", epochs };
      return tell(encodeUpward({ v: 1, kind: "hello", ...said }));
    };
    await hello({});
    await hello({ acked: 4 });
    await hello({ head: 4 });
    expect(onFork).not.toHaveBeenCalled();
    await hello({ head: 3 });
    await hello({ head: 4, headChain: "f".repeat(16) });
    await hello({ acked: 4, ackedChain: "f".repeat(16) });
    expect(onFork.mock.calls).toEqual([1, 2, 3].map(() => [agent.name, agent.epoch]));
  });

  it("never dates by what a reader believes, and takes a row at the limit with its origin", async () => {
    const clock = new ManualClock({ wall: START });
    const utc = new Date(START - 3_600_000).toISOString();
    const reader = JSON.stringify({ type: "clock", at: at(), config: 1, utc, plusMinusMs: 5, source: "reader door-1" });
    const origin = { epoch: "e".repeat(32), seq: Number.MAX_SAFE_INTEGER, chain: "f".repeat(16) };
    const long = { type: "inventoried", at: at(), config: 1, inventory: "1".repeat(32), part: 1, parts: 1 };
    const tag = (i: number) => ({
      tag: { epc: i.toString(16).toUpperCase().padStart(24, "0") },
      strength: { rounds: 1, reads: 1, antennas: [] },
    });
    const about = { readPoint: "shelf-1", from: 0, to: 1, rounds: 1, completeness: 1, reason: "" };
    let body = JSON.stringify({ ...long, ...about, tags: Array.from({ length: 490 }, (_, i) => tag(i)) });
    body = body.replace('"reason":""', `"reason":"${"x".repeat(Math.min(500, MAX_BODY_BYTES - body.length))}"`);
    const copy = `${body.slice(0, -1)},"origin":${JSON.stringify(origin)}}`;
    expect(copy.length).toBeGreaterThan(body.length);
    const agent = new Agent([{ body: reader }, { body: measured(1) }, { body: copy }]);
    const { tell } = await intakeFor(agent, { clock });
    expect(await tell(agent.batch(1, 3))).toMatchObject({ committed: 3 });
    expect((await stored(agent)).quarantine).toEqual([]);
    const dates = await test.db.query("SELECT observed_at AS at, dated FROM journal WHERE agent = $1 AND seq = 2", [
      agent.name,
    ]);
    expect(dates).toEqual([{ at: new Date(START), dated: "wall" }]);
  });

  it("gives credit of one batch at first, more with every batch, and one batch again while followers lag", async () => {
    const agent = new Agent(rows(8));
    let lag = 0;
    const { tell } = await intakeFor(agent, { lag: () => lag });
    const credits: number[] = [];
    for (let seq = 1; seq <= 8; seq++) {
      if (seq === 7) lag = 100_000;
      credits.push(((await tell(agent.batch(seq, seq))) as Ack).credit);
    }
    expect(credits[0]).toBe(128 * 1024);
    expect(credits[5]).toBe(2 * 1024 * 1024);
    expect(credits[6]).toBe(64 * 1024);
  });

  it("keeps the order of an agent whose batches are all on the way at once", async () => {
    const agent = new Agent(rows(200));
    const { intake } = await intakeFor(agent);
    for (let seq = 1; seq <= 200; seq += 5) intake.receive(agent.name, Buffer.from(agent.batch(seq, seq + 4)));
    await vi.waitFor(() => expect(agent.answers).toHaveLength(40), 10_000);
    expect(agent.ack.committed).toBe(200);
    expect((await stored(agent)).journal.map(({ seq }) => seq)).toEqual(rows(200).map((_, index) => index + 1));
  });
});

describe("release", () => {
  it("lets go of rows 72 hours after they were recorded", async () => {
    const clock = new ManualClock({ wall: START });
    const agent = new Agent(rows(6));
    const { tell } = await intakeFor(agent, { clock });
    const release = new Release({ db: test.db, log, after: "72h", clock });
    await tell(agent.batch(1, 4));
    await release.tick();
    await tell(agent.batch(5, 6));
    clock.stepWall(71.9 * 3_600_000);
    await release.tick();
    expect(await tell(agent.batch(5, 6))).toMatchObject({ committed: 6, released: 0 });
    clock.stepWall(3_600_000);
    await release.tick();
    expect(await tell(agent.batch(5, 6))).toMatchObject({ committed: 6, released: 4 });
  });
});

describe("the ledger", () => {
  it("is taken by a new database, refused when it is another, and can be adopted", async () => {
    const { db, close } = await testDatabase(journalMigrations);
    await claimLedger(db, LEDGER);
    await claimLedger(db, LEDGER);
    await expect(claimLedger(db, "2".repeat(32))).rejects.toThrow("storeward-cloud adopt");
    expect(await adoptLedger(db, "2".repeat(32))).toBe(LEDGER);
    await claimLedger(db, "2".repeat(32));
    await close();
  });
});
