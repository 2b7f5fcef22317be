import type { Element } from "../gs1/element.js";
import type { EpcData } from "./identity.js";
import { schemes } from "./schemes.js";
import { escapeForLink } from "./text.js";

/** The host of canonical GS1 Digital Link URIs. */
export const CANONICAL_HOST = "id.gs1.org";

/** Key qualifiers in the order of their path (GS1 Digital Link: URI syntax, §4.8). */
const QUALIFIERS: Readonly<Record<string, readonly string[]>> = {
  "01": ["22", "10", "21"],
  "8006": ["22", "10", "21"],
  "414": ["254", "7040"],
  "8010": ["8011"],
  "8017": ["8019"],
  "8018": ["8019"],
};

/** The GS1 elements of an EPC and of its +AIDC data; none for GID, US DoD and ADI identifiers. */
export function elementsOf(data: EpcData): readonly Element[] {
  const values = data as unknown as Readonly<Record<string, unknown>>;
  const elements: Element[] = [];
  for (const field of schemes[data.scheme].fields) {
    const value = String(values[field.name]);
    const last = elements.at(-1);
    if (field.method === "prioritised date" || field.method === "hostname") continue;
    // Extension 0 says that there is none (TDS 2.3 §14.6.3).
    if (field.name === "extension" && value === "0") continue;
    if ("ai" in field) elements.push({ ai: field.ai, value: "filler" in field ? field.filler + value : value });
    else if (last !== undefined) elements.splice(-1, 1, { ai: last.ai, value: last.value + value });
  }
  if ("date" in data) elements.push(data.date);
  if ("aidc" in data && data.aidc !== undefined) elements.push(...data.aidc.elements);
  return elements;
}

/** The GS1 Digital Link URI of an EPC: with the host name of a '++' scheme, else the canonical one. */
export function digitalLinkOf(data: EpcData): string | undefined {
  const [key, ...rest] = elementsOf(data);
  if (key === undefined) return undefined;
  const qualifiers = QUALIFIERS[key.ai] ?? [];
  const path = qualifiers.flatMap((ai) => rest.filter((element) => element.ai === ai));
  const query = rest.filter(({ ai }) => !qualifiers.includes(ai));
  const steps = [key, ...path].map(({ ai, value }) => `/${ai}/${escapeForLink(value)}`).join("");
  const attributes = query.map(({ ai, value }) => `${ai}=${escapeForLink(value)}`).join("&");
  const host = "hostname" in data ? data.hostname : CANONICAL_HOST;
  return `https://${host}${steps}${attributes === "" ? "" : `?${attributes}`}`;
}
