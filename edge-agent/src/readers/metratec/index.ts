import type { DriverOptions, ReaderDriver } from "../driver.js";

/** A driver for one reader of this kind. */
export function createMetratecDriver(options: DriverOptions): ReaderDriver {
  const since = options.clock.mono();
  return {
    name: `metratec ${options.reader.id}`,
    start: async () => undefined,
    stop: async () => undefined,
    health: () => ({ state: "stopped", since, counters: {}, antennas: [] }),
  };
}
