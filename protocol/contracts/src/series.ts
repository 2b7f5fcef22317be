/*
 * The time series: what is measured, under which tags, in which fields and units. Everything is a bucket of a minute that can be made again
 * from tables, and is written as a whole. Names are ASCII in lower snake case, as InfluxQL needs no quotes for. Tags hold what a chart lets
 * people choose from: codes of the site's description, kinds, closed lists; never an EPC or an item (one series per thing).
 */

export interface FieldSpec {
  /** UCUM: `1` is a plain number. */
  readonly unit: string;
  /** How minutes become a longer step. */
  readonly over: "sum" | "max" | "mean";
  readonly help: string;
}

export interface MeasurementSpec {
  readonly help: string;
  /** Which minute something counts in. */
  readonly minute: string;
  readonly tags: readonly TagName[];
  /** The first is 1 or more in every point: a point in which it is 0 is one that is not any more. */
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

/** What each tag holds, and what bounds how many values it can have. */
export const SERIES_TAGS = {
  agent: "id of a gateway, as in the site's description",
  antenna: "number of an antenna at its reader; 512 antennas of a gateway at most",
  direction: "`in`, `out` or `unknown`",
  kind: "kind of thing, as the catalogue wrote it first; 500 at most, and `(other kinds)`",
  place: "code of a place: it stays when the name changes",
  read_point: "id of a read point; 2000 at most, and `(other read points)`",
  reader: "id of a reader",
  type: "type of observation, or `act`",
} as const;
export type TagName = keyof typeof SERIES_TAGS;

const count = (help: string): FieldSpec => ({ unit: "1", over: "sum", help });
const level = (unit: string, help: string): FieldSpec => ({ unit, over: "mean", help });
const most = (unit: string, help: string): FieldSpec => ({ unit, over: "max", help });
const table = <const T extends Readonly<Record<string, MeasurementSpec>>>(measurements: T): T => measurements;

export const SERIES = table({
  observations: {
    help: "Intake: rows journaled. The sum of all is the count of the journal",
    minute: "recorded",
    tags: ["agent", "type"],
    fields: { count: count("rows") },
  },
  delay: {
    help: "How long observations took from being observed to being recorded",
    minute: "recorded",
    tags: ["agent"],
    fields: {
      count: count("observations"),
      p50: most("s", "half took no longer; of a longer step, the worst minute's"),
      p95: most("s", "19 of 20 took no longer; of a longer step, the worst minute's"),
      max: most("s", "the longest"),
    },
  },
  gaps: {
    help: "Declared gaps: what a gateway says is lost for good",
    minute: "recorded",
    tags: ["agent"],
    fields: {
      told: count("times the gateway told how it is, or what it lost"),
      count: count("ranges declared lost"),
      lost: count("observations in them"),
    },
  },
  detection: {
    help: "How well tags that are there are read; the rate is reads / rounds",
    minute: "observed",
    tags: ["read_point"],
    fields: { rounds: count("chances there were to read a tag, over all tags"), reads: count("of which it was read") },
  },
  passages: {
    help: "Passages through a portal; what goes through together is one",
    minute: "observed",
    tags: ["read_point", "direction"],
    fields: { count: count("passages") },
  },
  arrivals: {
    help: "Things that came to a place and stayed for half a minute",
    minute: "of coming",
    tags: ["place", "kind"],
    fields: { count: count("things") },
  },
  dwell: {
    help: "How long stays lasted that have ended; the mean is seconds / count",
    minute: "of leaving",
    tags: ["place", "kind"],
    fields: {
      count: count("stays"),
      seconds: { ...count("length of all"), unit: "s" },
      longest: most("s", "the longest"),
    },
  },
  occupancy: {
    help: "Tagged things on hand: in a place by what has settled, whether or not it is watched just now; what has left and is nowhere surely since is in none",
    minute: "at its end",
    tags: ["place", "kind"],
    fields: { items: level("1", "things") },
  },
  utilisation: {
    help: "Equipment, which is what has a home place. Away / placed is the share that is somewhere else than in or below its home",
    minute: "at its end",
    tags: ["kind"],
    fields: { placed: level("1", "pieces whose place is known"), away: level("1", "of which not at home") },
  },
  unknown_items: {
    help: "Things of which it is not known any more where they are, by the place they were in last",
    minute: "about its end; a minute in which the service was down has none",
    tags: ["place"],
    fields: { items: level("1", "things") },
  },
  troubles: {
    help: "Things that are not where they should be, as the rules of their kinds have it; 0 where all are",
    minute: "about its end; a minute in which the service was down has none",
    tags: ["kind"],
    fields: {
      items: level("1", "things of the kind, where it has a rule or they a home"),
      wrong_place: level("1", "of which outside their area: where the kind may not be, for longer than it may"),
      missing: level("1", "of which overdue: not seen for too long, while wherever they may be was watched"),
    },
  },
  antenna: {
    help: "What an antenna read, as its gateway says every 10 s",
    minute: "told",
    tags: ["agent", "reader", "antenna", "read_point"],
    fields: {
      samples: count("how often the gateway told of it"),
      reads: count("reads"),
      tags: most("1", "different tags within 10 s"),
      watching: level("1", "share of the time that it was watching, 0 to 1"),
      rssi_mean: level("dB[mW]", "mean over the reads; absent without any"),
      rssi_max: most("dB[mW]", "strongest read; absent without any"),
    },
  },
  gateway: {
    help: "A gateway's journal and link, as it says every 10 s",
    minute: "told",
    tags: ["agent"],
    fields: {
      samples: count("how often it told"),
      journal_depth: most("1", "rows that the cloud has not acknowledged"),
      unsent_seconds: most("s", "no observation that is not here is older than this"),
      journal_bytes: most("By", "size of its journal"),
      journal_full: most("1", "1: it could not keep all it read"),
      outstanding_bytes: most("By", "sent and not yet acknowledged"),
    },
  },
});

export type Measurement = keyof typeof SERIES;
export const MEASUREMENTS = Object.keys(SERIES) as Measurement[];
export const BUCKET_MS = 60_000;

/** The table as it is read: what `SERIES[measurement]` has, without its literal types. */
export function seriesSpec(measurement: Measurement): MeasurementSpec {
  return SERIES[measurement];
}

const SYMBOLS: Readonly<Record<string, string>> = { "1": "", By: "B", "dB[mW]": "dBm" };

/** A unit as it stands behind a figure: "s", "dBm"; nothing of a plain number. */
export function unitSymbol(unit: string): string {
  return SYMBOLS[unit] ?? unit;
}

/** The same of a field, or of one field over another: seconds per stay are seconds, reads per rounds a plain number. */
export function figureUnit(measurement: Measurement, field: string, per?: string): string {
  const { fields } = seriesSpec(measurement);
  const [own, over] = [fields[field]?.unit ?? "1", per === undefined ? "1" : (fields[per]?.unit ?? "1")];
  if (own === over && per !== undefined) return "";
  return over === "1" ? unitSymbol(own) : `${unitSymbol(own)}/${unitSymbol(over)}`;
}

/** The field that says whether a point is one: see `MeasurementSpec.fields`. */
export function presenceOf(measurement: Measurement): string {
  return Object.keys(SERIES[measurement].fields)[0] ?? "";
}
