import type { Element } from "../gs1/element.js";
import { aiLength, formatOf } from "./aidc-table.js";
import { readComponent, writeComponent } from "./aidc-values.js";
import { readFixedNumeric, writeFixedNumeric } from "./alphanumeric.js";
import type { BitReader, BitWriter } from "./bits.js";
import { EpcError } from "./errors.js";

/** +AIDC data: the elements that follow an EPC of a '+' or '++' scheme in the same memory bank (TDS 2.3 §15.3). */
export interface Aidc {
  readonly elements: readonly Element[];
  /** What could not be decoded, from its header on, and why. Never written. */
  readonly undecoded?: { readonly hex: string; readonly detail: string };
}

/** Bits of an SSCC with its header. */
const SSCC_BITS = 80;

/** The elements from here to the end; undefined where nothing but zeros follow. */
export function readAidc(reader: BitReader, toggle: boolean): Aidc | undefined {
  const elements: Element[] = [];
  for (;;) {
    // Zeros are padding; but those of an SSCC are one, if the tag says that data follow and there are none yet.
    const sscc = toggle && elements.length === 0 && reader.end - reader.at >= SSCC_BITS;
    if (!sscc && reader.restIsZero()) return elements.length === 0 ? undefined : { elements };
    const start = reader.at;
    try {
      elements.push(readElement(reader));
    } catch (error) {
      if (!(error instanceof EpcError)) throw error;
      reader.at = reader.end;
      return { elements, undecoded: { hex: reader.hex(start), detail: error.detail } };
    }
  }
}

export function writeAidc(writer: BitWriter, elements: readonly Element[]): void {
  for (const { ai, value } of elements) {
    const field = `(${ai})`;
    const format = ai.length === aiLength(ai) ? formatOf(ai) : undefined;
    if (format === undefined) writer.fail("BAD_VALUE", field, "table F has no such Application Identifier");
    writeFixedNumeric(writer, ai);
    let rest = value;
    for (const [place, component] of format.entries()) {
      const text = place === format.length - 1 ? rest : rest.slice(0, component.size);
      rest = rest.slice(text.length);
      writeComponent(writer, component, text, field);
    }
  }
}

function readElement(reader: BitReader): Element {
  const start = reader.uint(8, "+AIDC data").toString(16).padStart(2, "0").toUpperCase();
  if (!/^\d\d$/.test(start)) reader.fail("RESERVED", "+AIDC data", `the header ${start} is a special or reserved one`);
  const ai = start + readFixedNumeric(reader, aiLength(start) - 2, "+AIDC data");
  const format = formatOf(ai);
  if (format === undefined) return reader.fail("RESERVED", "+AIDC data", `table F has no Application Identifier ${ai}`);
  return { ai, value: format.map((component) => readComponent(reader, component, `(${ai})`)).join("") };
}
