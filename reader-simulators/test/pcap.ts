/** A message of a conversation, and who said it. */
export interface Spoken {
  readonly from: "client" | "reader";
  readonly bytes: Uint8Array;
}

const CLIENT_PORT = 40_000;
const SEGMENT = 1400;

/** A capture file (libpcap, raw IP) of one TCP connection to `port`, without handshake and checksums. */
export function pcapOf(spoken: readonly Spoken[], port: number): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(101, 20);
  const parts = [header];
  const sent = { client: 1, reader: 1 };
  for (const [index, { from, bytes }] of spoken.entries()) {
    for (let at = 0; at < bytes.length; at += SEGMENT) {
      const payload = bytes.subarray(at, at + SEGMENT);
      const other = from === "client" ? "reader" : "client";
      const packet = Buffer.alloc(40 + payload.length);
      packet.writeUInt8(0x45, 0);
      packet.writeUInt16BE(packet.length, 2);
      packet.writeUInt8(64, 8);
      packet.writeUInt8(6, 9);
      packet.writeUInt32BE(0x7f00_0001, 12);
      packet.writeUInt32BE(0x7f00_0001, 16);
      packet.writeUInt16BE(from === "client" ? CLIENT_PORT : port, 20);
      packet.writeUInt16BE(from === "client" ? port : CLIENT_PORT, 22);
      packet.writeUInt32BE(sent[from], 24);
      packet.writeUInt32BE(sent[other], 28);
      packet.writeUInt16BE(0x5018, 32);
      packet.writeUInt16BE(0xffff, 34);
      packet.set(payload, 40);
      sent[from] += payload.length;
      const record = Buffer.alloc(16);
      record.writeUInt32LE(1_800_000_000 + index, 0);
      record.writeUInt32LE(packet.length, 8);
      record.writeUInt32LE(packet.length, 12);
      parts.push(record, packet);
    }
  }
  return Buffer.concat(parts);
}
