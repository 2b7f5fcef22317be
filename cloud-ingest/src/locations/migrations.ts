import type { Migration } from "../database/index.js";
import { logTables } from "../journal/index.js";

/** Items are spread over so many shards: the unit by which cloud processes share the work of locating. */
export const SHARDS = 16;

export const migrations: readonly Migration[] = [
  {
    id: "0070-evidence",
    sql: `
${logTables({ table: "evidence", headTable: "evidence_head", partitions: SHARDS })}
-- Every sighting of every tag, and the item it counts for: the set that an item's state is a function of. A tag bound later is judged again by
-- these.
CREATE TABLE tag_sighting (
  tag int8 NOT NULL,
  at timestamptz NOT NULL,
  agent text COLLATE "C" NOT NULL,
  epoch text COLLATE "C" NOT NULL,
  seq int8 NOT NULL,
  item uuid,
  type text NOT NULL,
  read_point text NOT NULL,
  observed_at timestamptz NOT NULL,
  fact jsonb NOT NULL,
  PRIMARY KEY (tag, at, agent, epoch, seq)
);
CREATE INDEX ON tag_sighting (item, at) WHERE item IS NOT NULL;
CREATE INDEX ON tag_sighting USING brin (at) WITH (autosummarize = on);
-- What was before is forgotten; what is told of it later changes nothing.
CREATE TABLE location_horizon (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);
INSERT INTO location_horizon (at) VALUES ('-infinity');
-- What each shelf holds by its agent's own words: what an inventory could miss.
CREATE TABLE shelf_tag (
  read_point text NOT NULL,
  tag int8 NOT NULL,
  PRIMARY KEY (read_point, tag)
);
-- When, by its own words, an agent last had a tag on a shelf.
CREATE TABLE shelf_word (
  agent text NOT NULL,
  tag int8 NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (agent, tag)
);
-- Parts of inventories that are not whole yet.
CREATE TABLE inventory_part (
  agent text NOT NULL,
  inventory text NOT NULL,
  part int4 NOT NULL,
  tags int8[] NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (agent, inventory, part)
);
`,
  },
  {
    id: "0071-location",
    sql: `
${logTables({ table: "stay_change", headTable: "stay_change_head", partitions: SHARDS })}
CREATE TABLE item_location (
  item uuid PRIMARY KEY,
  shard int4 NOT NULL,
  place uuid,
  state_base text,
  since timestamptz,
  seen_at timestamptz,
  p float8 NOT NULL,
  moving_until timestamptz,
  -- The fold's memory and two older ones to run again from.
  state jsonb NOT NULL,
  behind jsonb NOT NULL,
  next jsonb NOT NULL,
  -- When (by the agent's through) its stays are to be looked at for what has settled.
  due_at timestamptz,
  due_agent text
);
CREATE INDEX ON item_location (place);
CREATE INDEX ON item_location (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ON item_location (moving_until) WHERE moving_until IS NOT NULL;
CREATE TABLE item_stay (
  id uuid PRIMARY KEY,
  item uuid NOT NULL,
  place uuid NOT NULL,
  shelf boolean NOT NULL,
  state text NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz,
  p float8 NOT NULL,
  sure_since timestamptz,
  opening_at timestamptz NOT NULL,
  opening jsonb NOT NULL,
  -- The fold's memory right after the opening.
  checkpoint jsonb,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  -- Known to stay_change as: revision 0 is not told yet.
  revision int4 NOT NULL DEFAULT 0,
  told jsonb,
  -- Later evidence took it away; kept until that is told.
  withdrawn boolean NOT NULL DEFAULT false,
  -- Whether what is told may still differ from what is known.
  pending boolean NOT NULL DEFAULT true
);
CREATE INDEX ON item_stay (item, opening_at);
CREATE INDEX ON item_stay (item) WHERE pending;
CREATE INDEX ON item_stay (from_at);
CREATE VIEW item_whereabout AS
  SELECT item, place,
    CASE WHEN moving_until > now() THEN 'moving' ELSE state_base END AS state_base,
    since, seen_at, p
  FROM item_location;
`,
  },
  {
    id: "0072-preliminary",
    sql: `
-- What devices that are catching up see now. The latest of each; gone once its journal has told.
CREATE TABLE preliminary_sighting (
  tag int8 NOT NULL,
  read_point text NOT NULL,
  agent text NOT NULL,
  as_of timestamptz NOT NULL,
  PRIMARY KEY (tag, read_point)
);
CREATE INDEX ON preliminary_sighting (agent);
`,
  },
  {
    id: "0171-missed",
    sql: `
-- What an inventory missed it does not name: it is found by its row when that is dated anew.
CREATE INDEX ON tag_sighting (agent, epoch, seq) WHERE fact ->> 'kind' = 'missed';
`,
  },
  {
    id: "0175-stay-change-item",
    sql: `
-- What was told of one item, and when.
CREATE INDEX ON stay_change ((body ->> 'item'));
`,
  },
  {
    id: "0210-packed-states",
    sql: `
-- The fold's memories are short texts. An empty one is null. Those of an older release are read as they are.
ALTER TABLE item_location
  ALTER COLUMN state DROP NOT NULL, ALTER COLUMN behind DROP NOT NULL, ALTER COLUMN next DROP NOT NULL,
  ALTER COLUMN state TYPE text USING CASE WHEN state -> 'key' <> 'null' THEN state::text END,
  ALTER COLUMN behind TYPE text USING CASE WHEN behind -> 'key' <> 'null' THEN behind::text END,
  ALTER COLUMN next TYPE text USING CASE WHEN next -> 'key' <> 'null' THEN next::text END,
  -- So much evidence has come since there was something to run again from.
  ADD COLUMN run int4 NOT NULL DEFAULT 0;
ALTER TABLE item_stay ALTER COLUMN checkpoint TYPE text USING checkpoint::text;
`,
  },
  {
    id: "0211-pending-from",
    sql: `
-- When the first of an item's stays was opened of which something may be to be told; null: there is none.
ALTER TABLE item_location ADD COLUMN pending_from timestamptz;
UPDATE item_location SET pending_from = '-infinity';
-- A stay is changed when it ends and when it is told: not in its indexes, and on its page while there is room.
DROP INDEX item_stay_item_idx, item_stay_from_at_idx;
ALTER TABLE item_stay SET (fillfactor = 75);
`,
  },
  {
    id: "0212-open-stay",
    sql: `
-- How sure an open stay is changes with nearly every piece of evidence: that is said of its item, and here once the stay has ended.
ALTER TABLE item_stay ALTER COLUMN p DROP NOT NULL;
UPDATE item_stay SET p = NULL WHERE to_at IS NULL;
-- An item whose place does not change stays on its page, without new entries in the indexes.
ALTER TABLE item_location SET (fillfactor = 75);
`,
  },
  {
    id: "0216-packed-evidence",
    sql: `
-- Evidence is packed, and has no body; that of an older release is read as it is.
ALTER TABLE evidence ADD COLUMN packed text, ALTER COLUMN body DROP NOT NULL, ADD CHECK (body IS NOT NULL OR packed IS NOT NULL) NOT VALID;
`,
  },
  {
    id: "0217-item-due",
    sql: `
-- What time alone brings is noted beside the items. An item's own row is in no index but its key then: it stays on its page when it changes, which it
-- does with every piece of evidence. Things in a place are found by looking through all items, as they are for what every place holds.
CREATE TABLE item_due (
  item uuid PRIMARY KEY,
  shard int4 NOT NULL,
  -- By the agent's through; null: not before more evidence comes.
  at timestamptz,
  agent text,
  -- When the first of its stays was opened of which something may be to be told.
  pending_from timestamptz
) WITH (fillfactor = 75);
CREATE TABLE item_motion (
  item uuid PRIMARY KEY,
  until timestamptz NOT NULL
) WITH (fillfactor = 75);
INSERT INTO item_due (item, shard, at, agent, pending_from)
  SELECT item, shard, due_at, due_agent, pending_from FROM item_location WHERE due_at IS NOT NULL OR pending_from IS NOT NULL;
INSERT INTO item_motion (item, until) SELECT item, moving_until FROM item_location WHERE moving_until IS NOT NULL;
DROP INDEX item_location_place_idx, item_location_due_at_idx, item_location_moving_until_idx;
ALTER TABLE item_location DROP COLUMN due_at, DROP COLUMN due_agent, DROP COLUMN pending_from;
`,
  },
  {
    id: "0218-stay-key",
    sql: `
-- A stay is found by its item and when it was opened: one index instead of two, and no entries all over one by ids that are random.
ALTER TABLE item_stay DROP CONSTRAINT item_stay_pkey;
DROP INDEX item_stay_item_opening_at_idx;
ALTER TABLE item_stay ADD PRIMARY KEY (item, opening_at, id);
`,
  },
  {
    id: "0219-stay-texts",
    sql: `
-- What opened a stay and what was told of it are read whole: as texts they cost half as much to write and to read.
ALTER TABLE item_stay ALTER COLUMN opening TYPE text USING opening::text, ALTER COLUMN told TYPE text USING told::text;
`,
  },
  {
    id: "0225-unknown-sighting",
    sql: `
-- Tags that were seen on nothing are found by their sightings. The table unknown_tag is no longer read; the release before still writes it.
CREATE INDEX tag_sighting_unknown ON tag_sighting (tag, observed_at)
  WHERE item IS NULL AND type <> 'departed' AND fact ->> 'kind' <> 'missed';
DELETE FROM parked_row WHERE follower = 'unknown-tags';
`,
  },
  {
    id: "0235-left-stays",
    sql: `
-- That a stay has ended is told although where the item is then is not sure. What ended so before is looked at once.
UPDATE item_due d SET at = l.since + interval '30 s', agent = (
  SELECT opening::jsonb ->> 'agent' FROM item_stay WHERE item = d.item AND NOT withdrawn ORDER BY opening_at DESC LIMIT 1
) FROM item_location l WHERE l.item = d.item AND d.at IS NULL;
`,
  },
];
