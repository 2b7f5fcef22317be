import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const MOST_WAIT_MS = 10_000;

/** A TCP line between a driver and its reader that a test can take away, silence, and speak on. */
export class TamperedLine {
  readonly #target: number;
  #server: Server | undefined;
  #port = 0;
  #clients = new Set<Socket>();
  #silent = false;

  constructor(targetPort: number) {
    this.#target = targetPort;
  }

  get port(): number {
    return this.#port;
  }

  /** Connections open now. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Whether anybody has connected since the start. */
  connected = false;

  /** Begins, or takes connections again at the same port: one that a connection of another test has got meanwhile is waited for. */
  async start(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    const until = performance.now() + MOST_WAIT_MS;
    for (let error = await this.#listen(server); error !== undefined; error = await this.#listen(server)) {
      if (error.code !== "EADDRINUSE" || performance.now() > until) throw error;
      await pause(50);
    }
    const address = server.address();
    this.#port = typeof address === "object" && address !== null ? address.port : 0;
  }

  /** What it fails with; nothing where it listens. */
  #listen(server: Server): Promise<NodeJS.ErrnoException | undefined> {
    return new Promise((resolve) => {
      server.once("error", resolve);
      server.listen(this.#port, "127.0.0.1", () => {
        server.removeListener("error", resolve);
        resolve(undefined);
      });
    });
  }

  /** Ends every connection and refuses new ones. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const client of this.#clients) client.destroy();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** Neither side hears the other, and neither is told. */
  silence(silent: boolean): void {
    this.#silent = silent;
  }

  /** Says something to the driver as if it came from the reader. Resolves when it is on its way, or nobody listens any more. */
  async say(bytes: Uint8Array): Promise<void> {
    for (const client of this.#clients)
      await new Promise<void>((resolve) => {
        client.once("close", resolve);
        client.write(bytes, () => {
          client.removeListener("close", resolve);
          resolve();
        });
      });
  }

  #join(client: Socket): void {
    this.connected = true;
    const reader = connect({ host: "127.0.0.1", port: this.#target, noDelay: true });
    client.setNoDelay(true);
    this.#clients.add(client);
    for (const [from, to] of [
      [client, reader],
      [reader, client],
    ] as const) {
      from.on("data", (chunk) => {
        if (!this.#silent) to.write(chunk);
      });
      from.on("error", () => undefined);
      from.on("close", () => to.destroy());
    }
    client.on("close", () => this.#clients.delete(client));
  }
}
