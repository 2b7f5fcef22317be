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
  {
    id: "0191-time-series-fields",
    sql: `
-- Where time series are kept. Up to now that was the database alone. filled_from: what there was before is still to be marked for it.
CREATE TABLE series_target (
  name text PRIMARY KEY,
  filled_from timestamptz
);
INSERT INTO series_target VALUES ('database', NULL);

-- Points have named fields.
ALTER TABLE series_point ADD COLUMN fields jsonb;
UPDATE series_point SET fields = jsonb_build_object('count', count);
ALTER TABLE series_point DROP COLUMN count, ALTER COLUMN fields SET NOT NULL;
CREATE INDEX ON series_point (at);

-- Marks are each target's own, and no two are the same.
CREATE SEQUENCE series_mark;
ALTER TABLE series_dirty DROP CONSTRAINT series_dirty_pkey, DROP COLUMN marks,
  ADD COLUMN target text NOT NULL DEFAULT 'database', ADD COLUMN mark int8 NOT NULL DEFAULT nextval('series_mark');
ALTER TABLE series_dirty ALTER COLUMN target DROP DEFAULT, ADD PRIMARY KEY (target, measurement, at);
ALTER SEQUENCE series_mark OWNED BY series_dirty.mark;
CREATE INDEX ON series_dirty (target, at DESC, measurement);

-- Stays as they are told, with what they counted as then. Followed anew from the beginning.
DROP TABLE series_arrival;
DELETE FROM follower_cursor WHERE follower = 'series-arrivals';
DELETE FROM parked_row WHERE follower = 'series-arrivals';
CREATE TABLE series_stay (
  stay uuid PRIMARY KEY,
  place uuid NOT NULL,
  kind text NOT NULL,
  -- home: in or below where it belongs; away; none: it belongs nowhere.
  role text NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz
);
CREATE INDEX ON series_stay (from_at);
CREATE INDEX ON series_stay (to_at);
-- How many more there are at the end of a minute than at the end of the one before; and how many at the end of all.
CREATE TABLE series_delta (
  at timestamptz NOT NULL,
  place uuid NOT NULL,
  kind text NOT NULL,
  role text NOT NULL,
  items int8 NOT NULL,
  PRIMARY KEY (at, place, kind, role)
);
CREATE TABLE series_level (
  place uuid NOT NULL,
  kind text NOT NULL,
  role text NOT NULL,
  items int8 NOT NULL,
  PRIMARY KEY (place, kind, role)
);
-- The values that tags may have which others choose, in the words they were met in first.
CREATE TABLE series_tag (
  tag text NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (tag, key)
);
-- Chances to read and reads, by minute of observation.
CREATE TABLE series_detection (
  at timestamptz NOT NULL,
  read_point text NOT NULL,
  rounds int8 NOT NULL,
  reads int8 NOT NULL,
  PRIMARY KEY (at, read_point)
);
-- The antennas that are tags.
CREATE TABLE series_antenna (
  agent text NOT NULL,
  reader text NOT NULL,
  antenna int4 NOT NULL,
  read_point text NOT NULL,
  PRIMARY KEY (agent, reader, antenna, read_point)
);
-- What could be looked at only then.
CREATE TABLE series_sample (
  at timestamptz NOT NULL,
  measurement text NOT NULL,
  place uuid NOT NULL,
  fields jsonb NOT NULL,
  PRIMARY KEY (at, measurement, place)
);
-- The last minute of which levels were asked for.
CREATE TABLE series_sampled (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);
INSERT INTO series_sampled (at) VALUES ('-infinity');

-- Tags have other names: read_point for readPoint, and a place's code for its id.
DELETE FROM series_point WHERE measurement IN ('arrivals', 'passages');
INSERT INTO series_dirty (target, measurement, at)
  SELECT DISTINCT 'database', 'passages', date_trunc('minute', at) FROM series_passage ON CONFLICT DO NOTHING;
INSERT INTO series_tag SELECT 'read_point', lower(read_point), min(read_point) FROM series_passage GROUP BY 1, 2;
`,
  },
  {
    id: "0226-series-redated",
    sql: `
-- Which rows a clock has dated anew, and by what: the last one that names a row says in which minute its reads are counted. at: recorded.
CREATE TABLE series_redated (
  partition int4 NOT NULL,
  pos int8 NOT NULL,
  at timestamptz NOT NULL,
  agent text NOT NULL,
  epoch text NOT NULL,
  boot text NOT NULL,
  from_seq int8 NOT NULL,
  to_seq int8 NOT NULL,
  offset_ms float8 NOT NULL,
  PRIMARY KEY (partition, pos)
);
CREATE INDEX ON series_redated (agent, epoch, boot);
`,
  },
  {
    id: "0242-series-trouble",
    sql: `
-- How many things of a kind were not where they should be, as it was found at the end of a minute. kind: as it is a tag.
CREATE TABLE series_trouble (
  at timestamptz NOT NULL,
  kind text NOT NULL,
  items int8 NOT NULL,
  wrong_place int8 NOT NULL,
  missing int8 NOT NULL,
  PRIMARY KEY (at, kind)
);
`,
  },
];
