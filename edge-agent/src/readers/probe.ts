import type { Clock, Logger } from "@storeward/runtime";

/** Where a reader is to be looked for: exactly one of `device`, `host` and `url`. */
export interface ProbeTarget {
  /** `/dev/ttyUSB0`, `COM3` or `tcp://host:port`. */
  readonly device?: string;
  readonly host?: string;
  /** The driver's usual one where absent. */
  readonly port?: number;
  /** `https://host` or `http://host` of a reader that is asked over the web, `mqtts://host` or `mqtt://host` of the broker of another. */
  readonly url?: string;
  /** The last part of the topics of a reader that is asked by a broker, and the first; `storeward` where absent. */
  readonly serial?: string;
  readonly tenant?: string;
  /** LLRP over TLS. */
  readonly tls?: boolean;
  /** Who signed the reader's certificate, PEM; the machine's authorities where absent. */
  readonly caFile?: string;
  /** The name in the certificate, where it is not the host. */
  readonly serverName?: string;
  /** The protocol's usual one where absent. */
  readonly baudRate?: number;
}

export interface ProbeContext {
  readonly clock: Clock;
  readonly log: Logger;
  /** For a reader that asks who is there. */
  readonly login?: { readonly username: string; readonly password: string } | undefined;
  /** Ends the attempt; the probe then rejects with its reason. */
  readonly signal: AbortSignal;
}

/** What a reader says it is and can do. What it does not tell is absent, and nothing is guessed. */
export interface ProbeReport {
  readonly model: string;
  readonly firmware?: string | undefined;
  readonly serial?: string | undefined;
  readonly region?: string | undefined;
  readonly antennas?: readonly number[] | undefined;
  /** Antennas with something connected to them. */
  readonly connected?: readonly number[] | undefined;
  /** What it can transmit with, or transmits with now, in words: `10 to 30 dBm`. */
  readonly power?: string | undefined;
  readonly features: readonly string[];
  /** What whoever installs it should know. */
  readonly notes: readonly string[];
}

/** Asks a reader what it is, without changing any of its settings. Rejects where there is none that the driver understands. */
export type Probe = (target: ProbeTarget, context: ProbeContext) => Promise<ProbeReport>;
