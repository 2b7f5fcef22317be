import { connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { type Clock, portTakenError, type Timer } from "@storeward/runtime";

/** PEM. */
export interface LineCertificates {
  readonly key?: string;
  readonly cert?: string;
  /** Whom the other side's certificate has to be signed by. */
  readonly ca?: string;
}

export interface ReaderLineOptions {
  readonly clock: Clock;
  /** 0: any that is free. */
  readonly tcpPort: number;
  /** The reader connects to its client there, instead of waiting (LLRP 1.1 §20.1.1). */
  readonly callTo?: { readonly host: string; readonly port: number };
  readonly tls?: LineCertificates;
  readonly onSocket: (socket: Socket) => void;
  readonly onError: (error: Error) => void;
}

const CALL_AGAIN_MS = 1000;

/** How a reader and its client come together: the reader listens on 127.0.0.1, or it calls and calls again. */
export class ReaderLine {
  readonly #options: ReaderLineOptions;
  #server: Server | undefined;
  #again: Timer | undefined;
  #calling: Socket | undefined;
  #stopped = false;

  constructor(options: ReaderLineOptions) {
    this.#options = options;
  }

  /** Where it listens; 0 where it does not. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  start(): Promise<void> {
    const { tcpPort, tls, callTo, onSocket, onError } = this.#options;
    this.#stopped = false;
    if (callTo !== undefined) {
      this.#call();
      return Promise.resolve();
    }
    const asked = { ...tls, requestCert: tls?.ca !== undefined, rejectUnauthorized: tls?.ca !== undefined };
    const server = tls === undefined ? createServer(onSocket) : createTlsServer(asked, onSocket);
    this.#server = server;
    return new Promise((resolve, reject) => {
      server.once("error", (cause) => reject(portTakenError(cause, { port: tcpPort, option: "--llrp-port" })));
      server.listen(tcpPort, "127.0.0.1", () => {
        server.removeAllListeners("error");
        server.on("error", onError);
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.stop();
    this.#calling?.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #call(): void {
    const { callTo = { host: "127.0.0.1", port: 0 }, tls, clock, onSocket } = this.#options;
    const socket = tls === undefined ? connect(callTo) : connectTls({ ...callTo, ...tls });
    this.#calling = socket;
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      this.#calling = undefined;
      onSocket(socket);
    });
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      if (!this.#stopped) this.#again = clock.after(CALL_AGAIN_MS, () => this.#call());
    });
  }
}
