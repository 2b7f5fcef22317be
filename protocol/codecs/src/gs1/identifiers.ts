import { type CharacterSet, MASKS } from "./character-sets.js";
import { type Linter, linters } from "./linters.js";
import { dictionary } from "./tables/dictionary.js";

export interface Component {
  readonly set: CharacterSet;
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
  readonly linters: readonly string[];
}

/** What the GS1 Barcode Syntax Dictionary says of one Application Identifier. */
export interface Identifier {
  readonly ai: string;
  readonly title: string;
  /** The components as the dictionary writes them: `N13,csum,gcppos1 [X..17]`. */
  readonly format: string;
  readonly components: readonly Component[];
  readonly minLength: number;
  readonly maxLength: number;
  /** Its length is predefined, so no FNC1 follows it (General Specifications §7.8.5). */
  readonly predefined: boolean;
  /** It may be a data attribute of a GS1 Digital Link. */
  readonly attribute: boolean;
  /** One list for each `req`: of its groups, every identifier of at least one must be there. */
  readonly requires: readonly (readonly (readonly string[])[])[];
  /** Identifiers and patterns (`310n`) that must not be there too. */
  readonly excludes: readonly string[];
  /** For a Digital Link primary key: the sequences of its qualifiers; none has one empty sequence. */
  readonly qualifiers?: readonly (readonly string[])[];
}

/** A component made ready for reading values quickly. */
export interface Step extends Component {
  readonly mask: number;
  readonly checks: readonly Linter[];
}

/** What a value says besides itself. */
export type Meaning = "text" | "date" | "long date" | "decimal" | "temperature";

export interface Compiled extends Identifier {
  readonly steps: readonly Step[];
  readonly meaning: Meaning;
}

const byText = new Map<string, Compiled>();
/** The same by `slotOf`, which is quicker than cutting identifiers out of a text. */
const bySlot: (Compiled | undefined)[] = [];
/** How many digits an identifier has, by its first two. */
const lengths: number[] = [];

/** The table is read when it is first needed, so that loading the module costs nothing. */
function load(): void {
  bySlot.length = 11_100;
  bySlot.fill(undefined);
  lengths.length = 100;
  lengths.fill(0);
  for (const line of dictionary.trim().split("\n")) {
    for (const identifier of readLine(line)) {
      const { ai } = identifier;
      byText.set(ai, identifier);
      bySlot[slotOf(Number(ai), ai.length)] = identifier;
      lengths[Number(ai.slice(0, 2))] = ai.length;
    }
  }
}

/** Identifiers of two digits first, then those of three and four. */
function slotOf(number: number, length: number): number {
  return length === 2 ? number : length === 3 ? 100 + number : 1100 + number;
}

function table(): ReadonlyMap<string, Compiled> {
  if (byText.size === 0) load();
  return byText;
}

/** Every Application Identifier, ranges written out, in lexical order. */
export function identifiers(): readonly Identifier[] {
  return [...table().values()];
}

export function identifierOf(ai: string): Identifier | undefined {
  return table().get(ai);
}

export function compiledOf(ai: string): Compiled | undefined {
  return table().get(ai);
}

/** The identifier that `text` has at `at`. */
export function identifierAt(text: string, at: number): Compiled | undefined {
  if (byText.size === 0) load();
  const start = digit(text, at) * 10 + digit(text, at + 1);
  // NaN where one is no digit: then no length is found.
  const length = lengths[start] ?? 0;
  if (length === 0) return undefined;
  let number = start;
  for (let i = 2; i < length; i++) number = number * 10 + digit(text, at + i);
  return bySlot[slotOf(number, length)];
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

/** Whether an identifier is one of a pattern like `310n`, in which n is any digit. */
export function matches(pattern: string, ai: string): boolean {
  if (pattern === ai) return true;
  if (pattern.length !== ai.length || !pattern.endsWith("n")) return false;
  const fixed = pattern.indexOf("n");
  return ai.startsWith(pattern.slice(0, fixed));
}

function* readLine(line: string): Generator<Compiled> {
  const [definition = "", title = ""] = line.split(/ # /, 2);
  const [range = "", ...words] = definition.split(" ");
  const [first = "", last = first] = range.split("-");
  const flags = /^[^\w[]+$/.test(words[0] ?? "") ? (words.shift() ?? "") : "";
  const isAttribute = (word: string) => /^(req|ex)=|^dlpkey/.test(word);
  const format = words.filter((word) => !isAttribute(word));
  const attributes = words.filter(isAttribute);
  const components = format.map(readComponent);
  const valuesOf = (name: string) =>
    attributes.filter((word) => word.startsWith(`${name}=`)).map((word) => word.slice(name.length + 1));
  const key = attributes.find((word) => word.startsWith("dlpkey"));
  const common = {
    title,
    format: format.join(" "),
    components,
    steps: components.map((component) => {
      return { ...component, mask: MASKS[component.set], checks: component.linters.map(linterOf) };
    }),
    meaning: meaningOf(first, components),
    minLength: sum(components.map(({ optional, min }) => (optional ? 0 : min))),
    maxLength: sum(components.map(({ max }) => max)),
    predefined: flags.includes("*"),
    attribute: flags.includes("?"),
    requires: valuesOf("req").map((groups) => groups.split(",").map((group) => group.split("+"))),
    excludes: valuesOf("ex").flatMap((list) => list.split(",")),
    ...(key === undefined ? {} : { qualifiers: qualifiersOf(key) }),
  };
  for (let ai = Number(first); ai <= Number(last); ai++) {
    yield { ai: String(ai).padStart(first.length, "0"), ...common };
  }
}

function meaningOf(ai: string, [first]: readonly Component[]): Meaning {
  const linter = first?.linters[0];
  if (linter === "yymmd0" || linter === "yymmdd") return "date";
  if (linter === "yyyymmdd") return "long date";
  // 31nn to 36nn and 39nn, the only ones of four digits that begin with 3.
  if (/^3\d{3}$/.test(ai)) return "decimal";
  return ai.startsWith("433") ? "temperature" : "text";
}

function qualifiersOf(key: string): string[][] {
  const [, sequences] = key.split("=");
  return sequences === undefined ? [[]] : sequences.split("|").map((sequence) => sequence.split(","));
}

function readComponent(text: string): Component {
  const optional = text.startsWith("[");
  const [, set, upTo, length, rest] = /^\[?([NXYZ])(\.\.)?(\d+)\]?(.*)$/.exec(text) ?? [];
  if (set === undefined) throw new TypeError(`the table has a component "${text}"`);
  const max = Number(length);
  const names = (rest ?? "").split(",").filter((name) => name !== "");
  return { set: set as CharacterSet, min: upTo === undefined ? max : 1, max, optional, linters: names };
}

function linterOf(name: string): Linter {
  const linter = linters[name];
  if (linter === undefined) throw new TypeError(`the table has a linter "${name}"`);
  return linter;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
