import type { Snapshot } from "@storeward/contracts";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arrived } from "../drafts.js";
import { LocatedSite } from "../testing.js";
import { Whereabouts } from "../whereabouts.js";
import { Preliminary } from "./preliminary.js";

const NOW = Date.now();
const PUMP = "E28011700000020000000001";
const BED = "E28011700000020000000002";
const id = (digit: string) => digit.repeat(32);
const clock = new ManualClock({ wall: NOW });
let site: LocatedSite;
let preliminary: Preliminary;
let pump: { item: string; tag: number };
beforeAll(async () => {
  site = await LocatedSite.open();
  const agents = { through: async () => site.through };
  const log = createLogger("test", { level: "silent" });
  preliminary = new Preliminary({ db: site.test.db, agents, directory: site.places, log, clock });
  pump = await site.tagged(PUMP);
  await site.tagged(BED);
});
afterAll(() => site.close());

const snapshot = (readPoints: Snapshot["readPoints"], parts: Partial<Snapshot> = {}) =>
  Buffer.from(
    JSON.stringify({
      v: 1,
      agent: "shelves",
      session: id("1"),
      snapshot: id("2"),
      part: 1,
      parts: 1,
      asOf: { epoch: id("3"), seq: 9, at: { boot: id("4"), mono: 1, wall: "2001-01-01T00:00:00.000Z" } },
      readPoints,
      ...parts,
    } satisfies Snapshot),
  );
const shown = async () => {
  const found = (await preliminary.of(site.sql, [pump.item])).get(pump.item);
  return found && { place: site.placeCode(found.placeId), asOf: found.asOf.getTime() };
};
const tell = async (...payloads: Buffer[]) => {
  for (const payload of payloads) preliminary.receive("shelves", payload);
  await preliminary.tick();
};

describe("what a device sees while its journal is on its way", () => {
  it("is shown beside what the journal told, by the cloud's clock, and moves nothing", async () => {
    await site.observe("shelves", NOW - 60_000, arrived(pump.tag, "a1", NOW - 65_000));
    await site.follow();
    site.through.set("shelves", new Date(NOW - 50_000));
    expect(await shown()).toBeUndefined();
    await tell(snapshot([{ readPoint: "b1", state: "watching", tags: [PUMP, "E280FFFF"] }]));
    expect(await shown()).toEqual({ place: "bin-1", asOf: NOW });
    const blindness = { blindSeconds: async (_: unknown, asked: readonly unknown[]) => asked.map(() => 0) };
    const whereabouts = new Whereabouts({ directory: site.places, blindness });
    const at = (await whereabouts.of(site.sql, [pump.item])).get(pump.item);
    expect(site.placeCode(at?.placeId ?? null)).toBe("board-1");
  });

  it("is over once the journal has told as much, and then forgotten", async () => {
    site.through.set("shelves", new Date(NOW));
    expect(await shown()).toBeUndefined();
    for (let i = 0; i < 20; i++) await preliminary.tick();
    expect(await site.sql.query("SELECT * FROM preliminary_sighting")).toEqual([]);
    site.through.set("shelves", new Date(NOW - 50_000));
  });

  it("is the latest word whole: a later one without the thing takes it away, one with a part missing says nothing", async () => {
    await tell(snapshot([{ readPoint: "b1", state: "watching", tags: [PUMP] }]));
    await tell(snapshot([{ readPoint: "b1", state: "watching", tags: [] }], { parts: 2, snapshot: id("5") }));
    expect(await shown()).toMatchObject({ place: "bin-1" });
    await tell(snapshot([{ readPoint: "a1", state: "watching", tags: [] }], { parts: 2, part: 2, snapshot: id("5") }));
    expect(await shown()).toBeUndefined();
  });

  it("is nothing where the read point is blind, is a door, or is none of ours", async () => {
    await tell(
      snapshot([
        { readPoint: "b1", state: "blind", tags: [PUMP] },
        { readPoint: "door-1", state: "watching", tags: [PUMP] },
        { readPoint: "elsewhere", state: "watching", tags: [PUMP] },
      ]),
    );
    expect(await shown()).toBeUndefined();
  });

  it("is passed over where it cannot be read, is another agent's, or too large; the next one counts", async () => {
    const good = snapshot([{ readPoint: "a2", state: "watching", tags: [PUMP] }]);
    const strangers = snapshot([], { agent: "doors" });
    const beyond = snapshot([], { part: 2, parts: 1 });
    await tell(Buffer.from("{"), Buffer.from("[]"), strangers, beyond, Buffer.alloc(70_000, " "), good);
    expect(await shown()).toMatchObject({ place: "board-2" });
  });
});
