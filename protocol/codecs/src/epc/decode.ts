import { readAidc } from "./aidc.js";
import { BitReader } from "./bits.js";
import { checkText, codecOf } from "./codings.js";
import { readPrioritisedDate } from "./date.js";
import { DecodedEpc } from "./decoded-epc.js";
import type { EpcIdentity } from "./identity.js";
import { type Field, type Scheme, schemes } from "./schemes.js";

/** A scheme with what is worked out once for all its EPCs. */
interface Plan {
  readonly name: string;
  readonly scheme: Scheme;
  readonly fields: readonly {
    readonly field: Field;
    readonly codec: ReturnType<typeof codecOf>;
    readonly check: boolean;
  }[];
}

/** By header. */
const plans: readonly (Plan | undefined)[] = plansOfSchemes();

/** One for all, for decoding never waits and never calls itself. */
const reader = new BitReader();

/**
 * Decodes an EPC as it stands in tag memory, in hex of either case or as bytes; zeros may follow it. A header not in the
 * table gives `{ scheme: "unknown" }`; contents that the header's scheme does not allow throw `EpcError`, and then the EPC
 * is no GS1 identity whatever its first byte says.
 */
export function decodeEpc(epc: string | Uint8Array): EpcIdentity {
  if (typeof epc === "string") reader.ofHex(epc);
  else reader.ofBytes(epc);
  const plan = plans[reader.uint(8, "header")];
  if (plan === undefined) return { scheme: "unknown", hex: reader.hex() };
  const { name, scheme, fields } = plan;
  const { bits } = scheme;
  reader.scheme = name;
  if (bits !== undefined && reader.end < bits)
    reader.fail("BAD_LENGTH", "hex", `${bits} bits wanted, not ${reader.end}`);
  const decoded = new DecodedEpc(name);
  if (scheme.plus) decoded.aidcToggle = reader.uint(1, "+AIDC data toggle") === 1;
  if (scheme.filterBits > 0) decoded.filter = reader.uint(scheme.filterBits, "filter");
  for (const { field, codec, check } of fields) {
    if (field.method === "prioritised date") {
      decoded.date = readPrioritisedDate(reader, field.name);
      continue;
    }
    const value = codec.read(reader, field, decoded);
    if (check) checkText(reader, field, value);
    decoded.assign(field.name, value);
  }
  finish(decoded, scheme);
  return decoded as unknown as EpcIdentity;
}

/** What follows the fields: bits kept at zero, +AIDC data, padding. */
function finish(decoded: DecodedEpc, { bits = 0, plus }: Scheme): void {
  if (reader.at < bits && reader.uint(bits - reader.at, "reserved bits") !== 0) {
    reader.fail("RESERVED", "reserved bits", "they are not zero");
  }
  if (plus) {
    const aidc = readAidc(reader, decoded.aidcToggle === true);
    if (aidc?.undecoded !== undefined && !decoded.aidcToggle) reader.fail("BAD_PADDING", "padding", NOT_ZERO);
    if (aidc !== undefined) decoded.aidc = aidc;
  } else if (reader.at < reader.end && !reader.restIsZero()) {
    reader.fail("BAD_PADDING", "padding", NOT_ZERO);
  }
  decoded.remember(reader.words(), reader.at, reader.end);
}

const NOT_ZERO = "the bits after the EPC are not zero";

function plansOfSchemes(): (Plan | undefined)[] {
  const byHeader: (Plan | undefined)[] = new Array(256).fill(undefined);
  for (const [name, scheme] of Object.entries<Scheme>(schemes)) {
    const fields = scheme.fields.map((field) => ({ field, codec: codecOf(field), check: canBeWrong(field) }));
    byHeader[scheme.header] = { name, scheme, fields };
  }
  return byHeader;
}

/** Whether its method can give text that the field cannot have: numbers that are short enough are never looked at. */
function canBeWrong(field: Field): boolean {
  if (field.method === "integer") return 2 ** field.bits > 10 ** (field.max ?? Number.POSITIVE_INFINITY);
  return field.method !== "partition" && field.method !== "fixed-length numeric";
}
