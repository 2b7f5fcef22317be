import type { Element } from "../gs1/element.js";
import { DATE_AIS } from "./date.js";
import { decodeEpc } from "./decode.js";
import { EpcError } from "./errors.js";
import { CANONICAL_HOST } from "./forms.js";
import { keyOfParts } from "./partition.js";
import { type Field, type Scheme, type SchemeName, schemeOf, schemes } from "./schemes.js";
import { unescaped } from "./text.js";

/** An identity as a text says it, before there is a scheme for it. */
export interface Found {
  /** The name in a pure identity URI. */
  readonly identifier: string;
  readonly values: Readonly<Record<string, string>>;
  /** Elements that are not of the identity. */
  readonly extra: readonly Element[];
  readonly companyPrefixLength?: number | undefined;
  readonly hostname?: string | undefined;
  readonly scheme?: SchemeName;
  readonly filter?: number | undefined;
}

/** The parts of every identifier, which its schemes have in common. */
const identifiers: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.values<Scheme>(schemes)
    .filter(({ plus }) => !plus)
    .map(({ identifier, fields }) => [identifier, fields]),
);

/** What a text says: hex of an EPC, GS1 element string with brackets, EPC URI or GS1 Digital Link URI. */
export function find(text: string): Found {
  if (/^urn:/i.test(text)) return findInUri(text);
  if (/^https?:/i.test(text)) return findInLink(text);
  return text.startsWith("(") ? findInElements(elementsOfText(text)) : findInHex(text);
}

/** Elements of one object; a value may hold brackets, but not what looks like the next identifier. */
function elementsOfText(text: string): readonly Element[] {
  const parts = text.split(/\((\d{2,4})\)/);
  if (parts[0] !== "") bad("element string", `"${text}" does not begin with an Application Identifier in brackets`);
  const elements: Element[] = [];
  for (let i = 1; i < parts.length; i += 2) elements.push({ ai: parts[i] ?? "", value: parts[i + 1] ?? "" });
  return elements;
}

export function findInElements(elements: readonly Element[]): Found {
  for (const [identifier, fields] of identifiers) {
    const [keyField, tail] = fields;
    const key = elements.find(({ ai }) => ai === keyField?.ai);
    if (keyField === undefined || key === undefined) continue;
    const filler = keyField.filler ?? "";
    if (!key.value.startsWith(filler)) bad(`(${key.ai})`, `${key.value} does not begin with the filler ${filler}`);
    const whole = key.value.slice(filler.length);
    const rest = keyField.digits === undefined ? "" : whole.slice(keyField.digits);
    const value = keyField.digits === undefined ? whole : whole.slice(0, keyField.digits);
    const ofTail = elements.find(({ ai }) => ai === tail?.ai);
    const extra = elements.filter((element) => element !== key && element !== ofTail);
    const values: Record<string, string> = { [keyField.name]: value };
    if (tail?.ai === undefined && tail !== undefined) values[tail.name] = rest;
    else if (rest !== "") bad(`(${key.ai})`, `${key.value} is longer than ${keyField.digits} digits`);
    else if (tail !== undefined) values[tail.name] = ofTail?.value ?? (tail.name === "extension" ? "0" : "");
    if (tail !== undefined && values[tail.name] === "") {
      bad(
        tail.name,
        `a ${keyField.name} without ${tail.ai === undefined ? "serial" : `(${tail.ai})`} is a class of things, and EPCs are of single ones`,
      );
    }
    return { identifier, values, extra };
  }
  return bad(
    "element string",
    "no key that an EPC can have: 00, 01, 253, 255, 414, 8003, 8004, 8006, 8010, 8017 or 8018",
  );
}

function findInUri(uri: string): Found {
  const [, kind, name = "", body = ""] =
    /^urn:epc:(id|tag):([^:]+):(.*)$/.exec(uri) ?? bad("uri", `"${uri}" is no EPC URI`);
  if (name.startsWith("[")) bad("uri", `the control fields ${name} are of the tag's memory, and not of the EPC`);
  const scheme = kind === "tag" ? schemeOf(name) : undefined;
  const identifier = kind === "tag" ? scheme?.identifier : name;
  const fields = identifier === undefined ? undefined : identifiers.get(identifier);
  if (fields === undefined || scheme?.plus === true) bad("uri", `there is no urn:epc:${kind}:${name}`);
  const texts = body.split(".");
  const hasFilter = scheme !== undefined && scheme.filterBits > 0;
  const filter = hasFilter ? numberOf(texts.shift() ?? "") : undefined;
  const values: Record<string, string> = {};
  let companyPrefixLength: number | undefined;
  for (const [place, field] of fields.entries()) {
    const width = field.form === undefined ? 1 : field.name === "itip" ? 4 : 2;
    // A serial may hold dots of its own.
    const own = place === fields.length - 1 ? texts.splice(0) : texts.splice(0, width);
    if (own.length < width) bad("uri", `"${body}" has too few parts`);
    const [prefix = "", ...rest] = own.map((text) => unescaped(text) ?? bad("uri", `"${text}" has a wrong escape`));
    if (field.form === undefined) values[field.name] = [prefix, ...rest].join(".");
    else {
      companyPrefixLength = prefix.length;
      values[field.name] = keyOfParts({ fail }, field, { prefix, reference: rest.join(".") });
    }
  }
  return {
    identifier: identifier ?? "",
    values,
    extra: [],
    companyPrefixLength,
    filter,
    ...(scheme && { scheme: name as SchemeName }),
  };
}

/** The path may begin with anything (GS1 Digital Link: URI syntax, §4.3); the key is the first pair that is one. */
function findInLink(uri: string): Found {
  const [, host = "", path = "", query = ""] = /^https?:\/\/([^/?#]+)(\/[^?#]*)(?:\?([^#]*))?/i.exec(uri) ?? [];
  const steps = path.split("/").slice(1);
  if (steps.at(-1) === "") steps.pop();
  const keys = new Set([...identifiers.values()].map(([key]) => key?.ai));
  const start = steps.findIndex((step, i) => keys.has(step) && (steps.length - i) % 2 === 0);
  if (start < 0) bad("uri", `"${uri}" is no GS1 Digital Link URI of a key that an EPC can have`);
  const elements: Element[] = [];
  const add = (ai: string, escaped: string): void => {
    const value = unescaped(escaped) ?? bad("uri", `"${escaped}" has a wrong escape`);
    elements.push({ ai, value: ai === "01" ? value.padStart(14, "0") : value });
  };
  for (let i = start; i < steps.length; i += 2) add(steps[i] ?? "", steps[i + 1] ?? "");
  for (const attribute of query.split(/[&;]/)) {
    // Other parameters are for the resolver.
    const [, ai, value] = /^(\d{2,4})=(.*)$/.exec(attribute) ?? [];
    if (ai !== undefined && value !== undefined) add(ai, value);
  }
  const hostname = host.toLowerCase() === CANONICAL_HOST ? undefined : host;
  return { ...findInElements(elements), hostname };
}

function findInHex(hex: string): Found {
  const epc = decodeEpc(hex);
  if (epc.scheme === "unknown") return bad("header", `TDS 2.3 has no scheme with the header ${hex.slice(0, 2)}`);
  const { identifier, fields } = schemes[epc.scheme];
  const all = epc as unknown as Readonly<Record<string, unknown>>;
  const names = fields.map(({ name }) => name).filter((name) => name !== "date" && name !== "hostname");
  return {
    identifier,
    values: Object.fromEntries(names.map((name) => [name, String(all[name])])),
    extra: [...("date" in epc ? [epc.date] : []), ...(("aidc" in epc && epc.aidc?.elements) || [])],
    companyPrefixLength: "companyPrefixLength" in epc ? epc.companyPrefixLength : undefined,
    hostname: "hostname" in epc ? epc.hostname : undefined,
    filter: "filter" in epc ? epc.filter : undefined,
    scheme: epc.scheme,
  };
}

/** Whether a DSGTIN can have this element in front. */
export function isPrioritisedDate({ ai, value }: Element): boolean {
  return DATE_AIS.includes(ai) && value.length === 6;
}

function numberOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : bad("filter", `"${text}" is no number`);
}

function bad(field: string, detail: string): never {
  return fail("BAD_TEXT", field, detail);
}

function fail(code: ConstructorParameters<typeof EpcError>[0], field: string, detail: string): never {
  throw new EpcError(code, "unknown", field, detail);
}
