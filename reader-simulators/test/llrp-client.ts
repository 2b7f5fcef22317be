import { connect, type Socket } from "node:net";
import {
  decodeMessage,
  encodeMessage,
  LlrpFramer,
  type LlrpMessage,
  type LlrpMessageInput,
  type LlrpMessageOf,
  type LlrpVersion,
  type MessageName,
} from "@storeward/codecs/llrp";

const PATIENCE_MS = 3000;

/** A bare LLRP client for tests: sends what it is told, and hands out what comes, in order. */
export class LlrpClient {
  readonly received: LlrpMessage[] = [];
  readonly socket: Socket;
  version: LlrpVersion = 1;
  /** Hears every message, as bytes. */
  listen: (from: "client" | "reader", bytes: Uint8Array) => void = () => undefined;
  #id = 100;
  #closed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    const framer = new LlrpFramer();
    socket.on("data", (chunk) => {
      const { frames, errors } = framer.push(chunk);
      if (errors.length > 0) throw new Error(`the reader sent no LLRP: ${errors[0]?.code}`);
      for (const frame of frames) {
        this.listen("reader", frame);
        this.received.push(decodeMessage(frame));
      }
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Connects; the reader's first message is left to be taken. */
  static async connect(port: number): Promise<LlrpClient> {
    const socket = connect(port, "127.0.0.1");
    const client = new LlrpClient(socket);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return client;
  }

  /** Connects and takes the connection event. */
  static async open(port: number): Promise<LlrpClient> {
    const client = await LlrpClient.connect(port);
    await client.take("READER_EVENT_NOTIFICATION");
    return client;
  }

  /** The next message of this type; others that came before it are dropped. */
  async take<N extends MessageName>(type: N): Promise<LlrpMessageOf<N>> {
    for (;;) {
      const at = this.received.findIndex((message) => message.type === type);
      if (at >= 0) return this.received.splice(0, at + 1)[at] as LlrpMessageOf<N>;
      if (!(await this.#more())) throw new Error(`no ${type}: ${this.received.map((message) => message.type).join()}`);
    }
  }

  /** Sends a request and takes the response with its id, whatever comes between. */
  async ask<N extends MessageName>(
    message: DistributiveOmit<LlrpMessageInput, "id">,
    response: N,
  ): Promise<LlrpMessageOf<N>> {
    const id = this.send(message);
    for (;;) {
      const at = this.received.findIndex((one) => one.id === id && !isUnasked(one.type));
      const [found] = at >= 0 ? this.received.splice(at, 1) : [];
      if (found !== undefined) {
        if (found.type !== response) throw new Error(`${found.type} instead of ${response}`);
        return found as LlrpMessageOf<N>;
      }
      if (!(await this.#more())) throw new Error(`no ${response}`);
    }
  }

  send(message: DistributiveOmit<LlrpMessageInput, "id">): number {
    const id = ++this.#id;
    this.bytes(encodeMessage({ ...message, id } as LlrpMessageInput, message.version ?? this.version));
    return id;
  }

  bytes(bytes: Uint8Array): void {
    this.listen("client", bytes);
    this.socket.write(bytes);
  }

  /** Resolves when the reader has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#closed) if (!(await this.#more())) throw new Error("the connection stays open");
  }

  /** Goes once round: everything the reader had to send has come. */
  async settle(): Promise<void> {
    await this.ask({ type: "GET_ROSPECS" }, "GET_ROSPECS_RESPONSE");
  }

  end(): void {
    this.socket.destroy();
  }

  #more(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(false), PATIENCE_MS);
      this.#wake = () => {
        clearTimeout(late);
        resolve(true);
      };
    });
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function isUnasked(type: string): boolean {
  return ["RO_ACCESS_REPORT", "READER_EVENT_NOTIFICATION", "KEEPALIVE"].includes(type);
}
