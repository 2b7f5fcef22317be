import { type AlertSeverity, type AlertWindow, WEEKDAYS } from "@storeward/contracts";

const MINUTE_MS = 60_000;
const DAY_MIN = 1440;
/** Windows that follow each other without a break, looked at in a row. */
const MOST_IN_A_ROW = 50;

export interface Windowed {
  readonly rule: string;
  readonly severity: AlertSeverity;
  /** Ids. */
  readonly places: readonly string[];
}

/**
 * When the windows of this kind that an alert falls into are over (ms since 1970), those that follow without a break included; undefined
 * where none is. Quiet hours are not for what is critical. @param covers whether a place (code) has one of these (ids) in it
 */
export function windowEnd(
  windows: readonly AlertWindow[],
  kind: AlertWindow["kind"],
  alert: Windowed,
  at: number,
  zone: string,
  covers: (code: string, ids: readonly string[]) => boolean,
): number | undefined {
  if (kind === "quiet" && alert.severity === "critical") return undefined;
  const own = windows.filter(
    ({ kind: of, enabled, rules, places }) =>
      of === kind &&
      enabled !== false &&
      (rules === undefined || rules.includes(alert.rule)) &&
      (places === undefined || places.some((code) => covers(code, alert.places))),
  );
  let end: number | undefined;
  for (let step = 0; step < MOST_IN_A_ROW; step++) {
    const from = end ?? at;
    const next = Math.max(from, ...own.map((window) => endOf(window, from, zone) ?? from));
    if (next === from) break;
    end = next;
  }
  return end;
}

/** When a window that is on is over; undefined where it is not on. */
export function endOf({ when }: AlertWindow, at: number, zone: string): number | undefined {
  if ("begins" in when)
    return at >= Date.parse(when.begins) && at < Date.parse(when.ends) ? Date.parse(when.ends) : undefined;
  if (!isOn(when, at, zone)) return undefined;
  const to = minuteOf(when.to);
  const left = (to - localTime(at, zone).minute + DAY_MIN) % DAY_MIN;
  const end = Math.floor(at / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
  const shift = ((localTime(end, zone).minute - to + DAY_MIN + DAY_MIN / 2) % DAY_MIN) - DAY_MIN / 2;
  if (shift === 0) return end;
  // Clocks are changed in between: the hour on the wall is what counts, and where that is skipped the change.
  return Math.max(changeOfClocks(at, end, zone), end - shift * MINUTE_MS);
}

/** The one moment between these two at which the clocks are changed. */
function changeOfClocks(from: number, to: number, zone: string): number {
  const ahead = (minute: number) => {
    const at = minute * MINUTE_MS;
    return (localTime(at, zone).minute - (minute % DAY_MIN) + DAY_MIN) % DAY_MIN;
  };
  let [before, after] = [Math.floor(from / MINUTE_MS), Math.floor(to / MINUTE_MS)];
  const then = ahead(before);
  while (after - before > 1) {
    const between = Math.floor((before + after) / 2);
    if (ahead(between) === then) before = between;
    else after = between;
  }
  return after * MINUTE_MS;
}

type Weekly = Extract<AlertWindow["when"], { readonly days: unknown }>;

function isOn({ days, ...when }: Weekly, at: number, zone: string): boolean {
  const { day, minute } = localTime(at, zone);
  const [from, to] = [minuteOf(when.from), minuteOf(when.to)];
  const has = (which: number) => days.some((name) => name === WEEKDAYS[(which + 7) % 7]);
  const overnight = to <= from;
  const began = has(day) && minute >= from && (overnight || minute < to);
  return began || (overnight && has(day - 1) && minute < to);
}

function minuteOf(text: string): number {
  const [hour, minute] = text.split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Day of the week, 0 for Monday, and minute of the day. */
function localTime(at: number, timeZone: string): { day: number; minute: number } {
  const of = { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("en-GB", of);
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const today = parts.get("weekday")?.toLowerCase();
  const day = (WEEKDAYS as readonly string[]).indexOf(today ?? "");
  return { day, minute: Number(parts.get("hour")) * 60 + Number(parts.get("minute")) };
}
