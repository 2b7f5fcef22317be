import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { MAX_PACKET_BYTES } from "@storeward/contracts";
import { checkListen, type Logger, type Part, portTakenError } from "@storeward/runtime";
import { Aedes, type AuthenticateError, type Client } from "aedes";
import { mayPublish, mayRetain, maySubscribe } from "./access-rules.js";
import type { Account, Accounts } from "./accounts.js";
import { ByteGuard } from "./byte-guard.js";

const MAX_CONNECTIONS = 4_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** MQTT 3.1.1 §3.2.2.3 */
const SERVER_UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

export interface BrokerOptions {
  readonly host: string;
  /** 0: any free one, see `port`. */
  readonly port: number;
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly insecure?: boolean | undefined;
  readonly accounts: Accounts;
  readonly log: Logger;
}

/** aedes in memory, on a port of its own: accounts, access rules, bounds. What it holds may be lost; the journals do not rest on it. */
export class EmbeddedBroker implements Part {
  readonly name = "broker";
  readonly #options: BrokerOptions;
  readonly #known = new WeakMap<Client, Account>();
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  #refused = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** The port it listens on; 0 while it does not. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Where this process itself reaches it. */
  get ownUrl(): string {
    const { host, tls } = this.#options;
    const own = host === "0.0.0.0" || host === "::" || host === "" ? "127.0.0.1" : host;
    return `${tls === undefined ? "mqtt" : "mqtts"}://${own.includes(":") ? `[${own}]` : own}:${this.port}`;
  }

  /** Connections, publications and subscriptions refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  async start(): Promise<void> {
    const { host, port, tls, insecure, accounts, log } = this.#options;
    const warning = checkListen({ host, tls: tls !== undefined, insecure, what: "The MQTT broker" });
    if (warning !== undefined) log.warn(warning);
    accounts.load();
    const aedes = await Aedes.createBroker({ connectTimeout: CONNECT_TIMEOUT_MS, drainTimeout: 60_000 });
    this.#rule(aedes);
    const onSocket = (socket: Socket): void => this.#admit(aedes, socket);
    const server =
      tls === undefined
        ? createServer(onSocket)
        : createTlsServer({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }, onSocket);
    server.maxConnections = MAX_CONNECTIONS;
    this.#aedes = aedes;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          resolve();
        });
      });
    } catch (error) {
      await closeBroker(aedes);
      throw portTakenError(error, { port, option: "STOREWARD_MQTT_PORT (broker.port)" });
    }
    server.on("error", (error) => log.warn({ err: error }, "The broker's listener failed"));
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (this.#aedes !== undefined) await closeBroker(this.#aedes);
    this.#aedes = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #admit(aedes: Aedes, socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    aedes.handle(new ByteGuard(socket, MAX_PACKET_BYTES));
  }

  #rule(aedes: Aedes): void {
    const { accounts, log } = this.#options;
    const refuse = (client: Client | null, what: string): void => {
      this.#refused++;
      log.debug({ client: client?.id, what }, "The broker refused");
    };
    aedes.preConnect = (_client, packet, done) => {
      // A session of an absent client would gather messages in memory; the journals make it needless.
      packet.clean = true;
      // Client ids live within their account: nobody can take another's connection over.
      packet.clientId = `${packet.username ?? ""}:${packet.clientId}`;
      done(null, true);
    };
    aedes.authenticate = (client, username, password, done) => {
      accounts.signIn(username ?? "", Buffer.from(password ?? "")).then(
        (account) => {
          if (account === undefined) {
            refuse(client, "sign-in");
            return done(refusal("not authorized", NOT_AUTHORIZED), false);
          }
          this.#known.set(client, account);
          if (client.conn instanceof ByteGuard) client.conn.accept();
          done(null, true);
        },
        (error: Error) => done(refusal(error.message, SERVER_UNAVAILABLE), false),
      );
    };
    aedes.authorizePublish = (client, packet, done) => {
      const account = client === null ? undefined : this.#known.get(client);
      if (account === undefined || !mayPublish(account, packet.topic)) {
        refuse(client, `publish ${packet.topic}`);
        return done(new Error("not allowed to publish there"));
      }
      if (packet.retain && !mayRetain(packet.topic)) packet.retain = false;
      // aedes loses messages when publishers and subscribers differ in QoS.
      done(null);
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const account = this.#known.get(client);
      if (account !== undefined && maySubscribe(account, subscription.topic)) return done(null, subscription);
      refuse(client, `subscribe ${subscription.topic}`);
      done(null, null);
    };
    aedes.on("clientError", (client, error) =>
      log.debug({ client: client.id, err: error }, "A client's connection failed"),
    );
    aedes.on("connectionError", (client, error) => {
      refuse(client, error.message);
    });
  }
}

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode }) as AuthenticateError;
}

function closeBroker(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => aedes.close(() => resolve()));
}
