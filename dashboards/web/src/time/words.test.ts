import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { en } from "../messages/en.js";
import { ago, clockTime, duration, fullTime, moment, shortClock } from "./words.js";

const berlin = { locale: "en", timeZone: "Europe/Berlin" };
const now = new Date("2026-11-23T13:03:12.000Z");
const before = (ms: number) => ago(new Date(now.getTime() - ms), now, berlin, en.time);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("times in words", () => {
  it("are in the site's time zone, 24 hours, whatever the browser's", () => {
    expect(clockTime(now, berlin)).toBe("14:03:12");
    expect(shortClock(new Date("2026-11-22T23:05:00Z"), berlin)).toBe("00:05");
    expect(fullTime(now, berlin)).toMatch(/Monday.*23.*2026.*14:03:12/);
  });

  it("say how long ago while that is what one wants to know, then when", () => {
    expect(before(3_000)).toBe("just now");
    expect(before(40_000)).toBe("40 s ago");
    expect(before(12 * MINUTE)).toBe("12 min ago");
    expect(before(3 * HOUR)).toBe("11:03");
    expect(before(20 * HOUR)).toBe("yesterday 18:03");
    expect(before(3 * DAY)).toBe("Fri 14:03");
    expect(before(20 * DAY)).toBe("Nov 3, 14:03");
    expect(before(400 * DAY)).toBe("Oct 19, 2025, 15:03");
  });

  it("call a day yesterday by the site's calendar and not by 24 hours", () => {
    const early = new Date("2026-11-23T00:30:00+01:00");
    expect(ago(new Date("2026-11-22T23:00:00+01:00"), early, berlin, en.time)).toBe("yesterday 23:00");
    const summerTimeEnds = new Date("2026-10-26T00:30:00+01:00");
    expect(ago(new Date("2026-10-25T00:10:00+02:00"), summerTimeEnds, berlin, en.time)).toBe("yesterday 00:10");
  });

  it("of an end of a stay are to the second today, and name the day before", () => {
    const end = (ms: number) => moment(new Date(now.getTime() - ms), now, berlin, en.time);
    expect(end(10_000)).toBe("14:03:02");
    expect(end(20 * HOUR)).toBe("yesterday 18:03");
  });

  it("take a little future for now: clocks differ", () => {
    expect(before(-2_000)).toBe("just now");
    expect(before(-2 * DAY)).toBe("Nov 25, 14:03");
  });

  it("are never empty, for any two instants, also in an unknown zone or locale", () => {
    const instant = fc.integer({ min: 0, max: 4e12 });
    fc.assert(
      fc.property(instant, instant, fc.constantFrom("Europe/Berlin", "Mars/Olympus", ""), (a, b, timeZone) => {
        expect(ago(new Date(a), new Date(b), { locale: "xx-nonsense-", timeZone }, en.time)).toMatch(/\S/);
      }),
    );
  });
});

describe("lengths of time", () => {
  it("take at most two units", () => {
    expect(duration(8_400, en.time)).toBe("8 s");
    expect(duration(12 * MINUTE + 40_000, en.time)).toBe("12 min");
    expect(duration(2 * HOUR, en.time)).toBe("2 h");
    expect(duration(3 * HOUR + 20 * MINUTE, en.time)).toBe("3 h 20 min");
    expect(duration(2 * DAY + 4 * HOUR, en.time)).toBe("2 d 4 h");
    expect(duration(-5, en.time)).toBe("0 s");
  });
});
