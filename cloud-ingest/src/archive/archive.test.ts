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
import { csv, type ExportManifest } from "./export.js";
import { detach, exportDay, FOLLOWERS, logDays } from "./index.js";

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
    expect(await writeCheckpoint(test.db, "2026-03-04")).toBe(true);
    const second = await refusal("2026-03-02");
    expect(second).toContain("2026-03-01 is older and still there");
    expect(second).toContain("it was not exported");
    expect(await toDetach("2026-03-01")).toBe("detached.journal_20260301");
    expect(await test.db.query("SELECT FROM detached.journal_20260301")).toHaveLength(4);
    expect(await toDetach("2026-03-02", true)).toBe("detached.journal_20260302");
    // What is left is read as before.
    expect((await journal.read(test.db, partitionOf("doors"), 4, 10)).map(({ pos }) => pos)).toEqual([5, 6]);
    await journal.read(test.db, partitionOf("doors"), 0, 10);
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

  it("writes fields that are read back as they were", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ unit: "grapheme" })), { minLength: 2, maxLength: 6 }), (values) => {
        const fields: (string | null)[] = [];
        const text = csv(values);
        for (let at = 0; at <= text.length; at++) {
          const quoted = /^"((?:[^"]|"")*)"/.exec(text.slice(at));
          const plain = /^[^,]*/.exec(text.slice(at))?.[0] ?? "";
          fields.push(quoted ? (quoted[1] ?? "").replaceAll('""', '"') : plain === "" ? null : plain);
          at += quoted ? quoted[0].length : plain.length;
        }
        expect(fields).toEqual(values);
      }),
    );
  });
});
