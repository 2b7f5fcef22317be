import type { Element } from "../gs1/element.js";
import type { Aidc } from "./aidc.js";
import type { SchemeName, schemes } from "./schemes.js";

type Row<S extends SchemeName> = (typeof schemes)[S];
type FieldsOf<S extends SchemeName> = Row<S>["fields"][number];

/** What the fields of a scheme say: strings, and the date of a DSGTIN with the Application Identifier of its kind. */
type Values<S extends SchemeName> = {
  readonly [F in FieldsOf<S> as F["name"]]: F extends { readonly method: "prioritised date" } ? Element : string;
};

type CompanyPrefix<S extends SchemeName> =
  Extract<FieldsOf<S>, { readonly method: `${string}partition` }> extends never
    ? {
        /** Digits of the GS1 company prefix, if you know them; the bits of this scheme do not say. */
        readonly companyPrefixLength?: number;
      }
    : {
        /** Digits of the GS1 company prefix, 6 to 12. */
        readonly companyPrefixLength: number;
      };

type Filter<S extends SchemeName> = Row<S>["filterBits"] extends 0
  ? unknown
  : {
      /** Filter value (TDS 2.3 §10): 0 to 7, of `adi-var` 0 to 63, of `usdod-96` 0 to 15. */
      readonly filter: number;
    };

type Plus<S extends SchemeName> = Row<S>["plus"] extends true
  ? {
      /** The elements that follow the EPC in memory. */
      readonly aidc?: Aidc;
    }
  : unknown;

type Flat<T> = { [K in keyof T]: T[K] };

/**
 * What a scheme says, as GS1 element data: keys with their check digit (`gtin` has 14 digits, `sscc` and `gsrn` 18, `gln`,
 * `grai`, `gdti` and `gcn` 13; `itip` the 14 of its GTIN with piece and total; `giai` and `cpi` any), `serial` or
 * `extension` where the scheme has one. An SGLN without extension has "0" (TDS 2.3 §14.6.3).
 */
export type EpcInput<S extends SchemeName> = Flat<Values<S> & CompanyPrefix<S> & Filter<S> & Plus<S>>;

/** The same with its scheme: what `encodeEpc` takes. Every decoded EPC is one. */
export type EpcData = { [S in SchemeName]: Flat<{ readonly scheme: S } & EpcInput<S>> }[SchemeName];

/** What is made of a decoded EPC when it is asked for. */
export interface EpcForms {
  /** Upper case, as it stands in the tag's memory, padding included. */
  readonly hex: string;
  /** Zero bits after the encoding and its +AIDC data. Whole words of memory leave up to 15. */
  readonly padding: number;
  /**
   * Whether these are the bits that `encodeEpc` writes, zeros at the end aside. Others say the same in more bits, or with a
   * toggle bit that is wrong.
   */
  readonly canonical: boolean;
  /** GS1 elements with those of the +AIDC data; none where the scheme has no GS1 key. */
  readonly elements: readonly Element[];
  /** GS1 element string: `(01)09506000134352(21)123456789`. */
  readonly elementString: string;
  /** Pure identity URI: `urn:epc:id:sgtin:95060001343.05.123456789`; undefined where the company prefix is not known. */
  readonly uri: string | undefined;
  /** EPC tag URI: `urn:epc:tag:sgtin-96:3.95060001343.05.123456789`; TDS defines none for '+' and '++' schemes. */
  readonly tagUri: string | undefined;
  /** GS1 Digital Link URI: `https://id.gs1.org/01/09506000134352/21/123456789`; undefined without a GS1 key. */
  readonly digitalLink: string | undefined;
  toJSON(): object;
}

/** A decoded EPC of one scheme. It can be given to `encodeEpc` as it is. */
export type EpcIdentityOf<S extends SchemeName> = S extends SchemeName
  ? Flat<{ readonly scheme: S } & EpcInput<S> & EpcForms & (Row<S>["plus"] extends true ? Toggle : unknown)>
  : never;

interface Toggle {
  /** What the tag says of +AIDC data (TDS 2.3 §14.5.1). A wrong one hides no data. */
  readonly aidcToggle: boolean;
}

/** An EPC by `scheme`; "unknown" for headers that are not in the table. */
export type EpcIdentity = EpcIdentityOf<SchemeName> | UnknownEpc;

export interface UnknownEpc {
  readonly scheme: "unknown";
  readonly hex: string;
}
