import { rename, rm, stat } from "node:fs/promises";
import type { Database, Transaction } from "../database/index.js";
import { type End, FORMAT, type Manifest, PARTITIONS_SQL, quoted, TABLES_SQL, type TableHeader } from "./format.js";
import { LineWriter } from "./line-writer.js";

const CHUNK = 2000;

export interface BackupResult {
  readonly rows: number;
  readonly bytes: number;
  readonly takenAt: Date;
}

/**
 * Writes everything the service keeps to a file, as it stands at one moment, while the service runs. The file appears under its name only
 * when it is whole and on disk; what agents may delete in the mode "backup" moves on only then.
 */
export async function backup(
  db: Database,
  file: string,
  progress: (text: string) => void = () => undefined,
): Promise<BackupResult> {
  const unfinished = `${file}.unfinished`;
  const writer = new LineWriter(unfinished);
  try {
    const snapshot = await db.transaction((tx) => write(tx, writer, progress), { isolation: "repeatable read" });
    await writer.close();
    await rename(unfinished, file);
    await markBackedUp(db, snapshot.cursors);
    return { rows: writer.rows, bytes: (await stat(file)).size, takenAt: snapshot.takenAt };
  } catch (error) {
    await writer.abandon();
    await rm(unfinished, { force: true });
    throw error;
  }
}

interface CursorMark {
  readonly agent: string;
  readonly epoch: string;
  readonly committed: number;
}

async function write(
  tx: Transaction,
  writer: LineWriter,
  progress: (text: string) => void,
): Promise<{ takenAt: Date; cursors: CursorMark[] }> {
  const takenAt = new Date();
  const [ledger] = await tx.query<{ id: string }>("SELECT id FROM ledger");
  const migrations = await tx.query<{ id: string }>("SELECT id FROM schema_migration ORDER BY id");
  const manifest: Manifest = {
    storewardBackup: FORMAT,
    ledger: ledger?.id ?? "",
    takenAt: takenAt.toISOString(),
    migrations: migrations.map(({ id }) => id),
  };
  await writer.line(JSON.stringify(manifest));
  for (const { name } of await tx.query<{ name: string }>(TABLES_SQL)) {
    const partitions = await tx.query<{ name: string; bound: string }>(PARTITIONS_SQL, [name]);
    await writer.line(JSON.stringify({ table: name, partitions } satisfies TableHeader));
    const rows = await writeRows(tx, writer, name);
    progress(`${name}: ${rows} rows`);
  }
  const end: End = { end: true, rows: writer.rows, sha256: writer.digest() };
  await writer.line(JSON.stringify(end));
  return { takenAt, cursors: await tx.query<CursorMark>("SELECT agent, epoch, committed FROM intake_cursor") };
}

async function writeRows(tx: Transaction, writer: LineWriter, table: string): Promise<number> {
  await tx.query(`DECLARE backup NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS row FROM ${quoted(table)} t`);
  let count = 0;
  for (;;) {
    const rows = await tx.query<{ row: string }>(`FETCH ${CHUNK} FROM backup`);
    for (const { row } of rows) await writer.row(row);
    count += rows.length;
    if (rows.length < CHUNK) break;
  }
  await tx.query("CLOSE backup");
  return count;
}

async function markBackedUp(db: Database, cursors: readonly CursorMark[]): Promise<void> {
  await db.query(
    `UPDATE intake_cursor c SET backed_up = greatest(c.backed_up, b.committed)
     FROM unnest($1::text[], $2::text[], $3::int8[]) AS b(agent, epoch, committed)
     WHERE c.agent = b.agent AND c.epoch = b.epoch`,
    [cursors.map((c) => c.agent), cursors.map((c) => c.epoch), cursors.map((c) => c.committed)],
  );
}
