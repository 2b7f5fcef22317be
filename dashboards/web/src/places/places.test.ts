import { describe, expect, it } from "vitest";
import { countAt, countsFor, matchesAt } from "./counts.js";
import { centroid } from "./shape.js";
import { hospital, indexOf, rectangle } from "./testing.js";

const index = hospital();
const place = (id: string) => index.byId.get(id)!;

describe("the number at a place", () => {
  it("counts what is on a room's shelves, and how many of it are unknown", () => {
    expect(countAt(index, place("store"))).toEqual({ items: 12, unknown: 2 });
    expect(countAt(index, place("shelf"))).toEqual({ items: 7, unknown: 1 });
  });

  it("of a zone counts its own rooms and not rooms that have a number of their own", () => {
    const floorZone = indexOf(
      { id: "floor", type: "floor", items: 4 },
      { id: "hall", parent: "floor", observable: "floor" },
      { id: "cabinet", type: "shelf", parent: "hall", items: 2 },
      { id: "store", parent: "floor", items: 9 },
    );
    expect(countAt(floorZone, floorZone.byId.get("floor")!)).toEqual({ items: 6, unknown: 0 });
    expect(countsFor(floorZone, floorZone.byId.get("floor")!, "cabinet")).toBe(true);
    expect(countsFor(floorZone, floorZone.byId.get("floor")!, "store")).toBe(false);
  });

  it("with a search counts what was found, by the same rule", () => {
    const matches = new Map([
      ["board-1", 2],
      ["store", 1],
      ["area", 5],
    ]);
    expect(matchesAt(index, place("store"), matches)).toBe(3);
    expect(matchesAt(index, place("area"), matches)).toBe(5);
    expect(matchesAt(index, place("away"), matches)).toBe(0);
  });
});

describe("places", () => {
  it("tell whether things are ever said to be in them", () => {
    expect(["board-1", "shelf", "ward", "area"].map(index.tells)).toEqual(["itself", "parts", "nothing", "itself"]);
    expect(index.rooms("area").map(({ id }) => id)).toEqual(["ward", "corridor"]);
  });

  it("stand where their outline's middle is, else where what holds them stands", () => {
    expect(index.anchor("store")).toEqual([6, 15.5]);
    expect(index.anchor("area")).toEqual([20, 10]);
    expect(index.anchor("nowhere")).toBeNull();
    expect(centroid(rectangle(2, 2, 4, 2))).toEqual([4, 3]);
    expect(centroid([[1, 1]])).toEqual([1, 1]);
  });

  it("that hold each other in a circle do not hang the page", () => {
    const circle = indexOf({ id: "a", parent: "b" }, { id: "b", parent: "a" });
    expect(circle.lineage("a").map(({ id }) => id)).toEqual(["a", "b"]);
  });
});
