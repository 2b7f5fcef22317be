import { describe, expect, it } from "vitest";
import type { Place, ReadPoint, Site } from "./site.js";
import { observablePlaces, zoneAround } from "./zones.js";

const place = (id: string, type: Place["type"], parent?: string, neighbours?: string[]): Place => ({
  id,
  name: id,
  type,
  ...(parent === undefined ? {} : { parent }),
  ...(neighbours === undefined ? {} : { neighbours }),
});
const portal = (inside: string, outside: string): ReadPoint => ({
  id: `${inside}-door`,
  role: "portal",
  inside,
  outside,
  antennas: { inside: [{ reader: "r", antenna: 1 }], outside: [{ reader: "r", antenna: 2 }] },
});
const board = (at: string): ReadPoint => ({
  id: `${at}-rp`,
  role: "shelf",
  place: at,
  antennas: [{ reader: "r", antenna: 1 }],
});
type Plan = Pick<Site, "places" | "readPoints">;
const shuffles = (plan: Plan): Plan[] => [
  plan,
  { places: plan.places.toReversed(), readPoints: plan.readPoints.toReversed() },
];

/** Two storerooms behind portals, a clinical area of corridor, ward and operating room, shelves with boards that are read. */
const hospital: Plan = {
  places: [
    place("hospital", "site"),
    place("main", "building", "hospital"),
    place("ground", "floor", "main"),
    place("stores", "department", "ground"),
    place("store-a", "room", "stores"),
    place("store-b", "room", "stores"),
    place("clinical", "department", "ground"),
    place("corridor", "room", "clinical", ["ward"]),
    place("ward", "room", "clinical"),
    place("or", "room", "clinical", ["corridor"]),
    place("unit", "shelf", "store-a"),
    place("board-1", "bin", "unit"),
    place("board-2", "bin", "unit"),
    place("plain-shelf", "shelf", "store-b"),
    place("plain-bin", "bin", "plain-shelf"),
    place("ward-cabinet", "shelf", "ward"),
    place("tray", "bin", "board-2"),
  ],
  readPoints: [portal("store-a", "corridor"), portal("store-b", "corridor"), board("board-1"), board("board-2")],
};

describe("observablePlaces", () => {
  it.each(shuffles(hospital))("a hospital: what read points can tell, whatever the order of the list (%#)", (plan) => {
    expect(Object.fromEntries([...observablePlaces(plan)].sort())).toEqual({
      hospital: "hospital",
      main: "main",
      ground: "ground",
      stores: "stores",
      "store-a": "store-a",
      "store-b": "store-b",
      clinical: "clinical",
      corridor: "clinical",
      ward: "clinical",
      or: "clinical",
      unit: "store-a",
      "board-1": "board-1",
      "board-2": "board-2",
      tray: "board-2",
      "plain-shelf": "store-b",
      "plain-bin": "store-b",
      "ward-cabinet": "clinical",
    });
  });

  it("the zone outside a storeroom contains no storeroom where a department separates them", () => {
    const observable = observablePlaces(hospital);
    const parents = new Map(hospital.places.map(({ id, parent }) => [id, parent]));
    for (let at: string | undefined = "store-a"; at !== undefined; at = parents.get(at))
      expect(at).not.toBe(observable.get("ward"));
  });

  it("a portal to the department itself separates, though the storeroom is in the department", () => {
    const plan: Plan = {
      places: [
        place("clinical", "department"),
        place("store", "room", "clinical"),
        place("ward", "room", "clinical", ["clinical"]),
      ],
      readPoints: [portal("store", "clinical")],
    };
    for (const each of shuffles(plan)) {
      const observable = observablePlaces(each);
      expect(observable.get("store")).toBe("store");
      expect(observable.get("ward")).toBe("clinical");
    }
  });

  it("a department that is walked through does not join its rooms: a portal to the corridor still separates", () => {
    const plan: Plan = {
      places: [
        place("clinical", "department", undefined, ["corridor"]),
        place("corridor", "room", "clinical"),
        place("store", "room", "clinical"),
      ],
      readPoints: [portal("store", "corridor")],
    };
    for (const each of shuffles(plan)) expect(observablePlaces(each).get("store")).toBe("store");
  });

  it("naming a neighbour on one side is enough, also when the other is a department", () => {
    const places = [place("f", "floor"), place("d", "department", "f"), place("r", "room", "f", ["d"])];
    expect(observablePlaces({ places, readPoints: [] }).get("d")).toBe("f");
    expect(observablePlaces({ places, readPoints: [] }).get("r")).toBe("f");
  });

  it("a way around a portal makes one zone of both sides", () => {
    const plan: Plan = {
      places: [
        place("dep", "department"),
        place("in", "room", "dep", ["side"]),
        place("out", "room", "dep", ["in", "side"]),
        place("side", "room", "dep"),
      ],
      readPoints: [portal("in", "out")],
    };
    for (const each of shuffles(plan))
      for (const id of ["in", "out"]) expect(observablePlaces(each).get(id)).toBe("dep");
  });

  it("an alcove belongs to its room unless a portal is between them", () => {
    const places = [place("room", "room"), place("alcove", "room", "room")];
    expect(observablePlaces({ places, readPoints: [] }).get("alcove")).toBe("room");
    const guarded = observablePlaces({ places, readPoints: [portal("alcove", "room")] });
    expect(guarded.get("alcove")).toBe("alcove");
    expect(guarded.get("room")).toBe("room");
  });

  it("a room read as a whole separates the rooms on both sides of it", () => {
    const plan: Plan = {
      places: [
        place("d", "department"),
        place("a", "room", "d", ["lock"]),
        place("lock", "room", "d", ["b"]),
        place("b", "room", "d"),
      ],
      readPoints: [board("lock")],
    };
    expect(Object.fromEntries(observablePlaces(plan))).toEqual({ d: "d", a: "a", lock: "lock", b: "b" });
  });

  it("ends on a circle of parents, on unknown neighbours and on roots that share nothing", () => {
    const plan: Plan = {
      places: [
        place("a", "room", "b"),
        place("b", "room", "a"),
        place("x", "room", undefined, ["y", "nowhere"]),
        place("y", "room"),
      ],
      readPoints: [],
    };
    const observable = observablePlaces(plan);
    expect(observable.get("x")).toBe("x");
    expect(observable.get("y")).toBe("y");
    expect(observable.has("nowhere")).toBe(false);
  });

  it("takes a site of 20,000 places in a moment", () => {
    const places = [place("d", "department"), place("room", "room", "d")];
    for (let i = 0; i < 20_000; i++) places.push(place(`bin-${i}`, "bin", "room"));
    const before = performance.now();
    expect(observablePlaces({ places, readPoints: [] }).get("bin-19999")).toBe("room");
    expect(performance.now() - before).toBeLessThan(5000);
  });
});

describe("zoneAround", () => {
  it("what is taken off a board stands in the storeroom around it", () => {
    expect(zoneAround(hospital, "board-1")).toBe("store-a");
    expect(zoneAround(hospital, "board-1", observablePlaces(hospital))).toBe("store-a");
  });

  it("what is taken out of a ward's cabinet is somewhere in the clinical area", () => {
    const plan = { places: hospital.places, readPoints: [...hospital.readPoints, board("ward-cabinet")] };
    expect(zoneAround(plan, "ward-cabinet")).toBe("clinical");
  });

  it("passes over whatever is read itself: what left a board was not seen in the room that is read as a whole", () => {
    const plan = { places: hospital.places, readPoints: [...hospital.readPoints, board("store-a")] };
    expect(zoneAround(plan, "board-1")).toBe("stores");
    expect(zoneAround(plan, "store-a")).toBe("stores");
  });

  it("is undefined where the shelf stands in nothing", () => {
    expect(zoneAround({ places: [place("s", "shelf")], readPoints: [board("s")] }, "s")).toBeUndefined();
    expect(zoneAround(hospital, "nowhere")).toBeUndefined();
  });
});
