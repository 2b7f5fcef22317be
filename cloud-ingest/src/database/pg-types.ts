import { types } from "pg";

/* int8 becomes a number and says so when it does not fit; numeric and date stay text (a `date` as Date moves by a day west of Greenwich). */

const TIMESTAMPTZ = 1184;
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
    if (oid === TIMESTAMPTZ) return moment;
    if (oid === INT8) return checkedInt8;
    if (oid === INT8_ARRAY) return (text) => textArray(text).map((item) => (item === null ? null : checkedInt8(item)));
    if (oid === NUMERIC || oid === DATE) return asText;
    if (oid === NUMERIC_ARRAY || oid === DATE_ARRAY) return textArray;
    return types.getTypeParser(oid, "text") as Parser;
  },
};

const ANY_MOMENT = types.getTypeParser(TIMESTAMPTZ, "text") as Parser;
/** In UTC, from the year 1000 to 9999; with the first three digits of a fraction of a second. */
const USUAL_MOMENT = /^[1-9]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/;

/** By its digits, which takes a quarter of the time. */
function moment(text: string): unknown {
  if (!USUAL_MOMENT.test(text)) return ANY_MOMENT(text);
  const number = (at: number) => 10 * digit(text, at) + digit(text, at + 1);
  const ms = 10 * number(20) + digit(text, 22);
  return new Date(
    Date.UTC(100 * number(0) + number(2), number(5) - 1, number(8), number(11), number(14), number(17), ms),
  );
}

/** 0 where there is none. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : 0;
}

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
