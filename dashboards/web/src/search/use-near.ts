import { useMemo } from "preact/hooks";
import { useApp } from "../app/app.js";
import { nearness } from "./nearest.js";
import { useHere } from "./use-here.js";

/** Metres to a place from where the reader says to be; null where that is not said or not on the plan. */
export function useNear(): (place: string) => number | null {
  const { world } = useApp();
  const places = world.places.value;
  const from = useHere();
  return useMemo(() => (places === null ? () => null : nearness(places, from)), [places, from]);
}
