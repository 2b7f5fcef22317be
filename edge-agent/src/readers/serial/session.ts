import type { Reader } from "@storeward/contracts";
import type { Clock, Logger, StorewardError } from "@storeward/runtime";
import type { AntennaBook } from "../antenna-book.js";
import type { Counters } from "../counters.js";
import type { AntennaRole, ReaderEvent } from "../driver.js";

export interface Identity {
  readonly model: string;
  readonly firmware: string;
}

/** What a protocol is handed for one connection. */
export interface SessionContext<R extends Reader = Reader> {
  readonly reader: R;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  /** The antennas in use, ascending. */
  readonly antennas: readonly number[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  readonly book: AntennaBook;
  readonly write: (text: string) => void;
  readonly emit: (event: ReaderEvent) => void;
  /** Aborts when the connection ends: whatever waits, waits no longer. */
  readonly signal: AbortSignal;
  /** Ends the connection. */
  readonly fail: (error: unknown) => void;
}

/** One connection to a reader, from an open line to its end. */
export interface SerialSession {
  /** What went wrong in the framing so far, by name. */
  readonly counters: Readonly<Record<string, number>>;
  /** When the last round ended, mono ms; undefined before the first. */
  readonly lastRound: number | undefined;
  /** Charge of the reader's battery, %. */
  readonly battery?: number | undefined;
  /** Bytes from the line. */
  receive(chunk: Uint8Array): void;
  /** From an open line to a reader that is ready; copes with one that reads already. */
  setUp(): Promise<Identity>;
  /** Reads from now on: tells coverage, reads and rounds. */
  start(): void;
  /** A reader that nobody listens to should not transmit. */
  goodbye?(): Promise<unknown>;
  /** Nothing waits or is told afterwards. */
  end(error: unknown): void;
}

/** What is spoken on a serial line. */
export interface SerialProtocol<R extends Reader = Reader> {
  readonly baudRate: number;
  /** Longest time in which a reader that is there says nothing. */
  readonly silenceMs: number;
  /** A reader that answers but ends no round for so long does not read; `lastRound` undefined: it need not. */
  readonly noRoundMs: number;
  readonly notReading: (ms: number) => StorewardError;
  open(context: SessionContext<R>): SerialSession;
}

/** Readers on a serial line. */
export type SerialReader = Extract<Reader, { device: string }>;
