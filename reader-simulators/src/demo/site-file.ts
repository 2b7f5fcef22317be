import { readFileSync } from "node:fs";
import { isMap, isSeq, parseDocument } from "yaml";

/** Where a simulated reader listens: an LLRP reader by host and port, a serial one by its device, others by url. */
export interface ReaderAddress {
  readonly host?: string;
  readonly port?: number;
  readonly device?: string;
  readonly url?: string;
}

/** The box's site description: the given one, with the addresses at which the simulated readers listen now. */
export function siteWithReaders(siteFile: string, addresses: Readonly<Record<string, ReaderAddress>>): string {
  const document = parseDocument(readFileSync(siteFile, "utf8"));
  const readers = document.get("readers");
  for (const reader of isSeq(readers) ? readers.items : []) {
    if (!isMap(reader)) continue;
    const address = addresses[String(reader.get("id"))] ?? {};
    for (const key of ["host", "port", "device", "url"] as const)
      if (address[key] !== undefined) reader.set(key, address[key]);
  }
  return document.toString();
}
