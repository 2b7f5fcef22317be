import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";

/** A broker that can be killed and started again at the same port. */
export interface Broker {
  readonly port: number;
  start(): Promise<void>;
  /** At once, with everything it holds. */
  kill(): Promise<void>;
}

export class AedesBroker implements Broker {
  port = 0;
  #server: Server | undefined;
  #aedes: Aedes | undefined;
  readonly #sockets = new Set<Socket>();

  async start(): Promise<void> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    this.#aedes = aedes;
    this.#server = server;
  }

  async kill(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server?.close();
    await new Promise<void>((closed) => (this.#aedes === undefined ? closed() : this.#aedes.close(closed)));
  }
}
