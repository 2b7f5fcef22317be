import { connect } from "node:net";

/*
 * As much of MQTT 3.1.1 as a thousand agents in one process can afford on a machine that they share with what is measured: CONNECT,
 * SUBSCRIBE, PUBLISH with QoS 1 and its PUBACKs. Packets of less than 16 KiB are read; of any size are written.
 */

/** A PUBLISH, ready but for its packet id: the topic and payload never change. `retain`: the broker keeps it. */
export function publishPacket(topic, payload, { retain = false } = {}) {
  const name = text(topic);
  const packet = packetOf(retain ? 0x33 : 0x32, [name, Buffer.alloc(2), payload]);
  return { packet, idAt: packet.length - payload.length - 2 };
}

export class MqttClient {
  #socket;
  #id = 0;
  #rest = Buffer.alloc(0);
  #waiting = new Map();
  /**
   * Called with the payload of each message.
   * @type {(payload: Buffer) => void}
   */
  onMessage = () => undefined;
  /** Called when the connection ends before `end`: by itself that ends the process, for whatever it measures is then of fewer than it says. */
  onLost = (error) => {
    throw error;
  };
  #ended = false;

  /**
   * Resolves when the broker has accepted the client and its subscription.
   * @param {{ port: number, clientId: string, username?: string, password?: string, topic?: string | undefined, qos?: number }} options
   */
  async connect({ port, clientId, username, password, topic, qos = 1 }) {
    const socket = connect(port, "127.0.0.1");
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#take(chunk));
    const flags = (username === undefined ? 0 : 0xc0) | 0x02;
    const login = username === undefined ? [] : [text(username), text(password)];
    const head = Buffer.from([0, 4, 77, 81, 84, 84, 4, flags, 0, 0]);
    const connected = this.#answer(0x20);
    socket.write(packetOf(0x10, [head, text(clientId), ...login]));
    let isSignedIn = false;
    const failed = new Promise((_, reject) => {
      socket.on("error", reject);
      socket.once("close", () => {
        const error = new Error(`the broker has closed the connection of ${clientId}`);
        reject(error);
        if (isSignedIn && !this.#ended) this.onLost(error);
      });
    });
    failed.catch(() => undefined);
    const answer = await Promise.race([connected, failed]);
    if (answer[1] !== 0) throw new Error(`the broker does not take ${clientId}: ${answer[1]}`);
    isSignedIn = topic === undefined;
    if (isSignedIn) return;
    const subscribed = this.#answer(0x90);
    socket.write(packetOf(0x82, [this.#nextId(), text(topic), Buffer.from([qos])]));
    const granted = await Promise.race([subscribed, failed]);
    if (granted.at(-1) > 2) throw new Error(`${clientId} may not subscribe to ${topic}`);
    isSignedIn = true;
  }

  publish({ packet, idAt }) {
    this.#nextId().copy(packet, idAt);
    this.#socket.write(packet);
  }

  end() {
    this.#ended = true;
    this.#socket.destroy();
  }

  #answer(type) {
    return new Promise((resolve) => this.#waiting.set(type, resolve));
  }

  #nextId() {
    this.#id = (this.#id % 65_535) + 1;
    const id = Buffer.alloc(2);
    id.writeUInt16BE(this.#id);
    return id;
  }

  #take(chunk) {
    let buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const size = sizeOf(buffer);
      if (size === undefined || buffer.length < size.head + size.body) break;
      this.#packet(buffer[0], buffer.subarray(size.head, size.head + size.body));
      buffer = buffer.subarray(size.head + size.body);
    }
    this.#rest = buffer;
  }

  #packet(first, body) {
    const type = first & 0xf0;
    if (type === 0x40) return;
    if (type !== 0x30) {
      this.#waiting.get(type)?.(body);
      return;
    }
    const nameLength = body.readUInt16BE(0);
    const hasId = (first & 0x06) !== 0;
    const at = 2 + nameLength;
    if (hasId) this.#socket.write(Buffer.from([0x40, 2, body[at], body[at + 1]]));
    this.onMessage(body.subarray(at + (hasId ? 2 : 0)));
  }
}

/** MQTT 3.1.1 §2.2.3; undefined while the length is not there yet. */
function sizeOf(buffer) {
  let body = 0;
  for (let at = 1; at < 5; at++) {
    if (at >= buffer.length) return undefined;
    body += (buffer[at] & 0x7f) * 128 ** (at - 1);
    if ((buffer[at] & 0x80) === 0) return { head: at + 1, body };
  }
  throw new Error("a packet without end");
}

function packetOf(first, parts) {
  let left = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [first];
  do {
    const byte = left % 128;
    left = Math.floor(left / 128);
    head.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), ...parts]);
}

function text(value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
