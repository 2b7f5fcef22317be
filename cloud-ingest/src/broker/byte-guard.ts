import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { PacketMeter } from "./packet-meter.js";

/** Bytes an unknown peer may send before its CONNECT is accepted. */
export const UNKNOWN_PEER_BYTES = 16 * 1024;

/**
 * A socket as the broker sees it, cut when the peer sends more than it may: 16 KiB in all until `accept()`, after that packets of at
 * most `maxPacket` bytes. A packet is refused by its announced length, before it is held.
 */
export class ByteGuard extends Duplex {
  readonly #socket: Socket;
  readonly #meter: PacketMeter;

  constructor(socket: Socket, maxPacket: number) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#meter = new PacketMeter({ unknownPeer: UNKNOWN_PEER_BYTES, packet: maxPacket });
    socket.on("data", (chunk: Buffer) => {
      const excess = this.#meter.add(chunk);
      if (excess !== undefined) this.destroy(new Error(excess));
      else if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    socket.on("drain", () => this.emit("drain"));
  }

  /** The peer is known. */
  accept(): void {
    this.#meter.accept();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, encoding, done);
  }

  /** A packet is written in pieces: they leave together. */
  override _writev(pieces: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.#socket.cork();
    for (const [n, { chunk, encoding }] of pieces.entries())
      this.#socket.write(chunk, encoding, n === pieces.length - 1 ? done : undefined);
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
