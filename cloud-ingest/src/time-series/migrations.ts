import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0090-time-series",
    sql: `
CREATE TABLE series_point (
  measurement text NOT NULL,
  at timestamptz NOT NULL,
  -- JSON with sorted keys.
  tags text COLLATE "C" NOT NULL,
  count float8 NOT NULL,
  PRIMARY KEY (measurement, at, tags)
);
-- Buckets whose table has changed since they were written.
CREATE TABLE series_dirty (
  measurement text NOT NULL,
  at timestamptz NOT NULL,
  marks int8 NOT NULL DEFAULT 1,
  PRIMARY KEY (measurement, at)
);
-- What went through a portal together, once.
CREATE TABLE series_passage (
  read_point text NOT NULL,
  pass text NOT NULL,
  direction text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (read_point, pass)
);
CREATE INDEX ON series_passage (at);
-- Stays that have settled, with the kind the item had then.
CREATE TABLE series_arrival (
  stay uuid PRIMARY KEY,
  place uuid NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX ON series_arrival (at);
-- The journal grows in the order of recording: a minute of it is a few pages.
CREATE INDEX journal_recorded_at ON journal USING brin (recorded_at) WITH (pages_per_range = 8, autosummarize = on);
`,
  },
];
