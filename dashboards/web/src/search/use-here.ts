import { useApp } from "../app/app.js";

/** Where the reader says to be; null where not said, or where a remembered place is no more. */
export function useHere(): string | null {
  const { world, here } = useApp();
  const id = here.value;
  return id !== null && world.places.value?.byId.has(id) === true ? id : null;
}
