import { connect } from "node:net";
import { SerialPort } from "serialport";
import { E } from "./errors.js";

/** A line of bytes to a reader: a serial device, or a serial server over TCP. */
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

/** What a metraTec reader speaks on its serial port: 8N1 is the default of the library. */
const BAUD_RATE = 115_200;
/** Commands are a few bytes; more than this unsent means that nothing takes them. */
const MAX_UNSENT_BYTES = 4_096;

/** Opens `/dev/ttyUSB0`, `COM3` or `tcp://host:port`. Rejects with METRATEC_OPEN, or the signal's reason. */
export async function openTransport(device: string, events: TransportEvents, signal: AbortSignal): Promise<Transport> {
  const address = tcpAddress(device);
  return address === undefined ? openSerial(device, events, signal) : openTcp(device, address, events, signal);
}

/** Host and port of `tcp://host:port`; undefined for a serial device. Throws METRATEC_OPEN where they are missing. */
export function tcpAddress(device: string): { host: string; port: number } | undefined {
  if (!device.startsWith("tcp://")) return undefined;
  const url = URL.canParse(device) ? new URL(device) : undefined;
  if (url === undefined || url.hostname === "" || url.port === "")
    throw E.METRATEC_OPEN({ device, reason: "it is to be tcp://host:port" });
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) };
}

function openTcp(
  device: string,
  address: { host: string; port: number },
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true, keepAlive: true });
    // Once it is open, whoever aborts still wants to say goodbye.
    const onAbort = (): void => void socket.destroy(new Error("stopped"));
    signal.addEventListener("abort", onAbort, { once: true });
    const once = onlyOnce(events.onGone);
    let opened = false;
    socket.on("data", events.onData);
    socket.on("error", (cause) => {
      signal.removeEventListener("abort", onAbort);
      const reason = cause.message;
      if (!opened) reject(E.METRATEC_OPEN({ device, reason }, { cause }));
      once.call(E.METRATEC_CLOSED({ device, reason }, { cause }));
    });
    socket.on("close", () => once.call(E.METRATEC_CLOSED({ device, reason: "the other side closed it" })));
    socket.on("connect", () => {
      opened = true;
      signal.removeEventListener("abort", onAbort);
      resolve({
        write: (text) => {
          socket.write(text, "latin1");
          if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy(new Error("nothing takes what is sent"));
        },
        close: async () => {
          once.cancel();
          // What was written last, the command to stop reading, is still to go out.
          socket.end();
          socket.destroySoon();
        },
      });
    });
  });
}

function openSerial(device: string, events: TransportEvents, signal: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path: device, baudRate: BAUD_RATE, autoOpen: false });
    const once = onlyOnce(events.onGone);
    port.on("data", events.onData);
    port.on("error", (cause) => once.call(E.METRATEC_CLOSED({ device, reason: cause.message }, { cause })));
    port.on("close", (cause: Error | null) =>
      once.call(E.METRATEC_CLOSED({ device, reason: cause?.message ?? "unplugged" }, { cause: cause ?? undefined })),
    );
    port.open((cause) => {
      if (cause !== null) {
        reject(E.METRATEC_OPEN({ device, reason: cause.message }, { cause }));
        return;
      }
      const transport: Transport = {
        write: (text) => {
          port.write(text, "latin1");
          if (port.writableLength > MAX_UNSENT_BYTES)
            once.call(E.METRATEC_CLOSED({ device, reason: "nothing takes what is sent" }));
        },
        close: () => {
          once.cancel();
          return new Promise((done) => (port.isOpen ? port.close(() => done()) : done()));
        },
      };
      if (signal.aborted) void transport.close().then(() => reject(signal.reason));
      else resolve(transport);
    });
  });
}

function onlyOnce(fn: (error: unknown) => void): { call(error: unknown): void; cancel(): void } {
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
