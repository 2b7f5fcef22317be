import type { Item } from "@storeward/contracts";
import { useRef } from "preact/hooks";
import { usePause } from "../ui/use-pause.js";
import { keepOrder } from "./keep-order.js";

/** The items in order; while the pointer or the focus is on them they change but do not change places. */
export function useStill(ordered: readonly Item[], key: string) {
  const { paused, handlers } = usePause();
  const last = useRef<{ key: string; order: readonly string[] }>({ key, order: [] });
  const still = paused && last.current.key === key;
  const shown = still ? keepOrder(ordered, last.current.order) : ordered;
  last.current = { key, order: shown.map(({ id }) => id) };
  return { shown, handlers };
}
