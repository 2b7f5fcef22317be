import type { Reading } from "../../radio/field.js";
import { tidOf } from "../llrp/access-specs.js";

/** What an inventory line shows: ONT, RSSI, TID, FastStart, PHASE. */
export type Fields = readonly boolean[];

/** `EPC[,TID][,RSSI][,PHASE1,PHASE2]` in the fields that INVS enabled. */
export function inventoryLine({ epc, rssi, phase }: Reading, [, withRssi, withTid, , withPhase]: Fields): string {
  const fields = [epc];
  if (withTid) fields.push(tidOf(epc));
  if (withRssi) fields.push(String(Math.round(rssi)));
  if (withPhase) fields.push(String(Math.round(phase)), String(Math.round((phase + 4) % 360)));
  return fields.join(",");
}

/** The block of one round at one antenna. */
export function roundBlock(
  command: string,
  antenna: number,
  connected: boolean,
  readings: readonly Reading[],
  fields: Fields,
): string[] {
  const lines = connected
    ? readings.length > 0
      ? readings.map((reading) => inventoryLine(reading, fields))
      : ["<NO TAGS FOUND>"]
    : ["<Antenna Error>"];
  return [...lines, `<ROUND FINISHED, ANT=${antenna}>`].map((line) => `+${command}: ${line}`);
}

/** Reads gathered over a period, for `+CINVR`. */
export class SeenCounts {
  readonly #seen = new Map<string, { best: Reading; count: number }>();

  add(reading: Reading): void {
    const known = this.#seen.get(reading.epc);
    if (known === undefined) this.#seen.set(reading.epc, { best: reading, count: 1 });
    else {
      known.count++;
      if (reading.rssi > known.best.rssi) known.best = reading;
    }
  }

  take(fields: Fields): string[] {
    const lines = [...this.#seen.values()].map(({ best, count }) => `+CINVR: ${inventoryLine(best, fields)},${count}`);
    this.#seen.clear();
    return lines;
  }
}
