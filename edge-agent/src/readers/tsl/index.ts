import type { TslReader } from "@storeward/contracts";
import type { DriverOptions, ReaderDriver } from "../driver.js";
import { SerialDriver } from "../serial/driver.js";
import type { SerialProtocol } from "../serial/session.js";
import { E } from "./errors.js";
import { TslSession } from "./session.js";

export { probeTsl } from "./probe.js";

/**
 * A driver for one TSL reader with the ASCII 2 protocol (1128, 1153, 2173 and others), by cable or Bluetooth serial. Command and reply
 * letters are those of TSL's "ASCII Protocol 2" manual (asciiprotocol.com).
 */
export function createTslDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "tsl") throw new TypeError(`${reader.id} is no TSL reader`);
  return new SerialDriver({ ...options, reader }, tsl);
}

const tsl: SerialProtocol<TslReader> = {
  baudRate: 115_200,
  silenceMs: 20_000,
  noRoundMs: 15_000,
  notReading: (ms) => E.TSL_NOT_READING({ ms }),
  open: (context) => new TslSession(context),
};
