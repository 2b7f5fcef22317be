import { type EpcIdentity, type EpcScheme, encodeEpc, epcSchemes, filterMeaning } from "../epc/index.js";

/** The names that GS1 gives to what an identity holds. */
const NAMES: Readonly<Record<string, string>> = {
  gtin: "Global Trade Item Number (GTIN)",
  sscc: "Serial Shipping Container Code (SSCC)",
  gln: "Global Location Number (GLN)",
  grai: "Global Returnable Asset Identifier (GRAI)",
  giai: "Global Individual Asset Identifier (GIAI)",
  gsrn: "Global Service Relation Number (GSRN)",
  gdti: "Global Document Type Identifier (GDTI)",
  cpi: "Component/Part Identifier (CPI)",
  gcn: "Global Coupon Number (GCN)",
  itip: "Individual Trade Item Piece (ITIP)",
  serial: "serial",
  extension: "GLN extension",
  manager: "general manager number",
  objectClass: "object class",
  cage: "CAGE code or DoDAAC",
  partNumber: "part number",
};

const DATES: Readonly<Record<string, string>> = {
  "11": "production date",
  "13": "packaging date",
  "15": "best before date",
  "16": "sell by date",
  "17": "expiration date",
  "7006": "first freeze date",
  "7007": "harvest date",
};

type Line = readonly [label: string, text: string];

/** What an EPC means, in lines for people. */
export function describeEpc(epc: EpcIdentity): string {
  const lines = epc.scheme === "unknown" ? [["scheme", unknown(epc.hex)] as const] : linesOf(epc);
  const width = Math.max(...lines.map(([label]) => label.length));
  return [epc.hex, ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`)].join("\n");
}

function linesOf(epc: Exclude<EpcIdentity, { scheme: "unknown" }>): readonly Line[] {
  const values = epc as unknown as Readonly<Record<string, unknown>>;
  const names = epcSchemes[epc.scheme].fields.map(({ name }) => name);
  const lines: Line[] = [["scheme", `${epc.scheme}${personOf(epc.scheme)}`]];
  for (const name of names.filter((name) => NAMES[name] !== undefined)) {
    const value = String(values[name]);
    lines.push([NAMES[name] ?? name, name === "itip" ? itip(value) : value === "" ? "none" : value]);
  }
  if ("date" in epc) lines.push([DATES[epc.date.ai] ?? "date", dateInWords(epc.date.value)]);
  const prefix = "companyPrefixLength" in epc ? /^urn:epc:id:[^:]+:(\d+)/.exec(epc.uri ?? "")?.[1] : undefined;
  if (prefix !== undefined) lines.push(["company prefix", `${prefix}, ${prefix.length} digits`]);
  if ("hostname" in epc) lines.push(["host name", epc.hostname]);
  if ("filter" in epc) lines.push(["filter value", `${epc.filter}, ${filterMeaning(epc.scheme, epc.filter)}`]);
  if ("aidc" in epc && epc.aidc !== undefined) {
    for (const { ai, value } of epc.aidc.elements) lines.push([`+AIDC data (${ai})`, value]);
    const { undecoded } = epc.aidc;
    if (undecoded !== undefined) lines.push(["+AIDC data", `${undecoded.hex}, not decoded: ${undecoded.detail}`]);
  }
  const forms: readonly (readonly [string, string | undefined])[] = [
    ["element string", epc.elementString],
    ["pure identity URI", epc.uri],
    ["tag URI", epc.tagUri],
    ["Digital Link URI", epc.digitalLink],
  ];
  for (const [label, text] of forms) if (text !== undefined && text !== "") lines.push([label, text]);
  return [...lines, ...notes(epc)];
}

/** What is worth a look in the memory itself. */
function notes(epc: Exclude<EpcIdentity, { scheme: "unknown" }>): readonly Line[] {
  const words = epc.padding > 15 ? ", more than fill the last word: the tag's length bits count too many" : "";
  const lines: Line[] = [["padding", `${epc.padding} zero bits${words}`]];
  const data = "aidc" in epc && epc.aidc !== undefined;
  if ("aidcToggle" in epc && epc.aidcToggle !== data) {
    lines.push([
      "note",
      `the tag says that ${data ? "no data follow the EPC, but some do" : "data follow the EPC, but none do"}`,
    ]);
  }
  if (!epc.canonical && !("aidc" in epc && epc.aidc?.undecoded))
    lines.push(["note", `encode would write ${encodeEpc(epc)}`]);
  return lines;
}

function unknown(hex: string): string {
  const header = hex.slice(0, 2);
  if (header === "00") return "none: the header 00 is that of a tag that has not been written";
  if (header === "E2") return "none: E2 begins the TID, which is another memory bank; read the EPC bank (01)";
  return `none: the header ${header} is of no scheme of TDS 2.3; a number of the tag's owner or maker`;
}

function personOf(scheme: EpcScheme): string {
  if (scheme.startsWith("gsrnp")) return ", on a provider of care: a staff badge";
  return scheme.startsWith("gsrn") ? ", on a recipient of care: a patient's wristband" : "";
}

function itip(value: string): string {
  return `${value}: piece ${value.slice(14, 16)} of ${value.slice(16)} of GTIN ${value.slice(0, 14)}`;
}

function dateInWords(value: string): string {
  const day = value.slice(4) === "00" ? "the end of the month" : `day ${value.slice(4)}`;
  return `${value}: year ${value.slice(0, 2)}, month ${value.slice(2, 4)}, ${day}`;
}
