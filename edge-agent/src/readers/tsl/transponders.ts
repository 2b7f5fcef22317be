import type { TagRead } from "../driver.js";
import { epcOf, NO_RSSI, rssiOf } from "../serial/epc.js";
import type { TslLine } from "./blocks.js";

/** What an inventory says of one transponder (TSL ASCII 2 protocol, `.iv`), in whatever order. */
const KEYS = new Set(["IX", "DT", "EP", "PC", "CR", "RI", "TD", "PH", "CF"]);
const PC = /^[0-9A-F]{4}$/;
const TID = /^(?:[0-9A-F]{2}){4,64}$/;

/** The transponders of an inventory at an antenna: a key that comes again begins the next one. `bad` counts those that are none. */
export function transponders(lines: readonly TslLine[], antenna: number): { reads: TagRead[]; bad: number } {
  const reads: TagRead[] = [];
  let bad = 0;
  let current = new Map<string, TslLine>();
  const end = (): void => {
    const read = readOf(current, antenna);
    if (read !== undefined) reads.push(read);
    else if (current.size > 0) bad++;
    current = new Map();
  };
  for (const line of lines) {
    if (!KEYS.has(line.key)) continue;
    if (current.has(line.key)) end();
    current.set(line.key, line);
  }
  end();
  return { reads, bad };
}

function readOf(lines: ReadonlyMap<string, TslLine>, antenna: number): TagRead | undefined {
  const line = lines.get("EP");
  const epc = epcOf(line?.value ?? "");
  if (line === undefined || epc === undefined) return undefined;
  const rssi = rssiOf(lines.get("RI")?.value ?? "") ?? NO_RSSI;
  const pc = lines.get("PC")?.value.toUpperCase() ?? "";
  const tid = lines.get("TD")?.value.toUpperCase() ?? "";
  return {
    epc,
    ...(PC.test(pc) ? { pc } : {}),
    ...(TID.test(tid) ? { tid } : {}),
    antenna,
    rssi,
    first: line.arrival,
    last: line.arrival,
    count: 1,
  };
}
