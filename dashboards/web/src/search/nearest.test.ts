import type { Item, KindSummary } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { hospital } from "../places/testing.js";
import { keepOrder } from "./keep-order.js";
import { countStates, metresBetween, nearness, orderItems, orderRows } from "./nearest.js";

const index = hospital();
const ref = (id: string | null) => (id === null ? null : { id, code: id, name: id, path: id });
const row = (place: string | null, state: Item["state"], count: number): KindSummary["places"][number] => ({
  place: ref(place),
  state,
  count,
});
const item = (name: string, place: string | null, state: Item["state"], seenAt: string | null = null): Item => ({
  id: name,
  epc: null,
  name,
  kind: "Pump",
  place: ref(place),
  state,
  since: null,
  seenAt,
  confidence: 0.9,
});

describe("nearest first", () => {
  it("puts the nearest place first and the unknown last, however near", () => {
    const rows = [row("store", "unknown", 1), row("away", "here", 5), row("ward", "here", 2), row("store", "here", 1)];
    const order = orderRows(rows, nearness(index, "store")).map(({ place, state }) => `${place?.id} ${state}`);
    expect(order).toEqual(["store here", "ward here", "away here", "store unknown"]);
  });

  it("puts the fullest place first where nobody says where they are", () => {
    const rows = [row("store", "here", 1), row("away", "here", 5), row(null, "unknown", 9)];
    expect(orderRows(rows, nearness(index, null)).map(({ count }) => count)).toEqual([5, 1, 9]);
  });

  it("orders unknown things by when they were seen last, the never seen at the end", () => {
    const items = [
      item("never", null, "unknown"),
      item("old", "store", "unknown", "2026-01-01T00:00:00.000Z"),
      item("new", "away", "unknown", "2026-01-02T00:00:00.000Z"),
      item("Pump 10", "away", "here"),
      item("Pump 9", "away", "here"),
      item("near", "ward", "here"),
    ];
    expect(orderItems(items, nearness(index, "store")).map(({ name }) => name)).toEqual([
      "near",
      "Pump 9",
      "Pump 10",
      "new",
      "old",
      "never",
    ]);
  });

  it("measures from middle to middle, and says nothing of what is not on the plan", () => {
    expect(metresBetween(index, "store", "store")).toBe(0);
    expect(metresBetween(index, "store", "away")).toBe(28);
    expect(metresBetween(index, "store", "gone")).toBeNull();
  });
});

it("a kind is counted by state", () => {
  const places = [row("store", "here", 2), row("away", "here", 3), row("away", "left", 1), row(null, "unknown", 4)];
  expect(countStates({ kind: "Pump", total: 10, places })).toEqual({ here: 5, moving: 0, left: 1, unknown: 4 });
});

it("a list that is read keeps its order; what is new comes at the end", () => {
  const things = ["new", "a", "b"].map((id) => ({ id }));
  expect(keepOrder(things, ["b", "a", "gone"]).map(({ id }) => id)).toEqual(["b", "a", "new"]);
});
