import type { Origin } from "@storeward/contracts";

/** At the very end of a body: a string cannot hold it, for its quotes would be escaped, and a deeper object would close with more braces. */
const AT_THE_END = /,"origin":\{"epoch":"([0-9a-f]{32})","seq":(\d{1,16}),"chain":"([0-9a-f]{16})"\}\}$/;

/** Characters that this part can take, and some. */
const TAIL = 160;

/** Where this row stood first, if it is a copy. */
export function originOf(body: string): Origin | undefined {
  const [, epoch, seq, chain] = AT_THE_END.exec(body.slice(-TAIL)) ?? [];
  return epoch === undefined || chain === undefined ? undefined : { epoch, seq: Number(seq), chain };
}

/**
 * The body of a row that is carried into another epoch. All but its end stays byte for byte what it was. A copy of a copy keeps the first
 * origin: that is what the cloud may already know it by.
 */
export function copyOf(body: string, origin: Origin): string {
  return originOf(body) === undefined ? `${body.slice(0, -1)},"origin":${JSON.stringify(origin)}}` : body;
}

/** The type of an observation, which stands at the start of every body. */
export function typeOf(body: string): string {
  return /^\{"type":"([a-z]{1,20})"/.exec(body)?.[1] ?? "unknown";
}
