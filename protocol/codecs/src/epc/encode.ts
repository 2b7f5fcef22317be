import type { Element } from "../gs1/element.js";
import { type Aidc, writeAidc } from "./aidc.js";
import { BitWriter } from "./bits.js";
import { checkText, codecOf } from "./codings.js";
import { writePrioritisedDate } from "./date.js";
import { EpcError } from "./errors.js";
import type { EpcData, EpcInput } from "./identity.js";
import { type SchemeName, schemeOf } from "./schemes.js";

/**
 * The EPC as it stands in tag memory: upper-case hex of whole words. Of several encodings of a value it takes the one of
 * fewest bits. Throws `EpcError` where the scheme cannot hold the value.
 */
export function encodeEpc(data: EpcData): string {
  const scheme = schemeOf(data.scheme);
  if (scheme === undefined) throw new EpcError("NO_SCHEME", "unknown", "scheme", `"${data.scheme}" is none of TDS 2.3`);
  const values = data as unknown as Readonly<Record<string, unknown>> & { readonly aidc?: Aidc };
  const writer = new BitWriter(data.scheme);
  const { filter, companyPrefixLength, aidc } = values;
  writer.uint(scheme.header, 8);
  if (scheme.plus) writer.uint(aidc !== undefined && aidc.elements.length > 0 ? 1 : 0, 1);
  if (scheme.filterBits > 0) {
    const most = 2 ** scheme.filterBits - 1;
    if (typeof filter !== "number" || !Number.isInteger(filter) || filter < 0 || filter > most) {
      return writer.fail("BAD_VALUE", "filter", `0 to ${most} wanted, not ${filter}`);
    }
    writer.uint(filter, scheme.filterBits);
  }
  for (const field of scheme.fields) {
    const value = values[field.name];
    if (field.method === "prioritised date") {
      if (!isElement(value)) return writer.fail("BAD_VALUE", field.name, "there is none");
      writePrioritisedDate(writer, field.name, value);
      continue;
    }
    if (typeof value !== "string") return writer.fail("BAD_VALUE", field.name, "there is none");
    checkText(writer, field, value);
    codecOf(field).write(writer, field, value, typeof companyPrefixLength === "number" ? companyPrefixLength : 0);
  }
  if (scheme.bits !== undefined) writer.zeros(scheme.bits - writer.length);
  if (scheme.plus && aidc !== undefined) writeAidc(writer, aidc.elements);
  return writer.hex();
}

function isElement(value: unknown): value is Element {
  return typeof value === "object" && value !== null && "ai" in value && "value" in value;
}

type Encoder<S extends SchemeName> = (input: EpcInput<S>) => string;

/** The encoder of one scheme, for those who always use the same. */
function encoderOf<S extends SchemeName>(scheme: S): Encoder<S> {
  return (input) => encodeEpc({ ...input, scheme } as unknown as EpcData);
}

/** SGTIN-96: `gtin` of 14 digits, `serial` a number without leading zeros below 2^38. All throw `EpcError`. */
export const encodeSgtin96: Encoder<"sgtin-96"> = encoderOf("sgtin-96");
/** SGTIN-198: `serial` of 1 to 20 characters. */
export const encodeSgtin198: Encoder<"sgtin-198"> = encoderOf("sgtin-198");
export const encodeSscc96: Encoder<"sscc-96"> = encoderOf("sscc-96");
/** SGLN-96: `extension` is a number below 2^41, "0" for none. */
export const encodeSgln96: Encoder<"sgln-96"> = encoderOf("sgln-96");
/** GRAI-96: `grai` is the asset type, 13 digits with check digit and without the filler 0; `serial` below 2^38. */
export const encodeGrai96: Encoder<"grai-96"> = encoderOf("grai-96");
/** GIAI-96: after the company prefix only digits, the first not 0. */
export const encodeGiai96: Encoder<"giai-96"> = encoderOf("giai-96");
export const encodeGsrn96: Encoder<"gsrn-96"> = encoderOf("gsrn-96");
export const encodeGsrnp96: Encoder<"gsrnp-96"> = encoderOf("gsrnp-96");
