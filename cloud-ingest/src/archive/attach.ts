import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { describeError, isStorewardError } from "@storeward/runtime";
import type { Database, Sql } from "../database/index.js";
import { attachDay, dayTable, makeLooseDay } from "../journal/index.js";
import { readCsv } from "./csv.js";
import { E } from "./errors.js";
import { type ExportManifest, hashes } from "./export.js";

/** Any constant: it names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_183;
const AT_ONCE = 1000;

export interface AttachOptions {
  readonly log: string;
  readonly day: string;
  /** Where the export is. */
  readonly folder: string;
}

/**
 * Takes an exported day back into its log while the service runs, so that a rebuild can begin with it: only what this database has exported, as it was
 * written, and only right before the days that are there. Ended before, nothing has changed. Errors: DAY_THERE, DAY_NOT_NEXT, EXPORT_UNREADABLE,
 * ATTACH_RUNNING.
 *
 * @returns rows
 */
export async function attach(db: Database, options: AttachOptions): Promise<number> {
  return db.transaction(
    async (tx) => {
      const [lock] = await tx.query<{ free: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS free", [LOCK]);
      if (lock?.free !== true) throw E.ATTACH_RUNNING();
      return attachAlone(db, options);
    },
    { waits: true },
  );
}

async function attachAlone(db: Database, { log, day, folder }: AttachOptions): Promise<number> {
  const manifest = await manifestOf(db, log, day, folder);
  const file = join(folder, manifest.file);
  const refuse = (error: unknown): never => {
    if (isStorewardError(error)) throw error;
    throw E.EXPORT_UNREADABLE({ file, reason: describeError(error) }, { cause: error });
  };
  if ((await hashes(file).catch(refuse)).file !== manifest.sha256)
    throw E.EXPORT_UNREADABLE({ file, reason: "it is not as it was written" });
  await checkNext(db, log, day, manifest);
  const table = await makeLooseDay(db, { table: log, day });
  try {
    const rows = await load(db, { log, table, manifest, file }).catch(refuse);
    if (rows !== manifest.rows)
      throw E.EXPORT_UNREADABLE({ file, reason: `it has ${rows} rows, and not ${manifest.rows}` });
    await db.transaction(async (tx) => {
      await checkNext(tx, log, day, manifest);
      await attachDay(
        tx,
        { table: log, day },
        new Map(manifest.partitions.map(({ partition, first }) => [partition, first])),
      );
      // What was observed then counts again.
      await tx.query("UPDATE location_horizon SET at = least(at, $1)", [`${day}T00:00:00Z`]);
    });
    return rows;
  } catch (error) {
    await db.query(`DROP TABLE ${table}`);
    throw error;
  }
}

async function manifestOf(sql: Sql, log: string, day: string, folder: string): Promise<ExportManifest> {
  const file = join(folder, `${log}-${day}.json`);
  const refuse = (reason: string, cause?: unknown) => E.EXPORT_UNREADABLE({ file, reason }, { cause });
  const text = await readFile(file, "utf8").catch((error) => {
    throw refuse(describeError(error), error);
  });
  let manifest: Partial<ExportManifest>;
  try {
    manifest = JSON.parse(text) as Partial<ExportManifest>;
  } catch (error) {
    throw refuse("it is no JSON", error);
  }
  if (
    manifest.storewardExport !== 1 ||
    manifest.log !== log ||
    manifest.day !== day ||
    manifest.file !== `${log}-${day}.csv.gz`
  )
    throw refuse(`it does not tell of ${log} of ${day}`);
  const [ledger] = await sql.query<{ id: string }>("SELECT id FROM ledger");
  // One that has become another ledger since knows its exports by their sums.
  const own = await sql.query("SELECT FROM log_export WHERE log = $1 AND day = $2 AND sha256 = $3", [
    log,
    day,
    manifest.sha256 ?? "",
  ]);
  if (manifest.ledger !== (ledger?.id ?? "") && own.length === 0)
    throw refuse(`it is of another database (ledger ${manifest.ledger})`);
  return manifest as ExportManifest;
}

/** Positions have no gaps: each partition must end where what is there begins. */
async function checkNext(sql: Sql, log: string, day: string, { partitions }: ExportManifest): Promise<void> {
  const there = await sql.query<{ found: string | null }>("SELECT to_regclass($1)::text AS found", [
    dayTable(log, day),
  ]);
  const kept = await sql.query("SELECT FROM pg_inherits WHERE inhrelid = to_regclass($1)", [dayTable(log, day)]);
  if (there[0]?.found != null && kept.length > 0) throw E.DAY_THERE({ log, day });
  const firsts = await sql.query<{ partition: number; first: number }>(
    `SELECT h.partition, coalesce(min(d.first_pos), h.pos + 1) AS first FROM ${log}_head h LEFT JOIN ${log}_day d USING (partition)
     GROUP BY h.partition, h.pos`,
  );
  const first = new Map(firsts.map((each) => [each.partition, each.first]));
  for (const { partition, last } of partitions)
    if (first.get(partition) !== last + 1)
      throw E.DAY_NOT_NEXT({ log, day, partition, last, first: first.get(partition) ?? 1 });
}

interface Load {
  readonly log: string;
  readonly table: string;
  readonly manifest: ExportManifest;
  readonly file: string;
}

async function load(db: Database, { log, table, manifest, file }: Load): Promise<number> {
  const found = await db.query<{ name: string; type: string }>(
    `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [log],
  );
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const columns = manifest.columns.map((name) => {
    const type = types.get(name);
    if (type === undefined) throw new RangeError(`there is no column ${name}`);
    return { name, type };
  });
  const insert = `INSERT INTO ${table} (${columns.map(({ name }) => name).join(", ")})
    SELECT ${columns.map(({ type }, index) => `c${index}::${type}`).join(", ")}
    FROM unnest(${columns.map((_, index) => `$${index + 1}::text[]`).join(", ")}) AS n(${columns.map((_, index) => `c${index}`).join(", ")})`;
  let rows = 0;
  let some: (string | null)[][] = [];
  const write = async () => {
    if (some.length > 0)
      await db.query(
        insert,
        columns.map((_, index) => some.map((fields) => fields[index] ?? null)),
      );
    rows += some.length;
    some = [];
  };
  const source = createReadStream(file);
  const unpacked = source.pipe(createGunzip()).setEncoding("utf8");
  source.on("error", (error) => unpacked.destroy(error));
  let header: string | undefined;
  for await (const fields of readCsv(unpacked)) {
    if (header === undefined) {
      header = fields.join(",");
      if (header !== manifest.columns.join(",")) throw new RangeError("its columns are others");
      continue;
    }
    if (fields.length !== columns.length) throw new RangeError(`a line has ${fields.length} fields`);
    some.push(fields);
    if (some.length === AT_ONCE) await write();
  }
  await write();
  return rows;
}
