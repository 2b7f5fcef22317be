import type { Filter, FilterOptions } from "./filter.js";

/** A filter of one device over all its readers and read points. */
export function createFilter(options: FilterOptions): Filter {
  let through = options.clock.mono();
  return {
    handle: () => [],
    tick: (now) => {
      through = Math.max(through, now);
      return [];
    },
    nextDue: () => undefined,
    filtered: () => ({ foreign: 0, persons: 0 }),
    through: () => through,
    readPointOf: () => undefined,
  };
}
