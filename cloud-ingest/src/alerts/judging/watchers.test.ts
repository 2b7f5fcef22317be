import { describe, expect, it } from "vitest";
import { Watchers, type WatchersDeps } from "./watchers.js";

type Point = NonNullable<ReturnType<WatchersDeps["directory"]["readPoint"]>>;

const GATEWAYS = 300;
const SHELVES = 4;

/** A room behind a door for each gateway, and shelves in it. */
function wards(): Point[] {
  const points = Array.from({ length: GATEWAYS }, (_, ward) => [
    ...Array.from({ length: SHELVES }, (_, n) => ({
      id: `shelf-${ward}-${n}`,
      role: "shelf",
      placeId: `board-${ward}-${n}`,
      antennas: [{ reader: `reader-${ward}`, antenna: n + 1 }],
    })),
    {
      id: `door-${ward}`,
      role: "portal",
      insideId: `room-${ward}`,
      outsideId: "corridor",
      antennas: { inside: [{ reader: `reader-${ward}`, antenna: 8 }], outside: [{ reader: "of nobody", antenna: 1 }] },
    },
  ]);
  return points.flat() as unknown as Point[];
}

describe("who watches what", () => {
  it("is found for every gateway by one look at the read points, so that a big house holds nothing up", () => {
    const points = new Map(wards().map((point) => [point.id, point]));
    let looks = 0;
    const readPoint = (id: string) => {
      looks++;
      return points.get(id);
    };
    const directory = { readPoints: () => [...points.values()], readPoint } as unknown as WatchersDeps["directory"];
    const readers = Array.from({ length: GATEWAYS }, (_, n) => ({ id: `reader-${n}`, agent: `gateway-${n}` }));
    const watchers = new Watchers({ directory, readers });
    for (let n = 0; n < GATEWAYS; n++)
      expect(watchers.placesOf(`gateway-${n}`)).toEqual([
        ...Array.from({ length: SHELVES }, (_, shelf) => `board-${n}-${shelf}`),
        `room-${n}`,
        "corridor",
      ]);
    expect(watchers.placesOf("nobody")).toEqual([]);
    expect(looks).toBeLessThanOrEqual(2 * points.size);
  });
});
