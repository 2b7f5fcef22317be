import type { JournalAnswer, RefusedActList, Source, User } from "@storeward/contracts";
import { createLogger, ManualClock, randomHex } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrations as auditMigrations } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp } from "../http/index.js";
import { commitPieces, migrations as intakeMigrations, Redater, readAsked } from "../intake/index.js";
import { Journal, migrations as journalMigrations } from "../journal/index.js";
import { migrations as placeMigrations } from "../places/index.js";
import { TagActs, Tags, migrations as tagMigrations } from "../tags/index.js";
import { ActingJournal, migrations, routes, SourceIntake } from "./index.js";
import { NOW, Phone } from "./testing.js";

const ITEMS = ["01", "02", "03"].map((n) => `0198c0de-0000-7000-8000-0000000000${n}`);
const EPCS = ["A1", "A2", "A3", "A4"].map((n) => `3034257BF400B714000000${n}`);
const anna = { actor: "anna", ip: "10.0.0.1", requestId: "r1" };
const ledger = "1".repeat(32);
const log = createLogger("test", { level: "silent" });
const tags = new Tags();
const items = {
  names: async (_sql: unknown, _ids: readonly string[]) => new Map(ITEMS.map((id, n) => [id, `Pump ${n + 1}`])),
  accept: async (_tx: unknown, item: string) => {
    if (!ITEMS.includes(item)) throw new Error("no such item");
  },
};

let test: TestDatabase;
let clock: ManualClock;
let journal: Journal;
let intake: SourceIntake;
beforeAll(async () => {
  test = await testDatabase(
    [journalMigrations, intakeMigrations, placeMigrations, tagMigrations, auditMigrations, migrations].flat(),
  );
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.db.query(
    "truncate refused_act, tag_act, tag_assignment, unknown_tag, tag, journal, intake_cursor, quarantine cascade",
  );
  clock = new ManualClock({ wall: NOW });
  journal = new Journal({ clock });
  intake = new SourceIntake({ db: test.db, journal, tags, items, log, ledger, clock });
});

const registered = () => Phone.registered(test.db);
const committed = ({ answers: [answer] }: JournalAnswer) => (answer?.kind === "ack" ? answer.committed : answer?.code);
/** What each tag is on, by EPC and item, with when. */
const assignments = () =>
  test.db.query(
    `select t.epc, a.item, a.valid_from, a.valid_to from tag_assignment a join tag t on t.number = a.tag
     where a.recorded_to is null order by t.epc, a.valid_from`,
  );
const rowsOf = async ({ id }: Phone) =>
  (await test.db.query<{ seq: number }>("select seq from journal where agent = $1 order by pos", [id])).map(
    ({ seq }) => seq,
  );
const actRows = () =>
  test.db.query<{ act: string; seq: number }>(
    "select body ->> 'act' as act, (body #>> '{of,seq}')::int8 as seq from journal where type = 'act' order by partition, pos",
  );

const drafts = fc.array(
  fc.record({
    act: fc.constantFrom("bind" as const, "replace" as const, "retire" as const),
    item: fc.constantFrom(...ITEMS, ITEMS[0]!.replace("01", "77")),
    epc: fc.constantFrom(...EPCS),
  }),
  { minLength: 1, maxLength: 12 },
);

describe("a source's journal", () => {
  it("has each act done once and as of when it was done, however it is cut, repeated, and sent by several at once", async () => {
    await fc.assert(
      fc.asyncProperty(drafts, fc.array(fc.nat({ max: 11 }), { maxLength: 6 }), async (acts, cuts) => {
        await test.db.query("truncate refused_act, tag_act, tag_assignment, unknown_tag, tag, journal cascade");
        const expected = new TagActs({ tags, journal: { appendAct: async () => undefined }, items, clock });
        const refusals: number[] = [];
        const phone = (await registered()).done(...acts);
        let expectedRows: unknown;
        await test.db
          .transaction(async (tx) => {
            for (const [n, { act, item, epc }] of acts.entries())
              await tx
                .savepoint(() =>
                  expected.act(
                    tx,
                    item,
                    { act, epc, validFrom: new Date(NOW - 3_600_000 + 1_000 * n).toISOString() },
                    anna,
                  ),
                )
                .catch(() => refusals.push(n + 1));
            expectedRows = await tx.query(
              `select t.epc, a.item, a.valid_from, a.valid_to from tag_assignment a join tag t on t.number = a.tag
               where a.recorded_to is null order by t.epc, a.valid_from`,
            );
            throw new Error("only to see");
          })
          .catch(() => undefined);

        const ends = [...new Set([...cuts.map((cut) => 1 + (cut % acts.length)), acts.length])].sort((a, b) => a - b);
        for (const [n, last] of ends.entries()) {
          const first = (ends[n - 1] ?? 0) + 1;
          const again = new SourceIntake({
            db: test.db,
            journal: new Journal({ clock }),
            tags,
            items,
            log,
            ledger,
            clock,
          });
          const answers = await Promise.all(
            [intake, again, intake].map((each) => each.take(phone.batch(first, last), anna)),
          );
          expect(answers.map(committed)).toEqual([last, last, last]);
          for (const { refused } of answers)
            expect(refused.map(({ seq }) => seq)).toEqual(refusals.filter((seq) => seq >= first && seq <= last));
        }
        expect(await rowsOf(phone)).toEqual(acts.map((_, n) => n + 1));
        expect(await assignments()).toEqual(expectedRows);
        // Each tells which row it comes from.
        for (const { seq } of await actRows()) expect(refusals).not.toContain(seq);
      }),
      { numRuns: 12 },
    );
  });

  it("and the acts of others at the same time, and those that are done again, do not stop each other", async () => {
    const late = await Promise.all([1, 2].map(() => Phone.registered(test.db, -7_200_000)));
    for (const phone of late) {
      for (const [n, epc] of EPCS.entries()) phone.done({ act: "bind", item: ITEMS[n % 3]!, epc });
      await intake.take(phone.learns(NOW - 1_000).batch(), anna);
    }
    const acting = new ActingJournal({ journal, tags, items, clock, by: anna });
    const redaters = [1, 2].map(
      () => new Redater({ db: test.db, journal: acting, followers: [], lag: () => 0, log, clock }),
    );
    const phones = await Promise.all([1, 2, 3, 4].map(() => registered()));
    const acts = new TagActs({ tags, journal, items, clock });
    for (const [n, phone] of phones.entries())
      for (let i = 0; i < 8; i++)
        phone.done(
          { act: "bind", item: ITEMS[i % 3]!, epc: EPCS[(i + n) % 4]! },
          { act: "retire", item: ITEMS[i % 3]!, epc: EPCS[(i + n) % 4]! },
        );
    const insist = async (work: () => Promise<unknown>) => {
      for (let tries = 0; ; tries++)
        try {
          return await work();
        } catch (error) {
          // Of two that wait for each other the database sends one away; that one is sent again, as a phone does.
          if (tries === 20 || !String(error).includes("deadlock")) throw error;
        }
    };
    await Promise.all([
      ...redaters.map((redater) => insist(() => redater.run())),
      ...phones.map((phone) => insist(() => intake.take(phone.batch(), anna))),
      ...EPCS.map((epc) =>
        insist(() =>
          test.db.transaction((tx) => acts.act(tx, ITEMS[0]!, { act: "bind", epc }, anna).catch(() => false)),
        ),
      ),
    ]);
    for (const phone of [...phones, ...late]) expect(await rowsOf(phone)).toEqual(phone.bodies.map((_, n) => n + 1));
    const moved = await test.db.query<{ n: number }>(
      "select count(*) as n from audit_entry where action = 'act.redated' and subject = any($1) group by subject, detail -> 'seq'",
      [late.map(({ id }) => `source:${id}`)],
    );
    expect(moved).toEqual(late.flatMap(() => EPCS.map(() => ({ n: 1 }))));
  });

  it("is dated by the clock that the phone has learnt, and not by what it believed", async () => {
    const phone = await registered();
    const behind = 10 * 60_000;
    phone.row(
      { type: "clock", utc: new Date(NOW - 60_000).toISOString(), plusMinusMs: 50, source: "cloud" },
      NOW - 60_000 - behind,
    );
    phone.done({ act: "bind", item: ITEMS[0]!, epc: EPCS[0]!, at: NOW - 30_000 - behind });
    expect(committed(await intake.take(phone.batch(), anna))).toBe(2);
    expect(await assignments()).toMatchObject([{ epc: EPCS[0], item: ITEMS[0], valid_from: new Date(NOW - 30_000) }]);
  });

  it("takes no observation of a gateway, and a gateway does not act: both are put aside, and what follows goes on", async () => {
    const phone = await registered();
    phone.row({ type: "departed", tag: { epc: EPCS[1] }, readPoint: "a", last: 1, decided: 2, expectedRate: 1 }, NOW);
    phone.done({ act: "bind", item: ITEMS[0]!, epc: EPCS[0]! });
    expect(committed(await intake.take(phone.batch(), anna))).toBe(2);
    expect(await rowsOf(phone)).toEqual([2]);
    const gateway = new Phone("edge-1").done({ act: "bind", item: ITEMS[1]!, epc: EPCS[1]! });
    const asked = readAsked(gateway.id, gateway.batch());
    if (asked.kind !== "piece") throw new Error(`a batch was taken for a ${asked.kind}`);
    const acting = new ActingJournal({ journal, tags, items, clock, by: anna });
    await commitPieces({ db: test.db, journal: acting, tags, clock }, [asked.submission]);
    expect(await rowsOf(gateway)).toEqual([]);
    expect(await test.db.query("select agent, seq, error from quarantine order by agent desc")).toEqual([
      { agent: phone.id, seq: 1, error: "unknown type departed" },
      { agent: "edge-1", seq: 1, error: "unknown type acted" },
    ]);
    expect(await assignments()).toMatchObject([{ epc: EPCS[0], item: ITEMS[0] }]);
  });

  it("that was copied is found to have forked, and nothing of the other life is done", async () => {
    const phone = (await registered()).done({ act: "bind", item: ITEMS[0]!, epc: EPCS[0]! });
    await intake.take(phone.batch(), anna);
    const other = new Phone(phone.id);
    Object.assign(other, { epoch: phone.epoch });
    other.done({ act: "bind", item: ITEMS[1]!, epc: EPCS[1]! }, { act: "bind", item: ITEMS[2]!, epc: EPCS[2]! });
    const answer = await intake.take(other.batch(2, 2), anna);
    expect(answer.answers).toMatchObject([{ kind: "ack", committed: 1, chain: phone.chains[1] }]);
    expect(await assignments()).toMatchObject([{ epc: EPCS[0] }]);
    const [found] = await test.db.query("select forked_at from journal_source where id = $1", [phone.id]);
    expect(found).toEqual({ forked_at: expect.any(Date) });
  });
});

describe("sources over HTTP", () => {
  let role: User["role"] = "administrator";
  const open = () =>
    createHttp({
      log,
      version: "0",
      listen: { host: "127.0.0.1", port: 0 },
      authenticator: {
        authenticate: async () => ({ id: "01970000-0000-7000-8000-000000000000", username: "anna", role }),
      },
      health: async () => ({}),
      routes: [routes({ db: test.db, intake, journal, tags, items, clock })],
    });
  const headers = { authorization: "Bearer x" };
  const lines = { ...headers, "content-type": "application/x-ndjson" };

  it("register, send, hear what was refused and why, and have it done once its cause is gone, or dismissed", async () => {
    const app = await open();
    const post = (url: string, payload?: object) =>
      app.inject({ method: "POST", url: `/api/v1${url}`, headers, ...(payload && { payload }) });
    const source = (await post("/sources", { name: " Phone 7 " })).json<Source>();
    expect(source).toMatchObject({ name: "Phone 7", registeredBy: "anna", heardAt: null });
    const phone = new Phone(source.id).done(
      { act: "bind", item: ITEMS[0]!, epc: EPCS[0]! },
      { act: "bind", item: ITEMS[1]!, epc: EPCS[0]! },
      { act: "retire", item: ITEMS[2]!, epc: EPCS[3]! },
      { act: "bind", item: ITEMS[2]!, epc: EPCS[2]! },
    );
    const sent = await app.inject({ method: "POST", url: "/api/v1/journal", headers: lines, payload: phone.batch() });
    expect(sent.statusCode).toBe(200);
    const { refused, answers } = sent.json<JournalAnswer>();
    expect(answers).toMatchObject([{ kind: "ack", ledger, committed: 4, chain: phone.chains[4] }]);
    expect(refused).toMatchObject([
      {
        seq: 2,
        code: "TAG_ON_OTHER_ITEM",
        reason: expect.stringContaining(`Tag ${EPCS[0]} is on Pump 1`),
        actor: "anna",
      },
      { seq: 3, code: "TAG_NOT_ON_ITEM" },
    ]);
    const listed = async () => (await app.inject({ url: "/api/v1/acts/refused", headers })).json<RefusedActList>().acts;
    expect(await listed()).toEqual(refused);
    // The EPC stands in one table, so that it can be erased there.
    expect(JSON.stringify(await test.db.query("select * from refused_act"))).not.toContain(EPCS[0]);

    const at = (seq: number) => `/acts/refused/${source.id}/${phone.epoch}/${seq}`;
    expect((await post(`${at(2)}/again`)).json()).toEqual({ done: false });
    const acts = new TagActs({ tags, journal, items, clock });
    const moment = new Date(NOW - 3_600_000 + 500).toISOString();
    await test.db.transaction((tx) =>
      acts.act(tx, ITEMS[0]!, { act: "retire", epc: EPCS[0]!, validFrom: moment }, anna),
    );
    expect((await post(`${at(2)}/again`)).json()).toEqual({ done: true });
    expect((await post(`${at(2)}/again`)).statusCode).toBe(404);
    expect((await post(`${at(3)}/dismiss`)).statusCode).toBe(204);
    expect((await post(`${at(3)}/dismiss`)).statusCode).toBe(404);
    expect(await listed()).toEqual([]);
    expect(await assignments()).toMatchObject([
      { epc: EPCS[0], item: ITEMS[0] },
      { epc: EPCS[0], item: ITEMS[1], valid_from: new Date(NOW - 3_600_000 + 1_000), valid_to: null },
      { epc: EPCS[2], item: ITEMS[2] },
    ]);
    await app.close();
  });

  it("are told plainly what is wrong, and a viewer or a stranger's id changes nothing", async () => {
    const app = await open();
    const send = (payload: string | Buffer, more: object = lines) =>
      app.inject({ method: "POST", url: "/api/v1/journal", headers: more as typeof lines, payload });
    const codeOf = async (answer: ReturnType<typeof send>) => (await answer).json<{ code: string }>().code;
    const stranger = new Phone("edge-1").done({ act: "bind", item: ITEMS[0]!, epc: EPCS[0]! });
    expect(await codeOf(send(stranger.batch()))).toBe("SOURCE_UNKNOWN");
    expect(await codeOf(send(new Phone(`source-${randomHex(16)}`).batch(1, 0)))).toBe("SOURCE_UNKNOWN");
    expect(await codeOf(send("rubbish\nmore rubbish"))).toBe("SOURCE_NOT_NAMED");
    expect((await send(stranger.batch(), { ...headers, "content-type": "text/plain" })).statusCode).toBe(415);
    expect((await send(Buffer.alloc(300 * 1024, 32))).statusCode).toBe(413);
    const phone = await registered();
    const cut = phone.done({ act: "bind", item: ITEMS[0]!, epc: EPCS[0]! }).batch().subarray(0, -40);
    expect((await send(cut)).json<JournalAnswer>().answers).toMatchObject([{ kind: "ack", committed: 1 }]);
    expect(await rowsOf(phone)).toEqual([]);
    role = "viewer";
    expect((await send(phone.batch())).statusCode).toBe(403);
    role = "administrator";
    await app.close();
  });
});
