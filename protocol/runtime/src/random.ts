import { randomBytes } from "node:crypto";

/** `bytes` bytes from the system's generator, as lower-case hex digits (twice as many). */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
