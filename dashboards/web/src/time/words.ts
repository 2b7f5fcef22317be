/* Times as people say them, in the site's time zone and locale. Clock times are 24 hours: a ward writes them so. */

export interface TimeStyle {
  readonly locale: string;
  readonly timeZone: string;
}

export interface TimeWords {
  readonly justNow: string;
  readonly secondsAgo: (n: number) => string;
  readonly minutesAgo: (n: number) => string;
  readonly yesterday: (clock: string) => string;
  readonly seconds: (n: number) => string;
  readonly minutes: (n: number) => string;
  readonly hours: (h: number, min: number) => string;
  readonly days: (n: number, h: number) => string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A locale or time zone that this browser does not know must not blank the page: English and UTC then. */
function format(style: TimeStyle, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${style.locale} ${style.timeZone} ${name}`;
  let made = formats.get(key);
  if (made === undefined) {
    const full = { hourCycle: "h23", ...options } as const;
    try {
      made = new Intl.DateTimeFormat(style.locale, { ...full, timeZone: style.timeZone });
    } catch {
      made = new Intl.DateTimeFormat("en", { ...full, timeZone: "UTC" });
    }
    formats.set(key, made);
  }
  return made;
}

/** "14:03:12". */
export function clockTime(at: Date, style: TimeStyle): string {
  return format(style, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** "14:03". */
export function shortClock(at: Date, style: TimeStyle): string {
  return format(style, "short", { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** "Monday, 23 November 2026 at 14:03:12 CET": what a hint or a record says. */
export function fullTime(at: Date, style: TimeStyle): string {
  return format(style, "full", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  }).format(at);
}

/** "14:03:12" of today, else the day too: one of two ends of a time. */
export function moment(at: Date, now: Date, style: TimeStyle, words: TimeWords): string {
  return daysBetween(at, now, style) === 0 ? clockTime(at, style) : dated(at, now, style, words);
}

/** "just now", "40 s ago", "12 min ago", "14:03", "yesterday 14:03", "Mon 14:03", "3 Nov, 14:03", "3 Nov 2025, 14:03". */
export function ago(at: Date, now: Date, style: TimeStyle, words: TimeWords): string {
  const seconds = Math.floor((now.getTime() - at.getTime()) / 1000);
  if (seconds >= -5 && seconds < 8) return words.justNow;
  if (seconds >= 0 && seconds < 60) return words.secondsAgo(seconds);
  if (seconds >= 0 && seconds < 3600) return words.minutesAgo(Math.floor(seconds / 60));
  return dated(at, now, style, words);
}

/** "14:03" of today, "yesterday 14:03", "Mon 14:03", "3 Nov, 14:03", "3 Nov 2025, 14:03". */
function dated(at: Date, now: Date, style: TimeStyle, words: TimeWords): string {
  const clock = shortClock(at, style);
  const days = daysBetween(at, now, style);
  if (days === 0) return clock;
  if (days === 1) return words.yesterday(clock);
  if (days > 1 && days < 7) return `${format(style, "weekday", { weekday: "short" }).format(at)} ${clock}`;
  const sameYear = format(style, "year", { year: "numeric" });
  const year = sameYear.format(at) === sameYear.format(now) ? {} : ({ year: "numeric" } as const);
  return `${format(style, `day${"year" in year}`, { day: "numeric", month: "short", ...year }).format(at)}, ${clock}`;
}

/** Calendar days from `at` to `now` on the site's calendar; negative for the future. */
function daysBetween(at: Date, now: Date, style: TimeStyle): number {
  const day = (time: Date) => {
    const parts = format({ ...style, locale: "en" }, "ymd", { year: "numeric", month: "numeric", day: "numeric" })
      .formatToParts(time)
      .filter((part) => part.type !== "literal");
    const value = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
    return Date.UTC(value("year"), value("month") - 1, value("day")) / 86_400_000;
  };
  return day(now) - day(at);
}

/** A length of time in at most two units: "8 s", "12 min", "3 h 20 min", "2 d 4 h". */
export function duration(ms: number, words: TimeWords): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return words.seconds(seconds);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return words.minutes(minutes);
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return words.hours(hours, minutes % 60);
  return words.days(Math.floor(hours / 24), hours % 24);
}
