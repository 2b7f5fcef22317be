import type { Reader } from "@storeward/contracts";
import type { Reading } from "../radio/field.js";

/** The antennas of one reader, as its firmware sees them. Times are simulated milliseconds. */
export interface AntennaPort {
  /** Numbers of the antenna ports, ascending. */
  readonly antennas: readonly number[];
  readonly region: "ETSI" | "FCC";
  /** How long one turn takes, ms. */
  turnMs(antenna: number): number;
  /** What is read in a turn with this power, dBm, in order of time. Nothing at an antenna that is not connected. */
  read(antenna: number, power: number, from: number, to: number): readonly Reading[];
  connected(antenna: number): boolean;
}

/** Simulated time as a device's clocks show it. */
export interface DeviceTime {
  /** Simulated ms now. */
  now(): number;
  /** Microseconds since 1970 of a simulated moment. */
  utc(at: number): bigint;
}

/** A simulated reader, driven by the steps of the hospital. */
export interface Device {
  readonly id: string;
  readonly driver: Reader["driver"];
  /** Opens its line and says where. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Simulated time has moved on to `now`. */
  tick(now: number): void;
  /** Where a client finds it, once started. */
  readonly address: DeviceAddress;
  /** The line is dead until told otherwise. */
  cut(dead: boolean): void;
  /** An antenna's cable is pulled, or put in again. */
  antennaChanged(antenna: number, connected: boolean): void;
  /** For the status page. */
  status(): Readonly<Record<string, unknown>>;
}

export interface DeviceAddress {
  readonly driver: Reader["driver"];
  readonly host?: string;
  readonly port?: number;
  /** A serial device, or `tcp://host:port`. */
  readonly device?: string;
  /** Of its REST interface, or of the broker that it publishes to. */
  readonly url?: string;
}
