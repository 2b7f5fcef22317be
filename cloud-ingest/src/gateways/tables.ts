import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0030-gateways",
    sql: `
CREATE TABLE gateway (
  agent text PRIMARY KEY,
  name text NOT NULL,
  -- Whether the site's description has it today.
  listed boolean NOT NULL DEFAULT true,
  state text NOT NULL DEFAULT 'never',
  since timestamptz,
  heard_at timestamptz,
  session text,
  software text,
  hardware text,
  -- Of the life of its journal it is writing.
  epoch text,
  head int8,
  forked_at timestamptz,
  telemetry jsonb,
  telemetry_at timestamptz
);

-- Health of the devices over seven days.
CREATE TABLE telemetry_sample (
  agent text NOT NULL,
  recorded_at timestamptz NOT NULL,
  body jsonb NOT NULL
) PARTITION BY RANGE (recorded_at);
CREATE INDEX ON telemetry_sample (agent, recorded_at);

-- What each read point could see, and when: spells follow each other without a hole, the last has no end.
CREATE TABLE coverage_span (
  read_point text NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  state text NOT NULL,
  why text NOT NULL,
  agent text NOT NULL,
  PRIMARY KEY (read_point, from_at)
);
CREATE UNIQUE INDEX ON coverage_span (read_point) WHERE to_at IS NULL;
`,
  },
  {
    id: "0190-telemetry-positions",
    sql: `
-- Samples get positions, so that they can be followed; whose they are stands in the body.
ALTER TABLE telemetry_sample DROP COLUMN agent, ADD COLUMN partition int4 NOT NULL DEFAULT 0, ADD COLUMN pos int8;
UPDATE telemetry_sample t SET pos = n.pos
  FROM (SELECT tableoid, ctid, row_number() OVER (ORDER BY recorded_at, tableoid, ctid) AS pos FROM telemetry_sample) n
  WHERE t.tableoid = n.tableoid AND t.ctid = n.ctid;
ALTER TABLE telemetry_sample ALTER COLUMN partition DROP DEFAULT, ADD PRIMARY KEY (partition, pos, recorded_at);
CREATE INDEX ON telemetry_sample (recorded_at);
CREATE TABLE telemetry_sample_head (
  partition int4 PRIMARY KEY,
  pos int8 NOT NULL DEFAULT 0,
  recorded_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO telemetry_sample_head SELECT 0, coalesce(max(pos), 0), coalesce(max(recorded_at), '-infinity') FROM telemetry_sample;
CREATE TABLE telemetry_sample_day (
  partition int4 NOT NULL,
  day date NOT NULL,
  first_pos int8 NOT NULL,
  PRIMARY KEY (partition, day)
);
INSERT INTO telemetry_sample_day SELECT 0, (recorded_at AT TIME ZONE 'UTC')::date, min(pos) FROM telemetry_sample GROUP BY 2;
`,
  },
];
