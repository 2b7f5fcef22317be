import type { Site } from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { migrations, Places } from "./index.js";

const site = (): Site => ({
  site: { id: "mercy", name: "Mercy", timeZone: "Europe/Berlin", locale: "en", dayStarts: "06:00" },
  places: [
    // Children before parents: the order in the file is free.
    { id: "bin-1", name: "Bin 1", type: "bin", parent: "shelf-a" },
    { id: "shelf-a", name: "Shelf A", type: "shelf", parent: "store", position: [1, 1] },
    { id: "mercy", name: "Mercy", type: "site" },
    { id: "floor-1", name: "First floor", type: "floor", parent: "mercy" },
    {
      id: "store",
      name: "Store",
      type: "room",
      parent: "floor-1",
      outline: [
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
      ],
    },
    { id: "corridor", name: "Corridor", type: "room", parent: "floor-1", position: [6, 2], neighbours: ["ward"] },
    { id: "ward", name: "Ward", type: "room", parent: "floor-1", position: [16, 2] },
  ],
  readPoints: [
    {
      id: "store-door",
      role: "portal",
      inside: "store",
      outside: "corridor",
      position: [4, 2],
      antennas: { inside: [{ reader: "door", antenna: 1 }], outside: [{ reader: "door", antenna: 2 }] },
    },
    { id: "shelf-a", role: "shelf", place: "shelf-a", antennas: [{ reader: "shelves", antenna: 1 }] },
  ],
  readers: [
    {
      id: "door",
      agent: "north",
      driver: "llrp",
      host: "127.0.0.1",
      region: "ETSI",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 30 })),
    },
    {
      id: "shelves",
      agent: "north",
      driver: "metratec",
      device: "/dev/ttyUSB0",
      region: "ETSI",
      antennas: [{ antenna: 1, power: 20 }],
    },
  ],
  agents: [{ id: "north" }],
});

let database: TestDatabase;
let places: Places;
beforeAll(async () => {
  database = await testDatabase(migrations);
  places = new Places({ db: database.db, log: createLogger("test", { level: "silent" }) });
});
afterAll(() => database.close());

const idOf = (code: string) => places.byCode(code)!.id;

describe("places", () => {
  it("are loaded from the site's description, with paths, zones and read points by id", async () => {
    expect(await places.sync(site())).toEqual({ opened: 9, changed: 0, closed: 0 });
    expect(places.byCode("bin-1")).toMatchObject({ path: "Mercy / First floor / Store / Shelf A / Bin 1" });
    expect(places.byId(idOf("ward"))?.code).toBe("ward");
    expect(places.observableOf(idOf("bin-1"))).toBe(idOf("shelf-a"));
    expect(places.observableOf(idOf("ward"))).toBe(idOf("floor-1"));
    expect(places.zoneAroundShelf("shelf-a")).toBe(idOf("store"));
    expect(places.zoneAroundShelf("store-door")).toBeUndefined();
    expect(places.readPoint("store-door")).toMatchObject({
      insideId: idOf("store"),
      outsideId: idOf("corridor"),
      observableOutsideId: idOf("floor-1"),
    });
    expect(new Set(places.within(idOf("store")))).toEqual(new Set(["store", "shelf-a", "bin-1"].map(idOf)));
    const ward = places.all().find(({ ref }) => ref.code === "ward");
    expect(ward?.neighbourIds).toEqual([idOf("corridor")]);
    const order = places.all().map(({ ref }) => ref.code);
    expect(order.indexOf("store")).toBeLessThan(order.indexOf("shelf-a"));
  });

  it("say how far it is to walk, through doors and not through walls", () => {
    const from = places.distancesFrom(idOf("ward"));
    expect(from.get(idOf("ward"))).toBe(0);
    expect(from.get(idOf("corridor"))).toBeCloseTo(10);
    expect(from.get(idOf("store"))).toBeCloseTo(14);
    expect(from.get(idOf("shelf-a"))).toBeCloseTo(14 + Math.SQRT2);
  });

  it("change nothing when the same site is synced again, by two processes at once too", async () => {
    const other = new Places({ db: database.db, log: createLogger("test", { level: "silent" }) });
    const none = { opened: 0, changed: 0, closed: 0 };
    expect(await Promise.all([places.sync(site()), other.sync(site())])).toEqual([none, none]);
    expect(other.byCode("ward")).toEqual(places.byCode("ward"));
  });

  it("keep their ids when renamed, with a version for each name", async () => {
    const ward = idOf("ward");
    const renamed = site();
    renamed.places[6]!.name = "Ward 7";
    expect(await places.sync(renamed)).toEqual({ opened: 0, changed: 1, closed: 0 });
    expect(places.byId(ward)).toMatchObject({ name: "Ward 7" });
    const versions = await database.db.query(
      "select name, valid_from = '-infinity' as ever, valid_to is null as open from place_version where place = $1 order by valid_from",
      [ward],
    );
    expect(versions).toEqual([
      { name: "Ward", ever: true, open: false },
      { name: "Ward 7", ever: false, open: true },
    ]);
  });

  it("are closed and not deleted when the site names them no more, and open again under the old id", async () => {
    const shelf = idOf("shelf-a");
    const without = site();
    without.places = without.places.filter(({ id }) => id !== "shelf-a" && id !== "bin-1");
    without.readPoints = without.readPoints.filter(({ id }) => id !== "shelf-a");
    expect(await places.sync(without)).toEqual({ opened: 0, changed: 1, closed: 3 });
    expect(places.byCode("shelf-a")).toBeUndefined();
    expect(places.readPoint("shelf-a")).toBeUndefined();
    expect(places.byId(shelf)).toMatchObject({ name: "Shelf A", path: "Mercy / First floor / Store / Shelf A" });
    expect(places.observableOf(shelf)).toBe(shelf);
    expect(places.within(idOf("store"))).toContain(shelf);
    expect(await database.db.query("select code from place where closed_at is not null order by code")).toHaveLength(2);

    await places.sync(site());
    expect(idOf("shelf-a")).toBe(shelf);
    expect(await database.db.query("select code from place where closed_at is not null")).toEqual([]);
  });

  it("refuse a site with problems and name them all, changing nothing", async () => {
    const broken = site();
    broken.places[4]!.parent = "floor-9";
    broken.readers[0]!.agent = "nobody";
    await expect(places.sync(broken)).rejects.toThrow(
      /SITE|places\[4\]\.parent: floor-9 is no place of this site; .*nobody is no agent/,
    );
    expect(places.byCode("store")?.path).toBe("Mercy / First floor / Store");
  });

  it("are not there before they have been loaded, and that says so", () => {
    const empty = new Places({ db: database.db, log: createLogger("test", { level: "silent" }) });
    expect(() => empty.all()).toThrow("have not been loaded");
  });

  it("load from the tables what sync has written", async () => {
    const other = new Places({ db: database.db, log: createLogger("test", { level: "silent" }) });
    await other.load("mercy");
    expect(other.all()).toEqual(places.all());
    expect(other.readPoints()).toEqual(places.readPoints());
    expect(other.site).toEqual(site().site);
  });
});
