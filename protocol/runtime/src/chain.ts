import { hash } from "node:crypto";

/** The chain before the first row of an epoch. */
export const GENESIS_CHAIN = "0000000000000000";

/**
 * The chain of a journal row: the first 8 bytes of SHA-256(previous chain, 8 bytes ‖ seq, u64 big-endian ‖ body, UTF-8).
 * It proves which life of a journal a row comes from.
 *
 * @param previousHex chain of the row before, 16 hex digits
 * @param seq counts from 1
 * @param body the row's body exactly as stored: text, or its bytes as received
 * @returns 16 lower-case hex digits; RangeError when `previousHex` or `seq` is not of this shape
 */
export function nextChain(previousHex: string, seq: number, body: string | Uint8Array): string {
  if (!/^[0-9a-f]{16}$/.test(previousHex)) throw new RangeError(`not a chain: ${JSON.stringify(previousHex)}`);
  if (!Number.isSafeInteger(seq) || seq < 0) throw new RangeError(`not a sequence number: ${seq}`);
  const bytes = hashed(previousHex, seq, body);
  return hash("sha256", bytes, "hex").slice(0, 16);
}

/** What most rows take; it is hashed before anything else can run, so one buffer does for all of them. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
const HEAD = 16;

function hashed(previousHex: string, seq: number, body: string | Uint8Array): Buffer {
  // A character of a string is at most three bytes in UTF-8.
  const room = HEAD + (typeof body === "string" ? 3 * body.length : body.length);
  const bytes = room <= scratch.length ? scratch : Buffer.allocUnsafe(room);
  bytes.write(previousHex, 0, "hex");
  bytes.writeUInt32BE(Math.floor(seq / 2 ** 32), 8);
  bytes.writeUInt32BE(seq % 2 ** 32, 12);
  if (typeof body !== "string") {
    bytes.set(body, HEAD);
    return bytes.subarray(0, HEAD + body.length);
  }
  return bytes.subarray(0, HEAD + bytes.write(body, HEAD, "utf8"));
}
