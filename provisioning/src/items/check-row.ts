import { decodeEpc, EpcError, isPersonTag, isValidGtin } from "@storeward/codecs/epc";
import type { EpcSelection } from "@storeward/codecs/epc-pattern";
import { EPC_HEX_PATTERN, type NewItem } from "@storeward/contracts";
import { type LineProblem, quote, type Row } from "./columns.js";

const EPC = new RegExp(EPC_HEX_PATTERN);
const MAX_NAME = 200;
/** AI encodable character set 82 (GS1 General Specifications, figure 7.11-1). */
const GIAI = /^[!"%-?A-Z_a-z]{1,30}$/;

/** What the items of a site must fit to. */
export interface ItemRules {
  readonly places: ReadonlySet<string>;
  /** Which EPCs the site's devices report. */
  readonly selection: EpcSelection;
}

export interface CheckedRow {
  readonly item: NewItem & { readonly epc: string };
  readonly problems: readonly LineProblem[];
  /** By what a thing is known, in words: two lines that share one mean the same thing. */
  readonly names: readonly string[];
}

/** Everything that is wrong with one line by itself. The item is of use only where no problem is more than a warning. */
export function checkRow({ line, fields }: Row, rules: ItemRules): CheckedRow {
  const problems: LineProblem[] = [];
  const wrong = (message: string) => void problems.push({ line, message });
  const epc = fields.epc.toUpperCase();
  const gtin = isValidGtin(fields.gtin) ? fields.gtin.padStart(14, "0") : undefined;
  const giai = GIAI.test(fields.giai) ? fields.giai : undefined;

  const epcProblem = epcTrouble(epc, fields.epc, rules);
  if (epcProblem !== undefined) wrong(epcProblem);
  for (const column of ["name", "kind"] as const) {
    const text = fields[column];
    if (text === "") wrong(`${column} is empty`);
    else if (text.length > MAX_NAME) wrong(`${column} has ${text.length} characters, more than ${MAX_NAME}`);
    else if (/\p{Cc}|\p{Cs}/u.test(text)) wrong(`${column} ${quote(text)} holds control characters`);
  }
  if (gtin === undefined && fields.gtin !== "") wrong(gtinTrouble(fields.gtin));
  if (giai === undefined && fields.giai !== "")
    wrong(`giai ${quote(fields.giai)} is none: 1 to 30 letters, digits and !"%&'()*+,-./:;<=>?_`);
  if (fields.home !== "" && !rules.places.has(fields.home)) wrong(`home ${quote(fields.home)} is no place of the site`);
  const read = epcProblem === undefined ? readEpc(epc) : {};
  if (read.warning !== undefined) problems.push({ line, message: read.warning, warning: true });
  if (read.gtin !== undefined && gtin !== undefined && read.gtin !== gtin)
    wrong(`gtin ${gtin} is not the one in the EPC, ${read.gtin}`);
  if (read.giai !== undefined && giai !== undefined && read.giai !== giai)
    wrong(`giai ${quote(giai)} is not the one in the EPC, ${quote(read.giai)}`);

  const names = [
    epcProblem === undefined ? `epc ${epc}` : undefined,
    (giai ?? read.giai) === undefined ? undefined : `giai ${giai ?? read.giai}`,
    read.serial === undefined ? undefined : `gtin ${read.gtin} with serial ${quote(read.serial)}`,
  ].filter((name) => name !== undefined);

  const item = {
    epc,
    name: fields.name,
    kind: fields.kind,
    ...(gtin === undefined ? {} : { gtin }),
    ...(giai === undefined ? {} : { giai }),
    ...(fields.home === "" ? {} : { home: fields.home }),
  };
  return { item, problems, names };
}

function epcTrouble(epc: string, written: string, { selection }: ItemRules): string | undefined {
  if (epc === "") return "epc is empty";
  if (/^\d+([.,]\d+)?E\+\d+$/.test(epc)) return `epc ${quote(written)} is a number: a spreadsheet has rounded the EPC`;
  if (!/^[0-9A-F]+$/.test(epc)) return `epc ${quote(written)} is not hex`;
  if (!EPC.test(epc))
    return `epc ${quote(written)} has ${epc.length} hex digits; it must be 4 to 124, and whole words of 4`;
  if (isPersonTag(epc)) return `epc ${epc} is a person's badge or wristband (GSRN), not a thing`;
  const against = selection.against(epc);
  if (against === "foreign") return `epc ${epc} is not included in the site's epcFilter: no device would report it`;
  if (against === "excluded") return `epc ${epc} is excluded by the site's epcFilter: no device would report it`;
  return undefined;
}

function gtinTrouble(gtin: string): string {
  if (!/^\d+$/.test(gtin)) return `gtin ${quote(gtin)} is not a number`;
  if (![8, 12, 13, 14].includes(gtin.length))
    return `gtin ${gtin} has ${gtin.length} digits; it must be 8, 12, 13 or 14`;
  return `gtin ${gtin} ends with a wrong check digit`;
}

interface EpcReading {
  readonly gtin?: string;
  readonly serial?: string;
  readonly giai?: string;
  readonly warning?: string;
}

/** What the EPC says of the thing by itself: nothing where it is a plain number, or of another scheme. */
function readEpc(epc: string): EpcReading {
  try {
    const identity = decodeEpc(epc);
    if ("gtin" in identity) return { gtin: identity.gtin, serial: identity.serial };
    return "giai" in identity ? { giai: identity.giai } : {};
  } catch (error) {
    if (error instanceof EpcError) return { warning: `epc ${epc} looks like GS1 but is not: ${error.message}` };
    throw error;
  }
}
