import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { Observation } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { input, some } from "../../test/journal.contract.js";
import type { EdgeJournal, Entry, JournalRow } from "./journal.js";
import { originOf } from "./origin.js";
import { openJournal } from "./sqlite-journal.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-salvage-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const log = createLogger("test", { level: "silent" });
const MIB = 1024 * 1024;
const RUNS = Number(process.env.STOREWARD_SALVAGE_RUNS ?? 25);
let files = 0;
const newFile = () => join(dir, `${files++}.db`);

function open(file: string, clock = new ManualClock(), maxBytes = 64 * MIB): EdgeJournal {
  return openJournal({ file, maxBytes, config: 7, clock, log });
}

const gap = (from: number, size: number): Entry => ({ draft: { type: "gap", why: "x".repeat(size), from, to: from } });

/** A journal of a closed device: everything it promised, by number. */
interface Sample {
  readonly file: string;
  readonly epoch: string;
  readonly bodies: ReadonlyMap<number, string>;
  readonly acked: number;
  readonly head: number;
}

/** Some rows of every size, some acknowledged and some deleted, with presence; closed in order, or as a crash leaves it. */
async function sample(crashed: boolean): Promise<Sample> {
  const file = newFile();
  const clock = new ManualClock();
  const journal = open(file, clock);
  const presence = { readPoint: "shelf-1", epc: "AA", state: '{"since":1}' };
  for (let i = 0; i < 12; i++) {
    const entries = Array.from({ length: 50 }, (_, n) => (n % 2 ? input(i * 50 + n) : gap(n, (n * 37) % 900)));
    const done = journal.append([...entries, { ...gap(i, i === 5 ? 9_000 : 10), presence }]);
    await clock.advance(30);
    await done;
  }
  journal.acknowledge(journal.epoch, 200, some(journal.chainAt(200)), 100);
  await clock.advance(6_000);
  const bodies = new Map(journal.read(0, 1e6, 1e9).map(({ seq, body }) => [seq, body]));
  const { acked, head } = journal.stats();
  const copy = newFile();
  if (crashed) {
    for (const end of ["", "-wal", ".head"]) copyFileSync(`${file}${end}`, `${copy}${end}`);
    journal.close();
  } else {
    journal.close();
    for (const end of ["", ".head"]) copyFileSync(`${file}${end}`, `${copy}${end}`);
  }
  return { file: copy, epoch: journal.epoch, bodies, acked, head };
}

function copyOfSample({ file, ...rest }: Sample): Sample {
  const copy = newFile();
  for (const end of ["", "-wal", ".head"])
    if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, `${copy}${end}`);
  return { file: copy, ...rest };
}

/**
 * What is told of every number of the sample's epoch: rows are the very bodies that were journaled, and what is no row is in a lost run. Lost runs
 * in a new epoch are in order between copies: as many numbers as are missing. Returns the rows told.
 */
function expectAllTold(journal: EdgeJournal, { epoch, bodies, acked, head }: Sample): number {
  const rows: JournalRow[] = [];
  for (let more = journal.read(0, 1e6, 1e9); more.length > 0; more = journal.read(some(rows.at(-1)).seq, 1e6, 1e9))
    rows.push(...more);
  const runs = journal.lostAfter(0, 1e6);
  const isSame = journal.epoch === epoch;
  let rowsTold = 0;
  let at = 0;
  let lost = 0;
  let next = journal.stats().oldest;
  const settle = (seq: number) => {
    // Numbers that the cloud has acknowledged need not be told.
    const missing = Array.from({ length: seq - at - 1 }, (_, i) => at + 1 + i).filter((n) => n > acked).length;
    expect(lost).toBeGreaterThanOrEqual(missing);
    [at, lost] = [seq, 0];
  };
  const takeRuns = () => {
    for (let run = runs[0]; run !== undefined && run.from === next; run = runs[0]) {
      lost += run.to - run.from + 1;
      next = run.to + 1;
      runs.shift();
    }
  };
  for (const { seq, body } of rows) {
    takeRuns();
    expect(seq).toBe(next++);
    const origin = originOf(body);
    const old = isSame ? seq : origin?.epoch === epoch ? origin.seq : undefined;
    if (old === undefined || old > head) continue;
    const text = isSame ? body : `${body.slice(0, body.lastIndexOf(',"origin":'))}}`;
    if (text !== bodies.get(old)) throw new Error(`row ${old} is not what was journaled`);
    settle(old);
    rowsTold++;
  }
  takeRuns();
  expect(runs).toEqual([]);
  settle(head + 1);
  return rowsTold;
}

const asides = (file: string) =>
  readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.damaged`) && !name.endsWith("-wal"));
const codes = (journal: EdgeJournal) => journal.problems().map(({ code }) => code);
const lastRow = (journal: EdgeJournal) =>
  JSON.parse(some(journal.read(journal.stats().head - 1, 1, 1e6)[0]).body) as Observation;

type Damage =
  | { readonly kind: "bytes"; readonly at: number; readonly length: number; readonly xor: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "page"; readonly at: number; readonly fill: number };

const where = fc.double({ min: 0, max: 0.999, noNaN: true });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("bytes" as const),
      at: where,
      length: fc.integer({ min: 1, max: 40 }),
      xor: fc.integer({ min: 1, max: 255 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("page" as const), at: where, fill: fc.constantFrom(0, 0xa5, 0xff) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at: where }) },
);

function apply(file: string, what: Damage): void {
  const bytes = readFileSync(file);
  if (bytes.length === 0) return;
  const at = Math.floor(bytes.length * what.at);
  if (what.kind === "cut") {
    truncateSync(file, at);
    return;
  }
  if (what.kind === "page") bytes.fill(what.fill, at - (at % 4096), Math.min(bytes.length, at - (at % 4096) + 4096));
  else for (let i = at; i < Math.min(bytes.length, at + what.length); i++) bytes[i] = (bytes[i] ?? 0) ^ what.xor;
  writeFileSync(file, bytes);
}

describe("a damaged journal", () => {
  it("never loses a row in silence, and never tells one that was not journaled, whatever bytes are changed or cut off", async () => {
    const samples = [await sample(false), await sample(true)];
    fc.assert(
      fc.property(
        fc.nat(1),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (which, damages, inWal) => {
          const one = copyOfSample(some(samples[which]));
          for (const what of damages) apply(inWal && which === 1 ? `${one.file}-wal` : one.file, what);
          let journal: EdgeJournal;
          try {
            journal = open(one.file);
          } catch (error) {
            // A header that names another program or release is no damage that can be told: it is refused, and nothing is changed.
            expect(error).toMatchObject({ code: expect.stringMatching(/^JOURNAL_(FOREIGN|NEWER)$/) });
            return;
          }
          expectAllTold(journal, one);
          journal.close();
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);

  it("is put aside and kept, said for a day, and what is readable goes on with its origin, presence and notes", async () => {
    const one = await sample(false);
    const bytes = readFileSync(one.file);
    // One page of rows in the middle.
    apply(one.file, { kind: "page", at: 0.5, fill: 0xa5 });
    const damaged = readFileSync(one.file);
    expect(damaged.equals(bytes)).toBe(false);
    const clock = new ManualClock({ wall: Date.UTC(2026, 0, 2) });
    const journal = open(one.file, clock);
    expect(journal.epoch).not.toBe(one.epoch);
    const told = expectAllTold(journal, one);
    expect(told).toBeGreaterThan(one.bodies.size * 0.8);
    expect(lastRow(journal)).toMatchObject({
      type: "gap",
      why: expect.stringContaining(`rows after ${one.head} of epoch ${one.epoch}`),
    });
    expect(codes(journal)).toEqual(["JOURNAL_SALVAGED"]);
    const [aside] = asides(one.file);
    const kept = readFileSync(join(dir, some(aside)));
    expect(kept.length).toBe(damaged.length);
    // Opening it counts in SQLite's header, and changes nothing else.
    expect(kept.subarray(100).equals(damaged.subarray(100))).toBe(true);
    expect(journal.presences()).toEqual([{ readPoint: "shelf-1", epc: "AA", state: '{"since":1}' }]);
    expect(journal.lastAlive).toBeGreaterThan(0);
    journal.close();
    const again = open(one.file, clock);
    expect([codes(again), again.epoch]).toEqual([["JOURNAL_SALVAGED"], journal.epoch]);
    clock.stepWall(25 * 3_600_000);
    expect(codes(again)).toEqual([]);
    again.close();
  });

  it("finds rows that SQLite takes for sound and the chain does not, declares those and delivers the others", async () => {
    const one = await sample(false);
    const db = new Database(one.file);
    db.prepare("update journal_row set body = replace(body, '\"r1\"', '\"r2\"') where seq = 250").run();
    db.prepare("update journal_row set chain = 'ffffffffffffffff' where seq = 260").run();
    db.prepare("delete from journal_row where seq = 270").run();
    db.close();
    const journal = open(one.file);
    expect(expectAllTold(journal, one)).toBe(one.bodies.size - 3);
    expect(journal.lostAfter(0, 10).map(({ from, to, why }) => [from, to, why])).toEqual([
      [250, 250, "damaged on the disk"],
      [270, 271, "damaged on the disk"],
    ]);
    expect(codes(journal)).toEqual(["JOURNAL_DAMAGED_ROWS"]);
    journal.close();
  });

  it("is declared as a whole when nothing is readable: no SQLite file, an empty one, or none at all", async () => {
    for (const ruin of [
      (file: string) => writeFileSync(file, "not a database, but long enough to be taken for one. ".repeat(100)),
      (file: string) => writeFileSync(file, ""),
      (file: string) => rmSync(file),
      (file: string) => truncateSync(file, 1_000),
    ]) {
      const one = await sample(false);
      ruin(one.file);
      const journal = open(one.file);
      expect(expectAllTold(journal, one)).toBe(0);
      const lost = journal.lostAfter(0, 10).reduce((sum, { from, to }) => sum + to - from + 1, 0);
      expect(lost).toBe(one.head - one.acked);
      expect(lastRow(journal)).toMatchObject({
        type: "gap",
        why: expect.stringContaining(`after ${one.head} of epoch ${one.epoch}`),
      });
      journal.close();
      const again = open(one.file);
      expect(again.lostAfter(0, 10)).toHaveLength(1);
      again.close();
    }
  });

  it("is salvaged once, however often the agent stops in the middle", async () => {
    const one = await sample(true);
    apply(one.file, { kind: "page", at: 0.5, fill: 0xa5 });
    const aside = `${one.file}.damaged-1`;
    writeFileSync(`${one.file}.salvage`, JSON.stringify({ aside: basename(aside), reason: "a test" }));
    // Stopped between the two files, with half of a new journal.
    renameSync(one.file, aside);
    writeFileSync(`${one.file}.new`, "half of it");
    const journal = open(one.file);
    expectAllTold(journal, one);
    expect(existsSync(`${aside}-wal`) && !existsSync(`${one.file}.new`) && !existsSync(`${one.file}.salvage`)).toBe(
      true,
    );
    const { head } = journal.stats();
    journal.close();
    // Stopped when only the marker was left.
    writeFileSync(`${one.file}.salvage`, JSON.stringify({ aside: basename(aside), reason: "a test" }));
    const again = open(one.file);
    expect([again.epoch, again.stats().head, existsSync(`${one.file}.salvage`)]).toEqual([journal.epoch, head, false]);
    again.close();
  });

  it("restored from an older copy goes on behind what it had, and declares what is missing", async () => {
    const file = newFile();
    const clock = new ManualClock();
    const journal = open(file, clock);
    const keep = async (rows: number, from: number) => {
      const done = journal.append(Array.from({ length: rows }, (_, i) => input(from + i)));
      await clock.advance(30);
      await done;
    };
    await keep(10, 0);
    await clock.advance(6_000);
    copyFileSync(file, `${file}.copy`);
    copyFileSync(`${file}-wal`, `${file}.copy-wal`);
    await keep(10, 10);
    journal.acknowledge(journal.epoch, 15, some(journal.chainAt(15)), 0);
    const chain = some(journal.chainAt(20));
    journal.close();
    renameSync(`${file}.copy`, file);
    renameSync(`${file}.copy-wal`, `${file}-wal`);
    const again = open(file, clock);
    expect(again.epoch).toBe(journal.epoch);
    expect(again.lostAfter(0, 10)).toMatchObject([
      { from: 11, to: 15, why: "the journal was restored from an older copy (acknowledged)" },
      { from: 16, to: 20, chain, why: "the journal was restored from an older copy" },
    ]);
    expect(codes(again)).toEqual(["JOURNAL_WENT_BACK"]);
    expect(again.chainAt(20)).toBe(chain);
    expect(lastRow(again)).toMatchObject({ type: "gap", why: expect.stringContaining("rows after 20") });
    again.close();
    const third = open(file, clock);
    expect([codes(third), third.stats().head]).toEqual([[], 21]);
    third.close();
  });
});

describe("a damaged journal on a disk that is nearly full", () => {
  const mount = join(dir, "disk");
  mkdirSync(mount);
  let mounted = false;
  afterAll(() => {
    if (mounted) execFileSync("umount", [mount]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    "declares what there is no room for, and keeps the file that has it (skipped where nothing may be mounted)",
    async (context) => {
      const one = await sample(false);
      const { size } = statSync(one.file);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${Math.round(size / 1024 + 2_300)}k`, "tmpfs", mount], {
          stdio: "ignore",
        });
        mounted = true;
      } catch {
        context.skip();
      }
      const file = join(mount, "journal.db");
      for (const end of ["", ".head"]) copyFileSync(`${one.file}${end}`, `${file}${end}`);
      apply(file, { kind: "page", at: 0.5, fill: 0xa5 });
      const journal = open(file);
      const told = expectAllTold(journal, { ...one, file });
      expect(told).toBeLessThan(one.bodies.size);
      expect(journal.lostAfter(0, 100).map(({ why }) => why)).toContain(
        "no room on the disk when the damaged journal was salvaged; the file put aside has them",
      );
      expect(asides(file)).toHaveLength(1);
      journal.close();
    },
  );
});
