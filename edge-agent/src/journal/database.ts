import { accessSync, chmodSync, constants, existsSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { E, openingError } from "./errors.js";

export type Sqlite = Database.Database;

/** `PRAGMA application_id`: "SWej", so that `file` and we know what this is. */
const APPLICATION_ID = 0x5357656a;
const VERSION = 3;
/** No release will have a higher one. */
const MOST_VERSIONS = 1_000;
/** Above this the whole file is checked only after an unclean stop: on a small card it takes seconds. */
const ALWAYS_CHECK_BYTES = 64 * 1024 * 1024;
/** The WAL is written back at this many pages, and cut to this many bytes. */
export const WAL_BYTES = 1024 * 1024;

const SCHEMA_1 = `
  -- An epoch made with this file. Rows up to "cut" are deleted; "cut_chain" is the chain there.
  create table epoch (
    number integer primary key,
    epoch text not null unique,
    cut integer not null default 0,
    cut_chain text not null,
    acked integer not null default 0,
    acked_chain text not null,
    released integer not null default 0
  ) strict;
  create table journal_row (
    epoch integer not null references epoch (number),
    seq integer not null,
    chain text not null,
    through integer not null,
    body text not null
  ) strict;
  create unique index journal_row_seq on journal_row (epoch, seq);
  create table presence (
    read_point text not null,
    epc text not null,
    state text not null,
    primary key (read_point, epc)
  ) strict, without rowid;
  create table note (key text primary key, value text not null) strict, without rowid;
`;

const SCHEMA_2 = `
  -- The epoch whose rows are being carried into this one, until all are.
  alter table epoch add column source integer;
  -- Its rows have all been carried into a later one: nothing of it is kept, and its name only says that it was here.
  alter table epoch add column ended integer not null default 0;
  -- Rows that had a number and are gone: runs of them, by their last. "chain" is the chain there.
  create table lost_run (
    epoch integer not null references epoch (number),
    to_seq integer not null,
    from_seq integer not null,
    chain text not null,
    why text not null,
    types text not null,
    primary key (epoch, to_seq)
  ) strict, without rowid;
  -- Which rows give way when the journal is full. Every body begins with {"type":" and the first four letters tell the types apart.
  create index journal_row_type on journal_row (epoch, substr(body, 10, 4), seq);
`;

const SCHEMA_3 = `
  -- What rows have said of presence and is not yet in that table, in the order of the rows; without a state it is gone.
  create table presence_change (
    id integer primary key,
    read_point text not null,
    epc text not null,
    state text
  ) strict;
`;

/** Steps from each version to the next, each with a table that no version before has. */
const STEPS = [
  { sql: SCHEMA_1, brings: "journal_row" },
  { sql: SCHEMA_2, brings: "lost_run" },
  { sql: SCHEMA_3, brings: "presence_change" },
];

/**
 * Opens the file for this process alone, makes the tables in a new one, and checks that an old one is sound. Errors: JOURNAL_IN_USE,
 * JOURNAL_CORRUPT, JOURNAL_NOT_WRITABLE, JOURNAL_FOREIGN, JOURNAL_NEWER.
 */
export function openDatabase(file: string): Sqlite {
  let db: Sqlite | undefined;
  try {
    // SQLite would open what it may only read, and say of the lock that it cannot have that the disk has failed.
    if (existsSync(file)) accessSync(file, constants.W_OK);
    db = new Database(file, { timeout: 500 });
    // What was read at a door is nobody else's business; the WAL takes the file's mode.
    chmodSync(file, 0o600);
    prepare(db, file);
    return db;
  } catch (cause) {
    try {
      db?.close();
    } catch {
      // What kept it from opening is the message.
    }
    throw openingError(cause, file);
  }
}

function prepare(db: Sqlite, file: string): void {
  // Exclusive before anything is read: the WAL then needs no shared memory file, and a second process is refused.
  db.pragma("locking_mode = exclusive");
  // Only before the first transaction writes the header: it cannot be set later without rewriting the file.
  db.pragma("auto_vacuum = incremental");
  db.exec("begin exclusive; commit");
  const version = Number(db.pragma("user_version", { simple: true }));
  const tables = db.prepare<[], string>("select name from sqlite_schema where type = 'table'").pluck().all();
  const isNew = version === 0 && tables.length === 0;
  // The header says otherwise, and is the one that is damaged.
  const isOurs = tables.includes("journal_row") && tables.includes("presence");
  db.pragma("journal_mode = wal");
  // NORMAL does not sync the WAL at a commit: rows already acknowledged as kept are gone after a power loss.
  db.pragma("synchronous = full");
  db.pragma(`journal_size_limit = ${WAL_BYTES}`);
  db.pragma("wal_autocheckpoint = 256");
  // What is written is not read again soon, and what is sent is read once, in order.
  db.pragma("cache_size = -4096");
  if (isNew) {
    upgrade(db, 0);
    return;
  }
  const isNamed = db.pragma("application_id", { simple: true }) === APPLICATION_ID;
  if (isOurs && (!isNamed || version < 1 || version > MOST_VERSIONS))
    throw E.JOURNAL_CORRUPT({ file, reason: "its header is not what was written" });
  if (!isNamed) throw E.JOURNAL_FOREIGN({ file });
  if (version > VERSION) throw E.JOURNAL_NEWER({ file, version, known: VERSION });
  const stopped = db.prepare("select value from note where key = 'stopped'").pluck().get();
  if (stopped === undefined || statSync(file).size <= ALWAYS_CHECK_BYTES) {
    const found = String(db.pragma("quick_check(1)", { simple: true }));
    if (found !== "ok") throw E.JOURNAL_CORRUPT({ file, reason: found });
  }
  if (version < VERSION) {
    if (STEPS.slice(version).some(({ brings }) => tables.includes(brings)))
      throw E.JOURNAL_CORRUPT({ file, reason: "its version is not that of its tables" });
    upgrade(db, version);
  }
  db.exec("delete from note where key = 'stopped'");
}

function upgrade(db: Sqlite, version: number): void {
  const steps = STEPS.slice(version)
    .map(({ sql }) => sql)
    .join("\n");
  db.exec(`begin; ${steps} pragma application_id = ${APPLICATION_ID}; pragma user_version = ${VERSION}; commit`);
}
