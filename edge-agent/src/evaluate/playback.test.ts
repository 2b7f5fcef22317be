import { describe, expect, it } from "vitest";
import type { ReaderEvent } from "../readers/driver.js";
import { siteOf } from "./antenna-map.js";
import { Playback, type PlaybackOptions } from "./playback.js";
import type { Recorded } from "./recording/recorded.js";

const SITE = siteOf({
  antennas: [
    { reader: "Gate 7", antenna: "A", readPoint: "door", role: "inside" },
    { reader: "Gate 7", antenna: "B", readPoint: "door", role: "outside" },
    { reader: "Shelf", antenna: 1, readPoint: "board", role: "shelf" },
  ],
});

function read(at: number, reader: string, antenna: string, more: Partial<Recorded> = {}): Recorded {
  return { kind: "read", at, reader, antenna, epc: "30AA", rssi: -60, ...more };
}

/** Events as short texts: what each reader was told to have said. */
function play(lines: readonly Recorded[], options: Partial<PlaybackOptions> = {}) {
  const events: string[] = [];
  const ticks: number[] = [];
  const playback = new Playback({
    site: SITE,
    portalRoundMs: 250,
    shelfRoundMs: 1_000,
    holeMs: undefined,
    onStart: () => {},
    onEvent: (reader, event) => events.push(`${reader} ${textOf(event)}`),
    onTick: (now) => ticks.push(now),
    ...options,
  });
  for (const line of lines) playback.take(line);
  const untilEnd = events.length;
  playback.end();
  return { events: events.slice(0, untilEnd), after: events.slice(untilEnd), ticks, playback };
}

function textOf(event: ReaderEvent): string {
  switch (event.type) {
    case "reads":
      return event.reads.map(({ antenna, epc, rssi, last }) => `${epc} at ${antenna}, ${rssi} dBm, ${last}`).join("; ");
    case "round":
      return `round ${event.antennas} ${event.at}`;
    case "coverage":
      return `${event.state} ${event.antennas} ${event.since}`;
    case "input":
      return "input";
  }
}

describe("a recording is played", () => {
  it("as its drivers would have told it: everybody watches, reads, and rounds as time passes", () => {
    const { events, ticks } = play([read(1_000, "Gate 7", "A"), read(1_300, "Shelf", "1"), read(2_100, "Gate 7", "B")]);
    expect(events).toEqual([
      "reader-1 watching 1,2 1000",
      "reader-2 watching 3 1000",
      "reader-1 30AA at 1, -60 dBm, 1000",
      "reader-1 round 1,2 1250",
      "reader-2 30AA at 3, -60 dBm, 1300",
      "reader-1 round 1,2 1500",
      "reader-1 round 1,2 1750",
      "reader-1 round 1,2 2000",
      "reader-2 round 3 2000",
      "reader-1 30AA at 2, -60 dBm, 2100",
    ]);
    expect(ticks.slice(0, 4)).toEqual([1_250, 1_500, 1_750, 2_000]);
  });

  it("with its own rounds where it has them, from the first one on", () => {
    const { events } = play([
      read(1_000, "Shelf", "1"),
      read(1_100, "Shelf", "", { kind: "round", epc: "" }),
      read(5_000, "Shelf", "1"),
    ]);
    expect(events.filter((text) => text.startsWith("reader-2 round"))).toEqual(["reader-2 round 3 1100"]);
  });

  it("blind where it says so, and through holes that are long enough", () => {
    const lines = [
      read(0, "Shelf", "1"),
      read(100, "Shelf", "1", { kind: "blind", epc: "" }),
      read(90_000, "Shelf", "1"),
    ];
    const { events, playback } = play(lines, { holeMs: 60_000 });
    expect(events.filter((text) => /blind|watching/.test(text))).toEqual([
      "reader-1 watching 1,2 0",
      "reader-2 watching 3 0",
      "reader-2 blind 3 100",
      "reader-1 blind 1,2 100",
      "reader-1 watching 1,2 90000",
    ]);
    expect(events.filter((text) => text.includes("round"))).toEqual([]);
    expect(playback.counts).toMatchObject({ holes: 1, holesMs: 89_900 });
  });

  it("in a moment where the clock leaps by years, as a hole", () => {
    const { ticks, playback } = play([read(0, "Shelf", "1"), read(1_500_000_000_000, "Shelf", "1")]);
    expect(ticks.length).toBeLessThan(6_000);
    expect(playback.counts.holes).toBe(1);
  });

  it("beyond its last read for doors, where passes are still to be told, and not for shelves", () => {
    const { after } = play([read(0, "Shelf", "1"), read(0, "Gate 7", "A")]);
    expect(after.length).toBe(40);
    expect(after.every((text) => text.startsWith("reader-1 round"))).toBe(true);
  });

  it("without the reads of antennas that the map does not have, which are counted by name", () => {
    const { playback } = play([read(0, "Shelf", "1", { rssi: undefined }), read(10, "Shelf", "2"), read(20, "", "1")]);
    expect(playback.counts).toMatchObject({ reads: 1, withoutRssi: 1 });
    expect([...playback.counts.unmapped]).toEqual([
      ["antenna 2 of Shelf", 1],
      ["antenna 1", 1],
    ]);
  });
});
