import { epcOf, rssiOf } from "../serial/epc.js";

export const NO_TAGS = "(No Tags)";

/**
 * What a tag is to be told with: EPC without blanks, transmit antenna, reads, RSSI (Reader Interface Guide 8101938-000,
 * "TagListCustomFormat"). The words are those of the Text format, so that a reader that keeps to that is understood too.
 */
export const TAG_FORMAT = "Tag:%k, Ant:%a, Count:%r, RSSI:%m";

export interface AlienTag {
  readonly epc: string;
  /** Antenna port as the reader counts, from 0. */
  readonly port: number;
  readonly count: number;
  /** Undefined where the reader tells none in dBm: older ones have a scale of their own, above 0. */
  readonly rssi: number | undefined;
}

/** One line of a tag list, `Tag:3000 2141 60C0 0400 0000 6013, …, Count:4, Ant:0, …`; undefined where it is none. */
export function parseTagLine(line: string): AlienTag | undefined {
  const fields = new Map<string, string>();
  for (const field of line.split(",")) {
    const colon = field.indexOf(":");
    if (colon > 0) fields.set(field.slice(0, colon).trim().toLowerCase(), field.slice(colon + 1).trim());
  }
  const epc = epcOf(fields.get("tag") ?? "");
  const port = numberOf(fields.get("ant") ?? "0", 255);
  const count = numberOf(fields.get("count") ?? "1", 1_000_000);
  if (epc === undefined || port === undefined || count === undefined) return undefined;
  const rssi = rssiOf(fields.get("rssi") ?? "");
  return { epc, port, count: Math.max(1, count), rssi: rssi !== undefined && rssi < 0 ? rssi : undefined };
}

function numberOf(text: string, most: number): number | undefined {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  return value <= most ? value : undefined;
}
