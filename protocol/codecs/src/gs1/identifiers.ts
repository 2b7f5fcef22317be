import { type Linter, linters } from "./linters.js";
import { dictionary } from "./tables/dictionary.js";

/** N digits, X CSET 82, Y CSET 39, Z base64url (General Specifications §7.11). */
export type CharacterSet = "N" | "X" | "Y" | "Z";

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

/** An identifier with its linters looked up, for reading values quickly. */
export interface Compiled extends Identifier {
  readonly checks: readonly (readonly Linter[])[];
}

const byText = new Map<string, Compiled>();
/** How many digits an identifier has, by its first two (General Specifications figure 3.2-1). */
const lengths: number[] = [];

/** The table is read when it is first needed, so that loading the module costs nothing. */
function load(): void {
  for (const line of dictionary.trim().split("\n")) {
    for (const identifier of readLine(line)) {
      byText.set(identifier.ai, identifier);
      lengths[Number(identifier.ai.slice(0, 2))] = identifier.ai.length;
    }
  }
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
  const all = table();
  const first = text.charCodeAt(at) - 48;
  const second = text.charCodeAt(at + 1) - 48;
  if (!(first >= 0 && first <= 9 && second >= 0 && second <= 9)) return undefined;
  const length = lengths[first * 10 + second];
  return length === undefined ? undefined : all.get(text.slice(at, at + length));
}

/** Whether an identifier is one of a pattern like `310n`, in which n is any digit. */
export function matches(pattern: string, ai: string): boolean {
  if (pattern === ai) return true;
  const fixed = pattern.indexOf("n");
  return fixed > 0 && pattern.length === ai.length && ai.startsWith(pattern.slice(0, fixed));
}

function* readLine(line: string): Generator<Compiled> {
  const [definition = "", title = ""] = line.split(/ # /, 2);
  const [range = "", ...words] = definition.split(" ");
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
    checks: components.map((component) => component.linters.map(linterOf)),
    minLength: sum(components.map(({ optional, min }) => (optional ? 0 : min))),
    maxLength: sum(components.map(({ max }) => max)),
    predefined: flags.includes("*"),
    attribute: flags.includes("?"),
    requires: valuesOf("req").map((groups) => groups.split(",").map((group) => group.split("+"))),
    excludes: valuesOf("ex").flatMap((list) => list.split(",")),
    ...(key === undefined ? {} : { qualifiers: qualifiersOf(key) }),
  };
  const [first = "", last = first] = range.split("-");
  for (let ai = Number(first); ai <= Number(last); ai++) {
    yield { ai: String(ai).padStart(first.length, "0"), ...common };
  }
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
