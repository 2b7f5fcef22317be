import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0182-log-export",
    sql: `
-- Days of logs that were written to files and read back.
CREATE TABLE log_export (
  log text NOT NULL,
  day date NOT NULL,
  rows int8 NOT NULL,
  sha256 text NOT NULL,
  file text NOT NULL,
  exported_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (log, day)
);
`,
  },
];
