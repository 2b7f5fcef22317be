import { EpcError } from "./errors.js";
import type { EpcData } from "./identity.js";
import { partsOf } from "./partition.js";
import { type Scheme, schemes } from "./schemes.js";
import { escapeForUri } from "./text.js";

/**
 * The pure identity URI (TDS 2.3 §6.3), which does not depend on the scheme; undefined where the digits of the company prefix
 * are not known, which the bits of '+' and '++' schemes do not say.
 */
export function pureIdentityUriOf(data: EpcData, companyPrefixLength?: number): string | undefined {
  const body = bodyOf(data, companyPrefixLength);
  return body && `urn:epc:id:${schemes[data.scheme].identifier}:${body}`;
}

/** The EPC tag URI (§12); undefined for '+' and '++' schemes, which have none (§14.4). */
export function tagUriOf(data: EpcData): string | undefined {
  const { plus, filterBits } = schemes[data.scheme];
  const body = plus ? undefined : bodyOf(data);
  if (body === undefined) return undefined;
  return `urn:epc:tag:${data.scheme}:${filterBits > 0 && "filter" in data ? `${data.filter}.` : ""}${body}`;
}

function bodyOf(
  data: EpcData,
  companyPrefixLength = "companyPrefixLength" in data ? data.companyPrefixLength : undefined,
) {
  const scheme: Scheme = schemes[data.scheme];
  const values = data as unknown as Readonly<Record<string, unknown>>;
  const failing = {
    fail: (...[code, field, detail]: [ConstructorParameters<typeof EpcError>[0], string, string]): never => {
      throw new EpcError(code, data.scheme, field, detail);
    },
  };
  const components: string[] = [];
  for (const field of scheme.fields) {
    if (field.method === "prioritised date" || field.method === "hostname") continue;
    const value = String(values[field.name]);
    if (field.form === undefined) components.push(escapeForUri(value));
    else if (companyPrefixLength === undefined) return undefined;
    else {
      const { prefix, reference } = partsOf(failing, field, value, companyPrefixLength);
      components.push(prefix, escapeForUri(reference));
    }
  }
  return components.join(".");
}
