import type { Migration } from "../database/index.js";

export interface LogTables {
  readonly table: string;
  readonly headTable: string;
  readonly partitions: number;
  /** Further columns in SQL, each ending in a comma: `agent text NOT NULL,`. Without them a row is its `body`. */
  readonly columns?: string;
}

/**
 * SQL of a log's tables: the log itself, by day of recording (`recorded_at`); the last position of every partition; and the first position of
 * every day and partition. For a migration of the capability that owns the log.
 */
export function logTables({ table, headTable, partitions, columns = "" }: LogTables): string {
  return `
CREATE TABLE ${headTable} (
  partition int4 PRIMARY KEY,
  pos int8 NOT NULL DEFAULT 0,
  recorded_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO ${headTable} (partition) SELECT generate_series(0, ${partitions - 1});
CREATE TABLE ${table} (
  partition int4 NOT NULL,
  pos int8 NOT NULL,
  recorded_at timestamptz NOT NULL,
  ${columns}
  body jsonb NOT NULL,
  PRIMARY KEY (partition, pos, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE ${table}_day (
  partition int4 NOT NULL,
  day date NOT NULL,
  first_pos int8 NOT NULL,
  PRIMARY KEY (partition, day)
);
CREATE INDEX ON ${table}_day (partition, first_pos);
`;
}

export const JOURNAL_PARTITIONS = 64;

export const migrations: readonly Migration[] = [
  {
    id: "0010-journal",
    sql: `
${logTables({
  table: "journal",
  headTable: "journal_head",
  partitions: JOURNAL_PARTITIONS,
  columns: `agent text NOT NULL,
  epoch text NOT NULL,
  seq int8 NOT NULL,
  type text NOT NULL,
  observed_at timestamptz NOT NULL,
  mono_offset float8 NOT NULL,
  dated text NOT NULL,`,
})}
CREATE INDEX ON journal (agent, epoch, seq);

-- The life of this database: agents pin it, and cloud.yaml names it.
CREATE TABLE ledger (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  id text NOT NULL,
  since timestamptz NOT NULL DEFAULT now()
);

-- Acts of people and of the service: the sequence of agent storeward-cloud.
CREATE TABLE act_head (
  epoch text PRIMARY KEY,
  seq int8 NOT NULL
);
`,
  },
  {
    id: "0011-follower",
    sql: `
CREATE TABLE follower_cursor (
  follower text NOT NULL,
  partition int4 NOT NULL,
  pos int8 NOT NULL DEFAULT 0,
  moved_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (follower, partition)
);
-- Rows that failed again and again, with those after them about the same thing.
CREATE TABLE parked_row (
  follower text NOT NULL,
  partition int4 NOT NULL,
  pos int8 NOT NULL,
  key text,
  error text NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (follower, partition, pos)
);
`,
  },
  {
    id: "0012-journal-chain",
    sql: `
-- At the row: which life of an agent's journal it is from. Of acts, and of rows of earlier releases, there is none.
ALTER TABLE journal ADD COLUMN chain text;
`,
  },
  {
    id: "0174-parked-retry",
    sql: `
-- Somebody has asked for it to be tried again.
ALTER TABLE parked_row ADD COLUMN retry boolean NOT NULL DEFAULT false;
`,
  },
];
