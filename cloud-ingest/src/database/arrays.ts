/**
 * Columns of many rows, as PostgreSQL takes them fastest: arrays in its binary form ("Binary Format" of its types' `*_recv` functions), as
 * parameters of `unnest($1::int8[], …)`. As text every quote of a value is escaped here and read again there, which costs several times as much.
 */

/** What a value of each type is; `null` is NULL in all of them. */
interface Values {
  bool: boolean;
  int4: number;
  /** A whole number that JavaScript holds exactly. */
  int8: number;
  float8: number;
  text: string;
  /** JSON text. */
  jsonb: string;
  /** A Date, or milliseconds since 1970. */
  timestamptz: Date | number;
  uuid: string;
  bytea: Uint8Array;
}

export type ArrayType = keyof Values;

/** A parameter `$n::type[]` with one value of each row. RangeError for a value that the type does not hold. */
export function arrayOf<T extends ArrayType, Row>(
  type: T,
  rows: readonly Row[],
  of: (row: Row) => Values[T] | null,
): Buffer {
  const { oid, width, write } = TYPES[type];
  const array = new ArrayBytes(20 + rows.length * (4 + (width ?? 32)));
  array.int4(rows.length === 0 ? 0 : 1);
  array.int4(0);
  array.int4(oid);
  if (rows.length === 0) return array.done();
  array.int4(rows.length);
  // The index of the first.
  array.int4(1);
  for (const row of rows) {
    const value = of(row);
    if (value === null) {
      array.int4(-1);
      continue;
    }
    if (width !== undefined) array.int4(width);
    write(array, value);
  }
  return array.done();
}

interface Type<Value> {
  /** In `pg_type`. */
  readonly oid: number;
  /** Bytes of a value, where all have as many; else `write` writes how many before them. */
  readonly width?: number;
  write(array: ArrayBytes, value: Value): void;
}

const TYPES: { readonly [T in ArrayType]: Type<Values[T]> } = {
  bool: { oid: 16, width: 1, write: (array, value) => array.byte(value ? 1 : 0) },
  int4: { oid: 23, width: 4, write: (array, value) => array.int4(value) },
  int8: { oid: 20, width: 8, write: (array, value) => array.int8(value) },
  float8: { oid: 701, width: 8, write: (array, value) => array.float8(value) },
  text: { oid: 25, write: (array, value) => array.text(value) },
  jsonb: { oid: 3802, write: (array, value) => array.text(value, JSONB_VERSION) },
  timestamptz: { oid: 1184, width: 8, write: (array, value) => array.microseconds(millisecondsOf(value) - YEAR_2000) },
  uuid: { oid: 2950, width: 16, write: (array, value) => array.uuid(value) },
  bytea: { oid: 17, write: (array, value) => array.bytes(value) },
};

/** PostgreSQL counts microseconds from here. */
const YEAR_2000 = Date.UTC(2000, 0, 1);
/** No Date is further from 2000. Of more the microseconds might not fit into eight bytes, and be those of another moment. */
const MOST_MS = 8.64e15 - YEAR_2000;
const JSONB_VERSION = Buffer.from([1]);
const NOTHING = Buffer.alloc(0);
const UUID_LENGTH = 36;
const HYPHENS = [8, 13, 18, 23];
/** Where in its text each byte of a UUID begins. */
const UUID_BYTES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** By the codes of characters: the value of a hexadecimal digit; 255 of what is none. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

function nibble(text: string, at: number): number {
  return NIBBLES[text.charCodeAt(at)] ?? 255;
}

/** Bytes that grow, big-endian. Numbers are written by a view, which makes no object of them on the way. */
class ArrayBytes {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#view = viewOf(this.#bytes);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  int4(value: number): void {
    if ((value | 0) !== value) throw new RangeError(`${value} is not a whole number of 32 bits`);
    this.#room(4);
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
  }

  int8(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number within 2^53`);
    this.#room(8);
    const high = Math.floor(value / 2 ** 32);
    this.#view.setInt32(this.#at, high);
    this.#view.setUint32(this.#at + 4, value - high * 2 ** 32);
    this.#at += 8;
  }

  /** Of milliseconds; those of a far year are more than a number counts exactly. */
  microseconds(ms: number): void {
    if (!(Math.abs(ms) <= MOST_MS)) throw new RangeError(`${ms} ms is no moment`);
    if (Number.isSafeInteger(ms * 1000)) {
      this.int8(ms * 1000);
      return;
    }
    this.#room(8);
    this.#view.setBigInt64(this.#at, BigInt(ms) * 1000n);
    this.#at += 8;
  }

  float8(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** With its length before it, and `before` in front. */
  text(value: string, before: Uint8Array = NOTHING): void {
    // A character of a string is at most three bytes in UTF-8.
    this.#room(4 + before.length + 3 * value.length);
    const from = this.#at + 4;
    this.#bytes.set(before, from);
    const end = from + before.length + this.#bytes.write(value, from + before.length, "utf8");
    this.#view.setInt32(this.#at, end - from);
    this.#at = end;
  }

  bytes(value: Uint8Array): void {
    this.int4(value.length);
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  uuid(value: string): void {
    this.#room(16);
    let isUuid = value.length === UUID_LENGTH && HYPHENS.every((at) => value[at] === "-");
    for (const from of UUID_BYTES) {
      const high = nibble(value, from);
      const low = nibble(value, from + 1);
      isUuid &&= high < 16 && low < 16;
      this.#bytes[this.#at++] = (high << 4) | low;
    }
    if (!isUuid) throw new RangeError(`${JSON.stringify(value)} is not a UUID`);
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.#bytes.length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

/** `Number(date)` takes hundreds of times as long. */
function millisecondsOf(moment: Date | number): number {
  return typeof moment === "number" ? moment : moment.getTime();
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
