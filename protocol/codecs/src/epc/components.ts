import { EpcError } from "./errors.js";
import type { EpcData } from "./identity.js";
import { partsOf } from "./partition.js";
import { type Field, type Scheme, schemes } from "./schemes.js";

/** How many components of an EPC URI a field of a scheme makes (TDS 2.3 §6.3): a key is company prefix and reference, an ITIP four. */
export function componentsOfField({ form, name }: Pick<Field, "form" | "name">): number {
  if (form === undefined) return 1;
  return name === "itip" ? 4 : 2;
}

/**
 * What stands between the dots of an EPC tag URI, not escaped: filter, company prefix, reference, serial. Of a scheme that has such a
 * URI. The last one may hold dots of its own.
 */
export function tagComponentsOf(data: EpcData): string[] {
  const scheme: Scheme = schemes[data.scheme];
  const values = data as unknown as Readonly<Record<string, unknown>>;
  const components = scheme.filterBits > 0 ? [String(values.filter)] : [];
  for (const field of scheme.fields) {
    const value = String(values[field.name]);
    if (field.form === undefined) components.push(value);
    else components.push(...keyComponents(data, field, value, Number(values.companyPrefixLength)));
  }
  return components;
}

function keyComponents(data: EpcData, field: Field, key: string, prefixDigits: number): string[] {
  const fail = (...[code, name, detail]: [ConstructorParameters<typeof EpcError>[0], string, string]): never => {
    throw new EpcError(code, data.scheme, name, detail);
  };
  const { prefix, reference } = partsOf({ fail }, field, key, prefixDigits);
  return [prefix, ...(field.name === "itip" ? reference.split(".") : [reference])];
}
