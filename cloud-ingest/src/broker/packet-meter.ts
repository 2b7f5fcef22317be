interface Limits {
  readonly unknownPeer: number;
  readonly packet: number;
}

/**
 * Follows the fixed headers of MQTT packets (3.1.1 §2.2: a type byte, then a length of one to four bytes, seven bits each, the lowest
 * first) through a stream of bytes, without keeping any.
 */
export class PacketMeter {
  readonly #limits: Limits;
  #known = false;
  #total = 0;
  /** Bytes of the packet's body still to come; undefined while a header is read. */
  #body: number | undefined;
  #length = 0;
  #lengthBytes = -1;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  accept(): void {
    this.#known = true;
  }

  /** What the peer has done wrong, or undefined. */
  add(chunk: Uint8Array): string | undefined {
    this.#total += chunk.length;
    if (!this.#known && this.#total > this.#limits.unknownPeer) return "too many bytes before CONNECT was accepted";
    for (let at = 0; at < chunk.length; ) {
      if (this.#body === undefined) {
        const wrong = this.#header(chunk[at] ?? 0);
        if (wrong !== undefined) return wrong;
        at++;
      } else {
        const part = Math.min(this.#body, chunk.length - at);
        this.#body -= part;
        at += part;
      }
      if (this.#body === 0) this.#body = undefined;
    }
    return undefined;
  }

  #header(byte: number): string | undefined {
    if (this.#lengthBytes < 0) {
      this.#lengthBytes = 0;
      this.#length = 0;
      return undefined;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes++;
    if ((byte & 0x80) !== 0) return this.#lengthBytes === 4 ? "a packet length of five bytes" : undefined;
    if (this.#length > this.#limits.packet) return `a packet of ${this.#length} bytes`;
    this.#body = this.#length;
    this.#lengthBytes = -1;
    return undefined;
  }
}
