import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0180-checkpoint",
    sql: `
-- What state followers had made of everything recorded before a day (and of some of that day): their tables and their cursors at one moment.
CREATE TABLE state_checkpoint (
  -- The day that begins at the edge.
  edge date PRIMARY KEY,
  taken_at timestamptz NOT NULL,
  -- Sightings and finished stays from before are not in it.
  horizon timestamptz NOT NULL
);
CREATE TABLE state_checkpoint_cursor (
  edge date NOT NULL REFERENCES state_checkpoint ON DELETE CASCADE,
  follower text NOT NULL,
  partition int4 NOT NULL,
  pos int8 NOT NULL,
  PRIMARY KEY (edge, follower, partition)
);
CREATE TABLE state_checkpoint_row (
  edge date NOT NULL REFERENCES state_checkpoint ON DELETE CASCADE,
  of text NOT NULL,
  row jsonb NOT NULL
);
CREATE INDEX ON state_checkpoint_row (edge, of);
`,
  },
  {
    id: "0213-open-stay-checkpoint",
    sql: `
-- As 0212 in the table itself.
UPDATE state_checkpoint_row SET row = row || '{"p": null}' WHERE of = 'item_stay' AND row ->> 'to_at' IS NULL;
`,
  },
];
