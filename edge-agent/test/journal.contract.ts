import { type Lost, MAX_BODY_BYTES, type ObservationDraft } from "@storeward/contracts";
import { GENESIS_CHAIN, ManualClock, nextChain } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import type { EdgeJournal, Entry } from "../src/journal/journal.js";
import { copyOf, originOf } from "../src/journal/origin.js";

/** A disk that journals are opened on, one after the other. */
export interface JournalDisk {
  /** `small`: it takes some thousand rows at most. */
  open(clock: ManualClock, small?: boolean): EdgeJournal;
}

/** For what a test knows to be there. */
export function some<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("expected something here");
  return value;
}

export const input = (port: number): Entry => ({ draft: { type: "input", reader: "r1", port, high: true } });
const inputs = (count: number, from = 0) => Array.from({ length: count }, (_, i) => input(from + i));
const present = (epc: string, state: string | null): Entry => ({
  draft: { type: "input", reader: "r1", port: 0, high: true },
  presence: { readPoint: "shelf-1", epc, state },
});

const AT_SHELF = { tag: { epc: "3066C4409047E140075BCD15" }, readPoint: "shelf-1" };
const STRENGTH = { rounds: 4, reads: 3, antennas: [] };
/** One of each type that may give way, in the order of a busy shelf. */
const MIXED: readonly ObservationDraft[] = [
  { type: "arrived", ...AT_SHELF, first: 1, strength: STRENGTH },
  { type: "seen", ...AT_SHELF, from: 1, to: 2, strength: STRENGTH },
  { type: "passed", ...AT_SHELF, pass: "0".repeat(32), direction: "in", p: 0.9, sides: {} },
  { type: "input", reader: "r1", port: 1, high: true },
  { type: "seen", ...AT_SHELF, from: 1, to: 3, strength: STRENGTH },
  { type: "measured", sensor: "t", quantity: "temperature", value: 4, unit: "°C" },
  { type: "coverage", readPoint: "shelf-1", state: "watching", since: 0, why: "", antennas: [1] },
  { type: "clock", utc: "2026-01-01T00:00:00.000Z", plusMinusMs: 5, source: "cloud" },
  {
    type: "inventoried",
    ...{ inventory: "0".repeat(32), part: 1, parts: 1, readPoint: "shelf-1", from: 0, to: 1 },
    ...{ rounds: 1, completeness: 1, reason: "", tags: [] },
  },
];

/** What every journal promises. `disk` gives an empty one for each test. */
export function journalContract(name: string, disk: () => JournalDisk): void {
  const opened = () => {
    const clock = new ManualClock({ mono: 1_000.7 });
    const on = disk();
    return { clock, on, journal: on.open(clock) };
  };
  const kept = async (journal: EdgeJournal, clock: ManualClock, entries: readonly Entry[], through?: number) => {
    const done = journal.append(entries, through);
    await clock.advance(50);
    await done;
  };
  const ports = (journal: EdgeJournal, after = 0) =>
    journal.read(after, 1_000, 1e9).map(({ body }) => (JSON.parse(body) as { port: number }).port);
  const verify = (journal: EdgeJournal) => {
    const { oldest, head } = journal.stats();
    let chain = some(journal.chainAt(oldest - 1));
    let seq = oldest - 1;
    for (const row of journal.read(0, 10_000, 1e9)) {
      expect(row.seq).toBe(++seq);
      chain = nextChain(chain, row.seq, row.body);
      expect(row.chain).toBe(chain);
    }
    expect(seq).toBe(head);
  };

  const carriedOver = async (journal: EdgeJournal, clock: ManualClock) => {
    for (let i = 0; i < 2_000 && journal.forking; i++) await clock.advance(10);
    expect(journal.forking).toBe(false);
  };

  describe(`the journal of an agent: ${name}`, () => {
    it("numbers rows from 1 without holes and chains the exact bodies", async () => {
      const { journal, clock } = opened();
      expect(journal.chainAt(0)).toBe(GENESIS_CHAIN);
      await kept(journal, clock, inputs(3));
      await kept(journal, clock, inputs(2, 3));
      const rows = journal.read(0, 10, 1e6);
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      verify(journal);
      expect(journal.chainAt(5)).toBe(some(rows[4]).chain);
      expect(journal.chainAt(6)).toBeUndefined();
      expect(JSON.parse(some(rows[1]).body)).toEqual({
        type: "input",
        at: { boot: journal.boot, mono: 1_000, wall: "2026-01-01T00:00:00.000Z" },
        config: 7,
        reader: "r1",
        port: 1,
        high: true,
      });
      journal.close();
    });

    it("keeps a body on one line, whatever is in it", async () => {
      const { journal, clock } = opened();
      const why = "line\nbreak \u2028 “quoted” \u0000";
      await kept(journal, clock, [{ draft: { type: "gap", why, from: 0, to: 1 } }]);
      const [row] = journal.read(0, 1, 1e6);
      expect(some(row).body).not.toContain("\n");
      expect(JSON.parse(some(row).body)).toMatchObject({ why });
      journal.close();
    });

    it("resolves an append once it is kept, within 50 ms, and at once when 256 rows wait", async () => {
      const { journal, clock } = opened();
      let done = 0;
      void journal.append(inputs(1)).then(() => done++);
      void journal.append(inputs(1)).then(() => done++);
      await clock.advance(0);
      expect({ done, head: journal.stats().head }).toEqual({ done: 0, head: 0 });
      await clock.advance(50);
      expect({ done, head: journal.stats().head }).toEqual({ done: 2, head: 2 });
      for (let i = 0; i < 256; i++) void journal.append(inputs(1)).then(() => done++);
      expect(journal.stats().head).toBe(258);
      await clock.advance(0);
      expect(done).toBe(258);
      journal.close();
      expect(clock.pending).toBe(0);
    });

    it("keeps the order in which it was asked", async () => {
      const { journal, clock } = opened();
      for (let i = 0; i < 300; i++) void journal.append([input(2 * i), input(2 * i + 1)]);
      await clock.advance(50);
      expect(ports(journal)).toEqual(Array.from({ length: 600 }, (_, i) => i));
      journal.close();
    });

    it("reads after a row, at most so many rows and bytes", async () => {
      const { journal, clock } = opened();
      await kept(journal, clock, inputs(10));
      expect(ports(journal, 7)).toEqual([7, 8, 9]);
      expect(journal.read(0, 4, 1e6)).toHaveLength(4);
      const { body } = some(journal.read(0, 1, 1e6)[0]);
      expect(journal.read(0, 10, body.length * 3 + 1)).toHaveLength(3);
      expect(journal.read(0, 10, body.length - 1)).toEqual([]);
      expect(journal.read(10, 10, 1e6)).toEqual([]);
      journal.close();
    });

    it("goes on after a restart: same epoch, next number, other boot; knows when it was last alive", async () => {
      const { journal, clock, on } = opened();
      expect(journal.lastAlive).toBeUndefined();
      await kept(journal, clock, inputs(2));
      journal.close();
      const alive = clock.wall();
      await clock.advance(60_000);
      const again = on.open(clock);
      expect(again.epoch).toBe(journal.epoch);
      expect(again.boot).not.toBe(journal.boot);
      expect(alive - some(again.lastAlive)).toBeLessThan(60);
      await kept(again, clock, inputs(2, 2));
      expect(ports(again)).toEqual([0, 1, 2, 3]);
      verify(again);
      again.close();
    });

    it("keeps what waits when it is closed, and nothing after", async () => {
      const { journal, clock, on } = opened();
      const waiting = journal.append(inputs(1));
      journal.close();
      await waiting;
      await expect(journal.append(inputs(1))).rejects.toThrow("closed");
      const again = on.open(clock);
      expect(ports(again)).toEqual([0]);
      again.close();
    });

    it("stores presence with the row it belongs to, and gives it back after a restart", async () => {
      const { journal, clock, on } = opened();
      await kept(journal, clock, [present("AA", "1"), present("BB", "2"), present("AA", "3"), present("BB", null)]);
      await kept(journal, clock, [present("CC", "4")]);
      journal.close();
      const again = on.open(clock);
      expect(again.presences()).toEqual([
        { readPoint: "shelf-1", epc: "AA", state: "3" },
        { readPoint: "shelf-1", epc: "CC", state: "4" },
      ]);
      again.close();
    });

    it("stores a note with the row it belongs to", async () => {
      const { journal, clock, on } = opened();
      expect(journal.note("configured")).toBeUndefined();
      await kept(journal, clock, [{ ...input(1), note: { key: "configured", value: "v1" } }]);
      await kept(journal, clock, [{ ...input(1), note: { key: "configured", value: "v2" } }]);
      journal.close();
      const again = on.open(clock);
      expect(again.note("configured")).toBe("v2");
      again.close();
    });

    it("notes what is committed and deletes what is released", async () => {
      const { journal, clock, on } = opened();
      await kept(journal, clock, inputs(10));
      const chain = some(journal.chainAt(8));
      const cutChain = some(journal.chainAt(5));
      journal.acknowledge(journal.epoch, 8, chain, 5);
      const state = { oldest: 6, acked: 8, ackedChain: chain, head: 10 };
      expect(journal.kept()).toMatchObject([state]);
      expect(journal.stats()).toMatchObject({ oldest: 6, acked: 8, released: 5, head: 10 });
      expect(ports(journal)).toEqual([5, 6, 7, 8, 9]);
      expect([journal.chainAt(4), journal.chainAt(5)]).toEqual([undefined, cutChain]);
      verify(journal);
      journal.close();
      const again = on.open(clock);
      expect(again.kept()).toMatchObject([state]);
      expect(again.chainAt(5)).toBe(cutChain);
      await kept(again, clock, inputs(1, 10));
      verify(again);
      again.close();
    });

    it("never deletes what is not committed, and goes on counting when everything is deleted", async () => {
      const { journal, clock, on } = opened();
      await kept(journal, clock, inputs(4));
      journal.acknowledge(journal.epoch, 2, some(journal.chainAt(2)), 4);
      expect(ports(journal)).toEqual([2, 3]);
      const headChain = some(journal.chainAt(4));
      journal.acknowledge(journal.epoch, 4, headChain, 4);
      expect(journal.kept()).toMatchObject([{ head: 4, headChain, oldest: 5 }]);
      journal.close();
      const again = on.open(clock);
      expect(again.kept()).toMatchObject([{ head: 4, headChain, oldest: 5 }]);
      await kept(again, clock, inputs(1, 4));
      expect(again.read(0, 10, 1e6)).toMatchObject([{ seq: 5 }]);
      verify(again);
      again.close();
    });

    it("takes it when the cloud has gone back, also behind what is kept", async () => {
      const { journal, clock } = opened();
      await kept(journal, clock, inputs(10));
      const chain = some(journal.chainAt(3));
      journal.acknowledge(journal.epoch, 8, some(journal.chainAt(8)), 5);
      journal.acknowledge(journal.epoch, 6, some(journal.chainAt(6)), 2);
      expect(journal.kept()).toMatchObject([{ acked: 6, oldest: 6 }]);
      journal.acknowledge(journal.epoch, 3, chain, 0);
      expect(journal.kept()).toMatchObject([{ acked: 3, ackedChain: chain, oldest: 6 }]);
      journal.close();
    });

    it("calls a fork what it is, and changes nothing", async () => {
      const { journal, clock } = opened();
      await kept(journal, clock, inputs(4));
      const before = journal.kept();
      const forked = "another chain than this journal";
      expect(() => journal.acknowledge(journal.epoch, 5, some(journal.chainAt(4)), 4)).toThrow(forked);
      expect(() => journal.acknowledge(journal.epoch, 4, some(journal.chainAt(3)), 4)).toThrow(forked);
      expect(() => journal.acknowledge(journal.epoch, 0, "00000000000000ff", 0)).toThrow(forked);
      journal.acknowledge("f".repeat(32), 4, some(journal.chainAt(4)), 4);
      expect(journal.kept()).toEqual(before);
      journal.close();
    });

    it("carries everything it keeps into a new epoch at a fork: bodies as they were, with the first origin, behind it a gap", async () => {
      const { journal, clock, on } = opened();
      await kept(journal, clock, [...inputs(9), { ...present("AA", "1"), note: { key: "n", value: "v" } }]);
      journal.acknowledge(journal.epoch, 4, some(journal.chainAt(4)), 2);
      const first = { epoch: journal.epoch, rows: journal.read(0, 100, 1e9) };
      journal.fork(20);
      expect(journal.forking).toBe(true);
      expect(() => journal.acknowledge(journal.epoch, 5, some(journal.chainAt(5)), 5)).toThrow("another chain");
      await carriedOver(journal, clock);
      const { epoch } = journal;
      expect(epoch).not.toBe(first.epoch);
      const copies = journal.read(0, 100, 1e9);
      expect(copies.slice(0, -1).map(({ body }) => body)).toEqual(
        first.rows.map(({ seq, chain, body }) => copyOf(body, { epoch: first.epoch, seq, chain })),
      );
      expect(JSON.parse(some(copies.at(-1)).body)).toMatchObject({
        type: "gap",
        why: expect.stringContaining("rows after 20"),
      });
      expect(journal.kept()).toMatchObject([{ epoch, head: 9, oldest: 1, acked: 0 }]);
      expect(journal.problems()).toMatchObject([{ code: "JOURNAL_HAS_FORKED" }]);
      verify(journal);
      // A second fork keeps the origin that the cloud may know a row by.
      await kept(journal, clock, inputs(1, 50));
      journal.fork(3);
      await carriedOver(journal, clock);
      const again = journal.read(0, 100, 1e9);
      expect(again.slice(0, 8).map(({ body }) => body)).toEqual(copies.slice(0, 8).map(({ body }) => body));
      expect(originOf(some(again[9]).body)).toMatchObject({ epoch, seq: 10 });
      expect([journal.presences(), journal.note("n")]).toMatchObject([[{ epc: "AA" }], "v"]);
      journal.close();
      const reopened = on.open(clock);
      expect(reopened.read(0, 100, 1e9)).toEqual(again);
      expect(reopened.problems()).toMatchObject([{ code: "JOURNAL_HAS_FORKED" }]);
      reopened.close();
    });

    it("says of a fork since when the other life may have had rows: since the last row that both have had, also when it is deleted", async () => {
      for (const released of [0, 2, 3]) {
        const { journal, clock, on } = opened();
        for (let row = 0; row < 3; row++) await kept(journal, clock, inputs(1, row));
        const common = clock.mono() - 50;
        await clock.advance(60_000);
        journal.acknowledge(journal.epoch, 3, some(journal.chainAt(3)), released);
        await kept(journal, clock, inputs(2, 3));
        journal.close();
        const again = on.open(clock);
        await clock.advance(1_000);
        again.fork(20);
        await carriedOver(again, clock);
        const gap = JSON.parse(some(again.read(0, 100, 1e9).at(-1)).body) as { from: number; to: number };
        expect(Math.abs(gap.from - common)).toBeLessThan(1);
        again.close();
      }
    });

    it("goes on with a fork after a restart, takes rows meanwhile, and keeps their order", async () => {
      const { journal, clock, on } = opened();
      for (let i = 0; i < 3_000; i += 250) await kept(journal, clock, inputs(250, i));
      journal.fork(1);
      await clock.advance(1);
      journal.close();
      const again = on.open(clock);
      expect(again.forking).toBe(true);
      void again.append(inputs(250, 3_000));
      await carriedOver(again, clock);
      await clock.advance(50);
      const all = again.read(0, 10_000, 1e9).map(({ body }) => (JSON.parse(body) as { port?: number }).port);
      expect(all.filter((port) => port !== undefined)).toEqual(Array.from({ length: 3_250 }, (_, i) => i));
      verify(again);
      again.close();
    });

    it("when full lets acknowledged rows go, then rows by their types, never what was sent, and keeps the chain", async () => {
      const clock = new ManualClock({ mono: 1_000 });
      const on = disk();
      const journal = on.open(clock, true);
      let rows = 0;
      const round = async () => {
        const drafts = Array.from({ length: 4 }, () => MIXED).flat();
        const done = journal.append(drafts.map((draft) => ({ draft })));
        await clock.advance(30);
        await done;
        rows += drafts.length;
      };
      const seen = (runs: readonly Lost[]) => runs.reduce((sum, { types }) => sum + (types.seen ?? 0), 0);
      const lostRows = () => journal.lostAfter(0, 1e6);
      await round();
      journal.acknowledge(journal.epoch, 8, some(journal.chainAt(8)), 0);
      journal.sent(4 * MIXED.length);
      while (lostRows().length === 0 && rows < 50_000) await round();
      expect(journal.stats()).toMatchObject({ oldest: 9, full: false, refused: 0 });
      while (rows < 50_000 && lostRows().every(({ types }) => Object.keys(types).every((type) => type === "seen")))
        await round();
      // Only when none was left of the first did the next begin; what was sent is all there.
      expect(lostRows().every(({ from }) => from > 4 * MIXED.length)).toBe(true);
      expect(seen(lostRows())).toBeGreaterThan(rows / MIXED.length / 2);
      while (rows < 50_000 && lostRows().every(({ types }) => types.arrived === undefined)) await round();
      const types = new Set(lostRows().flatMap((run) => Object.keys(run.types)));
      expect(types).toEqual(new Set(["seen", "inventoried", "input", "measured", "arrived"]));
      expect(journal.problems()).toMatchObject([{ code: "JOURNAL_GIVES_WAY" }]);
      const check = (of: EdgeJournal) => {
        let at = of.stats().oldest - 1;
        let chain = some(of.chainAt(at));
        const runs = of.lostAfter(0, 1e6);
        for (const row of of.read(0, 1e6, 1e9)) {
          while (row.seq > at + 1) {
            const run = some(runs.shift());
            expect(run.from).toBe(at + 1);
            [at, chain] = [run.to, some(of.chainAt(run.to))];
            expect(run.chain).toBe(chain);
          }
          chain = nextChain(chain, ++at, row.body);
          if (row.seq !== at || row.chain !== chain) throw new Error(`row ${row.seq} does not follow`);
        }
        expect([at, runs]).toEqual([of.stats().head, []]);
      };
      check(journal);
      journal.close();
      const again = on.open(clock, true);
      check(again);
      // Who stands within a lost run has another life's rows; at its end it is this journal's.
      const long = some(again.lostAfter(0, 1e6).find(({ from, to }) => to > from));
      expect(() => again.acknowledge(again.epoch, long.from, long.chain, 0)).toThrow("another chain");
      again.acknowledge(again.epoch, long.to, long.chain, long.from);
      expect(again.stats()).toMatchObject({ acked: long.to, oldest: long.from });
      check(again);
      const before = again.lostAfter(0, 1e6).reduce((sum, { from, to }) => sum + to - from + 1, 0);
      again.fork(1);
      await carriedOver(again, clock);
      expect(again.lostAfter(0, 1e6).reduce((sum, { from, to }) => sum + to - from + 1, 0)).toBeGreaterThanOrEqual(
        before,
      );
      check(again);
      again.close();
    }, 60_000);

    it("refuses a row that is too large, and keeps the others", async () => {
      const { journal, clock } = opened();
      const large: ObservationDraft = { type: "gap", why: "x".repeat(MAX_BODY_BYTES), from: 0, to: 0 };
      const refused = expect(journal.append([input(0), { draft: large }])).rejects.toThrow("takes");
      await kept(journal, clock, inputs(1, 1));
      await refused;
      expect(ports(journal)).toEqual([1]);
      journal.close();
    });

    it("says with each row how far the agent had looked, and promises it only with the last row of a call", async () => {
      const { journal, clock } = opened();
      await kept(journal, clock, inputs(2), 1_010.9);
      await kept(journal, clock, inputs(1));
      await kept(journal, clock, inputs(2), 1_005);
      await kept(journal, clock, [], 1_030);
      await kept(journal, clock, inputs(1));
      expect(journal.read(0, 10, 1e6).map(({ through }) => through)).toEqual([
        1_000, 1_010, 1_010, 1_010, 1_010, 1_030,
      ]);
      journal.close();
    });
  });
}
