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
  readNdc,
} from "../gs1/index.js";
import { dateInWords, wordsOf } from "./gs1-words.js";
import { type Tool, type ToolIo, UsageError } from "./tool.js";

const usage = `storeward-gs1: what a barcode on a medical package means

  storeward-gs1 parse TEXT|-     GS1, HIBC or ISBT 128, as scanned or typed; - reads lines of standard input
  storeward-gs1 build '(01)...'  the element string and the Digital Link of bracketed elements or of any GS1 barcode
  storeward-gs1 ndc NUMBER       a National Drug Code in its 10, 11 and 12 digit forms and its GTIN, or the other way

  --json                         one JSON object a barcode instead of text
  --today YYYY-MM-DD             what two-digit years are near to; the local date where it is left out

In TEXT, <GS> stands for FNC1 (the character 29). The exit code is 1 where something is wrong with a barcode.
`;

interface Options {
  readonly json: boolean;
  readonly today?: string;
}

export const tool: Tool = {
  name: "storeward-gs1",
  usage,
  async run(args, io) {
    const { options, words } = readArguments(args);
    const [command, ...texts] = words;
    if (command === "parse" && texts.length > 0) return await parse(texts, options, io);
    if (command === "build" && texts.length === 1) return build(texts[0] ?? "", options, io);
    if (command === "ndc" && texts.length === 1) return ndc(texts[0] ?? "", options, io);
    throw new UsageError(command === undefined ? "no command" : `"${words.join(" ")}" is no command`);
  },
};

function readArguments(args: readonly string[]): { options: Options; words: string[] } {
  const words: string[] = [];
  let json = false;
  let today: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    if (word === "--json") json = true;
    else if (word === "--today") {
      today = args[++i];
      if (!/^\d{4}-\d\d-\d\d$/.test(today ?? "")) throw new UsageError("--today is followed by YYYY-MM-DD");
    } else if (word.startsWith("--")) throw new UsageError(`there is no option ${word}`);
    else words.push(word);
  }
  return { options: { json, ...(today === undefined ? {} : { today }) }, words };
}

async function parse(texts: readonly string[], options: Options, io: ToolIo): Promise<number> {
  let failed = false;
  for (const text of texts) {
    const lines = text === "-" ? await readLines(io) : [text.replaceAll("<GS>", FNC1)];
    for (const line of lines) {
      const result = parseBarcode(line, options);
      failed ||= !result.ok;
      if (options.json) io.write(`${JSON.stringify(result)}\n`);
      else io.write(result.ok ? describe(result, options) : explain(line, result.error));
    }
  }
  return failed ? 1 : 0;
}

/** As a scanner sends them, with a line break behind each. */
async function readLines(io: ToolIo): Promise<string[]> {
  return new TextDecoder()
    .decode(await io.read("-"))
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

function build(given: string, options: Options, io: ToolIo): number {
  const text = given.replaceAll("<GS>", FNC1);
  const result = parseBarcode(text, options);
  if (!result.ok) {
    io.write(options.json ? `${JSON.stringify(result)}\n` : explain(text, result.error));
    return 1;
  }
  if (result.agency !== "GS1") throw new UsageError("only GS1 elements can be built");
  const elements = result.elements.map(({ ai, value }) => ({ ai, value }));
  try {
    checkElements(elements, options);
  } catch (error) {
    return complain(error, bracketed(elements), options, io);
  }
  const raw = encodeElementString(elements, options);
  const link = linkOf(elements, options);
  if (options.json) io.write(`${JSON.stringify({ ok: true, bracketed: bracketed(elements), raw, link })}\n`);
  else
    io.write(
      `bracketed  ${bracketed(elements)}\nraw        ${visible(raw)}\nlink       ${link ?? "none: no key of a Digital Link"}\n`,
    );
  return 0;
}

function linkOf(elements: readonly { ai: string; value: string }[], options: Options): string | undefined {
  try {
    return encodeDigitalLink(elements, options);
  } catch (error) {
    if (error instanceof Gs1Error) return undefined;
    throw error;
  }
}

function ndc(text: string, options: Options, io: ToolIo): number {
  try {
    const readings = /^\d{13,14}$/.test(text) || /^3\d{11}$/.test(text) ? gtinOrNdc(text) : readNdc(text);
    if (options.json) {
      io.write(`${JSON.stringify({ ok: true, readings })}\n`);
      return 0;
    }
    if (readings.length > 1) io.write(`${text} can be any of ${readings.length}: the NDC directory says which\n`);
    for (const { ndc10, ndc11, ndc12, gtin } of readings) {
      io.write(
        `10 digits  ${ndc10 ?? "none"}\n11 digits  ${ndc11 ?? "none"}\n12 digits  ${ndc12}\nGTIN       ${gtin ?? "none"}\n\n`,
      );
    }
    return 0;
  } catch (error) {
    return complain(error, text, options, io);
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

function complain(error: unknown, text: string, options: Options, io: ToolIo): number {
  if (!(error instanceof Gs1Error)) throw error;
  const { code, position, message } = error;
  io.write(
    options.json ? `${JSON.stringify({ ok: false, error: { code, position, message } })}\n` : explain(text, error),
  );
  return 1;
}

function describe(barcode: Barcode, options: Options): string {
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
  return `${[`${SYNTAX_WORDS[syntax]}${from}`, ...lines].join("\n")}\n\n`;
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
function explain(text: string, { code, position, message }: BarcodeError["error"]): string {
  const before = visible(text.slice(0, position)).length;
  return `${visible(text)}\n${" ".repeat(before)}^\n${code} at ${position}: ${message}\n\n`;
}

/** Control characters as people can see them. */
function visible(text: string): string {
  return text
    .replaceAll(FNC1, "<GS>")
    .replace(/\p{Cc}/gu, (c) => `<${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}>`);
}
