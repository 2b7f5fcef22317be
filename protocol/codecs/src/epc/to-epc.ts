import type { Element } from "../gs1/element.js";
import { decodeEpc } from "./decode.js";
import { encodeEpc } from "./encode.js";
import { EpcError } from "./errors.js";
import type { EpcData, EpcIdentityOf } from "./identity.js";
import { type Found, find, findInElements, isPrioritisedDate } from "./parse.js";
import { type Scheme, type SchemeName, schemeOf, schemes } from "./schemes.js";

/** What a text does not say. What it says itself counts where nothing is given. */
export interface EpcOptions {
  /** Without one: the shortest that can hold the identity, of those that the company prefix and the host name allow. */
  readonly scheme?: SchemeName | undefined;
  /** 0 without one. */
  readonly filter?: number | undefined;
  /** Digits of the GS1 company prefix, which the schemes of TDS 1 want. */
  readonly companyPrefixLength?: number | undefined;
  /** The host name of a '++' scheme. */
  readonly hostname?: string | undefined;
}

/**
 * An EPC from any of its forms: hex, GS1 element string with brackets or elements, pure identity or tag URI, GS1 Digital
 * Link URI. Its forms are then the others, so every form converts to every other. Throws `EpcError`.
 */
export function toEpc(text: string | readonly Element[], options: EpcOptions = {}): EpcIdentityOf<SchemeName> {
  const found = typeof text === "string" ? find(text) : findInElements(text);
  const { companyPrefixLength = found.companyPrefixLength, hostname = found.hostname } = options;
  const { filter = found.filter ?? 0 } = options;
  const known = { companyPrefixLength, hostname, filter };
  let first: unknown;
  for (const scheme of candidates(found, options.scheme ?? schemeKept(found, options), known)) {
    try {
      const epc = decodeEpc(encodeEpc(dataOf(found, scheme, known))) as EpcIdentityOf<SchemeName>;
      // The bits of a '+' scheme do not say how long the prefix is; whoever has told it gets the URI of it.
      if (companyPrefixLength !== undefined && schemes[scheme].plus) Object.assign(epc, { companyPrefixLength });
      return epc;
    } catch (error) {
      if (!(error instanceof EpcError)) throw error;
      first ??= error;
    }
  }
  throw first ?? new EpcError("NO_SCHEME", "unknown", "scheme", `no scheme of ${found.identifier} with what is given`);
}

interface Known {
  readonly filter: number;
  readonly companyPrefixLength: number | undefined;
  readonly hostname: string | undefined;
}

/** A text that names its scheme keeps it, unless it is asked for something that the scheme has not. */
function schemeKept(found: Found, options: EpcOptions): SchemeName | undefined {
  return options.hostname === undefined ? found.scheme : undefined;
}

function candidates(found: Found, asked: SchemeName | undefined, known: Known): readonly SchemeName[] {
  if (asked !== undefined) {
    const scheme = schemeOf(asked);
    if (scheme === undefined) throw new EpcError("NO_SCHEME", "unknown", "scheme", `"${asked}" is none of TDS 2.3`);
    if (scheme.identifier !== found.identifier) {
      throw new EpcError(
        "NO_SCHEME",
        asked,
        "scheme",
        `it is of ${scheme.identifier}, and this is ${found.identifier}`,
      );
    }
    return [asked];
  }
  const dated = found.extra.some(isPrioritisedDate);
  return Object.entries<Scheme>(schemes)
    .filter(([, { identifier }]) => identifier === found.identifier)
    .filter(([, scheme]) => !isDated(scheme) || dated)
    .filter(([, scheme]) => hasHost(scheme) === (known.hostname !== undefined))
    .filter(([, { plus }]) => plus || found.extra.length === 0)
    .filter(([, scheme]) => scheme.plus || known.companyPrefixLength !== undefined || !hasPrefix(scheme))
    .sort(([, one], [, other]) => rank(one, dated) - rank(other, dated))
    .map(([name]) => name as SchemeName);
}

/** Schemes of TDS 1 stand first, the deprecated GDTI-113 last, and where there is a date, the one that has it in front. */
function rank(scheme: Scheme, dated: boolean): number {
  if (scheme.header === schemes["gdti-113"].header) return 3;
  return scheme.plus ? (isDated(scheme) === dated ? 1 : 2) : 0;
}

function dataOf(found: Found, name: SchemeName, known: Known): EpcData {
  const scheme: Scheme = schemes[name];
  const date = isDated(scheme) ? found.extra.find(isPrioritisedDate) : undefined;
  const elements = found.extra.filter((element) => element !== date);
  if (elements.length > 0 && !scheme.plus) {
    const ais = elements.map(({ ai }) => `(${ai})`).join(", ");
    throw new EpcError("BAD_VALUE", name, "+AIDC data", `only '+' and '++' schemes can hold ${ais}`);
  }
  const data = {
    ...found.values,
    ...known,
    scheme: name,
    ...(date && { date }),
    ...(elements.length > 0 && { aidc: { elements } }),
  };
  return data as unknown as EpcData;
}

function isDated({ fields }: Scheme): boolean {
  return fields.some(({ method }) => method === "prioritised date");
}

function hasHost({ fields }: Scheme): boolean {
  return fields.some(({ method }) => method === "hostname");
}

function hasPrefix({ fields }: Scheme): boolean {
  return fields.some(({ form }) => form !== undefined);
}
