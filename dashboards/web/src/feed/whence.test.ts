import type { Item, LocationEvent } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { Whence } from "./whence.js";

const ref = (id: string) => ({ id, code: id, name: id, path: id });
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();
const event = (
  state: Item["state"],
  place: string,
  from: string | null,
  seconds = 0,
  since = seconds,
): LocationEvent => ({
  item: {
    id: "pump",
    epc: null,
    name: "Pump",
    kind: "Pump",
    place: ref(place),
    state,
    since: at(since),
    seenAt: at(seconds),
    confidence: 0.9,
  },
  from: from === null ? null : ref(from),
  observedAt: at(seconds),
});

describe("where a thing came from", () => {
  it("is still known when it comes to rest", () => {
    const whence = new Whence();
    whence.resolve(event("moving", "store", "shelf"));
    expect(whence.resolve(event("here", "store", null, 6, 0))?.from?.id).toBe("shelf");
  });

  it("is not known of what is found for the first time", () => {
    expect(new Whence().resolve(event("here", "shelf", null))).toMatchObject({ from: null });
  });

  it("is no news of what has not moved", () => {
    const whence = new Whence();
    whence.resolve(event("here", "store", "ward"));
    expect(whence.resolve(event("here", "store", null, 5, 4))).toBeNull();
    expect(new Whence().resolve(event("here", "store", null, 500, 0))).toBeNull();
  });
});
