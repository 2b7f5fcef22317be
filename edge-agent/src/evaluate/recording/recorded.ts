import type { Cell, Row, Wanted } from "./rows.js";
import { type TimeUnit, timeOf } from "./times.js";

/** A line of a recording. */
export interface Recorded {
  readonly kind: "read" | "round" | "watching" | "blind" | "doubtful";
  /** ms since 1970. */
  readonly at: number;
  readonly reader: string;
  /** Empty: all of the reader, which a read is never of. */
  readonly antenna: string;
  /** Upper-case hex; empty where it is no read. */
  readonly epc: string;
  /** dBm. */
  readonly rssi: number | undefined;
}

export const READ_COLUMNS = {
  time: {
    names: ["time", "timestamp", "at", "updatetime", "lastseen", "lastseentime", "firstseen", "ts"],
    required: true,
  },
  epc: { names: ["epc", "epchex", "tag", "tagid", "epcid", "uid"], required: true },
  antenna: { names: ["antenna", "antennaid", "antennaport", "ant", "port"] },
  reader: { names: ["reader", "readerid", "readername", "hostname", "device"] },
  rssi: { names: ["rssi", "peakrssi", "rssidbm", "peakrssidbm", "dbm"] },
  event: { names: ["event"], excuses: true },
} as const satisfies Readonly<Record<string, Wanted>>;
export type ReadColumn = keyof typeof READ_COLUMNS;

const KINDS = ["read", "round", "watching", "blind", "doubtful"] as const;
/** Of a recording that has no such column. */
const ONLY_ANTENNA = "1";

/** The line of a recording, or a sentence that says why it is none. */
export function recordedOf(row: Row<ReadColumn>, unit: TimeUnit, hasAntennas: boolean): Recorded | string {
  const at = timeOf(row.time, unit);
  if (at === undefined)
    return row.time === undefined ? "has no time" : `has the time ${shown(row.time)}, which is none`;
  const kind = row.event === undefined ? "read" : KINDS.find((one) => one === row.event);
  if (kind === undefined) return `has the event ${shown(row.event)}; it can be ${KINDS.join(", ")}`;
  const reader = String(row.reader ?? "");
  const antenna = String(row.antenna ?? (hasAntennas ? "" : ONLY_ANTENNA));
  if (kind !== "read") return { kind, at, reader, antenna: String(row.antenna ?? ""), epc: "", rssi: undefined };
  if (antenna === "") return "has no antenna";
  const epc = epcOf(row.epc);
  if (epc === undefined)
    return row.epc === undefined ? "has no EPC" : `has the EPC ${shown(row.epc)}, which is not hex`;
  const rssi = row.rssi === undefined ? undefined : Number(row.rssi);
  if (rssi !== undefined && !(rssi >= -130 && rssi <= 30))
    return `has the RSSI ${shown(row.rssi)}, which is not in dBm`;
  return { kind, at, reader, antenna, epc, rssi };
}

/** Upper-case hex without blanks; undefined where it is not. */
export function epcOf(cell: Cell): string | undefined {
  const text = String(cell ?? "")
    .replace(/^0x/i, "")
    .replace(/[\s-]/g, "")
    .toUpperCase();
  return /^(?:[0-9A-F]{2}){1,62}$/.test(text) ? text : undefined;
}

/** A cell in a message. */
export function shown(cell: Cell): string {
  const text = String(cell);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
