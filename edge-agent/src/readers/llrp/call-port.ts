import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { GetReaderConfigRequestedData, hexOf } from "@storeward/codecs/llrp";
import { type Clock, type Logger, portTakenError } from "@storeward/runtime";
import { Counters } from "../counters.js";
import { type Greeting, LlrpConnection } from "./connection.js";
import type { LinkFiles } from "./dial.js";
import { E } from "./errors.js";

/** A reader that has called and said who it is. */
export interface Call {
  readonly connection: LlrpConnection;
  readonly greeting: Greeting;
  /** Of the greeting, mono ms. */
  readonly arrival: number;
}

/** A reader that is expected to call. */
export interface Expected {
  /** Calls from here; from anywhere where undefined. */
  readonly address: string | undefined;
  /** ReaderID in hex; not asked where undefined. */
  readonly identity: string | undefined;
  readonly counters: Counters;
  readonly onCall: (call: Call) => void;
}

export interface CallPortOptions {
  readonly port: number;
  readonly address: string;
  /** With TLS; `ca` there: a reader has to show a certificate of that authority. */
  readonly tls: LinkFiles | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Calls that have not said who they are. A reader says so at once; what does not is no reader. */
const MAX_STRANGERS = 8;
const MAX_SOCKETS = 128;
/** Unknown callers that are named in the log; others are only counted. */
const MAX_NAMED = 20;
const TLS_HANDSHAKE_MS = 10_000;

/** A TCP port is one for the whole process, so readers that call on the same one share it, whichever driver came first. */
const open = new Map<string, CallPort>();

/** Begins to wait for a reader on a port; rejects with PORT_TAKEN. What it gives ends the waiting. */
export async function expectCalls(options: CallPortOptions, expected: Expected): Promise<() => Promise<void>> {
  const key = `${options.address} ${options.port}`;
  const port = open.get(key) ?? new CallPort(options);
  open.set(key, port);
  port.join(expected);
  const leave = async (): Promise<void> => {
    if (!port.leave(expected)) return;
    if (open.get(key) === port) open.delete(key);
    await port.stop();
  };
  try {
    await port.listening;
  } catch (error) {
    await leave();
    throw error;
  }
  return leave;
}

/** Accepts readers that call (LLRP 1.1 §20.1.1) and tells them apart by where they call from and who they say they are. */
class CallPort {
  readonly listening: Promise<void>;
  readonly #options: CallPortOptions;
  readonly #server: Server;
  readonly #expected = new Set<Expected>();
  readonly #strangers = new Set<LlrpConnection>();
  readonly #named = new Set<string>();
  /** All there are, also those that have not yet agreed on TLS. */
  readonly #sockets = new Set<Socket>();

  constructor(options: CallPortOptions) {
    this.#options = options;
    const { port, address, tls } = options;
    if (tls === undefined)
      this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#accept(socket));
    else {
      const proof = tls.ca !== undefined;
      this.#server = createTlsServer(
        { ...tls, requestCert: proof, rejectUnauthorized: proof, handshakeTimeout: TLS_HANDSHAKE_MS },
        (socket) => this.#accept(socket),
      );
      this.#server.on("tlsClientError", () => this.#count("tlsFailures"));
    }
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.maxConnections = MAX_SOCKETS;
    this.#server.on("drop", () => this.#count("callsRefused"));
    this.listening = new Promise((resolve, reject) => {
      this.#server.once("error", (cause) =>
        reject(portTakenError(cause, { port, option: "the reader's listen.port" })),
      );
      this.#server.listen({ port, host: address }, () => {
        this.#server.removeAllListeners("error");
        this.#server.on("error", (err) => options.log.error({ err }, "the port that readers call on failed"));
        resolve();
      });
    });
    // Whoever joins waits for it.
    this.listening.catch(() => undefined);
  }

  join(expected: Expected): void {
    this.#expected.add(expected);
  }

  /** True when nobody is expected any more. */
  leave(expected: Expected): boolean {
    return this.#expected.delete(expected) && this.#expected.size === 0;
  }

  async stop(): Promise<void> {
    for (const connection of this.#strangers) connection.end(E.LLRP_CLOSED({ reason: "stopped" }));
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #accept(socket: Socket): void {
    socket.on("error", () => undefined);
    const address = plainAddress(socket.remoteAddress ?? "");
    const candidates = [...this.#expected].filter((one) => one.address === undefined || one.address === address);
    if (candidates.length === 0) {
      this.#refuse(socket, address, `from ${address}`);
      return;
    }
    if (this.#strangers.size >= MAX_STRANGERS) {
      this.#count("callsRefused");
      socket.destroy();
      return;
    }
    void this.#meet(socket, address, candidates);
  }

  async #meet(socket: Socket, address: string, candidates: readonly Expected[]): Promise<void> {
    const { clock, log } = this.#options;
    const connection = new LlrpConnection({
      socket,
      failure: (cause) => E.LLRP_CLOSED({ reason: cause.message }, { cause }),
      clock,
      log,
      counters: new Counters(),
    });
    this.#strangers.add(connection);
    try {
      const { greeting, arrival } = await connection.greeted();
      const identity = await this.#identityOf(connection, candidates);
      // The one that names both address and identity goes before one that names only one of them.
      const known = candidates
        .filter((one) => this.#expected.has(one) && (one.identity === undefined || one.identity === identity))
        .sort((a, b) => rank(b) - rank(a))[0];
      if (known === undefined) {
        this.#refuse(socket, address, `${identity ?? "without identity"} from ${address}`);
        connection.end(E.LLRP_UNKNOWN_CALLER({ who: address }));
        return;
      }
      connection.counters = known.counters;
      known.onCall({ connection, greeting, arrival });
    } catch (error) {
      this.#count("callsFailed");
      log.debug({ err: error, address }, "a call came to nothing");
      connection.end(error);
    } finally {
      this.#strangers.delete(connection);
    }
  }

  /** Asked before the version is agreed on, so in 1.0.1; not at all where the address says enough. */
  async #identityOf(connection: LlrpConnection, candidates: readonly Expected[]): Promise<string | undefined> {
    if (candidates.every((one) => one.identity === undefined)) return undefined;
    const { Identification } = await connection.request(
      {
        type: "GET_READER_CONFIG",
        AntennaID: 0,
        RequestedData: GetReaderConfigRequestedData.Identification,
        GPIPortNum: 0,
        GPOPortNum: 0,
      },
      "GET_READER_CONFIG_RESPONSE",
    );
    return Identification === undefined ? undefined : hexOf(Identification.ReaderID);
  }

  #refuse(socket: Socket, address: string, who: string): void {
    this.#count("unknownCallers");
    socket.destroy();
    if (this.#named.has(address) || this.#named.size >= MAX_NAMED) return;
    this.#named.add(address);
    this.#options.log.warn({ caller: who }, "a reader that is not configured called and was refused");
  }

  /** What is wrong with calls shows at every reader that is expected here. */
  #count(name: string): void {
    for (const { counters } of this.#expected) counters.add(name);
  }
}

function rank({ address, identity }: Expected): number {
  return (identity === undefined ? 0 : 2) + (address === undefined ? 0 : 1);
}

/** IPv4 in the form of IPv6 is IPv4. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
