import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { describeError, isStorewardError } from "@storeward/runtime";
import { LineWriter } from "../backup/index.js";
import type { Database, Transaction } from "../database/index.js";
import { dayOf, dayTable } from "../journal/index.js";
import { csv } from "./csv.js";
import { E } from "./errors.js";

const AT_ONCE = 2000;

/** Beside each file of rows, as JSON; written last, so that where it is the export is whole. */
export interface ExportManifest {
  readonly storewardExport: 1;
  readonly ledger: string;
  readonly log: string;
  readonly day: string;
  readonly file: string;
  /** Of the file as it lies on the disk, so that `sha256sum` tells the same. */
  readonly sha256: string;
  readonly exportedAt: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Positions have no gaps: `rows` is `last - first + 1`. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly rows: number;
    readonly first: number;
    readonly last: number;
  }[];
}

export interface ExportOptions {
  readonly log: string;
  readonly day: string;
  readonly folder: string;
  readonly now: Date;
}

/**
 * Writes a day of a log into a folder as gzipped CSV (RFC 4180, UTC) with its manifest, while the service runs, and reads it back. The files appear
 * under their names only when they are whole; what an earlier export has written is replaced. Errors: DAY_UNKNOWN, DAY_OPEN, EXPORT_FAILED,
 * EXPORT_DAMAGED.
 */
export async function exportDay(db: Database, { log, day, folder, now }: ExportOptions): Promise<ExportManifest> {
  await checkDay(db, log, day, now);
  const name = `${log}-${day}.csv.gz`;
  const file = join(folder, name);
  const unfinished = `${file}.unfinished`;
  const manifestFile = join(folder, `${log}-${day}.json`);
  try {
    await mkdir(folder, { recursive: true });
    const { plain, ...written } = await writeRows(db, log, day, unfinished);
    const read = await hashes(unfinished);
    if (read.plain !== plain) throw E.EXPORT_DAMAGED({ file });
    const [ledger] = await db.query<{ id: string }>("SELECT id FROM ledger");
    const manifest: ExportManifest = {
      storewardExport: 1,
      ledger: ledger?.id ?? "",
      log,
      day,
      file: name,
      sha256: read.file,
      exportedAt: now.toISOString(),
      ...written,
    };
    await writeFile(`${manifestFile}.unfinished`, `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: 0o600,
      flush: true,
    });
    await rename(unfinished, file);
    await rename(`${manifestFile}.unfinished`, manifestFile);
    await db.query(
      `INSERT INTO log_export (log, day, rows, sha256, file) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (log, day) DO UPDATE SET rows = excluded.rows, sha256 = excluded.sha256, file = excluded.file, exported_at = now()`,
      [log, day, manifest.rows, manifest.sha256, file],
    );
    return manifest;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    await rm(`${manifestFile}.unfinished`, { force: true }).catch(() => undefined);
    if (isStorewardError(error)) throw error;
    throw E.EXPORT_FAILED({ log, day, folder, reason: describeError(error) }, { cause: error });
  }
}

async function checkDay(db: Database, log: string, day: string, now: Date): Promise<void> {
  const days = await db.query<{ day: string }>(`SELECT DISTINCT day::text AS day FROM ${log}_day ORDER BY 1`);
  if (!days.some((each) => each.day === day))
    throw E.DAY_UNKNOWN({ log, day, days: days.map((each) => each.day).join(", ") || "none" });
  if (day >= dayOf(now)) throw E.DAY_OPEN({ day });
}

type Written = Pick<ExportManifest, "columns" | "rows" | "partitions"> & { readonly plain: string };

async function writeRows(db: Database, log: string, day: string, file: string): Promise<Written> {
  const writer = new LineWriter(file);
  try {
    const written = await db.transaction((tx) => write(tx, writer, log, day), { isolation: "repeatable read" });
    await writer.close();
    return written;
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

async function write(tx: Transaction, writer: LineWriter, log: string, day: string): Promise<Written> {
  const table = dayTable(log, day);
  const found = await tx.query<{ name: string }>(
    "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    [table],
  );
  const columns = found.map(({ name }) => name);
  await writer.line(csv(columns));
  await tx.query("SET LOCAL timezone = 'UTC'");
  const texts = columns.map((column) => `${column}::text AS ${column}`).join(", ");
  await tx.query(`DECLARE export NO SCROLL CURSOR FOR SELECT ${texts} FROM ${table} t ORDER BY t.partition, t.pos`);
  const partitions = new Map<number, { partition: number; rows: number; first: number; last: number }>();
  for (;;) {
    const rows = await tx.query<Record<string, string | null>>(`FETCH ${AT_ONCE} FROM export`);
    for (const row of rows) {
      const [partition, pos] = [Number(row.partition), Number(row.pos)];
      const known = partitions.get(partition);
      if (known === undefined) partitions.set(partition, { partition, rows: 1, first: pos, last: pos });
      else {
        known.rows++;
        known.last = pos;
      }
      await writer.row(csv(columns.map((column) => row[column] ?? null)));
    }
    if (rows.length < AT_ONCE) break;
  }
  return { columns, rows: writer.rows, partitions: [...partitions.values()], plain: writer.digest() };
}

/** SHA-256 of a gzipped file, and of what is in it. */
export async function hashes(file: string): Promise<{ file: string; plain: string }> {
  const whole = createHash("sha256");
  const plain = createHash("sha256");
  const source = createReadStream(file);
  source.on("data", (chunk) => void whole.update(chunk));
  await pipeline(source, createGunzip(), async (chunks) => {
    for await (const chunk of chunks) plain.update(chunk as Buffer);
  });
  return { file: whole.digest("hex"), plain: plain.digest("hex") };
}
