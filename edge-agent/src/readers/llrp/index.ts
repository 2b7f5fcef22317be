import type { DriverOptions, ReaderDriver } from "../driver.js";

/** A driver for one reader of this kind. */
export function createLlrpDriver(options: DriverOptions): ReaderDriver {
  const since = options.clock.mono();
  return {
    name: `llrp ${options.reader.id}`,
    start: async () => undefined,
    stop: async () => undefined,
    health: () => ({ state: "stopped", since, counters: {}, antennas: [] }),
  };
}
