import type { Element } from "../gs1/element.js";
import type { BitReader, BitWriter } from "./bits.js";

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether YYMMDD is a day, or with DD = 00 the whole of a month. The year is of this century or of the end of the last
 * (General Specifications §7.12), where every fourth one is a leap year.
 */
function isDate(text: string): boolean {
  if (!/^\d{6}$/.test(text)) return false;
  const [year = 0, month = 0, day = 0] = [text.slice(0, 2), text.slice(2, 4), text.slice(4)].map(Number);
  return day <= (month === 2 && year % 4 !== 0 ? 28 : (DAYS[month - 1] ?? -1));
}

/** "6-digit date YYMMDD" in 16 bits (TDS 2.3 §14.5.8). */
export function readDate(reader: BitReader, field: string): string {
  const text = pair(reader, 7, field) + pair(reader, 4, field) + pair(reader, 5, field);
  if (!isDate(text)) reader.fail("BAD_DATE", field, `${text} is no date YYMMDD`);
  return text;
}

export function writeDate(writer: BitWriter, field: string, text: string): void {
  if (!isDate(text)) writer.fail("BAD_DATE", field, `"${text}" is no date YYMMDD`);
  writer.uint(Number(text.slice(0, 2)), 7);
  writer.uint(Number(text.slice(2, 4)), 4);
  writer.uint(Number(text.slice(4)), 5);
}

/** hh, hhmm or hhmmss (§14.5.9, §14.5.11): 5 bits, then 6 each. 24 is the end of the day. */
export function readTime(reader: BitReader, digits: number, field: string): string {
  let text = "";
  for (let i = 0; i < digits; i += 2) text += pair(reader, i === 0 ? 5 : 6, field);
  if (!isTime(text)) reader.fail("BAD_DATE", field, `${text} is no time of day`);
  return text;
}

export function writeTime(writer: BitWriter, field: string, text: string): void {
  if (!isTime(text)) writer.fail("BAD_DATE", field, `"${text}" is no time of day`);
  for (let i = 0; i < text.length; i += 2) writer.uint(Number(text.slice(i, i + 2)), i === 0 ? 5 : 6);
}

function isTime(text: string): boolean {
  return /^(([01]\d|2[0-3])([0-5]\d)*|24(00)*)?$/.test(text);
}

function pair(reader: BitReader, width: number, field: string): string {
  return String(reader.uint(width, field)).padStart(2, "0");
}

/** The dates that a DSGTIN can have, in the order of their date type indicators (§14.5.3). */
export const DATE_AIS: readonly string[] = ["11", "13", "15", "16", "17", "7006", "7007"];

/** "Prioritised date": date type indicator in 4 bits, then the date. */
export function readPrioritisedDate(reader: BitReader, field: string): Element {
  const type = reader.uint(4, field);
  const ai = DATE_AIS[type];
  if (ai === undefined) return reader.fail("RESERVED", field, `the date type indicator ${type} is reserved`);
  return { ai, value: readDate(reader, field) };
}

export function writePrioritisedDate(writer: BitWriter, field: string, date: Element): void {
  const type = DATE_AIS.indexOf(date.ai);
  if (type < 0) writer.fail("BAD_VALUE", field, `(${date.ai}) is none of the dates ${DATE_AIS.join(", ")}`);
  writer.uint(type, 4);
  writeDate(writer, field, date.value);
}
