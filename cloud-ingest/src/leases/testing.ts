import { createLogger, randomHex } from "@storeward/runtime";
import { Leases, type LeasesOptions } from "./leases.js";

const log = createLogger("test", { level: "silent" });

/** A share of a process in a test, which looks when it is told to. */
export function testLeases(options: Pick<LeasesOptions, "db"> & Partial<LeasesOptions> & { alone?: boolean }): Leases {
  const id = randomHex(16);
  return new Leases({
    log,
    self: { id, home: `here:/${id}`, software: "test", alone: options.alone ?? false },
    hears: () => true,
    onChange: () => undefined,
    finish: async () => undefined,
    // Nobody looks, and nobody is dead, before the test says so.
    everyMs: 3_600_000,
    leaseMs: 3_600_000,
    ...options,
  });
}
