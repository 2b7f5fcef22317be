import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Migration } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations as intake } from "../intake/tables.js";
import { migrations as journal } from "../journal/tables.js";
import { backup, restore } from "./index.js";

const LEDGER = "0123456789abcdef0123456789abcdef";

/** What a backup must carry through besides: references, numbers given out by the database, exact decimals, a table that refuses to be emptied. */
const OWN: Migration = {
  id: "9000-of-the-test",
  sql: `
    CREATE TABLE parent (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
    CREATE TABLE a_child (parent int8 NOT NULL REFERENCES parent, cost numeric, data bytea, valid tstzrange, doc jsonb);
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$;
    CREATE TRIGGER keep BEFORE DELETE ON parent EXECUTE FUNCTION refuse();`,
};
const migrations = [...journal, ...intake, OWN];

describe("a backup", () => {
  const folder = mkdtempSync(join(tmpdir(), "storeward-backup-"));
  const file = join(folder, "backup.gz");
  let test: TestDatabase;

  const content = async () => ({
    journal: await test.db.query("SELECT * FROM journal ORDER BY partition, pos"),
    parent: await test.db.query("SELECT * FROM parent ORDER BY id"),
    child: await test.db.query("SELECT parent, cost, data, valid::text, doc::text FROM a_child ORDER BY 1, 2"),
    heads: await test.db.query("SELECT * FROM journal_head ORDER BY partition"),
  });

  beforeAll(async () => {
    test = await testDatabase(migrations);
    await test.db.query("INSERT INTO ledger (id) VALUES ($1)", [LEDGER]);
    await test.db.query(
      "CREATE TABLE journal_20260301 PARTITION OF journal FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')",
    );
    await test.db.query(
      `INSERT INTO journal (partition, pos, recorded_at, agent, epoch, seq, type, observed_at, mono_offset, dated, body)
       SELECT 3, n, '2026-03-01 10:00:00.123456+00', 'edge', 'e', n, 'seen', now(), 0.1, 'wall', jsonb_build_object('text', E'a line\\nand "another"', 'n', n)
       FROM generate_series(1, 2500) AS n`,
    );
    await test.db.query("UPDATE journal_head SET pos = 2500 WHERE partition = 3");
    await test.db.query("INSERT INTO parent (note) VALUES ('one'), (NULL)");
    await test.db.query(
      `INSERT INTO a_child VALUES (2, 12345678901234567890.123456789, '\\x00ff', '[2026-01-01,)', '{"big": 12345678901234567890}')`,
    );
    await test.db.query(
      "INSERT INTO intake_cursor (agent, epoch, committed, chain, created_at) VALUES ('edge', 'e', 2500, '00', now())",
    );
  });

  afterAll(async () => {
    await test.close();
    rmSync(folder, { recursive: true });
  });

  it("brings back every table as it was, partitions, numbers and references included, and numbering goes on", async () => {
    const before = await content();
    const { rows } = await backup(test.db, file);
    expect(rows).toBeGreaterThan(2500);

    await test.db.query("INSERT INTO parent (note) VALUES ('younger')");
    await test.db.query("DROP TABLE journal_20260301");
    await restore(test.db, file, { ledger: LEDGER, force: true, migrations });

    expect(await content()).toEqual(before);
    const [next] = await test.db.query<{ id: number }>("INSERT INTO parent (note) VALUES ('next') RETURNING id");
    expect(next?.id).toBe(3);
  });

  it("is restored without tables that somebody has made beside those of the service", async () => {
    await test.db.query("CREATE TABLE a_day_looked_into AS SELECT * FROM journal LIMIT 5");
    await backup(test.db, file);
    await test.db.query("DROP TABLE a_day_looked_into");
    const before = await content();
    const said: string[] = [];
    await restore(test.db, file, { ledger: LEDGER, force: true, migrations, progress: (text) => void said.push(text) });
    expect(await content()).toEqual(before);
    expect(said).toContain("a_day_looked_into: left out, for it is no table of the service");
  });

  it("says how far each agent's rows are in it, once the file is whole", async () => {
    await backup(test.db, file);
    expect(await test.db.query("SELECT backed_up FROM intake_cursor")).toEqual([{ backed_up: 2500 }]);
  });

  it("that is cut, altered or of another ledger is refused, and nothing is changed", async () => {
    await backup(test.db, file);
    const before = await content();
    const whole = readFileSync(file);
    const text = gunzipSync(whole).toString();
    const damaged = [
      [whole.subarray(0, whole.length - 20), "BACKUP_UNREADABLE"],
      [gzipSync(text.replace('"seen"', '"sean"')), "BACKUP_UNREADABLE"],
      [gzipSync(text.slice(0, text.lastIndexOf('{"end"'))), "BACKUP_UNREADABLE"],
      [gzipSync("rubbish"), "BACKUP_UNREADABLE"],
      [Buffer.from("rubbish"), "BACKUP_UNREADABLE"],
      [Buffer.alloc(0), "BACKUP_UNREADABLE"],
      [gzipSync(text.replace(LEDGER, LEDGER.replaceAll("0", "9"))), "BACKUP_OTHER_LEDGER"],
    ] as const;
    for (const [bytes, code] of damaged) {
      const bad = join(folder, "bad.gz");
      writeFileSync(bad, bytes);
      await expect(restore(test.db, bad, { ledger: LEDGER, force: true, migrations })).rejects.toMatchObject({ code });
    }
    expect(await content()).toEqual(before);
  });

  it("does not replace what is there unless told to", async () => {
    await backup(test.db, file);
    await expect(restore(test.db, file, { ledger: LEDGER, force: false, migrations })).rejects.toMatchObject({
      code: "RESTORE_NOT_EMPTY",
    });
  });
});
