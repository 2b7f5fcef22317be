import { llrpPort } from "./llrp-reader.js";
import type { Reader } from "./site.js";

/** How an agent reaches a reader. */
export interface ReaderLink {
  /** The key of the reader's description that names it. */
  readonly key: "host" | "listen" | "device" | "url";
  /** Two readers with one address are the same; undefined for one that calls in. */
  readonly address: string | undefined;
  /** Whom the agent connects to, or on which address it listens; undefined for a device of its own. */
  readonly host: string | undefined;
  readonly tls: boolean;
  /** The reader calls, and the agent listens. */
  readonly listens: boolean;
  /** Whether the address means the same seen from every agent: a serial device and a loopback address do not. */
  readonly network: boolean;
}

/** Files that a reader's description may name, beside the file that it stands in. */
const READER_FILES = ["passwordFile", "caFile", "certFile", "keyFile"] as const;

/** The files that a reader's description names, by key. */
export function readerFiles(reader: Reader): { readonly key: (typeof READER_FILES)[number]; readonly path: string }[] {
  const named = reader as Partial<Record<(typeof READER_FILES)[number], string>>;
  return READER_FILES.flatMap((key) => {
    const path = named[key];
    return path === undefined ? [] : [{ key, path }];
  });
}

export function readerLink(reader: Reader): ReaderLink {
  if (reader.driver === "llrp") return llrpLink(reader);
  if ("url" in reader) {
    const url = URL.canParse(reader.url) ? new URL(reader.url) : undefined;
    const host = url?.hostname ?? "";
    const base = url === undefined ? reader.url : `${url.protocol}//${url.host}`;
    // Many readers publish to one broker: topics tell them apart.
    const address = reader.driver === "zebra-iot" ? `${base} ${reader.tenant ?? "storeward"}/${reader.serial}` : base;
    const tls = /^(https|mqtts):/.test(reader.url);
    return { key: "url", address, host, tls, listens: false, network: !isLoopback(host) };
  }
  const host = /^tcp:\/\/(.+):\d+$/.exec(reader.device)?.[1];
  const network = host !== undefined && !isLoopback(host);
  return { key: "device", address: reader.device, host, tls: false, listens: false, network };
}

function llrpLink(reader: Extract<Reader, { driver: "llrp" }>): ReaderLink {
  const { host, listen, tls = false } = reader;
  if (listen !== undefined) {
    const address = listen.address ?? "127.0.0.1";
    return { key: "listen", address: undefined, host: address, tls, listens: true, network: !isLoopback(address) };
  }
  const address = host === undefined ? undefined : `${host}:${llrpPort(reader)}`;
  return { key: "host", address, host, tls, listens: false, network: host !== undefined && !isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.|\[?::1)/.test(host);
}
