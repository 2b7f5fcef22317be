import type { Cardinality, FieldSpec, FieldType, FieldValues } from "./definition.js";
import type { LlrpDecodeError } from "./errors.js";
import type { table } from "./tables/index.js";

type Table = typeof table;
type ParameterRows = Table["parameters"];
type MessageRows = Table["messages"];
type Lists = Table["lists"];

export type ParameterName = keyof ParameterRows;
export type MessageName = keyof MessageRows;

type CustomName = { [N in ParameterName]: ParameterRows[N] extends { custom: unknown } ? N : never }[ParameterName];

/** 1 = LLRP 1.0.1, 2 = LLRP 1.1, 3 = LLRP 2.0. */
export type LlrpVersion = 1 | 2 | 3;

/**
 * A parameter that is kept as it came: of a type that the table does not know or not at this place, or one that could
 * not be decoded and was given up alone (then `error` says why). Encoding puts `bytes` back unchanged.
 */
export interface RawParameter {
  readonly typeNumber: number;
  /** The whole parameter with its header. */
  readonly bytes: Uint8Array;
  readonly error?: LlrpDecodeError;
}

interface Unknowns {
  readonly unknownParameters?: readonly RawParameter[];
}

type Flat<T> = { [K in keyof T]: T[K] };

type FieldValue<S> = S extends FieldType
  ? FieldValues[S]
  : S extends `${infer T}:${string}`
    ? T extends "u8v"
      ? Uint8Array
      : number
    : never;

type Fields<Row> = Row extends { fields: infer F extends Readonly<Record<string, FieldSpec>> }
  ? { readonly [K in keyof F as F[K] extends number ? never : K]: FieldValue<F[K]> }
  : unknown;

type Added<Row> = Row extends { added: infer F extends Readonly<Record<string, FieldSpec>> }
  ? { readonly [K in keyof F as F[K] extends number ? never : K]?: FieldValue<F[K]> }
  : unknown;

type ListMember<M> = M extends "Custom" ? "Custom" | CustomName : M;
type Tagged<M> = M extends ParameterName ? Flat<{ readonly type: M } & LlrpParameter<M>> : never;
type Member<K> = K extends keyof Lists
  ? Tagged<ListMember<Lists[K][number]>>
  : K extends ParameterName
    ? LlrpParameter<K>
    : never;

type Parameters<Row> = Row extends { parameters: infer P extends Readonly<Record<string, Cardinality>> }
  ? { readonly [K in keyof P as P[K] extends "1" ? K : never]: Member<K> } & {
      readonly [K in keyof P as P[K] extends "1-N" ? K : never]: readonly Member<K>[];
    } & { readonly [K in keyof P as P[K] extends "0-1" ? K : never]?: Member<K> } & {
      readonly [K in keyof P as P[K] extends "0-N" ? K : never]?: readonly Member<K>[];
    }
  : unknown;

/** A parameter by its standard name, for example `LlrpParameter<"ROSpec">`. */
export type LlrpParameter<N extends ParameterName> = Flat<
  Fields<ParameterRows[N]> & Added<ParameterRows[N]> & Parameters<ParameterRows[N]> & Unknowns
>;

interface Header {
  /** Message id, u32: a response repeats that of its request. */
  readonly id: number;
  readonly version: LlrpVersion;
}

/** A message by its standard name, for example `LlrpMessageOf<"ADD_ROSPEC">`. */
export type LlrpMessageOf<N extends MessageName> = Flat<
  { readonly type: N } & Header & Fields<MessageRows[N]> & Parameters<MessageRows[N]> & Unknowns
>;

/** A message of a type that the table does not know: `bytes` is all that follows the 10 bytes of the header. */
export interface LlrpUnknownMessage extends Header {
  readonly type: "UNKNOWN_MESSAGE";
  readonly typeNumber: number;
  readonly bytes: Uint8Array;
}

/** Any message, told apart by `type`. */
export type LlrpMessage = { [N in MessageName]: LlrpMessageOf<N> }[MessageName] | LlrpUnknownMessage;

type WithoutVersion<M> = M extends unknown ? Flat<Omit<M, "version"> & { readonly version?: LlrpVersion }> : never;

/** A message to encode: as decoded, but the version may be left out. */
export type LlrpMessageInput = WithoutVersion<LlrpMessage>;

/** A message to encode by its standard name, for example `LlrpMessageInputOf<"ADD_ROSPEC">`. */
export type LlrpMessageInputOf<N extends MessageName> = WithoutVersion<LlrpMessageOf<N>>;
