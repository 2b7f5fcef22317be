import type { Barcode, BarcodeResult, Flag } from "./barcode.js";
import { Gs1Error } from "./errors.js";
import { addPairFlags } from "./flags.js";
import type { ParsedElement } from "./parsed-element.js";
import { gs1Identifiers, hibcIdentifiers, isbtIdentifiers, type Writable } from "./udi.js";

/**
 * What the symbols on one package say together: many carry the DI in one and lot and expiry in another. Companions and
 * exclusions are judged over all of them (General Specifications §4.13). Symbols that contradict each other, or secondary
 * HIBC data of another product, are an error; positions count in the text of the symbol that they come from.
 */
export function combineBarcodes(barcodes: readonly [Barcode, ...Barcode[]]): BarcodeResult {
  try {
    return combine(barcodes);
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    const { code, position, message } = error;
    return { ok: false, error: { code, position, message } };
  }
}

function combine(barcodes: readonly [Barcode, ...Barcode[]]): Barcode {
  const [{ agency, syntax }] = barcodes;
  if (barcodes.some((barcode) => barcode.agency !== agency)) {
    throw new Gs1Error("CONFLICT", 0, "the symbols are of different issuing agencies: each is a UDI of its own");
  }
  const elements: ParsedElement[] = [];
  for (const element of barcodes.flatMap((barcode) => barcode.elements)) {
    const isKnown = elements.some(
      ({ ai, title, value }) => ai === element.ai && title === element.title && value === element.value,
    );
    if (!isKnown) elements.push(element);
  }
  const isPair = ({ code }: Flag) => code === "MISSING_COMPANION" || code === "EXCLUDED_PAIR";
  const flags = barcodes.flatMap((barcode) => barcode.flags).filter((flag) => !isPair(flag));
  const { di, pi } = identifiersOf(barcodes, elements, flags);
  const combined: Writable<Barcode> = { ok: true, agency, syntax, pi, elements, flags };
  if (di !== undefined) combined.di = di;
  return combined;
}

function identifiersOf(barcodes: readonly Barcode[], elements: readonly ParsedElement[], flags: Flag[]) {
  switch (barcodes[0]?.agency) {
    case "HIBCC": {
      if (new Set(barcodes.map(({ linkCharacter }) => linkCharacter).filter(Boolean)).size > 1) {
        throw new Gs1Error(
          "CONFLICT",
          0,
          "the secondary symbol belongs to another product: their link characters differ",
        );
      }
      return { di: onlyOne(elements, "+"), pi: hibcIdentifiers(elements) };
    }
    case "ICCBBA":
      for (const ai of ["=/", "=,", "=", "=>", "=}", "&,1"]) onlyOne(elements, ai);
      return isbtIdentifiers(elements);
    default:
      addPairFlags(elements, flags);
      return gs1Identifiers(elements);
  }
}

/** The value of an identifier that can have but one. */
function onlyOne(elements: readonly ParsedElement[], ai: string): string | undefined {
  const [first, second] = elements.filter((element) => element.ai === ai);
  if (second !== undefined) {
    throw new Gs1Error("CONFLICT", second.position, `${second.title} is there twice with different values`);
  }
  return first?.value;
}
