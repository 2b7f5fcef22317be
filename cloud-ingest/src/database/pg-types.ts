import { types } from "pg";

/* int8 becomes a number and says so when it does not fit; numeric and date stay text (a `date` as Date moves by a day west of Greenwich). */

const INT8 = 20;
const INT8_ARRAY = 1016;
const NUMERIC = 1700;
const NUMERIC_ARRAY = 1231;
const DATE = 1082;
const DATE_ARRAY = 1182;
const TEXT_ARRAY = 1009;

type Parser = (text: string) => unknown;

/** Parsers by type for every connection of ours, without touching those of other users of `pg` in the process. */
export const typeParsers = {
  getTypeParser(oid: number, format?: string): Parser {
    if (format === "binary") return types.getTypeParser(oid, "binary") as Parser;
    if (oid === INT8) return checkedInt8;
    if (oid === INT8_ARRAY) return (text) => textArray(text).map((item) => (item === null ? null : checkedInt8(item)));
    if (oid === NUMERIC || oid === DATE) return asText;
    if (oid === NUMERIC_ARRAY || oid === DATE_ARRAY) return textArray;
    return types.getTypeParser(oid, "text") as Parser;
  },
};

function checkedInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is beyond 2^53`);
  return value;
}

function asText(text: string): string {
  return text;
}

function textArray(text: string): (string | null)[] {
  return (types.getTypeParser(TEXT_ARRAY as never, "text") as Parser)(text) as (string | null)[];
}
