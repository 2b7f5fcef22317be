import { closeSync, openSync, writeSync } from "node:fs";

/** A message of a conversation, and who said it. */
export interface Spoken {
  readonly from: "client" | "reader";
  readonly bytes: Uint8Array;
}

const FIRST_CLIENT_PORT = 40_000;
const SEGMENT = 1448;
const EPOCH_S = 1_800_000_000;
const FLUSH_BYTES = 1 << 20;
const FIN = 0x11;
const PUSH = 0x18;

interface Line {
  readonly clientPort: number;
  readonly sent: { client: number; reader: number };
  from: Spoken["from"];
  at: number;
  glued: Uint8Array[];
}

/**
 * A capture file (libpcap, raw IP) of TCP connections to one port, without handshakes and checksums. What one side says in one
 * millisecond is one stretch of bytes, cut into segments wherever they are full, as TCP does: messages are glued and split.
 */
export class PcapFile {
  readonly #file: number;
  readonly #port: number;
  readonly #lines = new Map<number, Line>();
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Of what was said. */
  messages = 0;

  constructor(path: string, port: number) {
    this.#file = openSync(path, "w");
    this.#port = port;
    const header = Buffer.alloc(24);
    header.writeUInt32LE(0xa1b2c3d4, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(65_535, 16);
    header.writeUInt32LE(101, 20);
    this.#put(header);
  }

  /** A message in connection number `connection` at `at` (ms since the beginning). */
  say(connection: number, { from, bytes }: Spoken, at: number): void {
    this.messages++;
    const line = this.#line(connection);
    if (line.from !== from || line.at !== at) this.#send(line);
    line.from = from;
    line.at = at;
    line.glued.push(bytes);
  }

  /** The connection ends. */
  end(connection: number, at: number): void {
    const line = this.#line(connection);
    this.#send(line);
    this.#packet(line, "reader", new Uint8Array(0), at, FIN);
  }

  close(): void {
    for (const line of this.#lines.values()) this.#send(line);
    this.#flush();
    closeSync(this.#file);
  }

  #line(connection: number): Line {
    const known = this.#lines.get(connection);
    if (known !== undefined) return known;
    const clientPort = FIRST_CLIENT_PORT + connection;
    const line: Line = { clientPort, sent: { client: 1, reader: 1 }, from: "reader", at: 0, glued: [] };
    this.#lines.set(connection, line);
    return line;
  }

  #send(line: Line): void {
    const bytes = Buffer.concat(line.glued);
    line.glued = [];
    for (let at = 0; at < bytes.length; at += SEGMENT)
      this.#packet(line, line.from, bytes.subarray(at, at + SEGMENT), line.at, PUSH);
  }

  #packet({ clientPort, sent }: Line, from: Spoken["from"], payload: Uint8Array, at: number, flags: number): void {
    const other = from === "client" ? "reader" : "client";
    const packet = Buffer.alloc(40 + payload.length);
    packet.writeUInt8(0x45, 0);
    packet.writeUInt16BE(packet.length, 2);
    packet.writeUInt8(64, 8);
    packet.writeUInt8(6, 9);
    packet.writeUInt32BE(0x7f00_0001, 12);
    packet.writeUInt32BE(0x7f00_0001, 16);
    packet.writeUInt16BE(from === "client" ? clientPort : this.#port, 20);
    packet.writeUInt16BE(from === "client" ? this.#port : clientPort, 22);
    packet.writeUInt32BE(sent[from] >>> 0, 24);
    packet.writeUInt32BE(sent[other] >>> 0, 28);
    packet.writeUInt8(0x50, 32);
    packet.writeUInt8(flags, 33);
    packet.writeUInt16BE(0xffff, 34);
    packet.set(payload, 40);
    sent[from] += payload.length;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(EPOCH_S + Math.floor(at / 1000), 0);
    record.writeUInt32LE(Math.floor((at % 1000) * 1000), 4);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    this.#put(record);
    this.#put(packet);
  }

  #put(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= FLUSH_BYTES) this.#flush();
  }

  #flush(): void {
    writeSync(this.#file, Buffer.concat(this.#parts));
    this.#parts = [];
    this.#bytes = 0;
  }
}
