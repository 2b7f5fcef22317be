import type { Migration } from "../database/index.js";

/*
 * A backup is a gzipped text of lines, each JSON: the manifest, then for every table its header and its rows, then the end with the count
 * and the SHA-256 of all lines before it. Rows are what PostgreSQL's `row_to_json` prints, never parsed on the way, so that no number is
 * rounded.
 */

export const FORMAT = 1;

export interface Manifest {
  readonly storewardBackup: typeof FORMAT;
  readonly ledger: string;
  readonly takenAt: string;
  readonly migrations: readonly Migration["id"][];
}

export interface TableHeader {
  readonly table: string;
  /** The partitions it had, with their bounds as PostgreSQL prints them. */
  readonly partitions: readonly { readonly name: string; readonly bound: string }[];
}

export interface End {
  readonly end: true;
  readonly rows: number;
  readonly sha256: string;
}

/** Tables, parents before what refers to them. */
export const TABLES_SQL = `
WITH RECURSIVE own AS (
  SELECT c.oid, c.relname::text AS name FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
), refers AS (
  SELECT DISTINCT conrelid, confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid
), depth AS (
  SELECT oid, 0 AS level FROM own
  UNION ALL
  SELECT r.conrelid, d.level + 1 FROM depth d JOIN refers r ON r.confrelid = d.oid WHERE d.level < 50
)
SELECT own.name FROM own JOIN depth USING (oid) GROUP BY own.name ORDER BY max(level), own.name`;

export const PARTITIONS_SQL = `
SELECT child.relname::text AS name, pg_get_expr(child.relpartbound, child.oid) AS bound
FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = ('public.' || quote_ident($1))::regclass ORDER BY 1`;

/** A name of this database as SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
