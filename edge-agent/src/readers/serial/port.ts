import { SerialPort } from "serialport";
import { E } from "./errors.js";
import { type LineAddress, MAX_UNSENT_BYTES, onlyOnce, type Transport, type TransportEvents } from "./transport.js";

/** A serial port, or a pseudo-terminal: 8N1, the library's default. The library locks it, so that two programs do not share a reader. */
export function openPort(
  { device, baudRate }: LineAddress,
  events: TransportEvents,
  signal: AbortSignal,
): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path: device, baudRate, autoOpen: false });
    const once = onlyOnce(events.onGone);
    port.on("data", events.onData);
    port.on("error", (cause) => once.call(E.SERIAL_CLOSED({ device, reason: cause.message }, { cause })));
    port.on("close", (cause: Error | null) =>
      once.call(E.SERIAL_CLOSED({ device, reason: cause?.message ?? "unplugged" }, { cause: cause ?? undefined })),
    );
    port.open((cause) => {
      if (cause !== null) {
        reject(E.SERIAL_OPEN({ device, reason: cause.message }, { cause }));
        return;
      }
      const transport: Transport = {
        write: (text) => {
          port.write(text, "latin1");
          if (port.writableLength > MAX_UNSENT_BYTES)
            once.call(E.SERIAL_CLOSED({ device, reason: "nothing takes what is sent" }));
        },
        close: () => {
          once.cancel();
          port.removeListener("data", events.onData);
          return new Promise((done) => (port.isOpen ? port.close(() => done()) : done()));
        },
      };
      if (signal.aborted) void transport.close().then(() => reject(signal.reason));
      else resolve(transport);
    });
  });
}
