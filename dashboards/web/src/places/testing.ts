import type { Location, LocationList } from "@storeward/contracts";
import { indexPlaces, type PlaceIndex } from "./place-index.js";

type Given = Partial<Location> & { readonly id: string };

/** A place for tests; its parent comes with it, everything else has a default. */
export const location = (given: Given): Location => ({
  code: given.id,
  name: given.id,
  type: "room",
  path: given.id,
  parent: null,
  outline: null,
  position: null,
  neighbours: [],
  observable: given.id,
  items: 0,
  unknown: 0,
  readPoints: [],
  ...given,
});

export const listOf = (...given: Given[]): LocationList => ({
  site: { id: "site", name: "Site", timeZone: "Europe/Berlin", locale: "en" },
  locations: given.map(location),
});

export const indexOf = (...given: Given[]): PlaceIndex => indexPlaces(listOf(...given));

export const rectangle = (x: number, y: number, width: number, height: number): [number, number][] => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

/** Two storerooms, a shelf with two boards, and a ward and a corridor that nobody tells apart. */
export const hospital = () =>
  indexOf(
    { id: "floor", type: "floor", outline: rectangle(0, 0, 40, 20) },
    { id: "area", type: "department", parent: "floor", items: 7, unknown: 2 },
    { id: "ward", parent: "area", observable: "area", outline: rectangle(0, 0, 30, 8) },
    { id: "corridor", parent: "area", observable: "area", outline: rectangle(0, 8, 40, 3) },
    {
      id: "store",
      parent: "floor",
      name: "Central store",
      outline: rectangle(0, 11, 12, 9),
      items: 5,
      unknown: 1,
      readPoints: [{ id: "door", role: "portal", position: [10, 11], state: "watching" }],
    },
    { id: "shelf", type: "shelf", parent: "store", observable: "store", outline: rectangle(0.8, 19.2, 4.3, 0.6) },
    { id: "board-1", type: "bin", parent: "shelf", outline: rectangle(0.8, 19.2, 2, 0.6), items: 3 },
    { id: "board-2", type: "bin", parent: "shelf", outline: rectangle(2.9, 19.2, 2, 0.6), items: 4, unknown: 1 },
    { id: "away", parent: "floor", outline: rectangle(28, 11, 12, 9) },
  );
