import { E } from "./errors.js";

/** Host and port of `tcp://host:port`; undefined for a serial device. Throws SERIAL_OPEN where they are missing. */
export function tcpAddress(device: string): { host: string; port: number } | undefined {
  if (!device.startsWith("tcp://")) return undefined;
  const url = URL.canParse(device) ? new URL(device) : undefined;
  if (url === undefined || url.hostname === "" || url.port === "")
    throw E.SERIAL_OPEN({ device, reason: "it is to be tcp://host:port" });
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) };
}
