import { connect, type Socket } from "node:net";
import type { Clock, Timer } from "@storeward/runtime";

export interface MqttLineOptions {
  /** mqtt://host:port. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly subscriptions: readonly string[];
  readonly clock: Clock;
  readonly onOpen: () => void;
  readonly onMessage: (topic: string, payload: Buffer) => void;
  readonly onClosed: () => void;
}

const KEEP_ALIVE_S = 30;
/** The broker is no friend of longer packets either. */
const MAX_PACKET = 256 * 1024;
/** More than this unsent, and what comes next is thrown away: QoS 0 promises nothing. */
const MAX_UNSENT = 4 * 1024 * 1024;
const TYPE = { CONNACK: 2, PUBLISH: 3, SUBACK: 9 } as const;

/**
 * One connection of a device to an MQTT 3.1.1 broker: publishes at QoS 0, as readers do, and subscribes. By hand, for a device that can
 * fail in the ways a device does; a program uses a library.
 */
export class MqttLine {
  readonly #options: MqttLineOptions;
  readonly #socket: Socket;
  #input = Buffer.alloc(0);
  #ping: Timer | undefined;
  #open = false;

  constructor(options: MqttLineOptions) {
    this.#options = options;
    const { hostname, port } = new URL(options.url);
    this.#socket = connect({ host: hostname, port: Number(port === "" ? 1883 : port), noDelay: true });
    this.#socket.on("connect", () => this.#socket.write(connectPacket(options)));
    this.#socket.on("data", (data) => this.#take(data));
    this.#socket.on("error", () => this.#socket.destroy());
    this.#socket.on("close", () => {
      this.#ping?.stop();
      this.#open = false;
      options.onClosed();
    });
  }

  get open(): boolean {
    return this.#open;
  }

  publish(topic: string, payload: string): void {
    if (!this.#open || this.#socket.writableLength > MAX_UNSENT) return;
    this.#socket.write(packet(0x30, [text(topic), Buffer.from(payload)]));
  }

  /** Without a goodbye: the broker publishes the last will, if there is one. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#input = Buffer.concat([this.#input, data]);
    for (;;) {
      const head = headOf(this.#input);
      if (head === undefined) return;
      if (head.length > MAX_PACKET) {
        this.#socket.destroy();
        return;
      }
      const end = head.size + head.length;
      if (this.#input.length < end) return;
      const body = this.#input.subarray(head.size, end);
      this.#input = this.#input.subarray(end);
      this.#packet(head.type, head.flags, body);
    }
  }

  #packet(type: number, flags: number, body: Buffer): void {
    const { subscriptions, onOpen, onMessage, clock } = this.#options;
    if (type === TYPE.CONNACK) {
      if (body[1] !== 0) {
        this.#socket.destroy();
        return;
      }
      this.#ping = clock.every((KEEP_ALIVE_S * 1000) / 2, () => this.#socket.write(Buffer.from([0xc0, 0])));
      const topics = subscriptions.flatMap((topic) => [text(topic), Buffer.from([1])]);
      this.#socket.write(packet(0x82, [u16(1), ...topics]));
    } else if (type === TYPE.SUBACK) {
      this.#open = true;
      onOpen();
    } else if (type === TYPE.PUBLISH && body.length >= 2) {
      const topicEnd = 2 + body.readUInt16BE(0);
      const qos = (flags >> 1) & 3;
      const start = qos === 0 ? topicEnd : topicEnd + 2;
      if (qos > 0) this.#socket.write(packet(0x40, [body.subarray(topicEnd, start)]));
      onMessage(body.toString("utf8", 2, topicEnd), body.subarray(start));
    }
  }
}

function connectPacket({ clientId, username, password }: MqttLineOptions): Buffer {
  const flags = 0x02 | (username === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  return packet(0x10, [
    text("MQTT"),
    Buffer.from([4, flags]),
    u16(KEEP_ALIVE_S),
    text(clientId),
    ...(username === undefined ? [] : [text(username)]),
    ...(password === undefined ? [] : [text(password)]),
  ]);
}

function packet(first: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = body.length; ; ) {
    const byte = rest & 0x7f;
    rest >>>= 7;
    length.push(rest > 0 ? byte | 0x80 : byte);
    if (rest === 0) break;
  }
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** Type, flags and lengths of the packet that begins here; undefined where its head is not there yet. */
function headOf(input: Buffer): { type: number; flags: number; size: number; length: number } | undefined {
  let length = 0;
  for (let at = 1; at < 5; at++) {
    const byte = input[at];
    if (byte === undefined) return undefined;
    length |= (byte & 0x7f) << (7 * (at - 1));
    if ((byte & 0x80) === 0) {
      const first = input[0] ?? 0;
      return { type: first >> 4, flags: first & 0x0f, size: at + 1, length };
    }
  }
  return { type: 0, flags: 0, size: 5, length: Number.MAX_SAFE_INTEGER };
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(bytes.length), bytes]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}
