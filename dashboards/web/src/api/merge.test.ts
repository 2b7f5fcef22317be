import type { Gateway, Item, ItemPage, LocationEvent } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { listOf } from "../places/testing.js";
import { mergeGateway, mergeItem, moveCounts } from "./merge.js";

const ref = (id: string) => ({ id, code: id, name: id, path: id });
const item = (seenAt: string, place: string | null): Item => ({
  id: "pump",
  epc: null,
  name: "Pump",
  kind: "Pump",
  place: place === null ? null : ref(place),
  state: "here",
  since: seenAt,
  seenAt,
  confidence: 1,
});
const moved = (from: string | null, to: string | null): LocationEvent => ({
  item: item("2026-01-01T00:00:02.000Z", to),
  from: from === null ? null : ref(from),
  observedAt: "2026-01-01T00:00:02.000Z",
});

describe("live events", () => {
  it("move one thing from count to count, never below none", () => {
    const list = listOf({ id: "store", items: 1 }, { id: "ward", items: 0 });
    const once = moveCounts(list, moved("store", "ward"));
    expect(once.locations.map(({ items }) => items)).toEqual([0, 1]);
    expect(moveCounts(once, moved("store", "ward")).locations.map(({ items }) => items)).toEqual([0, 2]);
    expect(moveCounts(list, moved("store", "store"))).toBe(list);
    expect(moveCounts(list, moved(null, "store"))).toBe(list);
  });

  it("change the thing found in place, unless what is shown is newer", () => {
    const page: ItemPage = { items: [item("2026-01-01T00:00:01.000Z", "store")], next: null };
    expect(mergeItem(page, item("2026-01-01T00:00:02.000Z", "ward")).items[0]?.place?.id).toBe("ward");
    expect(mergeItem(page, item("2026-01-01T00:00:00.000Z", "ward"))).toBe(page);
    expect(mergeItem(page, { ...item("2026-01-01T00:00:02.000Z", "ward"), id: "other" })).toBe(page);
  });

  const storage = { bytes: 0, maxBytes: null, days: 7, oldest: null };
  const gateway = (agent: string, committed: number, of: Partial<Gateway> = {}): Gateway => ({
    agent,
    name: agent,
    state: "online",
    since: null,
    heardAt: null,
    through: null,
    committed,
    behind: null,
    quarantined: 0,
    lost: 0,
    forkedAt: null,
    trouble: [],
    telemetry: null,
    ...of,
  });

  it("of a gateway replace what was known of it; a new one joins", () => {
    let list = mergeGateway({ gateways: [gateway("a", 1)], storage }, gateway("a", 2));
    list = mergeGateway(list, gateway("b", 1));
    expect(list.gateways.map(({ agent, committed }) => [agent, committed])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });

  it("of a gateway change nothing when they are older than what is shown", () => {
    const heardAt = "2026-01-01T00:01:00.000Z";
    const since = "2026-01-01T00:02:00.000Z";
    const list = { gateways: [gateway("a", 9, { heardAt, since, state: "offline" })], storage };
    expect(mergeGateway(list, gateway("a", 8, { heardAt: "2026-01-01T00:00:50.000Z" }))).toBe(list);
    expect(mergeGateway(list, gateway("a", 0, { state: "never" }))).toBe(list);
    expect(mergeGateway(list, gateway("a", 9, { heardAt, since: "2026-01-01T00:00:00.000Z" }))).toBe(list);
    const back = gateway("a", 10, { heardAt: "2026-01-01T00:03:00.000Z", since: "2026-01-01T00:03:00.000Z" });
    expect(mergeGateway(list, back).gateways).toEqual([back]);
  });
});
