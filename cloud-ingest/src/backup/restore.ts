import type { Database, Migration, Transaction } from "../database/index.js";
import { installSchema } from "../database/index.js";
import { E } from "./errors.js";
import { quoted, type TableHeader } from "./format.js";
import { readBackup } from "./read.js";

const CHUNK = 1000;

export interface RestoreOptions {
  /** The ledger that cloud.yaml names. */
  readonly ledger: string;
  /** Replace what is there. */
  readonly force: boolean;
  readonly migrations: readonly Migration[];
  readonly progress?: (text: string) => void;
}

/**
 * Puts a backup in the place of what the database holds, whole or not at all: the file is read through and checked first, then schema and
 * rows are made in one transaction. Agents send again what is younger than the backup. Errors: BACKUP_UNREADABLE, BACKUP_OTHER_LEDGER,
 * BACKUP_NEWER, RESTORE_NOT_EMPTY.
 */
export async function restore(
  db: Database,
  file: string,
  options: RestoreOptions,
): Promise<{ rows: number; takenAt: string }> {
  const { ledger, force, migrations, progress = () => undefined } = options;
  const checked = await check(file, options);
  progress(`${file} is whole: ${checked.rows} rows, taken at ${checked.takenAt}`);
  if (!force) await assertEmpty(db);
  const steps = migrations.filter(({ id }) => checked.migrations.includes(id));
  await db.transaction(async (tx) => {
    await tx.query("DROP SCHEMA public CASCADE");
    await tx.query("CREATE SCHEMA public");
    await installSchema(tx, steps);
    const loader = new Loader(tx, progress);
    for await (const part of readBackup(file)) {
      if (part.kind === "table") await loader.table(part.header);
      if (part.kind === "row") await loader.row(part.row);
    }
    await loader.finish();
  });
  progress(`restored; ledger ${ledger}`);
  return checked;
}

async function check(
  file: string,
  { ledger, migrations }: RestoreOptions,
): Promise<{ rows: number; takenAt: string; migrations: readonly string[] }> {
  let rows = 0;
  let takenAt = "";
  let steps: readonly string[] = [];
  for await (const part of readBackup(file)) {
    if (part.kind === "row") rows++;
    if (part.kind !== "manifest") continue;
    const { manifest } = part;
    if (manifest.ledger !== ledger) throw E.BACKUP_OTHER_LEDGER({ file, found: manifest.ledger, own: ledger });
    const unknown = manifest.migrations.filter((id) => !migrations.some((known) => known.id === id));
    if (unknown.length > 0) throw E.BACKUP_NEWER({ file, ids: unknown.join(", ") });
    takenAt = manifest.takenAt;
    steps = manifest.migrations;
  }
  return { rows, takenAt, migrations: steps };
}

async function assertEmpty(db: Database): Promise<void> {
  const [table] = await db.query<{ there: boolean }>("SELECT to_regclass('public.journal') IS NOT NULL AS there");
  if (!table?.there) return;
  const [{ rows } = { rows: 0 }] = await db.query<{ rows: number }>("SELECT count(*) AS rows FROM journal");
  if (rows > 0) throw E.RESTORE_NOT_EMPTY({ rows });
}

/** Fills one table after the other. */
class Loader {
  readonly #tx: Transaction;
  readonly #progress: (text: string) => void;
  /** Empty: none that is wanted. */
  #table = "";
  #count = 0;
  #chunk: string[] = [];

  constructor(tx: Transaction, progress: (text: string) => void) {
    this.#tx = tx;
    this.#progress = progress;
  }

  async table({ table, partitions }: TableHeader): Promise<void> {
    await this.finish();
    this.#table = "";
    const [known] = await this.#tx.query<{ found: string | null }>("SELECT to_regclass($1)::text AS found", [
      `public.${quoted(table)}`,
    ]);
    if (known?.found == null) return this.#progress(`${table}: left out, for it is no table of the service`);
    this.#table = table;
    this.#count = 0;
    const name = quoted(table);
    for (const partition of partitions) {
      await this.#tx.query(
        `CREATE TABLE IF NOT EXISTS ${quoted(partition.name)} PARTITION OF ${name} ${partition.bound}`,
      );
    }
    // The steps of the schema put rows of their own; append-only tables refuse to be emptied.
    await this.#tx.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
    await this.#tx.query(`DELETE FROM ${name}`);
    await this.#tx.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
  }

  async row(row: string): Promise<void> {
    if (this.#table === "") return;
    this.#chunk.push(row);
    if (this.#chunk.length >= CHUNK) await this.#flush();
  }

  async finish(): Promise<void> {
    if (this.#table === "") return;
    await this.#flush();
    await this.#continueNumbering();
    this.#progress(`${this.#table}: ${this.#count} rows`);
  }

  async #flush(): Promise<void> {
    if (this.#chunk.length === 0) return;
    const name = quoted(this.#table);
    await this.#tx.query(
      `INSERT INTO ${name} OVERRIDING SYSTEM VALUE SELECT r.* FROM unnest($1::json[]) AS row, json_populate_record(NULL::${name}, row) AS r`,
      [this.#chunk],
    );
    this.#count += this.#chunk.length;
    this.#chunk = [];
  }

  /** Numbers given out after the restore go on after the highest there is. */
  async #continueNumbering(): Promise<void> {
    const columns = await this.#tx.query<{ column: string; sequence: string }>(
      `SELECT a.attname::text AS column, pg_get_serial_sequence($1, a.attname) AS sequence FROM pg_attribute a
       WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
         AND pg_get_serial_sequence($1, a.attname) IS NOT NULL`,
      [quoted(this.#table)],
    );
    for (const { column, sequence } of columns) {
      await this.#tx.query(
        `SELECT setval($1, greatest((SELECT max(${quoted(column)}) FROM ${quoted(this.#table)}), 1)::int8, EXISTS (SELECT 1 FROM ${quoted(this.#table)}))`,
        [sequence],
      );
    }
  }
}
