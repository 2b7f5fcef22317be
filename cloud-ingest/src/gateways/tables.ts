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
    id: "0172-coverage-redating",
    sql: `
-- Spells in the order in which they were told (n), with when each began by its own row's date, and that row: a clock may date it anew.
-- A spell that ends where it begins says nothing until then.
ALTER TABLE coverage_span DROP CONSTRAINT coverage_span_pkey;
ALTER TABLE coverage_span ADD COLUMN n int8, ADD COLUMN begun timestamptz, ADD COLUMN epoch text, ADD COLUMN seq int8;
UPDATE coverage_span s SET begun = s.from_at, n = o.n
  FROM (SELECT read_point, from_at, row_number() OVER (ORDER BY from_at, read_point) AS n FROM coverage_span) o
  WHERE o.read_point = s.read_point AND o.from_at = s.from_at;
ALTER TABLE coverage_span ALTER COLUMN n SET NOT NULL, ALTER COLUMN begun SET NOT NULL, ADD PRIMARY KEY (n),
  ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('coverage_span', 'n'), coalesce(max(n), 0) + 1) FROM coverage_span;
CREATE INDEX ON coverage_span (read_point, from_at);
CREATE INDEX ON coverage_span (agent, epoch, seq);
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
