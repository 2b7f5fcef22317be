import type { Cursor } from "./cursor.js";

export const HEADER_SIZE = 10;

/** What the ten bytes before every message say (LLRP 1.1 §17.1). */
export interface MessageHeader {
  readonly version: number;
  readonly typeNumber: number;
  readonly id: number;
}

/** Steps over the header of a whole frame. Throws where its length is not the frame's or its version does not exist. */
export function readHeader(cursor: Cursor): MessageHeader {
  cursor.path.push("header");
  cursor.take(HEADER_SIZE);
  const version = (cursor.view.getUint8(0) >> 2) & 7;
  const typeNumber = cursor.view.getUint16(0) & 0x3ff;
  const length = cursor.view.getUint32(2);
  const id = cursor.view.getUint32(6);
  if (length !== cursor.end) throw cursor.error("BAD_LENGTH", `${length} claimed, ${cursor.end} bytes given`);
  if (version < 1 || version > 3) throw cursor.error("BAD_VERSION", `no version ${version}`);
  cursor.path.pop();
  return { version, typeNumber, id };
}
