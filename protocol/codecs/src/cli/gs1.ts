import { localToday } from "../gs1/dates.js";
import {
  type Barcode,
  type BarcodeError,
  bracketed,
  checkElements,
  encodeDigitalLink,
  encodeElementString,
  FNC1,
  Gs1Error,
  ndcOfGtin,
  type ParsedElement,
  parseBarcode,
  type ReadOptions,
  readNdc,
} from "../gs1/index.js";
import { dateInWords, wordsOf } from "./gs1-words.js";
import { type Answer, answerEach, readCall, type Tool, UsageError } from "./tool.js";

const usage = `storeward-gs1: what a barcode on a medical package means

  storeward-gs1 parse TEXT...    GS1, HIBC or ISBT 128, as scanned or typed
  storeward-gs1 build TEXT...    the element string and the Digital Link of '(01)...' or of any GS1 barcode
  storeward-gs1 ndc NUMBER...    a National Drug Code in its 10, 11 and 12 digit forms and its GTIN, or the other way

  "-" instead of TEXT            answers each line of standard input
  --today YYYY-MM-DD             what two-digit years are near to; the local date without it
  --json                         one line of JSON for each: {"ok", "input", ...}
  --help, --version

In TEXT, <GS> stands for FNC1 (the character 29).

  storeward-gs1 parse ']d201095060001343521727053110AB-123<GS>216789'
  storeward-gs1 ndc 0002-1433-80

Exit code: 0, or 1 where something is wrong with a barcode, or 2 for wrong usage.
`;

const COMMANDS = ["parse", "build", "ndc"] as const;

export const tool: Tool = {
  name: "storeward-gs1",
  usage,
  async run(args, io) {
    const { command, values, rest } = readCall(args, COMMANDS, { json: "boolean", today: "string" });
    if (rest.length === 0) throw new UsageError(`${command} what? Give a text, or - for standard input`);
    const options = values.today === undefined ? {} : { today: day(values.today) };
    return await answerEach(rest, io, values.json, (given) => {
      const text = given.replaceAll("<GS>", FNC1);
      try {
        return answers[command](text, options);
      } catch (error) {
        if (!(error instanceof Gs1Error)) throw error;
        const { code, position, message } = error;
        return mistaken(text, { code, position, message });
      }
    });
  },
};

function day(text: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN;
  // A day that a month does not have is taken for one of the next.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw new UsageError(`--today wants a date as YYYY-MM-DD, not ${text}`);
  }
  return text;
}

const answers: Readonly<Record<(typeof COMMANDS)[number], (text: string, options: ReadOptions) => Answer>> = {
  parse: (text, options) => {
    const barcode = parseBarcode(text, options);
    if (!barcode.ok) return mistaken(text, barcode.error);
    return { ok: true, text: describe(barcode, options), json: barcode };
  },

  build: (text, options) => {
    const barcode = parseBarcode(text, options);
    if (!barcode.ok) return mistaken(text, barcode.error);
    if (barcode.agency !== "GS1") throw new Gs1Error("NOT_RECOGNISED", 0, "only GS1 elements can be built");
    const elements = barcode.elements.map(({ ai, value }) => ({ ai, value }));
    const form = bracketed(elements);
    try {
      checkElements(elements, options);
    } catch (error) {
      // Its position is one in the bracketed form.
      if (error instanceof Gs1Error) return mistaken(form, error);
      throw error;
    }
    const raw = encodeElementString(elements, options);
    const link = linkOf(elements, options);
    const lines = [
      `bracketed  ${form}`,
      `raw        ${visible(raw)}`,
      `link       ${link ?? "none: no key of a Digital Link"}`,
    ];
    return { ok: true, text: lines.join("\n"), json: { bracketed: form, raw, link } };
  },

  ndc: (text) => {
    const readings = /^\d{13,14}$/.test(text) || /^3\d{11}$/.test(text) ? gtinOrNdc(text) : readNdc(text);
    const head =
      readings.length > 1 ? [`${text} can be any of ${readings.length}: the NDC directory says which`, ""] : [];
    const forms = readings.map(({ ndc10, ndc11, ndc12, gtin }) =>
      [
        `10 digits  ${ndc10 ?? "none"}`,
        `11 digits  ${ndc11 ?? "none"}`,
        `12 digits  ${ndc12}`,
        `GTIN       ${gtin ?? "none"}`,
      ].join("\n"),
    );
    return { ok: true, text: [...head, forms.join("\n\n")].join("\n"), json: { readings } };
  },
};

function linkOf(elements: readonly { ai: string; value: string }[], options: ReadOptions): string | undefined {
  try {
    return encodeDigitalLink(elements, options);
  } catch (error) {
    if (error instanceof Gs1Error) return undefined;
    throw error;
  }
}

/** Twelve digits that begin with 3 are a UPC-A where the check digit says so, and an NDC otherwise. */
function gtinOrNdc(text: string): ReturnType<typeof readNdc> {
  try {
    return ndcOfGtin(text);
  } catch (error) {
    if (error instanceof Gs1Error && text.length === 12) return readNdc(text);
    throw error;
  }
}

function describe(barcode: Barcode, options: ReadOptions): string {
  const { agency, syntax, symbology, di, pi, elements, flags } = barcode;
  const from = symbology === undefined ? "" : `, from ${symbology.name} (${symbology.identifier})`;
  const name = ({ ai }: ParsedElement) => (agency === "GS1" ? `(${ai})` : ai);
  const widest = (of: (element: ParsedElement) => string) => Math.max(...elements.map((element) => of(element).length));
  const widths = { name: widest(name), title: widest(({ title }) => title), value: widest(({ value }) => value) };
  const lines = elements.map((element) => {
    const { title, value } = element;
    const columns = [name(element).padEnd(widths.name), title.padEnd(widths.title), value.padEnd(widths.value)];
    return `  ${columns.join("  ")}  ${meaning(element)}`.trimEnd();
  });
  const identifiers = Object.entries(pi).map(([key, value]) => `${PI_WORDS[key] ?? key} ${value}`);
  if (di !== undefined || identifiers.length > 0) {
    lines.push(`UDI-DI  ${di === undefined ? "not in this symbol" : `${di} (${agency})`}`);
    lines.push(`UDI-PI  ${identifiers.join(", ") || "none"}`);
  }
  const drugs = agency === "GS1" && di?.startsWith("03", 1) ? ndcOfGtin(di) : [];
  if (drugs.length > 0)
    lines.push(`NDC     ${drugs.map(({ ndc10 }) => ndc10).join(" or ")}, if it is a United States drug`);
  if (pi.expiry !== undefined && pi.expiry < (options.today ?? localToday()))
    lines.push("note    the expiry date is past");
  lines.push(...flags.map(({ code, message, position }) => `note    ${message} (${code} at ${position})`));
  return [`${SYNTAX_WORDS[syntax]}${from}`, ...lines].join("\n");
}

const SYNTAX_WORDS: Readonly<Record<Barcode["syntax"], string>> = {
  "element string": "GS1 element string",
  bracketed: "GS1 elements in brackets",
  "Digital Link": "GS1 Digital Link",
  GTIN: "GTIN",
  HIBC: "HIBC",
  "ISBT 128": "ISBT 128",
};

const PI_WORDS: Readonly<Record<string, string>> = {
  lot: "lot",
  serial: "serial",
  expiry: "expires",
  expiryTime: "at",
  productionDate: "made",
  donationIdentificationNumber: "donation",
};

function meaning({ ai, date, dayUnspecified, decimal }: ParsedElement): string {
  const parts = [wordsOf(ai)];
  if (date !== undefined) parts.push(dateInWords(date) + (dayUnspecified ? " (the last of the month)" : ""));
  if (decimal !== undefined) parts.push(decimal);
  return parts.filter((part) => part !== undefined).join(" ");
}

/** The text, a caret under the offending character, and what to do. */
function mistaken(text: string, { code, position, message }: BarcodeError["error"]): Answer {
  const before = visible(text.slice(0, position)).length;
  return {
    ok: false,
    text: `${visible(text)}\n${" ".repeat(before)}^\n${code} at ${position}: ${message}`,
    json: { error: { code, position, message } },
  };
}

/** Control characters as people can see them. */
function visible(text: string): string {
  return text
    .replaceAll(FNC1, "<GS>")
    .replace(/\p{Cc}/gu, (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}>`);
}
