import type { AntennaTelemetry, CoverageState, Reader, ReaderState } from "@storeward/contracts";
import type { Clock, Logger, Part } from "@storeward/runtime";

/** A tag read by one antenna, once or `count` times between `first` and `last`. Times are mono milliseconds of this process's clock. */
export interface TagRead {
  /** Upper-case hex. */
  readonly epc: string;
  readonly pc?: string;
  readonly tid?: string;
  readonly antenna: number;
  /** Peak RSSI, dBm. */
  readonly rssi: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/**
 * What a driver tells. Events come in the order in which they happened on the link.
 *
 * `round`: the named antennas had one full chance to read (AISpecEvent, `<ROUND FINISHED>`, else a slice of time); the reads of that
 * round came before it. `coverage`: since when the antennas watch, are blind, or may have missed something (`doubtful`). Reads that the
 * reader held while nobody was connected are `reads` with `held: true`, told before the `coverage` that turns the time watched.
 */
export type ReaderEvent =
  | { readonly type: "reads"; readonly reads: readonly TagRead[]; readonly held?: boolean }
  | { readonly type: "round"; readonly antennas: readonly number[]; readonly at: number }
  | {
      readonly type: "coverage";
      readonly antennas: readonly number[];
      readonly state: CoverageState;
      readonly since: number;
      readonly why: string;
    }
  | { readonly type: "input"; readonly port: number; readonly high: boolean; readonly at: number };

/** The part of a reader's health that the driver knows. */
export interface ReaderHealth {
  readonly state: ReaderState;
  readonly since: number;
  readonly model?: string;
  readonly firmware?: string;
  /** What is wrong, and what to do about it; absent while all is well. */
  readonly error?: string;
  /** Charge of a reader that runs on a battery, %. */
  readonly battery?: number;
  /** How far the reader's own clock is ahead of ours, where it tells one. */
  readonly clockOffsetMs?: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly antennas: readonly Omit<AntennaTelemetry, "readPoint">[];
}

/** What each antenna is for: it decides the session, the report trigger and the cycle. */
export type AntennaRole = "portal" | "shelf";

export interface DriverOptions<R extends Reader = Reader> {
  readonly reader: R;
  /** The role of every antenna that a read point uses; others stay off. */
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onEvent: (event: ReaderEvent) => void;
}

/** A link to one reader: reconnects for ever by its schedule, never throws after `start`, and says `blind` when it is. */
export interface ReaderDriver extends Part {
  health(): ReaderHealth;
}
