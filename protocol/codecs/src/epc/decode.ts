import type { Element } from "../gs1/element.js";
import { bracketed } from "../gs1/element.js";
import { type Aidc, readAidc } from "./aidc.js";
import { BitReader, hexOfWords } from "./bits.js";
import { checkText, codecOf } from "./codings.js";
import { readPrioritisedDate } from "./date.js";
import { encodeEpc } from "./encode.js";
import { digitalLinkOf, elementsOf } from "./forms.js";
import type { EpcData, EpcForms, EpcIdentity } from "./identity.js";
import { type Field, type Scheme, schemes } from "./schemes.js";
import { pureIdentityUriOf, tagUriOf } from "./uri.js";

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

const plans: readonly (Plan | undefined)[] = planned();

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
  const decoded = new Epc(name);
  if (scheme.plus) decoded.aidcToggle = reader.uint(1, "+AIDC data toggle") === 1;
  if (scheme.filterBits > 0) decoded.filter = reader.uint(scheme.filterBits, "filter");
  for (let i = 0; i < fields.length; i++) {
    const planned = fields[i];
    if (planned === undefined) continue;
    const { field, codec, check } = planned;
    if (field.method === "prioritised date") {
      decoded.date = readPrioritisedDate(reader, field.name);
      continue;
    }
    const value = codec.read(reader, field, decoded);
    if (check) checkText(reader, field, value);
    assign(decoded as unknown as Values, field.name, value);
  }
  finish(decoded, scheme);
  return decoded as unknown as EpcIdentity;
}

/** What follows the fields: bits kept at zero, +AIDC data, padding. */
function finish(decoded: Epc, { bits = 0, plus }: Scheme): void {
  if (reader.at < bits) {
    if (reader.uint(bits - reader.at, "reserved bits") !== 0) {
      reader.fail("RESERVED", "reserved bits", "they are not zero");
    }
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

/** The data as own properties; every form is made when it is asked for. */
class Epc implements EpcForms {
  readonly scheme: string;
  declare aidcToggle?: boolean;
  declare filter?: number;
  declare companyPrefixLength?: number;
  declare date?: Element;
  declare aidc?: Aidc;
  /** The memory it was decoded from. */
  #words: readonly number[] = [];
  #at = 0;
  #end = 0;

  constructor(scheme: string) {
    this.scheme = scheme;
  }

  remember(words: readonly number[], at: number, end: number): void {
    this.#words = words;
    this.#at = at;
    this.#end = end;
  }

  get hex(): string {
    return hexOfWords(this.#words, this.#end);
  }

  get padding(): number {
    return this.#end - this.#at;
  }

  get canonical(): boolean {
    return withoutZeros(encodeEpc(this.#data)) === withoutZeros(this.hex);
  }

  get elements(): readonly Element[] {
    return elementsOf(this.#data);
  }

  get elementString(): string {
    return bracketed(this.elements);
  }

  get uri(): string | undefined {
    return pureIdentityUriOf(this.#data);
  }

  get tagUri(): string | undefined {
    return tagUriOf(this.#data);
  }

  get digitalLink(): string | undefined {
    return digitalLinkOf(this.#data);
  }

  toJSON(): object {
    const { hex, padding, canonical, elements, elementString, uri, tagUri, digitalLink } = this;
    return { ...this, hex, padding, canonical, elements, elementString, uri, tagUri, digitalLink };
  }

  get #data(): EpcData {
    return this as unknown as EpcData;
  }
}

function withoutZeros(hex: string): string {
  return hex.replace(/0+$/, "");
}

interface Values {
  [name: string]: string;
}

/** By name, because the machine learns where a property is from the place that writes it. */
function assign(epc: Values, name: string, value: string): void {
  switch (name) {
    case "gtin":
      epc.gtin = value;
      break;
    case "serial":
      epc.serial = value;
      break;
    case "giai":
      epc.giai = value;
      break;
    case "grai":
      epc.grai = value;
      break;
    case "sscc":
      epc.sscc = value;
      break;
    case "gln":
      epc.gln = value;
      break;
    case "extension":
      epc.extension = value;
      break;
    default:
      epc[name] = value;
  }
}

function planned(): (Plan | undefined)[] {
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
