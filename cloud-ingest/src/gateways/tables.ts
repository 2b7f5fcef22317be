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
];
