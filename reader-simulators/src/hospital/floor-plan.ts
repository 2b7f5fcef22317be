import { observablePlaces, type Site } from "@storeward/contracts";
import type { Wall } from "../radio/scene.js";
import type { Vec3 } from "../radio/vector.js";
import { type Door, doorsOf } from "./doors.js";
import { E } from "./errors.js";
import { boundsOf, centreOf, type Point } from "./geometry.js";
import { wallsOf } from "./walls.js";

export interface Room {
  readonly id: string;
  readonly outline: readonly Point[];
  readonly centre: Point;
}

/** A shelf board with an antenna of its own: things lie on it. */
export interface Board {
  readonly id: string;
  readonly room: string;
  /** Left, right, low, high. */
  readonly bounds: readonly [number, number, number, number];
  /** Where its first antenna is. */
  readonly antenna: Vec3;
  /** Where one stands to reach it. */
  readonly stand: Point;
}

/** What of a site people and radio need to know. */
export interface FloorPlan {
  readonly rooms: ReadonlyMap<string, Room>;
  readonly boards: ReadonlyMap<string, Board>;
  readonly doors: readonly Door[];
  readonly walls: readonly Wall[];
  /** The smallest place that read points can tell, by place. */
  readonly observable: ReadonlyMap<string, string>;
}

/** SITE_NOT_SIMULATED when a room or a board has no outline, or a door no place. */
export function floorPlan(site: Site): FloorPlan {
  const rooms = new Map<string, Room>();
  for (const place of site.places) {
    if (place.type !== "room") continue;
    const outline = outlineOf(place.outline, place.id);
    rooms.set(place.id, { id: place.id, outline, centre: centreOf(outline) });
  }
  if (rooms.size === 0) throw E.SITE_NOT_SIMULATED({ problem: "it has no room" });
  const boards = boardsOf(site, rooms);
  const doors = doorsOf(site, rooms);
  const walls = wallsOf(
    [...rooms.values()].map((room) => room.outline),
    doors.map((door) => door.centre),
  );
  return { rooms, boards, doors, walls, observable: observablePlaces(site) };
}

function outlineOf(outline: readonly (readonly number[])[] | undefined, place: string): Point[] {
  if (outline === undefined) throw E.SITE_NOT_SIMULATED({ problem: `${place} has no outline` });
  return outline.map((point) => [point[0] ?? 0, point[1] ?? 0]);
}

function boardsOf(site: Site, rooms: ReadonlyMap<string, Room>): Map<string, Board> {
  const boards = new Map<string, Board>();
  const parents = new Map(site.places.map((place) => [place.id, place.parent]));
  for (const point of site.readPoints) {
    if (point.role !== "shelf") continue;
    const place = site.places.find(({ id }) => id === point.place);
    let room: string | undefined = point.place;
    while (room !== undefined && !rooms.has(room)) room = parents.get(room);
    const around = room === undefined ? undefined : rooms.get(room);
    if (place === undefined || around === undefined) {
      throw E.SITE_NOT_SIMULATED({ problem: `${point.place} stands in no room` });
    }
    const bounds = boundsOf(outlineOf(place.outline, place.id));
    const [left, right, low, high] = bounds;
    const first = point.antennas[0];
    const antenna = site.readers
      .find(({ id }) => id === first?.reader)
      ?.antennas.find((one) => one.antenna === first?.antenna)?.position;
    const middle: Point = [(left + right) / 2, (low + high) / 2];
    boards.set(place.id, {
      id: place.id,
      room: around.id,
      bounds,
      antenna: [antenna?.[0] ?? middle[0], antenna?.[1] ?? middle[1], antenna?.[2] ?? 1],
      stand: standBefore(bounds, around.centre),
    });
  }
  return boards;
}

/** Half a metre before the long side that looks into the room. */
function standBefore([left, right, low, high]: Board["bounds"], [x, y]: Point): Point {
  const middle: Point = [(left + right) / 2, (low + high) / 2];
  if (right - left >= high - low) return [middle[0], y > middle[1] ? high + 0.5 : low - 0.5];
  return [x > middle[0] ? right + 0.5 : left - 0.5, middle[1]];
}
