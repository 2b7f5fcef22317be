import { createHash } from "node:crypto";

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
  const head = Buffer.alloc(16);
  head.write(previousHex, 0, "hex");
  head.writeBigUInt64BE(BigInt(seq), 8);
  return createHash("sha256")
    .update(head)
    .update(typeof body === "string" ? Buffer.from(body, "utf8") : body)
    .digest("hex")
    .slice(0, 16);
}
