import type { LocationEvent } from "@storeward/contracts";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useApp } from "../app/app.js";
import { debounce } from "../app/debounce.js";

/** Calls with every move, as long as the component is on the page. */
export function useMoves(listener: (event: LocationEvent) => void) {
  const { world } = useApp();
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => world.onMove((event) => current.current(event)), [world]);
}

/** A `reload` for bursts of events, and one after a gap in the live connection. */
export function useSoon(reload: () => void, wait: number, most: number): () => void {
  const { world } = useApp();
  const soon = useMemo(() => debounce(reload, wait, most), [reload, wait, most]);
  useEffect(() => () => soon.cancel(), [soon]);
  const first = useRef(world.resync.peek());
  useEffect(
    () =>
      world.resync.subscribe((count) => {
        if (count === first.current) return;
        first.current = count;
        soon();
      }),
    [world, soon],
  );
  return soon;
}
