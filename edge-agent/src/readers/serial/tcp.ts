import { connect } from "node:net";
import { E } from "./errors.js";
import { MAX_UNSENT_BYTES, onlyOnce, type Transport, type TransportEvents } from "./transport.js";

/** A host that drops packets would keep a connection waiting for minutes. */
const CONNECT_MS = 10_000;

export function openTcp(
  device: string,
  address: { host: string; port: number },
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...address, noDelay: true, keepAlive: true, timeout: CONNECT_MS });
    // Once it is open, whoever aborts still wants to say goodbye.
    const onAbort = (): void => void socket.destroy(new Error("stopped"));
    signal.addEventListener("abort", onAbort, { once: true });
    const once = onlyOnce(events.onGone);
    let opened = false;
    socket.on("data", events.onData);
    socket.on("timeout", () => {
      if (!opened) socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`));
    });
    socket.on("error", (cause) => {
      signal.removeEventListener("abort", onAbort);
      const reason = cause.message;
      if (opened) once.call(E.SERIAL_CLOSED({ device, reason }, { cause }));
      else reject(signal.aborted ? signal.reason : E.SERIAL_OPEN({ device, reason }, { cause }));
    });
    socket.on("close", () => once.call(E.SERIAL_CLOSED({ device, reason: "the other side closed it" })));
    socket.on("connect", () => {
      opened = true;
      socket.setTimeout(0);
      signal.removeEventListener("abort", onAbort);
      resolve({
        write: (text) => {
          socket.write(text, "latin1");
          if (socket.writableLength > MAX_UNSENT_BYTES) socket.destroy(new Error("nothing takes what is sent"));
        },
        close: async () => {
          once.cancel();
          socket.removeListener("data", events.onData);
          // What was written last, the command to stop reading, is still to go out.
          socket.end();
          socket.destroySoon();
        },
      });
    });
  });
}
