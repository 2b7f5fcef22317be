import { defineErrors } from "@storeward/runtime";
import type { DriverOptions, ReaderDriver } from "./driver.js";
import type { Probe } from "./probe.js";

export type { DriverOptions, ReaderDriver, ReaderEvent } from "./driver.js";

const E = defineErrors({
  DRIVER_UNKNOWN: { template: "There is no reader driver {name}; there are: {known}" },
});

/** Makes the driver of one reader; it has no effect before its `start()`. */
export type DriverFactory = (options: DriverOptions) => ReaderDriver;

/** A driver's code is loaded only on a device that has such a reader. */
const drivers: Readonly<Record<string, () => Promise<DriverFactory>>> = {
  "impinj-iot": async () => (await import("./impinj-iot/index.js")).createImpinjIotDriver,
  "zebra-iot": async () => (await import("./zebra-iot/index.js")).createZebraIotDriver,
  llrp: async () => (await import("./llrp/index.js")).createLlrpDriver,
  metratec: async () => (await import("./metratec/index.js")).createMetratecDriver,
  tsl: async () => (await import("./tsl/index.js")).createTslDriver,
  alien: async () => (await import("./alien/index.js")).createAlienDriver,
};

/** The driver by the name in a reader's `driver`. Rejects with DRIVER_UNKNOWN. */
export async function loadDriver(name: string): Promise<DriverFactory> {
  const load = Object.hasOwn(drivers, name) ? drivers[name] : undefined;
  if (load === undefined) throw E.DRIVER_UNKNOWN({ name, known: Object.keys(drivers).join(", ") });
  return load();
}

/** What asks a reader what it is, by the driver that would read with it; most likely ones first. */
const probes: Readonly<Record<string, () => Promise<Probe>>> = {
  llrp: async () => (await import("./llrp/index.js")).probeLlrp,
  metratec: async () => (await import("./metratec/index.js")).probeMetratec,
  tsl: async () => (await import("./tsl/index.js")).probeTsl,
  alien: async () => (await import("./alien/index.js")).probeAlien,
  "impinj-iot": async () => (await import("./impinj-iot/index.js")).probeImpinjIot,
  "zebra-iot": async () => (await import("./zebra-iot/index.js")).probeZebraIot,
};

/** Drivers that can ask a reader what it is. */
export const PROBES: readonly string[] = Object.keys(probes);

/** Rejects with DRIVER_UNKNOWN. */
export async function loadProbe(name: string): Promise<Probe> {
  const load = Object.hasOwn(probes, name) ? probes[name] : undefined;
  if (load === undefined) throw E.DRIVER_UNKNOWN({ name, known: PROBES.join(", ") });
  return load();
}
