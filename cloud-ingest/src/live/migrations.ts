import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0100-live",
    sql: `
-- What listeners are told, for as long as one may have been away. Positions are gapless and in the order of commits.
CREATE TABLE live_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  pos int8 NOT NULL
);
INSERT INTO live_head (pos) VALUES (0);
CREATE TABLE live_event (
  pos int8 PRIMARY KEY,
  at timestamptz NOT NULL,
  type text NOT NULL,
  data text NOT NULL
);
CREATE INDEX ON live_event USING brin (at);
`,
  },
];
