import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Observation } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import Database from "better-sqlite3";
import { afterAll, describe, expect, it } from "vitest";
import { input, journalContract, some } from "../../test/journal.contract.js";
import type { EdgeJournal, Entry } from "./journal.js";
import { openJournal } from "./sqlite-journal.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-journal-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const log = createLogger("test", { level: "silent" });
const MIB = 1024 * 1024;
let files = 0;
const newFile = () => join(dir, `${files++}.db`);

function open(file: string, { maxBytes = 64 * MIB, clock = new ManualClock() } = {}): EdgeJournal {
  return openJournal({ file, maxBytes, config: 7, clock, log });
}

journalContract("SQLite", () => {
  const file = newFile();
  return { open: (clock, small) => open(file, { clock, ...(small ? { maxBytes: 6 * MIB } : {}) }) };
});

/** 256 rows at once, so that they are committed before the call returns. */
const many = (size = 2_000): Entry[] =>
  Array.from({ length: 256 }, (_, i) => ({ draft: { type: "gap", why: "x".repeat(size), from: i, to: i } }));
const observed = (journal: EdgeJournal, after = 0) =>
  journal.read(after, 1e6, 1e9).map(({ body }) => JSON.parse(body) as Observation);

/** Fills the journal until it refuses; returns how many rows were refused. */
async function fill(journal: EdgeJournal, size = 2_000): Promise<number> {
  for (let i = 0; i < 500; i++) {
    const refused = await journal.append(many(size)).then(
      () => false,
      (error: { code?: string }) => {
        expect(error.code).toBe("JOURNAL_FULL");
        return true;
      },
    );
    if (refused) return 256;
  }
  throw new Error("it never was full");
}

describe("the file of a journal", () => {
  it("is synced at every commit, and gives its space back when rows are deleted", async () => {
    const file = newFile();
    const clock = new ManualClock();
    const journal = open(file, { clock });
    for (let i = 0; i < 20; i++) await journal.append(many());
    const before = journal.stats().bytes;
    const { head } = journal.stats();
    journal.acknowledge(journal.epoch, head, some(journal.chainAt(head)), head - 1);
    await clock.advance(60_000);
    journal.close();
    expect(before).toBeGreaterThan(10 * MIB);
    expect(statSync(file).size).toBeLessThan(MIB);
    const db = new Database(file);
    const pragma = (name: string) => db.pragma(name, { simple: true });
    expect([pragma("journal_mode"), pragma("auto_vacuum"), pragma("user_version")]).toEqual(["wal", 2, 3]);
    db.close();
  });

  it("belongs to one process, and to one opener in it", () => {
    const file = newFile();
    const journal = open(file);
    expect(() => open(file)).toThrow(expect.objectContaining({ code: "JOURNAL_IN_USE" }));
    journal.close();
    open(file).close();
  });

  it("is readable for its owner only", () => {
    const file = newFile();
    open(file).close();
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it("is not taken when it is another program's, or a newer one's", () => {
    const foreign = newFile();
    const db = new Database(foreign);
    db.exec("create table something (x)");
    db.close();
    expect(() => open(foreign)).toThrow(expect.objectContaining({ code: "JOURNAL_FOREIGN" }));
    const newer = newFile();
    open(newer).close();
    const later = new Database(newer);
    later.pragma("user_version = 4");
    later.close();
    expect(() => open(newer)).toThrow(expect.objectContaining({ code: "JOURNAL_NEWER" }));
  });

  it("of the release before is read as it stands, and goes on", async () => {
    const file = newFile();
    const first = open(file);
    await first.append(many(10));
    const rows = first.read(0, 1_000, 1e9);
    first.close();
    const db = new Database(file);
    db.exec(`drop table presence_change; drop table lost_run; drop index journal_row_type; alter table epoch drop column source;
      alter table epoch drop column ended; pragma user_version = 1`);
    db.close();
    writeFileSync(`${file}.head`, JSON.stringify({ epoch: first.epoch, seq: 256, chain: some(rows.at(-1)).chain }));
    const second = open(file);
    expect([second.epoch, second.read(0, 1_000, 1e9)]).toEqual([first.epoch, rows]);
    expect(second.problems()).toEqual([]);
    await second.append(many(10));
    expect(second.stats().head).toBe(512);
    second.close();
  });

  it("of the release before has its presence, and adds to it", async () => {
    const file = newFile();
    open(file).close();
    const db = new Database(file);
    db.exec(`drop table presence_change; pragma user_version = 2;
      insert into presence values ('shelf-1', 'AA', '1'), ('shelf-1', 'BB', '2'), ('shelf-2', 'AA', '3')`);
    db.close();
    const clock = new ManualClock();
    const journal = open(file, { clock });
    const kept = journal.append([
      { ...input(1), presence: { readPoint: "shelf-1", epc: "BB", state: null } },
      { ...input(2), presence: { readPoint: "shelf-2", epc: "AA", state: "4" } },
    ]);
    await clock.advance(50);
    await kept;
    const expected = [
      { readPoint: "shelf-1", epc: "AA", state: "1" },
      { readPoint: "shelf-2", epc: "AA", state: "4" },
    ];
    expect(journal.presences()).toEqual(expected);
    journal.close();
    const again = open(file);
    expect(again.presences()).toEqual(expected);
    again.close();
  });

  it("says so when its folder is missing", () => {
    expect(() => open(join(dir, "nowhere", "journal.db"))).toThrow(
      expect.objectContaining({ code: "JOURNAL_NOT_WRITABLE" }),
    );
  });

  it.skipIf(process.getuid?.() === 0)(
    "says so when it may not be written (skipped as root, who may everything)",
    () => {
      const file = newFile();
      open(file).close();
      chmodSync(file, 0o400);
      expect(() => open(file)).toThrow(expect.objectContaining({ code: "JOURNAL_NOT_WRITABLE" }));
    },
  );

  it("that was restored from an older copy is told as a problem", async () => {
    const file = newFile();
    const first = open(file);
    await first.append(many(10));
    first.close();
    copyFileSync(file, `${file}.copy`);
    const second = open(file);
    expect(second.problems()).toEqual([]);
    await second.append(many(10));
    second.close();
    copyFileSync(`${file}.copy`, file);
    const third = open(file);
    expect(third.problems()).toMatchObject([{ code: "JOURNAL_WENT_BACK", params: { head: 256, known: 512 } }]);
    third.close();
  });
});

describe("a full journal", () => {
  it("refuses, keeps what it has, never takes more than it may, and says since when", async () => {
    const file = newFile();
    const journal = open(file, { maxBytes: 8 * MIB });
    await fill(journal);
    expect(journal.stats()).toMatchObject({ full: true, refused: 256 });
    expect(journal.stats().bytes).toBeLessThanOrEqual(8 * MIB);
    expect(journal.problems()).toMatchObject([{ code: "JOURNAL_FULL" }]);
    expect(observed(journal).at(-1)).toMatchObject({ type: "gap", why: "the journal is full" });
    await expect(journal.append(many())).rejects.toMatchObject({ code: "JOURNAL_FULL" });
    expect(journal.stats().refused).toBe(512);
    journal.close();
    expect(statSync(file).size).toBeLessThanOrEqual(8 * MIB);
  });

  it("lets acknowledged rows go first, and only those", async () => {
    const clock = new ManualClock();
    const journal = open(newFile(), { maxBytes: 8 * MIB, clock });
    await journal.append(many());
    await journal.append(many());
    journal.acknowledge(journal.epoch, 300, some(journal.chainAt(300)), 0);
    await fill(journal);
    expect(journal.stats()).toMatchObject({ oldest: 301, acked: 300, released: 0, full: true });
    expect(journal.chainAt(300)).toBeDefined();
    journal.close();
  });

  it("journals what had no number once there is room, before what comes next", async () => {
    const clock = new ManualClock();
    const journal = open(newFile(), { maxBytes: 8 * MIB, clock });
    await fill(journal);
    await expect(journal.append(many())).rejects.toMatchObject({ code: "JOURNAL_FULL" });
    await clock.advance(90_000);
    const { head } = journal.stats();
    journal.acknowledge(journal.epoch, head, some(journal.chainAt(head)), head);
    expect(journal.stats()).toMatchObject({ full: false, refused: 512 });
    expect(journal.problems()).toEqual([]);
    const next = journal.append([input(5)]);
    await clock.advance(50);
    await next;
    expect(observed(journal, head)).toMatchObject([
      { type: "gap", why: "the journal is full", from: 0, to: 90_000, count: 512 },
      { type: "input", port: 5 },
    ]);
    journal.close();
  });
});

/** Only root may mount; elsewhere the disk cannot be filled without harm to others. */
function smallDisk(mount: string): boolean {
  mkdirSync(mount);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=5m", "tmpfs", mount], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a full disk", () => {
  const mount = join(dir, "disk");
  const mounted = smallDisk(mount);
  afterAll(() => {
    if (mounted) execFileSync("umount", [mount]);
  });

  it.skipIf(!mounted)(
    "is declared with the ballast's space, and forgotten when there is room (skipped without mount)",
    async () => {
      const file = join(mount, "journal.db");
      const clock = new ManualClock();
      const journal = open(file, { clock });
      expect(existsSync(`${file}.ballast`)).toBe(true);
      await fill(journal);
      expect(existsSync(`${file}.ballast`)).toBe(false);
      expect(journal.problems()).toMatchObject([{ code: "JOURNAL_DISK_FULL" }]);
      expect(observed(journal).at(-1)).toMatchObject({ type: "gap", why: "the disk is full" });
      await expect(journal.append(many())).rejects.toMatchObject({ code: "JOURNAL_FULL" });

      const { head } = journal.stats();
      execFileSync("mount", ["-o", "remount,size=50m", mount]);
      await clock.advance(6_000);
      expect(journal.stats().full).toBe(false);
      await journal.append(many());
      expect(observed(journal, head)[0]).toMatchObject({ type: "gap", why: "the disk is full", count: 512 });
      expect(existsSync(`${file}.ballast`)).toBe(true);
      journal.close();
    },
  );
});
