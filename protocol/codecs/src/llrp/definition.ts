/**
 * The shape of the protocol table. One row of the table says everything about a message or parameter: its type number,
 * its fields in wire order and the parameters that may follow. Decoder, encoder and TypeScript types all come from it.
 */

/** What a field of each wire type is in TypeScript. Names are those of LLRP 1.1 §17 and the LLRP Toolkit. */
export interface FieldValues {
  /** One bit. A `u1` with an enumeration is a number. */
  u1: boolean;
  u2: number;
  /** As in the EPC length of C1G2Untraceable (LLRP 2.0). */
  u6: number;
  u8: number;
  s8: number;
  u16: number;
  s16: number;
  u32: number;
  s32: number;
  u64: bigint;
  /** Twelve bytes, as in EPC_96. */
  u96: Uint8Array;
  /** u16 count, then as many bits, filled up with zeros to a whole byte. */
  u1v: BitString;
  u8v: Uint8Array;
  u16v: readonly number[];
  u32v: readonly number[];
  utf8v: string;
  /** All bytes to the end of the parameter or message. */
  bytesToEnd: Uint8Array;
}

/** A string of bits, most significant first; `bytes` holds ceil(bitCount / 8) of them. */
export interface BitString {
  readonly bitCount: number;
  readonly bytes: Uint8Array;
}

export type FieldType = keyof FieldValues;

/** A wire type, a wire type with the name of its enumeration, or a number of reserved bits. */
export type FieldSpec = FieldType | `${FieldType}:${string}` | number;

export type Cardinality = "1" | "0-1" | "1-N" | "0-N";

interface Row {
  /** In wire order. A number stands for that many reserved bits; its key says nothing. */
  readonly fields?: Readonly<Record<string, FieldSpec>>;
  /** Fields that LLRP 2.0 put behind those of 1.1: all there or none, as the bytes have it. */
  readonly added?: Readonly<Record<string, FieldSpec>>;
  /** Parameters (or lists of alternatives) that may follow, in the order in which they are sent. */
  readonly parameters?: Readonly<Record<string, Cardinality>>;
}

/** A parameter is a TV (type number 1 to 127), a TLV (128 to 1022), or a Custom (1023) of [vendor, subtype]. */
export type ParameterRow = Row &
  (
    | { readonly tv: number }
    | { readonly tlv: number }
    | { readonly custom: readonly [vendor: number, subtype: number] }
  );

/** A message has a type number, or is a CUSTOM_MESSAGE (1023) of [vendor, subtype]. */
export type MessageRow = Row &
  ({ readonly type: number } | { readonly custom: readonly [vendor: number, subtype: number] });

export type ParameterTable = Readonly<Record<string, ParameterRow>>;
export type MessageTable = Readonly<Record<string, MessageRow>>;

/** Alternatives that share one ordered array. A member `Custom` stands for every vendor's parameter too. */
export type ListTable = Readonly<Record<string, readonly string[]>>;

export interface ProtocolTable {
  readonly messages: MessageTable;
  readonly parameters: ParameterTable;
  readonly lists: ListTable;
}
