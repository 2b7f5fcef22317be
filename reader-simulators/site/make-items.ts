import { encodeGiai96, encodeSgtin96, gs1CheckDigit } from "@storeward/codecs/epc";

/*
 * Writes `items.csv`: 200 things of Storeward General, each with a valid EPC under GS1's example prefix 952. The file is
 * compared with it by `test/site.test.ts`, which writes it anew when run with `-u`.
 */

const PREFIX = "9521141";

interface Product {
  readonly kind: string;
  readonly name: string;
  /** GTIN indicator digit: 0 for a single piece, 1 for a case. */
  readonly indicator: number;
  readonly reference: string;
  readonly filter: number;
}

const products: Product[] = [
  ...[
    "Nitrile gloves M",
    "Nitrile gloves L",
    "Surgical masks",
    "FFP2 respirators",
    "Isolation gowns",
    "Face shields",
  ].map((name, index) => ({
    kind: "PPE case",
    name: `${name}, case`,
    indicator: 1,
    reference: `${10100 + index}`,
    filter: 2,
  })),
  ...["analgesics", "antibiotics", "anaesthesia", "emergency", "cardiac"].map((name, index) => ({
    kind: "medicine tray",
    name: `Medicine tray, ${name}`,
    indicator: 0,
    reference: `${20200 + index}`,
    filter: 1,
  })),
  ...[
    "Hip stem, size 4",
    "Coronary stent 3.0 x 18",
    "Knee insert 10 mm",
    "Bone screw set 3.5",
    "Pacemaker, dual chamber",
  ].map((name, index) => ({ kind: "implant", name, indicator: 0, reference: `${30300 + index}`, filter: 1 })),
];

/** How many of a kind have their home where. */
const homes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "PPE case": { "shelf-a-1": 15, "shelf-a-2": 15, "storeroom-1": 18, "ward-3": 12 },
  "medicine tray": { "shelf-a-3": 16, "shelf-a-4": 16, "ward-3": 10, "or-1": 8 },
  implant: { "shelf-b-1": 20, "shelf-b-2": 20, "storeroom-1": 10 },
  "infusion pump": { "storeroom-2": 18, "ward-3": 10 },
  wheelchair: { "storeroom-2": 6, "ward-3": 4, corridor: 2 },
};

/** The whole file, in a fixed order. */
export function itemsCsv(): string {
  const lines = ["epc,name,kind,gtin,giai,home"];
  for (const [kind, places] of Object.entries(homes)) {
    const all = Object.entries(places).flatMap(([place, count]) => Array<string>(count).fill(place));
    for (const [index, home] of all.entries()) lines.push(lineOf(kind, index, home));
  }
  return `${lines.join("\n")}\n`;
}

function lineOf(kind: string, index: number, home: string): string {
  const of = products.filter((product) => product.kind === kind);
  const product = of[index % of.length];
  if (product === undefined) return equipmentLine(kind, index, home);
  const digits = `${product.indicator}${PREFIX}${product.reference}`;
  const gtin = digits + gs1CheckDigit(digits);
  const serial = `${1000 + index}`;
  const epc = encodeSgtin96({ gtin, serial, companyPrefixLength: PREFIX.length, filter: product.filter });
  return [epc, quote(`${product.name} #${serial}`), kind, gtin, "", home].join(",");
}

function equipmentLine(kind: string, index: number, home: string): string {
  const number = String(index + 1).padStart(2, "0");
  const giai = `${PREFIX}${kind === "wheelchair" ? 4000 : 5000}${number}`;
  const epc = encodeGiai96({ giai, companyPrefixLength: PREFIX.length, filter: 0 });
  const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${number}`;
  return [epc, name, kind, "", giai, home].join(",");
}

function quote(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
