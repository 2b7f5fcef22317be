import type { Reader } from "./site.js";

/** How an agent reaches a reader. */
export interface ReaderLink {
  /** The key of the reader's description that names it. */
  readonly key: "host" | "device" | "url";
  /** Two readers with one address are the same. */
  readonly address: string;
  /** Whom the agent connects to; undefined for a device of its own. */
  readonly host: string | undefined;
  readonly tls: boolean;
  /** Whether the address means the same seen from every agent: a serial device and a loopback address do not. */
  readonly network: boolean;
}

export function readerLink(reader: Reader): ReaderLink {
  if ("url" in reader) {
    const url = URL.canParse(reader.url) ? new URL(reader.url) : undefined;
    const host = url?.hostname ?? "";
    const base = url === undefined ? reader.url : `${url.protocol}//${url.host}`;
    // Many readers publish to one broker: topics tell them apart.
    const address = reader.driver === "zebra-iot" ? `${base} ${reader.tenant ?? "storeward"}/${reader.serial}` : base;
    return { key: "url", address, host, tls: /^(https|mqtts):/.test(reader.url), network: !isLoopback(host) };
  }
  if ("host" in reader) {
    const { host, port = 5084 } = reader;
    return { key: "host", address: `${host}:${port}`, host, tls: false, network: !isLoopback(host) };
  }
  const host = /^tcp:\/\/(.+):\d+$/.exec(reader.device)?.[1];
  return { key: "device", address: reader.device, host, tls: false, network: host !== undefined && !isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.|\[?::1)/.test(host);
}
