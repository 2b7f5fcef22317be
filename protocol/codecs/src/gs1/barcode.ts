import type { Element } from "./element.js";
import type { Gs1ErrorCode } from "./errors.js";
import type { ParsedElement } from "./parsed-element.js";
import type { Symbology } from "./symbology.js";

/** The issuing agencies of unique device identifiers. */
export type Agency = "GS1" | "HIBCC" | "ICCBBA";

export type Syntax = "element string" | "bracketed" | "Digital Link" | "GTIN" | "HIBC" | "ISBT 128";

/** The production identifiers of a UDI. All are strings as the barcode has them; dates are 'YYYY-MM-DD'. */
export interface ProductionIdentifiers {
  readonly lot?: string;
  readonly serial?: string;
  readonly expiry?: string;
  /** 'HH:MM' where the label has one. */
  readonly expiryTime?: string;
  readonly productionDate?: string;
  /** ISBT 128: 13 characters, without flags. */
  readonly donationIdentificationNumber?: string;
}

export type FlagCode =
  /** A value may hold the elements after it: an FNC1 seems to be missing. */
  | "MAY_HAVE_SWALLOWED"
  /** A long lot holds 21: it may be lot and serial number. Weaker than MAY_HAVE_SWALLOWED. */
  | "MAY_HOLD_SERIAL"
  /** A date without a day, which means the last of the month. */
  | "DAY_UNSPECIFIED"
  /** Identifiers that must not stand together on an item. */
  | "EXCLUDED_PAIR"
  /** A companion that must be on the item too, perhaps in another symbol. */
  | "MISSING_COMPANION"
  /** Something else than 0x1D stood for FNC1. */
  | "SEPARATOR_REPLACED"
  /** GS1 elements in a symbol without FNC1 in front, which does not mark them as such. */
  | "NOT_A_GS1_SYMBOL"
  /** Digits that can be read in another way too. */
  | "AMBIGUOUS"
  /** A part that is not interpreted. */
  | "NOT_INTERPRETED";

/** Something about a barcode that whoever uses it should know. */
export interface Flag {
  readonly code: FlagCode;
  readonly message: string;
  /** Where in the text it is. */
  readonly position: number;
  /** With the first two: the elements that one element may be. */
  readonly reading?: readonly Element[];
}

/** What a barcode says. A plain object that JSON can carry. */
export interface Barcode {
  readonly ok: true;
  readonly agency: Agency;
  readonly syntax: Syntax;
  readonly symbology?: Symbology;
  /** The device identifier as registries have it: a GTIN of 14 digits, HIBC without + and check character, … */
  readonly di?: string;
  readonly pi: ProductionIdentifiers;
  /** HIBC in two symbols: what says that they belong together. */
  readonly linkCharacter?: string;
  readonly elements: readonly ParsedElement[];
  readonly flags: readonly Flag[];
}

export interface BarcodeError {
  readonly ok: false;
  readonly error: {
    readonly code: Gs1ErrorCode;
    /** Characters before the offending one. */
    readonly position: number;
    readonly message: string;
  };
}

export type BarcodeResult = Barcode | BarcodeError;
