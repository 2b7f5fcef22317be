import type { Migration } from "../../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0130-gateway-configuration",
    sql: `
-- What was set here for a device to run with. It is signed when it is published, so that no signature grows old in a table.
CREATE TABLE gateway_configuration (
  agent text NOT NULL,
  version int8 NOT NULL,
  configuration jsonb NOT NULL,
  set_at timestamptz NOT NULL,
  set_by text NOT NULL,
  PRIMARY KEY (agent, version)
);

-- What the device said last: the version it runs with, and one it would not take.
ALTER TABLE gateway ADD COLUMN config int8, ADD COLUMN config_refused jsonb;

CREATE TABLE gateway_command (
  id text PRIMARY KEY,
  agent text NOT NULL,
  command jsonb NOT NULL,
  issued_at timestamptz NOT NULL,
  issued_by text NOT NULL,
  expires_at timestamptz NOT NULL,
  answered_at timestamptz,
  answer jsonb
);
CREATE INDEX ON gateway_command (agent, issued_at);
`,
  },
];
