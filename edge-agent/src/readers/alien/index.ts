import type { AlienReader } from "@storeward/contracts";
import type { DriverOptions, ReaderDriver } from "../driver.js";
import { SerialDriver } from "../serial/driver.js";
import type { SerialProtocol } from "../serial/session.js";
import { E } from "./errors.js";
import { AlienSession } from "./session.js";

export { probeAlien } from "./probe.js";

/**
 * A driver for one reader with the Alien Reader Protocol (ALR-9650, ALR-9900+, ALR-F800), over its serial port or `tcp://host:23`. Antenna
 * n is the reader's port n − 1: Alien counts from 0. Commands are those of Alien's Reader Interface Guide (8101938-000).
 */
export function createAlienDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "alien") throw new TypeError(`${reader.id} is no Alien reader`);
  return new SerialDriver({ ...options, reader }, alien);
}

const alien: SerialProtocol<AlienReader> = {
  baudRate: 115_200,
  silenceMs: 20_000,
  noRoundMs: 15_000,
  notReading: (ms) => E.ALIEN_NOT_READING({ ms }),
  open: (context) => new AlienSession(context),
};
