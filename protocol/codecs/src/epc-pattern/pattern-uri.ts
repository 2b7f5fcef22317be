import { componentsOfField, tagComponentsOf } from "../epc/components.js";
import { EpcError } from "../epc/errors.js";
import { keyOfParts } from "../epc/partition.js";
import { type Scheme, schemeOf } from "../epc/schemes.js";
import { unescaped } from "../epc/text.js";
import { type EpcPattern, maskOf } from "./pattern-mask.js";

/** What one component may be. */
type Component =
  | { readonly kind: "any" }
  | { readonly kind: "is"; readonly text: string }
  | { readonly kind: "range"; readonly low: bigint; readonly high: bigint };

/**
 * The set of a tag pattern URI: `urn:epc:pat:` and a scheme of TDS 1, then as in the scheme's tag URI filter, company prefix, reference and
 * serial, each a value, `*` for any, or `[low-high]` for a number of that range (ALE 1.1 §6.2.1.3).
 */
export function tagPattern(uri: string): EpcPattern {
  const [, name = "", body = ""] = /^urn:epc:pat:([^:]+):(.+)$/.exec(uri) ?? bad("uri", `"${uri}" is no urn:epc:pat:`);
  const scheme = schemeOf(name) ?? bad("scheme", `"${name}" is no scheme of TDS 2.3, such as sgtin-96`);
  if (scheme.plus) bad("scheme", `${name} has no tag URI (TDS 2.3 §14.4); name it by scheme and companyPrefix instead`);
  const components = componentsOf(name, scheme, body);
  const hasFilter = scheme.filterBits > 0;
  if (hasFilter) checkFilter(components[0], scheme);
  const prefix = scheme.fields[0]?.form === undefined ? undefined : components[hasFilter ? 1 : 0];
  if (prefix !== undefined) checkKey(name, scheme, components.slice(hasFilter ? 1 : 0));
  const mask = maskOf(scheme, textOf(prefix), hasFilter ? numberOf(components[0]) : undefined);
  return {
    byBits: false,
    mayMatch: (epc) => mask.matches(epc),
    matches(epc) {
      if (epc?.scheme !== name) return false;
      return tagComponentsOf(epc).every((text, at) => fits(components[at], text));
    },
  };
}

function componentsOf(name: string, scheme: Scheme, body: string): Component[] {
  const wanted = scheme.fields.reduce((sum, field) => sum + componentsOfField(field), scheme.filterBits > 0 ? 1 : 0);
  const texts = body.split(".");
  if (texts.length < wanted) bad("uri", `${name} has ${wanted} components, and "${body}" has ${texts.length}`);
  const last = texts.splice(wanted - 1).join(".");
  // A company prefix of twelve digits leaves a location and the like no reference.
  const reference = scheme.fields[0]?.form === "plain" ? (scheme.filterBits > 0 ? 2 : 1) : -1;
  return [...texts, last].map((text, at) => componentOf(text, at === reference));
}

function componentOf(text: string, mayBeEmpty: boolean): Component {
  if (text === "*") return { kind: "any" };
  const [, low, high] = /^\[(\d+)-(\d+)\]$/.exec(text) ?? [];
  if (low !== undefined && high !== undefined) {
    if (BigInt(low) > BigInt(high)) bad("range", `${text} begins after its end`);
    return { kind: "range", low: BigInt(low), high: BigInt(high) };
  }
  if (/[[\]*]/.test(text)) bad("uri", `"${text}" is no value, no * and no [low-high]`);
  if (text === "" && !mayBeEmpty) bad("uri", "a component is empty; it is a value, * or [low-high]");
  return { kind: "is", text: unescaped(text) ?? bad("uri", `"${text}" has a wrong escape`) };
}

function checkFilter(filter: Component | undefined, { filterBits }: Scheme): void {
  const most = 2 ** filterBits - 1;
  const highest = filter?.kind === "range" ? Number(filter.high) : (numberOf(filter) ?? 0);
  if (!(highest <= most) || (filter?.kind === "is" && !/^\d+$/.test(filter.text)))
    bad("filter", `it is a number from 0 to ${most}, * or a range of them`);
}

/** A reference has as many digits as the company prefix leaves it: without one there is nothing to compare it with. */
function checkKey(name: string, { fields }: Scheme, [prefix, ...rest]: readonly Component[]): void {
  const [field] = fields;
  if (field === undefined || prefix?.kind === "any" || prefix === undefined) {
    const [reference] = rest;
    if (reference?.kind !== "any") bad(`${name}`, "where the company prefix is *, the reference is * as well");
    return;
  }
  if (prefix.kind === "range" || !/^\d{6,12}$/.test(prefix.text))
    bad("company prefix", "it is 6 to 12 digits, or *, and no range");
  const [reference] = rest;
  if (field.form === "open" || reference?.kind !== "is") return;
  const tail = field.name === "itip" ? ".01.01" : "";
  keyOfParts({ fail }, field, { prefix: prefix.text, reference: reference.text + tail });
}

function fits(component: Component | undefined, text: string): boolean {
  if (component === undefined || component.kind === "any") return true;
  if (component.kind === "is") return component.text === text;
  if (!/^\d+$/.test(text)) return false;
  const value = BigInt(text);
  return component.low <= value && value <= component.high;
}

function textOf(component: Component | undefined): string | undefined {
  return component?.kind === "is" ? component.text : undefined;
}

function numberOf(component: Component | undefined): number | undefined {
  const text = textOf(component);
  return text === undefined ? undefined : Number(text);
}

function fail(_code: unknown, field: string, detail: string): never {
  return bad(field, detail);
}

function bad(field: string, detail: string): never {
  throw new EpcError("BAD_TEXT", "pattern", field, detail);
}
