import type { SchemeName, schemes } from "./schemes.js";

type Rows = typeof schemes;

type Key<S extends SchemeName> = { readonly [K in Rows[S]["key"]["name"]]: string };
type Tail<S extends SchemeName> = Rows[S]["tail"] extends { name: infer N extends string }
  ? { readonly [K in N]: string }
  : unknown;

type Flat<T> = { [K in keyof T]: T[K] };

/**
 * What a scheme says, as GS1 element data: the key with its check digit (`gtin` has 14 digits, `sscc` and `gsrn` 18,
 * `gln` and `grai` 13; `giai` any), `serial` or `extension` where the scheme has one. An SGLN without extension has "0".
 */
export type EpcInput<S extends SchemeName> = Flat<
  Key<S> &
    Tail<S> & {
      /** Digits of the GS1 company prefix, 6 to 12. */
      readonly companyPrefixLength: number;
      /** TDS filter value, 0 to 7. */
      readonly filter: number;
    }
>;

/** A decoded EPC of one scheme. It can be given to the scheme's encoder as it is. */
export type EpcIdentityOf<S extends SchemeName> = S extends SchemeName
  ? Flat<
      {
        readonly scheme: S;
        /** Upper case, as it stands in the tag's memory, padding included. */
        readonly hex: string;
        /** Pure identity URI: `urn:epc:id:sgtin:95060001343.05.123456789`. */
        readonly uri: string;
        /** GS1 element string: `(01)09506000134352(21)123456789`. */
        readonly elementString: string;
      } & EpcInput<S>
    >
  : never;

/** An EPC by `scheme`; "unknown" for headers that are not in the table. */
export type EpcIdentity = EpcIdentityOf<SchemeName> | { readonly scheme: "unknown"; readonly hex: string };

/** The parts that the bits hold. */
export interface EpcParts {
  readonly filter: number;
  readonly companyPrefix: string;
  readonly reference: string;
  readonly serial: string | undefined;
}
