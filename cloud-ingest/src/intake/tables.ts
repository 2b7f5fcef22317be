import type { Migration } from "../database/index.js";

export const migrations: readonly Migration[] = [
  {
    id: "0020-intake",
    sql: `
-- How far each life of each agent's journal is in ours. Its row is the lock under which intake appends.
CREATE TABLE intake_cursor (
  agent text NOT NULL,
  epoch text NOT NULL,
  committed int8 NOT NULL DEFAULT 0,
  chain text NOT NULL,
  -- Agents may delete up to here: recorded 72 h ago, or held by a backup.
  released int8 NOT NULL DEFAULT 0,
  backed_up int8 NOT NULL DEFAULT 0,
  -- Everything the agent observed up to this moment is at or before committed.
  through timestamptz,
  lost int8 NOT NULL DEFAULT 0,
  quarantined int8 NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (agent, epoch)
);

-- Where each cursor stood at some moments of the last 72 hours: what has been here that long is released.
CREATE TABLE intake_mark (
  agent text NOT NULL,
  epoch text NOT NULL,
  at timestamptz NOT NULL,
  seq int8 NOT NULL,
  PRIMARY KEY (agent, epoch, at)
);

-- What an agent has lost for good, in its own words.
CREATE TABLE declared_gap (
  agent text NOT NULL,
  epoch text NOT NULL,
  from_seq int8 NOT NULL,
  to_seq int8 NOT NULL,
  why text NOT NULL,
  types jsonb NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (agent, epoch, from_seq)
);

-- Rows that could not be understood, byte for byte.
CREATE TABLE quarantine (
  agent text NOT NULL,
  epoch text NOT NULL,
  seq int8 NOT NULL,
  body bytea NOT NULL,
  error text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (agent, epoch, seq)
);

-- What is known of the clock of each boot of a device: UTC in milliseconds = mono + offset_ms.
CREATE TABLE agent_clock (
  agent text NOT NULL,
  boot text NOT NULL,
  offset_ms float8 NOT NULL,
  plus_minus_ms float8 NOT NULL,
  source text NOT NULL,
  learnt_at timestamptz NOT NULL,
  PRIMARY KEY (agent, boot)
);
`,
  },
  {
    id: "0021-intake-origins",
    sql: `
-- Rows that were skipped, being here already; and whether rows of this epoch have come as copies in another one.
ALTER TABLE intake_cursor ADD COLUMN skipped int8 NOT NULL DEFAULT 0, ADD COLUMN copied boolean NOT NULL DEFAULT false;

-- Where rows stood first that came as copies: after a fork, or from a journal that was salvaged.
CREATE TABLE intake_origin (
  agent text NOT NULL,
  epoch text NOT NULL,
  seq int8 NOT NULL,
  chain text NOT NULL,
  PRIMARY KEY (agent, epoch, seq, chain)
);

-- At the row: which life of an agent's journal it is from. Of rows of earlier releases it is not known.
ALTER TABLE quarantine ADD COLUMN chain text;
`,
  },
  {
    id: "0170-intake-redating",
    sql: `
-- Rows that were dated without a clock, by boot: what its first clock is to date again.
CREATE TABLE undated_rows (
  agent text NOT NULL,
  boot text NOT NULL,
  epoch text NOT NULL,
  from_seq int8 NOT NULL,
  to_seq int8 NOT NULL,
  PRIMARY KEY (agent, boot, epoch)
);
-- Rows that are being dated again, a few at a time: those from next_seq on still are to be.
CREATE TABLE redating (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agent text NOT NULL,
  boot text NOT NULL,
  epoch text NOT NULL,
  next_seq int8 NOT NULL,
  to_seq int8 NOT NULL,
  offset_ms float8 NOT NULL,
  -- Also those that were recorded with about this offset: they may have been dated by another since.
  every boolean NOT NULL
);
-- The row from which on the boot was dated by this clock, or by earlier ones that it agrees with. Of boots of earlier releases it is not known.
ALTER TABLE agent_clock ADD COLUMN since_epoch text, ADD COLUMN since_seq int8;
`,
  },
  {
    id: "0173-retake",
    sql: `
-- When a release that understands a row took it into the journal; until then, the release that tried last.
ALTER TABLE quarantine ADD COLUMN retaken_at timestamptz, ADD COLUMN tried_by text;
CREATE INDEX ON quarantine (agent, epoch, seq) WHERE retaken_at IS NULL;
`,
  },
  {
    id: "0227-redating-told",
    sql: `
-- The last word that was journaled of it: the next one waits until that is followed.
ALTER TABLE redating ADD COLUMN partition int4, ADD COLUMN told_pos int8 NOT NULL DEFAULT 0;
`,
  },
];
