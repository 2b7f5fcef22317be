import { tcpAddress } from "./address.js";
import { openPort } from "./port.js";
import { openTcp } from "./tcp.js";

/** A line of bytes to a reader: a serial port, a pseudo-terminal, or a serial device server over TCP. */
export interface Transport {
  write(text: string): void;
  /** Closes for good; nothing is told afterwards. Resolves when the device is free again. */
  close(): Promise<void>;
}

export interface TransportEvents {
  readonly onData: (chunk: Uint8Array) => void;
  /** The line is gone. Told once, and not after `close()`. */
  readonly onGone: (error: unknown) => void;
}

export interface LineAddress {
  /** `/dev/ttyUSB0`, `COM3` or `tcp://host:port`. */
  readonly device: string;
  /** Of a real port, 8N1; a pseudo-terminal and a serial server do not care. */
  readonly baudRate: number;
}

/** Commands are a few bytes; more than this unsent means that nothing takes them. */
export const MAX_UNSENT_BYTES = 4_096;

/** Opens a line. Rejects with SERIAL_OPEN, or the signal's reason. */
export async function openTransport(
  address: LineAddress,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  signal.throwIfAborted();
  const tcp = tcpAddress(address.device);
  return tcp === undefined ? openPort(address, events, signal) : openTcp(address.device, tcp, events, signal);
}

/** Of several ways in which a line tells its end, the first counts. */
export function onlyOnce(fn: (error: unknown) => void): { call(error: unknown): void; cancel(): void } {
  let done = false;
  return {
    call: (error) => {
      if (!done) fn(error);
      done = true;
    },
    cancel: () => {
      done = true;
    },
  };
}
