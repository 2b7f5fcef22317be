import type { LocationEvent, PassageEvent, PlaceRef } from "@storeward/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addArrival, addPassage, FEED_LIMIT, type FeedEntry } from "./feed.js";

const place = (code: string): PlaceRef => ({ id: code, code, name: code, path: code });
const store = place("store");
const ward = place("ward");
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, 0) + seconds * 1000).toISOString();
const thing = (id: string) => ({ id, name: `Pump ${id}`, kind: "Infusion pump" });

const passage = (pass: string, seconds: number, ids: string[], unknownTags = 0): PassageEvent => ({
  pass,
  readPoint: "door",
  direction: "out",
  from: store,
  to: ward,
  observedAt: at(seconds),
  items: ids.map(thing),
  unknownTags,
});
const arrival = (
  id: string,
  seconds: number,
  to: PlaceRef | null = ward,
  from: PlaceRef | null = store,
): LocationEvent => ({
  item: {
    ...thing(id),
    epc: null,
    place: to,
    state: "here",
    since: at(seconds),
    seenAt: at(seconds),
    confidence: 0.9,
  },
  from,
  observedAt: at(seconds),
});
const ids = (entry: FeedEntry | undefined) => entry?.items.map(({ id }) => id);

describe("the feed", () => {
  it("shows what went through a door together as one entry, also when it is told in parts", () => {
    let feed = addPassage([], passage("p1", 0, ["a", "b"]));
    feed = addPassage(feed, passage("p1", 0, ["b", "c"], 1));
    expect(feed).toHaveLength(1);
    expect(ids(feed[0])).toEqual(["a", "b", "c"]);
    expect(feed[0]).toMatchObject({ type: "passage", unknownTags: 1 });
  });

  it("says once that a thing passed and is where the passage led", () => {
    const passed = addPassage([], passage("p1", 0, ["a"]));
    expect(addArrival(passed, arrival("a", 1))).toHaveLength(1);
    const arrived = addArrival([], arrival("a", 1));
    expect(addPassage(arrived, passage("p1", 0, ["a"])).map(({ type }) => type)).toEqual(["passage"]);
  });

  it("keeps the arrival of what did not pass", () => {
    let feed = addArrival([], arrival("a", 1));
    feed = addArrival(feed, arrival("b", 2));
    feed = addPassage(feed, passage("p1", 0, ["a"]));
    expect(feed.map((entry) => [entry.type, ids(entry)])).toEqual([
      ["arrival", ["b"]],
      ["passage", ["a"]],
    ]);
  });

  it("takes an arrival elsewhere, or much later, for news", () => {
    const passed = addPassage([], passage("p1", 0, ["a"]));
    expect(addArrival(passed, arrival("a", 1, place("shelf")))).toHaveLength(2);
    expect(addArrival(passed, arrival("a", 60))).toHaveLength(2);
  });

  it("joins what is put down at one place at about one time", () => {
    let feed = addArrival([], arrival("a", 0));
    feed = addArrival(feed, arrival("b", 4));
    feed = addArrival(feed, arrival("c", 60));
    expect(feed.map(ids)).toEqual([["c"], ["a", "b"]]);
  });

  it("is not told of what is unknown, on the move, or where it was", () => {
    const moving = arrival("a", 0);
    expect(addArrival([], { ...moving, item: { ...moving.item, state: "moving" } })).toEqual([]);
    expect(addArrival([], arrival("a", 0, null))).toEqual([]);
    expect(addArrival([], arrival("a", 0, ward, ward))).toEqual([]);
  });

  it("stays newest first and bounded in whatever order it is told", () => {
    const event = fc.record({ seconds: fc.nat(500), thing: fc.nat(40), pass: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let feed: FeedEntry[] = [];
        for (const { seconds, thing: n, pass } of events)
          feed = pass
            ? addPassage(feed, passage(`p${seconds}`, seconds, [`t${n}`]))
            : addArrival(feed, arrival(`t${n}`, seconds, place(`at${n % 3}`)));
        expect(feed.length).toBeLessThanOrEqual(FEED_LIMIT);
        expect(feed.map((entry) => entry.at)).toEqual(
          feed
            .map((entry) => entry.at)
            .toSorted()
            .toReversed(),
        );
        expect(new Set(feed.map(({ key }) => key)).size).toBe(feed.length);
      }),
    );
  });
});
