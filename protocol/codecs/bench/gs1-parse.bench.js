/**
 * Medical labels a second from the text of a scan to elements with dates, beside gs1-barcode-parser-mod on the same labels
 * in the same process. Ours also checks every check digit, character and pairing, and says DI and PI. Both take turns, so
 * that a busy machine is busy for both; the best round counts.
 */
import { parseBarcode } from "@storeward/codecs/gs1";
import peer from "gs1-barcode-parser-mod";
import { inTurns, print } from "./turns.js";

const ROUNDS = 5;
const ROUND_MS = 300;
const GS = "\x1d";
const today = new Date().toISOString().slice(0, 10);

/** Implants, drugs, consumables, a case and a shelf of one, as scanners send them. */
const labels = [
  `]d20109506000134352112601011727053110AB-123${GS}216789`,
  "]d201095060001343521727053110LOT7781",
  "]C101095060001343521728040010X99812",
  `]d2010030002143380221100000012345${GS}1727113010C482991`,
  `]C1010950600013436911251115172811302412190-044${GS}10B77`,
  `]d20109506000134352112509121730091121SN-0004412${GS}240REF-12`,
  "]C10009520123456789123502095060001343523740",
  `]d20109506000134352172706301021-771A${GS}2100012${GS}30100`,
  "(01)09506000134352(17)270531(10)AB-123(21)6789",
  "(01)00300021433802(17)271130(10)C482991(21)100000012345",
];

const ours = (label) => {
  const result = parseBarcode(label, { today });
  if (result.ok === false) throw new Error(`${label}: ${result.error.message}`);
  return result.elements;
};
const theirs = (label) => peer.parseBarcode(label).parsedCodeItems;

for (const label of labels) {
  const rows = (elements, value) => JSON.stringify(elements.map((element) => [element.ai, value(element)]));
  const isoOf = ({ date, value }) => date ?? value;
  const theirValue = ({ isoDate, raw }) => (isoDate ? isoDate.slice(0, 10) : raw);
  const [one, other] = [rows(ours(label), isoOf), rows(theirs(label), theirValue)];
  if (one !== other) throw new Error(`the two parsers do not agree on ${label}: ${one} and ${other}`);
}

const allBy = (parse) => () => {
  for (const label of labels) parse(label);
};
const ways = { "gs1-parse": allBy(ours), "gs1-barcode-parser-mod 1.2.1": allBy(theirs) };
const figures = inTurns(ways, { rounds: ROUNDS, ms: ROUND_MS, each: labels.length });
print(figures, "labels/s", "gs1-barcode-parser-mod 1.2.1");
