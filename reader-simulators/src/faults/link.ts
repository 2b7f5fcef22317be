import { connect, type Socket } from "node:net";
import type { Toxic } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";
import type { Random } from "../random.js";
import { Flow, type FlowCounters } from "./flow.js";
import { Pacer } from "./pacer.js";
import { DIRECTIONS, type Direction, isSwallowed, pacingOf } from "./toxics.js";

/** Where a server listens: a port, or a socket in the file system. */
export type Server = { readonly host: string; readonly port: number } | { readonly path: string };

export interface LinkOptions {
  readonly client: Socket;
  readonly to: Server;
  /** What is on at this moment. */
  readonly toxics: () => readonly Toxic[];
  readonly random: Random;
  readonly counters: Readonly<Record<Direction, FlowCounters>>;
  readonly clock: Pick<Clock, "mono" | "after">;
  /** Told of what the client has sent. */
  readonly onSent?: ((chunk: Buffer, link: Link) => void) | undefined;
  /** Once, when both sides are gone. */
  readonly onClosed: () => void;
}

/**
 * One client and its server. What a black hole swallows is not made up for: a link with a hole in its stream stays open, dumb, while the
 * black hole lasts, and the first byte afterwards resets it, as a router does that has forgotten the connection.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #client: Socket;
  readonly #server: Socket | undefined;
  readonly #flows: readonly Flow[];
  #forgotten = false;
  #ended = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#client = options.client;
    // In a black hole the greeting of TCP is swallowed too: the server never hears of this client.
    const server = this.#isSwallowed("to-server") ? undefined : this.#connect();
    this.#server = server;
    this.#client.setNoDelay(true);
    this.#watch(this.#client, "to-server");
    if (server === undefined) {
      this.#flows = [];
      this.#client.on("data", (chunk) => this.#toNobody(chunk));
    } else {
      this.#flows = DIRECTIONS.map((direction) => this.#flow(direction, server));
      this.#watch(server, "to-client");
    }
  }

  /** Other toxics hold from now on. */
  changed(): void {
    for (const flow of this.#flows) flow.changed();
    if (!this.#anySwallowed() && this.#hasLostItsEnd()) this.reset();
  }

  /** What is sent from now on vanishes for good, both ways. */
  forget(): void {
    this.#forgotten = true;
    this.changed();
  }

  /** Ends both sides with RST. */
  reset(): void {
    // One that is still connecting has nothing to reset yet, and would wait for it.
    this.#end((socket) => (socket.connecting ? socket.destroy() : socket.resetAndDestroy()));
  }

  /** Ends both sides as a process does that ends. */
  close(): void {
    this.#end((socket) => socket.destroy());
  }

  #connect(): Socket {
    return connect({ ...this.#options.to, allowHalfOpen: true, noDelay: true });
  }

  #flow(direction: Direction, server: Socket): Flow {
    const { toxics, random, counters, clock } = this.#options;
    const [from, to] = direction === "to-server" ? [this.#client, server] : [server, this.#client];
    return new Flow({
      from,
      to,
      pacer: new Pacer(random),
      pacing: () => pacingOf(toxics(), direction),
      isSwallowed: () => this.#isSwallowed(direction),
      counters: counters[direction],
      clock,
      onTaken: direction === "to-server" ? (chunk) => this.#options.onSent?.(chunk, this) : undefined,
      onHole: () => this.reset(),
    });
  }

  #toNobody(chunk: Buffer): void {
    const counters = this.#options.counters["to-server"];
    counters.received += chunk.length;
    if (this.#isSwallowed("to-server")) counters.swallowed += chunk.length;
    else this.reset();
  }

  /** A side that is gone takes the other with it, unless a black hole keeps the news; `direction`: which way the news goes. */
  #watch(socket: Socket, direction: Direction): void {
    // The close that follows says all there is to say.
    socket.on("error", () => undefined);
    socket.once("close", (hadError: boolean) => {
      if (this.#isGone()) this.#end(() => undefined);
      else if (hadError && !this.#isSwallowed(direction)) this.reset();
    });
  }

  #isSwallowed(direction: Direction): boolean {
    return this.#forgotten || isSwallowed(this.#options.toxics(), direction);
  }

  #anySwallowed(): boolean {
    return DIRECTIONS.some((direction) => this.#isSwallowed(direction));
  }

  #isGone(): boolean {
    return this.#client.destroyed && this.#server?.destroyed !== false;
  }

  /** One side has said goodbye, and the black hole kept it from the other. */
  #hasLostItsEnd(): boolean {
    if (this.#client.destroyed || this.#server?.destroyed === true) return true;
    return this.#flows.some((flow) => flow.hasLostItsEnd) || (this.#server === undefined && this.#client.readableEnded);
  }

  #end(how: (socket: Socket) => void): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const flow of this.#flows) flow.stop();
    for (const socket of [this.#client, this.#server]) if (socket?.destroyed === false) how(socket);
    this.#options.onClosed();
  }
}
