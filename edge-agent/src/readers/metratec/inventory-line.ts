import { epcOf, rssiOf } from "../serial/epc.js";

/** Which fields an inventory line holds, as `AT+INVS` names them. */
export interface InventoryFields {
  readonly rssi: boolean;
  readonly tid: boolean;
}

export type InventoryLine =
  | { readonly kind: "tag"; readonly epc: string; readonly tid?: string; readonly rssi?: number }
  | { readonly kind: "round"; readonly antenna: number }
  | { readonly kind: "no tags" }
  | { readonly kind: "antenna error" }
  | { readonly kind: "unreadable" };

const TID = /^(?:[0-9A-F]{2}){4,64}$/;

/** What stands behind `+CMINV: `: `EPC[,TID][,RSSI][,PHASE1,PHASE2]`, or a message in angle brackets. Never throws. */
export function parseInventoryLine(text: string, fields: InventoryFields): InventoryLine {
  if (text.startsWith("<")) return parseMessage(text);
  const parts = text.split(",").map((part) => part.trim());
  const epc = epcOf(parts[0] ?? "");
  if (epc === undefined) return { kind: "unreadable" };
  const tid = fields.tid ? parts[1]?.toUpperCase() : undefined;
  const rssiText = fields.rssi ? parts[fields.tid ? 2 : 1] : undefined;
  const told = rssiText !== undefined && rssiText !== "";
  const rssi = told ? rssiOf(rssiText) : undefined;
  if (told && rssi === undefined) return { kind: "unreadable" };
  return {
    kind: "tag",
    epc,
    ...(tid !== undefined && TID.test(tid) ? { tid } : {}),
    ...(rssi === undefined ? {} : { rssi }),
  };
}

function parseMessage(text: string): InventoryLine {
  const round = /^<ROUND FINISHED, ?ANT=(\d{1,5})>$/i.exec(text);
  if (round !== null) return { kind: "round", antenna: Number(round[1]) };
  if (/^<NO TAGS FOUND>$/i.test(text)) return { kind: "no tags" };
  if (/^<Antenna Error/i.test(text)) return { kind: "antenna error" };
  return { kind: "unreadable" };
}
