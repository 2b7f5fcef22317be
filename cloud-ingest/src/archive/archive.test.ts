import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { partitionOf } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { daysOf, Journal, type NewJournalRow } from "../journal/index.js";
import { writeCheckpoint } from "../rebuild/index.js";
import { Retention } from "../retention.js";
import { schema } from "../schema.js";
import { csv, readCsv } from "./csv.js";
import type { ExportManifest } from "./export.js";
import { attach, detach, exportDay, FOLLOWERS, logDays } from "./index.js";

const DAY_MS = 86_400_000;
const clock = new ManualClock({ wall: Date.UTC(2026, 2, 1, 8) });
const journal = new Journal({ clock });
const folder = mkdtempSync(join(tmpdir(), "storeward-archive-"));
let test: TestDatabase;

const row = (agent: string, seq: number): NewJournalRow => ({
  agent,
  epoch: "ab".repeat(16),
  seq,
  type: "gap",
  observedAt: new Date(clock.wall()),
  monoOffset: 0.1,
  body: { type: "gap", why: 'a "quoted", odd\nlife' } as never,
});

/** Three days with rows of two agents, and the fourth has begun. */
beforeAll(async () => {
  test = await testDatabase(schema);
  for (let day = 0; day < 3; day++) {
    for (const agent of ["doors", "shelves"].sort((a, b) => partitionOf(a) - partitionOf(b)))
      await test.db.transaction((tx) =>
        journal.append(tx, partitionOf(agent), [row(agent, 2 * day + 1), row(agent, 2 * day + 2)]),
      );
    clock.stepWall(DAY_MS);
  }
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await test.close();
});

const now = () => new Date(clock.wall());
const toExport = (day: string, to = folder) => exportDay(test.db, { log: "journal", day, folder: to, now: now() });
const toDetach = (day: string, withoutExport = false) =>
  detach(test.db, { log: "journal", day, now: now(), withoutExport });
const follow = (follower: string) =>
  test.db.query(
    `INSERT INTO follower_cursor (follower, partition, pos) SELECT $1, partition, pos FROM journal_head
     ON CONFLICT (follower, partition) DO UPDATE SET pos = excluded.pos`,
    [follower],
  );

describe("the archive", () => {
  it("exports a day as it is in the table, and says how the file is to be checked", async () => {
    const manifest = await toExport("2026-03-01");
    expect(manifest).toMatchObject({ rows: 4, log: "journal", day: "2026-03-01", file: "journal-2026-03-01.csv.gz" });
    expect(manifest.partitions).toEqual(
      [partitionOf("doors"), partitionOf("shelves")]
        .sort((a, b) => a - b)
        .map((partition) => ({ partition, rows: 2, first: 1, last: 2 })),
    );
    const bytes = readFileSync(join(folder, manifest.file));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(manifest.sha256);
    expect(JSON.parse(readFileSync(join(folder, "journal-2026-03-01.json"), "utf8")) as ExportManifest).toEqual(
      manifest,
    );
    const lines = gunzipSync(bytes).toString().trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(manifest.columns.join(","));
    expect(lines[1]).toContain(`,1,2026-03-01 08:00:00+00,`);
    expect(lines[1]).toContain(`"{""why"": ""a \\""quoted\\"", odd\\nlife"", ""type"": ""gap""}"`);
  });

  it("lists the days with what holds each", async () => {
    const days = await logDays(test.db, "journal");
    expect(days.map(({ day, rows, exported }) => [day, rows, exported !== null])).toEqual([
      ["2026-03-01", 4, true],
      ["2026-03-02", 4, false],
      ["2026-03-03", 4, false],
    ]);
    expect(days[1]?.needed).toContain("the follower evidence has 8 rows of it or before it to read, in 2 partitions");
  });

  it("leaves nothing on a disk that is full or cannot be written to, and keeps what was there", async () => {
    const file = join(folder, "no-folder");
    writeFileSync(file, "");
    await expect(toExport("2026-03-02", file)).rejects.toMatchObject({ code: "EXPORT_FAILED" });
    if (process.getuid?.() !== 0) return;
    const small = join(folder, "small");
    mkdirSync(small);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,nr_inodes=8", "tmpfs", small], { stdio: "ignore" });
    } catch {
      return;
    }
    try {
      writeFileSync(join(small, "full"), Buffer.alloc(4096));
      await expect(toExport("2026-03-02", small)).rejects.toThrow(/ENOSPC|no space/);
      expect(readdirSync(small)).toEqual(["full"]);
    } finally {
      execFileSync("umount", [small]);
    }
  });

  it("detaches a day only when nobody needs it, and names everyone who does", async () => {
    await expect(toDetach("2026-02-01")).rejects.toMatchObject({ code: "DAY_UNKNOWN" });
    const refusal = (day: string) =>
      toDetach(day).then(
        () => "",
        (error: Error) => error.message,
      );
    for (const follower of FOLLOWERS.journal ?? []) {
      expect(await refusal("2026-03-01")).toContain(`the follower ${follower} has 4 rows`);
      await follow(follower);
    }
    expect(await refusal("2026-03-01")).toMatch(/no checkpoint of coverage.*2026-03-02 00:00 UTC/);
    // The service has them all; what they follow has nothing yet.
    await test.db.query(
      `INSERT INTO follower_cursor (follower, partition) SELECT 'locations', partition FROM evidence_head
       UNION ALL SELECT 'series-stays', partition FROM stay_change_head`,
    );
    expect(await writeCheckpoint(test.db, "2026-03-04")).toBe(true);
    const second = await refusal("2026-03-02");
    expect(second).toContain("2026-03-01 is older and still there");
    expect(second).toContain("it was not exported");
    expect(await toDetach("2026-03-01")).toBe("detached.journal_20260301");
    expect(await test.db.query("SELECT FROM detached.journal_20260301")).toHaveLength(4);
    expect(await toDetach("2026-03-02", true)).toBe("detached.journal_20260302");
    // Taken back in, the latest first, and away again.
    const back = (day: string) => attach(test.db, { log: "journal", day, folder });
    await expect(back("2026-03-02")).rejects.toMatchObject({ code: "EXPORT_UNREADABLE" });
    await expect(back("2026-03-01")).rejects.toMatchObject({ code: "DAY_NOT_NEXT" });
    await test.db.query("ALTER TABLE detached.journal_20260302 RENAME TO second");
    await test.db.query("ALTER TABLE detached.journal_20260301 RENAME TO first");
    await test.db.query(
      "CREATE TABLE journal_20260302 PARTITION OF journal FOR VALUES FROM ('2026-03-02 00:00Z') TO ('2026-03-03 00:00Z')",
    );
    await test.db.query("INSERT INTO journal SELECT * FROM detached.second");
    await test.db.query(
      "INSERT INTO journal_day SELECT partition, '2026-03-02', min(pos) FROM detached.second GROUP BY partition",
    );
    await expect(back("2026-03-02")).rejects.toMatchObject({ code: "EXPORT_UNREADABLE" });
    const csvFile = join(folder, "journal-2026-03-01.csv.gz");
    const whole = readFileSync(csvFile);
    writeFileSync(csvFile, whole.subarray(0, -1));
    await expect(back("2026-03-01")).rejects.toMatchObject({ code: "EXPORT_UNREADABLE" });
    expect(await test.db.query("SELECT to_regclass('journal_20260301') AS there")).toEqual([{ there: null }]);
    writeFileSync(csvFile, whole);
    // The database carries on as another ledger; somebody was ended in the middle of it; two at once would write into one table.
    await test.db.query("INSERT INTO ledger (id) VALUES ($1)", ["b".repeat(32)]);
    const { sha256 } = JSON.parse(readFileSync(join(folder, "journal-2026-03-01.json"), "utf8")) as ExportManifest;
    await test.db.query("UPDATE log_export SET sha256 = 'of another' WHERE sha256 = $1", [sha256]);
    await expect(back("2026-03-01")).rejects.toThrow(/of another database/);
    await test.db.query("UPDATE log_export SET sha256 = $1 WHERE sha256 = 'of another'", [sha256]);
    await test.db.query("CREATE TABLE journal_20260301 (LIKE journal)");
    const outcomes = await Promise.allSettled([back("2026-03-01"), back("2026-03-01")]);
    expect(outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))).toEqual([4]);
    expect(outcomes.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "ATTACH_RUNNING" } });
    await expect(back("2026-03-01")).rejects.toMatchObject({ code: "DAY_THERE" });
    expect(await test.db.query("(TABLE journal_20260301 EXCEPT TABLE detached.first)")).toEqual([]);
    expect(await test.db.query("SELECT FROM journal_20260301")).toHaveLength(4);
    expect((await journal.read(test.db, partitionOf("doors"), 0, 10)).map(({ pos }) => pos)).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
    await test.db.query("ALTER TABLE detached.first RENAME TO journal_20260301");
    expect(await refusal("2026-03-01")).toContain(
      "detached.journal_20260301 is there, from when it was detached before",
    );
    await test.db.query("DROP TABLE detached.journal_20260301, detached.second");
    for (const day of ["2026-03-01", "2026-03-02"]) await toDetach(day, true);
    // What is left is read as before.
    expect((await journal.read(test.db, partitionOf("doors"), 4, 10)).map(({ pos }) => pos)).toEqual([5, 6]);
    await journal.read(test.db, partitionOf("doors"), 0, 10);
  });

  it("keeps a day of which a follower has put rows aside, and no checkpoint passes over them: nobody could handle them ever after", async () => {
    await test.db.query("DELETE FROM state_checkpoint");
    const partition = partitionOf("doors");
    const aside = (pos: number) =>
      test.db.query("INSERT INTO parked_row (follower, partition, pos, error) VALUES ('evidence', $1, $2, 'odd')", [
        partition,
        pos,
      ]);
    // Of a day that was taken out before there was this rule: it holds nothing.
    await aside(1);
    await aside(5);
    expect(await writeCheckpoint(test.db, "2026-03-04")).toBe(false);
    await expect(toDetach("2026-03-03", true)).rejects.toThrow(
      /evidence has put 1 rows of it.*aside.*retry(.|\n)*no checkpoint/,
    );
    await test.db.query("DELETE FROM parked_row WHERE pos = 5");
    expect(await writeCheckpoint(test.db, "2026-03-04")).toBe(true);
    await aside(5);
    await expect(toDetach("2026-03-03", true)).rejects.toThrow(/put 1 rows of it/);
    await test.db.query("DELETE FROM parked_row");
  });

  it("is what retention keeps to: a day stays until a checkpoint has it", async () => {
    await test.db.query("DELETE FROM state_checkpoint");
    await test.db.query("UPDATE follower_cursor SET pos = pos - 1 WHERE follower = 'coverage' AND pos > 0");
    const retention = new Retention({
      db: test.db,
      log: createLogger("test", { level: "silent" }),
      clock,
      keep: { days: 400, maxBytes: 1 },
    });
    const has = async () => (await daysOf(test.db, "journal")).some(({ day }) => day === "2026-03-03");
    await retention.tick();
    expect(await has()).toBe(true);
    // Once its follower has come, the edge of today has its checkpoint.
    await follow("coverage");
    await retention.tick();
    expect(await has()).toBe(false);
  });

  it("is not begun again by a process whose clock goes back: days that are gone get no more rows", async () => {
    clock.stepWall(-2 * DAY_MS);
    for (const agent of ["doors", "quiet"])
      await test.db.transaction((tx) => journal.append(tx, partitionOf(agent), [row(agent, 9)]));
    expect((await logDays(test.db, "journal")).map(({ day, rows }) => [day, rows])).toEqual([["2026-03-04", 2]]);
    clock.stepWall(2 * DAY_MS);
  });

  it("writes fields that are read back as they were, however the text is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.option(fc.string({ unit: "grapheme" })), { minLength: 2, maxLength: 2 }), {
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 20 }),
        async (lines, size) => {
          const text = lines.map((line) => `${csv(line)}\n`).join("");
          const found: (string | null)[][] = [];
          for await (const line of readCsv(pieces(text, size))) found.push(line);
          expect(found).toEqual(lines);
          const torn = (async () => {
            for await (const _ of readCsv(pieces(`${text}"open`, size)));
          })();
          await expect(torn).rejects.toThrow(/in the middle/);
        },
      ),
    );
  });
});

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
