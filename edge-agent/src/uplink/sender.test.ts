import type { Ack, Batch, Downward, Hello, Opaque, Upward } from "@storeward/contracts";
import { MAX_BATCH_BYTES, MAX_BATCH_LOST, splitUpward } from "@storeward/contracts";
import { GENESIS_CHAIN, isoMs, ManualClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { input } from "../../test/journal.contract.js";
import { MemoryJournal, memoryDisk } from "../../test/memory-journal.js";
import type { Entry } from "../journal/journal.js";
import { payloadHash } from "./messages.js";
import { Sender } from "./sender.js";

const LEDGER = "a".repeat(32);
const SESSION = "b".repeat(32);

const SEEN = {
  tag: { epc: "3066C4409047E140075BCD15" },
  readPoint: "shelf-1",
  strength: { rounds: 4, reads: 3, antennas: [] },
};

function made({ maxBytes = Number.POSITIVE_INFINITY } = {}) {
  const clock = new ManualClock({ mono: 500 });
  const disk = memoryDisk();
  const journal = new MemoryJournal(disk, clock, 1, maxBytes);
  const identity = { agent: "agent-1", ledger: LEDGER, hardware: "h", software: "s" };
  const sender = new Sender({ identity, journal, through: () => clock.mono() - 100, clock, random: () => 0 });
  let payload = "";
  /** What it publishes next, envelope only. */
  const next = <M extends Upward>(): M | undefined => {
    payload = sender.next() ?? "";
    return payload === "" ? undefined : (JSON.parse(splitUpward(payload).envelope) as M);
  };
  const ack = (more: Partial<Ack> = {}): Ack => ({
    v: 1,
    kind: "ack",
    ledger: LEDGER,
    session: SESSION,
    epoch: journal.epoch,
    committed: 0,
    chain: journal.chainAt(more.committed ?? 0) ?? GENESIS_CHAIN,
    released: 0,
    credit: 1_000_000,
    utc: isoMs(clock.wall()),
    ...more,
  });
  const keep = async (rows: number) => {
    const done = journal.append(Array.from({ length: rows }, (_, i) => input(i)));
    await clock.advance(30);
    await done;
  };
  const reject = (): Downward => ({
    v: 1,
    kind: "reject",
    ledger: LEDGER,
    code: "X",
    detail: "x",
    hash: payloadHash(payload),
  });
  const greet = () => {
    sender.connected(SESSION);
    next();
    return sender.received(ack());
  };
  return { clock, journal, sender, next, ack, keep, reject, greet, payload: () => payload };
}

/** 200 rows, sent again after 2 s and 4 s, to a cloud that has not heard them; by itself the next time is in 8 s. */
async function sentThriceInVain() {
  const all = made();
  await all.keep(200);
  all.greet();
  all.next();
  for (const seconds of [2, 4]) {
    await all.clock.advance(seconds * 1_000);
    all.next();
  }
  return all;
}

describe("the sender of a journal", () => {
  it("says hello first and again until it is answered, after 2 s doubling to 60 s, and sends no row before", async () => {
    const { sender, next, keep, clock, journal, ack } = made();
    await keep(3);
    expect(next()).toBeUndefined();
    sender.connected(SESSION);
    expect(next<Hello>()).toMatchObject({
      kind: "hello",
      session: SESSION,
      ledger: LEDGER,
      epochs: [{ epoch: journal.epoch, head: 3, oldest: 1, acked: 0 }],
    });
    const waits = [2, 4, 8, 16, 32, 60, 60];
    for (const seconds of waits) {
      await clock.advance(seconds * 1_000 - 1);
      expect(next()).toBeUndefined();
      await clock.advance(1);
      expect(next()).toMatchObject({ kind: "hello" });
    }
    sender.received(ack());
    expect(next<Batch>()).toMatchObject({ kind: "batch", first: 1, last: 3, prev: GENESIS_CHAIN, lost: [] });
    expect(next()).toBeUndefined();
  });

  it("begins where the cloud stands, and believes no ack of another session, epoch or ledger", async () => {
    const { sender, next, keep, journal, ack } = made();
    await keep(5);
    sender.connected(SESSION);
    next();
    sender.received(ack({ session: "c".repeat(32), committed: 5, released: 5 }));
    sender.received(ack({ epoch: "c".repeat(32), committed: 5, released: 5 }));
    expect(sender.problem).toBeUndefined();
    sender.received(ack({ ledger: "c".repeat(32), committed: 5, released: 5 }));
    expect(sender.problem).toMatchObject({ code: "UPLINK_FOREIGN_LEDGER" });
    expect([sender.greeted, journal.stats().acked, journal.stats().oldest]).toEqual([false, 0, 1]);
    sender.received(ack({ committed: 2 }));
    expect(sender.problem).toBeUndefined();
    expect(next<Batch>()).toMatchObject({ first: 3, last: 5, prev: journal.chainAt(2) });
  });

  it("at a fork deletes and sends nothing, and says hello with the new epoch when everything is carried into it", async () => {
    const { sender, next, keep, journal, ack, clock } = made();
    await keep(5);
    for (const wrong of [{ committed: 6 }, { committed: 3, chain: "f".repeat(16) }]) {
      sender.disconnected();
      sender.connected(SESSION);
      next();
      const { epoch } = journal;
      const { head } = journal.stats();
      // A second fork is not believed before a minute has gone.
      await clock.advance(60_000);
      next();
      sender.received(ack({ released: 3, ...wrong, committed: wrong.committed === 6 ? head + 1 : 3 }));
      expect(sender.problem).toMatchObject({ code: "JOURNAL_FORKED" });
      expect([next(), journal.stats().oldest, journal.forking]).toEqual([undefined, 1, true]);
      sender.received(ack({ committed: 2 }));
      expect(journal.stats().acked).toBe(0);
      await clock.advance(1_000);
      expect(journal.epoch).not.toBe(epoch);
      expect(next<Hello>()?.epochs).toMatchObject([{ epoch: journal.epoch, head: head + 1, acked: 0 }]);
      sender.received(ack());
      expect(sender.problem).toBeUndefined();
      expect(journal.problems()).toMatchObject([{ code: "JOURNAL_HAS_FORKED", params: { forked: epoch } }]);
      expect(next<Batch>()).toMatchObject({ epoch: journal.epoch, first: 1, last: head + 1, prev: GENESIS_CHAIN });
    }
  });

  it("forks at once, but again only after a minute, doubling to an hour, and says so meanwhile", async () => {
    const { sender, next, keep, journal, ack, clock } = made();
    await keep(5);
    sender.connected(SESSION);
    const waits: number[] = [];
    let last = clock.mono();
    for (let forks = 0; forks < 9; ) {
      next();
      if (!sender.greeted) sender.received(ack({ committed: journal.stats().head + 1 }));
      if (journal.forking) {
        waits.push(Math.round((clock.mono() - last) / 60_000));
        last = clock.mono();
        forks++;
      } else expect(sender.problem).toMatchObject({ code: "JOURNAL_FORKED" });
      await clock.advance(30_000);
    }
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("covers what was lost between rows, tells why, and never more of it than a batch holds", async () => {
    const { sender, next, clock, journal, ack, payload } = made({ maxBytes: 40_000 });
    const seen = (n: number): Entry => ({ draft: { type: "seen", ...SEEN, from: n, to: n } });
    for (let n = 0; n < 400; n += 2) {
      const done = journal.append([seen(n), input(n)]);
      await clock.advance(30);
      await done;
    }
    const runs = journal.lostAfter(0, 1_000);
    expect(runs.length).toBeGreaterThan(64);
    sender.connected(SESSION);
    next();
    sender.received(ack());
    let at = 0;
    for (let batch = next<Batch>(); batch !== undefined; batch = next<Batch>()) {
      const { bodies } = splitUpward(payload());
      expect(Buffer.byteLength(payload())).toBeLessThanOrEqual(MAX_BATCH_BYTES);
      expect(batch.lost.length).toBeLessThanOrEqual(MAX_BATCH_LOST);
      const lost = batch.lost.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      expect([batch.first, bodies.length + lost]).toEqual([at + 1, batch.last - batch.first + 1]);
      at = batch.last;
      sender.received(ack({ committed: at }));
    }
    expect(at).toBe(journal.stats().head);
  });

  it("keeps to the credit, and with none says only how far it has looked", async () => {
    const { sender, next, keep, ack, clock } = made();
    await keep(1_100);
    sender.connected(SESSION);
    next();
    sender.received(ack({ credit: 0 }));
    expect(next()).toBeUndefined();
    await clock.advance(15_000);
    expect(next<Batch>()).toMatchObject({ first: 1, last: 0 });
    sender.received(ack({ credit: 60_000 }));
    expect(next<Batch>()).toMatchObject({ first: 1, last: 256 });
    expect(next()).toBeUndefined();
    expect(sender.stats().outstandingBytes).toBeLessThanOrEqual(60_000);
    sender.received(ack({ committed: 256, credit: 1_000_000 }));
    const sent = [next<Batch>()?.last, next<Batch>()?.last, next<Batch>()?.last, next<Batch>()?.last];
    // The rest is not a full batch: it goes with what else there is when the next answer comes.
    expect(sent).toEqual([512, 768, 1_024, undefined]);
  });

  it("never publishes more than a batch may hold", async () => {
    const { sender, next, clock, journal, greet, payload } = made();
    for (let i = 0; i < 20; i++) {
      const done = journal.append([{ draft: { type: "gap", why: "é".repeat(20_000), from: 0, to: 0 } }]);
      await clock.advance(30);
      await done;
    }
    greet();
    const sizes: number[] = [];
    while (next() !== undefined) sizes.push(Buffer.byteLength(payload()));
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
    expect(sender.stats().outstandingBytes).toBe(sizes.reduce((a, b) => a + b));
  });

  it("goes back once when a batch is missing, not for every answer that says so", async () => {
    const { sender, next, keep, ack, greet } = made();
    await keep(1_024);
    greet();
    for (let i = 0; i < 4; i++) next();
    // The first batch got lost: the cloud answers the other three with where it stands.
    sender.received(ack());
    expect([next<Batch>()?.first, next<Batch>()?.first]).toEqual([1, 257]);
    sender.received(ack());
    sender.received(ack());
    expect([next<Batch>()?.first, next<Batch>()?.first, next()]).toEqual([513, 769, undefined]);
    expect(sender.stats().resends).toBe(1);
  });

  it("sends at once what has waited for an answer, when a cloud that begins to hear us says where it stands", async () => {
    const { next, clock, sender, ack } = await sentThriceInVain();
    await clock.advance(1_500);
    expect(next()).toBeUndefined();
    sender.received(ack());
    expect(next<Batch>()).toMatchObject({ first: 1, last: 200 });
    sender.received(ack({ committed: 200 }));
    expect(sender.stats().outstandingBytes).toBe(0);
  });

  it("is heard within a second by a cloud that begins to hear us just after it was sent again for nothing", async () => {
    const { next, clock, sender, ack } = await sentThriceInVain();
    await clock.advance(300);
    sender.received(ack());
    expect(next()).toBeUndefined();
    expect(sender.nextDue()).toBe(clock.mono() + 700);
    await clock.advance(700);
    expect(next<Batch>()).toMatchObject({ first: 1, last: 200 });
    sender.received(ack({ committed: 200 }));
    expect([next(), sender.stats().outstandingBytes]).toEqual([undefined, 0]);
  });

  it("does not take an answer that comes twice for one to the next batch: nothing is sent twice for it", async () => {
    const { next, keep, clock, greet, sender, ack } = made();
    greet();
    for (let committed = 0; committed < 50; committed += 10) {
      await keep(10);
      expect(next<Batch>()).toMatchObject({ first: committed + 1, last: committed + 10 });
      sender.received(ack({ committed }));
      expect(next()).toBeUndefined();
      await clock.advance(100);
      sender.received(ack({ committed: committed + 10 }));
    }
    expect(sender.stats().resends).toBe(0);
  });

  it("sends again after 2 s doubling to 60 s when nothing is answered, one batch at a time", async () => {
    const { next, keep, clock, greet, sender, ack } = made();
    await keep(768);
    greet();
    while (next() !== undefined);
    for (const seconds of [2, 4, 8, 16, 32, 60]) {
      await clock.advance(seconds * 1_000);
      expect(next<Batch>()).toMatchObject({ first: 1, last: 256 });
      expect(next()).toBeUndefined();
    }
    sender.received(ack({ committed: 256 }));
    expect([next<Batch>()?.first, next<Batch>()?.first]).toEqual([257, 513]);
  });

  it("sends again from where a restored cloud stands, and declares what it no longer keeps", async () => {
    const { sender, next, keep, journal, ack, greet } = made();
    await keep(10);
    const old = journal.chainAt(4)!;
    greet();
    next();
    sender.received(ack({ committed: 10, released: 6 }));
    const cut = journal.chainAt(6)!;
    sender.received(ack({ committed: 8 }));
    expect(next<Batch>()).toMatchObject({ first: 9, last: 10 });
    sender.received(ack({ committed: 4, chain: old }));
    expect(next<Batch>()).toMatchObject({
      first: 5,
      last: 10,
      prev: old,
      lost: [{ from: 5, to: 6, chain: cut, why: "released" }],
    });
    sender.received(ack({ committed: 10 }));
    expect([next(), sender.problem]).toEqual([undefined, undefined]);
  });

  it("halves what the cloud cannot read down to one row, and sends that as opaque", async () => {
    const { sender, next, keep, journal, ack, reject, greet, payload } = made();
    await keep(8);
    greet();
    const bad = 6;
    const sent: string[] = [];
    for (let message = next<Batch | Opaque>(); message !== undefined; message = next<Batch | Opaque>()) {
      const [first, last] = message.kind === "opaque" ? [message.seq, message.seq] : [message.first, message.last];
      sent.push(`${message.kind} ${first}-${last}`);
      const readable = message.kind === "opaque" || first > bad || last < bad;
      if (message.kind === "opaque")
        expect(Buffer.from(message.body, "base64").toString()).toBe(journal.read(bad - 1, 1, 1e6)[0]!.body);
      expect(payload()).not.toBe("");
      sender.received(readable ? ack({ committed: last }) : reject());
    }
    expect(sent).toEqual([
      "batch 1-8",
      "batch 1-4",
      "batch 5-8",
      "batch 5-6",
      "batch 5-5",
      "batch 6-6",
      "opaque 6-6",
      "batch 7-8",
    ]);
    expect(sender.stats().rejects).toBe(4);
    expect(journal.stats().acked).toBe(8);
  });

  it("promises with a batch of the past no more than was known then, and with the last what is known now", async () => {
    const { next, journal, clock, greet, ack, sender } = made();
    const boot = journal.boot;
    for (let i = 0; i < 300; i++) void journal.append([input(i)], 600 + i);
    await clock.advance(9_500);
    greet();
    expect(next<Batch>()?.through).toEqual({ boot, mono: 600 + 255, wall: isoMs(clock.wall() - 10_000 + 855) });
    sender.received(ack({ committed: 256 }));
    expect(next<Batch>()?.through).toMatchObject({ boot, mono: clock.mono() - 100 });
  });

  it("reads the cloud's clock from an answer whose question is known", async () => {
    const { sender, next, clock, ack, keep } = made();
    sender.connected(SESSION);
    next();
    const sentAt = clock.mono();
    await clock.advance(40);
    const utc = "2026-02-02T00:00:00.000Z";
    expect(sender.received(ack({ utc }))).toEqual({ sentAt, receivedAt: sentAt + 40, utc });
    await keep(600);
    while (next() !== undefined);
    expect(sender.received(ack({ committed: 256, utc: "2026-02-02T00:00:01.000Z" }))).toBeUndefined();
  });
});
