/** A table that state followers write. */
export interface StateTable {
  readonly name: string;
  readonly key: readonly string[];
  /** Columns that are a function of the journal, and therefore the same in every rebuild; none: the table is not compared. */
  readonly compared: readonly string[];
  /** SQL: whether a row `t` is from `$1`, a moment, on; what is older is forgotten sooner or later. Absent: every row counts. */
  readonly within?: string;
}

/** Followers that read what is kept, by the log they read: a rebuild runs them again from there. */
export const FROM_LOGS = {
  journal: ["coverage", "evidence", "series"],
  stay_change: ["series-stays"],
} as const;
/** All whose tables are rebuilt: `locations` follows what `evidence` writes. */
export const STATE_FOLLOWERS: readonly string[] = [...Object.values(FROM_LOGS).flat(), "locations"];

/*
 * Left out of the comparison: `behind`, `next` and `run` of an item (where to run again from: any state before late evidence does), what depends on the
 * clock on the wall (`moving_until`), and what was told to others (`revision`, `told`, `pending`). Of the time series these are the tables
 * that points are made from; the sampler forgets in them by the hour what is forgotten elsewhere by the day.
 */
const KEPT_BY_THE_HOUR = "t.at >= $1::timestamptz + interval '1 day'";

export const STATE_TABLES: readonly StateTable[] = [
  {
    name: "coverage_span",
    key: ["agent", "epoch", "seq"],
    compared: ["read_point", "from_at", "to_at", "state", "why", "begun"],
    within: "coalesce(t.to_at, 'infinity') >= $1::timestamptz",
  },
  {
    name: "tag_sighting",
    key: ["tag", "at", "agent", "epoch", "seq"],
    compared: ["item", "type", "read_point", "observed_at", "fact"],
    within: "t.at >= $1::timestamptz",
  },
  { name: "shelf_tag", key: ["read_point", "tag"], compared: ["read_point", "tag"] },
  { name: "inventory_part", key: ["agent", "inventory", "part"], compared: [] },
  {
    name: "item_location",
    key: ["item"],
    compared: ["shard", "place", "state_base", "since", "seen_at", "p", "state"],
    // An item all of whose evidence was another's after all has a row that says nothing.
    within: "t.state IS NOT NULL",
  },
  {
    name: "item_stay",
    key: ["id"],
    compared: ["item", "place", "shelf", "state", "from_at", "to_at", "p", "sure_since", "opening_at", "opening"],
    within: "NOT t.withdrawn AND coalesce(t.to_at, 'infinity') >= $1::timestamptz",
  },
  { name: "series_passage", key: ["read_point", "pass"], compared: ["direction", "at"], within: KEPT_BY_THE_HOUR },
  { name: "series_detection", key: ["at", "read_point"], compared: ["rounds", "reads"], within: KEPT_BY_THE_HOUR },
  {
    name: "series_redated",
    key: ["partition", "pos"],
    compared: ["agent", "epoch", "boot", "from_seq", "to_seq", "offset_ms"],
    within: KEPT_BY_THE_HOUR,
  },
  {
    name: "series_stay",
    key: ["stay"],
    compared: ["place", "kind", "role", "from_at", "to_at"],
    within: "coalesce(t.to_at, 'infinity') >= $1::timestamptz + interval '1 day'",
  },
  // None more is as good as no row.
  {
    name: "series_delta",
    key: ["at", "place", "kind", "role"],
    compared: ["items"],
    within: `t.items <> 0 AND ${KEPT_BY_THE_HOUR}`,
  },
  { name: "series_level", key: ["place", "kind", "role"], compared: ["items"], within: "t.items <> 0" },
];
