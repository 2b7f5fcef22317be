import type { Problem } from "./errors.js";

/** Today as 'YYYY-MM-DD' of the local calendar: the default of functions that take `today`. */
export function localToday(): string {
  const now = new Date();
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The year that two digits mean: not more than 49 years back or 50 ahead (General Specifications §7.12). */
export function fullYear(twoDigits: number, thisYear: number): number {
  const year = thisYear - (thisYear % 100) + twoDigits;
  if (year - thisYear >= 51) return year - 100;
  return year - thisYear <= -50 ? year + 100 : year;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** What is wrong with a date: offsets count from its year. `yearDigits` is 2 or 4. */
export function dateProblem(
  year: number,
  month: number,
  day: number,
  yearDigits: number,
  dayOptional: boolean,
): Problem | undefined {
  if (month < 1 || month > 12) return ["BAD_DATE", yearDigits, `there is no month ${two(month)}`];
  if (day === 0) {
    return dayOptional ? undefined : ["BAD_DATE", yearDigits + 2, "this date needs a day: 00 is not allowed here"];
  }
  if (day > daysInMonth(year, month)) {
    return ["BAD_DATE", yearDigits + 2, `${year}-${two(month)} has no day ${two(day)}`];
  }
  return undefined;
}

/** 'YYYY-MM-DD'; a day of 0 is the last of the month (General Specifications §3.4.2 and following). */
export function isoDate(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day === 0 ? daysInMonth(year, month) : day)}`;
}

/** 'YYYY-MM-DD' of the day of a year, 1 to 366, or undefined where the year has no such day. */
export function dateOfOrdinal(year: number, dayOfYear: number): string | undefined {
  if (dayOfYear < 1 || dayOfYear > (isLeap(year) ? 366 : 365)) return undefined;
  let day = dayOfYear;
  let month = 1;
  for (; day > daysInMonth(year, month); month++) day -= daysInMonth(year, month);
  return isoDate(year, month, day);
}

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** The number that the digits from `at` write; NaN is impossible where the characters are known to be digits. */
export function digitsAt(text: string, at: number, length: number): number {
  let value = 0;
  for (let i = at; i < at + length; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}
