import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { type Clock, type Logger, portTakenError } from "@storeward/runtime";
import type { AntennaPort, Device, DeviceAddress, DeviceTime } from "../antenna-port.js";
import { EventStream } from "./event-stream.js";
import { Inventory } from "./inventory.js";
import { antennaConfigs, isRecord, presetSchema } from "./preset-schema.js";

export interface ImpinjIotReaderOptions {
  readonly id: string;
  readonly port: AntennaPort;
  readonly time: DeviceTime;
  readonly clock: Clock;
  readonly log: Logger;
  readonly serial: string;
  readonly firmware: string;
  /** 0: any that is free. */
  readonly tcpPort: number;
  /** Of `root`; without it everybody is served. */
  readonly password?: string;
  /** PEM: it speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const MAX_BODY = 64 * 1024;
const REGIONS = { ETSI: "ETSI EN 302-208 v3.1.1", FCC: "FCC Part 15.247" } as const;
const OK: Answer = { status: 204 };

/**
 * A simulated R700 with Impinj's IoT Device Interface (Reader Configuration REST API 1.7), on 127.0.0.1: inventory presets that are
 * started as they are sent, and the HTTP stream. Presets that are kept, webhooks, Kafka and MQTT it has not.
 */
export class ImpinjIotReader implements Device {
  readonly id: string;
  readonly driver = "impinj-iot";
  readonly #options: ImpinjIotReaderOptions;
  readonly #streams = new Set<EventStream>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #inventory: Inventory | undefined;
  #now: number;
  #silent = false;
  #streamSettings: Readonly<Record<string, unknown>> = {
    eventBufferSize: 0,
    eventPerSecondLimit: 0,
    eventAgeLimitMinutes: 0,
    keepAliveIntervalSeconds: 10,
  };
  #hostname = true;
  #requests = 0;
  /** Under which rules it says that it works. */
  region: string;
  /** How far its clock is off, ms. */
  clockOffset = 0;
  /** Every request is answered with 401. */
  refusing = false;

  constructor(options: ImpinjIotReaderOptions) {
    this.#options = options;
    this.id = options.id;
    this.region = REGIONS[options.port.region];
    this.#now = options.time.now();
  }

  get address(): DeviceAddress {
    const address = this.#server?.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return { driver: "impinj-iot", url: `${this.#options.tls === undefined ? "http" : "https"}://127.0.0.1:${port}` };
  }

  start(): Promise<void> {
    const { tcpPort, tls, log } = this.#options;
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      this.#serve(request, response).catch((err: unknown) => {
        log.warn({ err, reader: this.id }, "a request failed");
        response.destroy();
      });
    };
    const server = tls === undefined ? createServer(serve) : createTlsServer({ ...tls }, serve);
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    return new Promise((resolve, reject) => {
      server.once("error", (cause) => reject(portTakenError(cause, { port: tcpPort, option: "--http-reader-port" })));
      server.listen(tcpPort, "127.0.0.1", () => resolve());
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.hangUp();
    if (server === undefined) return;
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  tick(now: number): void {
    this.#now = now;
    for (const { event } of this.#inventory?.tick(now) ?? []) this.#tell(event);
  }

  /** The network between it and its clients swallows everything; no connection is closed. */
  cut(dead: boolean): void {
    this.#silent = dead;
    for (const stream of this.#streams) stream.silent = dead;
  }

  antennaChanged(antenna: number, connected: boolean): void {
    const name = connected ? "antennaConnected" : "antennaDisconnected";
    if (this.#inventory?.antennas.includes(antenna))
      this.#tell({ eventType: name, [`${name}Event`]: { antennaPort: antenna } });
  }

  /** An input changes. */
  inputChanged(gpi: number, high: boolean): void {
    const transition = high ? "low-to-high" : "high-to-low";
    this.#tell({ eventType: "gpiTransition", gpiTransitionEvent: { gpi, transition } });
  }

  /** Closes every connection. */
  hangUp(): void {
    for (const stream of this.#streams) stream.end();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Everything is as after the power came back: no inventory, no connection, the clock as it was set. */
  reboot(): void {
    this.#inventory = undefined;
    this.hangUp();
  }

  /** Somebody else ends the inventory. */
  endInventory(): void {
    if (this.#inventory === undefined) return;
    this.#inventory = undefined;
    this.#tell({ eventType: "inventoryStatus", inventoryStatusEvent: { status: "idle" } });
  }

  /** Bytes that are no event. */
  rubbish(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  status(): Readonly<Record<string, unknown>> {
    return {
      running: this.#inventory?.antennas,
      clients: this.#streams.size,
      requests: this.#requests,
      dead: this.#silent,
    };
  }

  #tell(event: Readonly<Record<string, unknown>>): void {
    if (this.#streams.size === 0) return;
    const hostname = this.#hostname ? { hostname: `impinj-${this.#options.serial.slice(-6)}` } : {};
    const line = JSON.stringify({ timestamp: this.#iso(this.#now), ...hostname, ...event });
    for (const stream of this.#streams) stream.event(line);
  }

  #iso(at: number): string {
    return new Date(Number(this.#options.time.utc(at) / 1000n) + this.clockOffset).toISOString();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#silent) return;
    this.#requests++;
    const body = await bodyOf(request);
    if (this.refusing || !this.#isKnown(request)) {
      response.setHeader("www-authenticate", 'Basic realm="impinj"');
      reply(response, { status: 401, body: { message: "Unauthorized" } });
      return;
    }
    const path = new URL(request.url ?? "/", "http://reader").pathname.replace(/^\/api\/v1/, "");
    const what = `${request.method} ${path}`;
    if (what === "GET /data/stream") this.#openStream(response);
    else if (body === undefined) reply(response, invalid("The body is no JSON"));
    else reply(response, this.#answer(what, body.value));
  }

  #isKnown({ headers }: IncomingMessage): boolean {
    const { password } = this.#options;
    if (password === undefined) return true;
    return headers.authorization === `Basic ${Buffer.from(`root:${password}`).toString("base64")}`;
  }

  #openStream(response: ServerResponse): void {
    const { clock } = this.#options;
    const seconds = Number(this.#streamSettings.keepAliveIntervalSeconds);
    const stream: EventStream = new EventStream(response, clock, seconds, () => this.#streams.delete(stream));
    this.#streams.add(stream);
  }

  #answer(what: string, body: unknown): Answer {
    const { port, serial, firmware } = this.#options;
    switch (what) {
      case "GET /status":
        return {
          status: 200,
          body: {
            status: this.#inventory === undefined ? "idle" : "running",
            time: this.#iso(this.#now),
            serialNumber: serial,
          },
        };
      case "GET /system":
        return {
          status: 200,
          body: { manufacturer: "Impinj Inc.", productModel: "R700", serialNumber: serial, productSku: "IPJ-R700-241" },
        };
      case "GET /system/image":
        return { status: 200, body: { primaryFirmware: firmware } };
      case "GET /system/region":
        return { status: 200, body: { operatingRegion: this.region, selectableRegions: Object.values(REGIONS) } };
      case "GET /profiles":
        return { status: 200, body: ["inventory"] };
      case "GET /profiles/inventory/presets-schema":
        return { status: 200, body: presetSchema(port.antennas, port.region) };
      case "GET /http-stream":
        return { status: 200, body: this.#streamSettings };
      case "PUT /http-stream":
        return this.#setStream(body);
      case "POST /profiles/inventory/start":
        return this.#startInventory(body);
      case "POST /profiles/stop":
        this.endInventory();
        return OK;
      default:
        return { status: 404, body: { message: `There is no ${what}` } };
    }
  }

  #setStream(body: unknown): Answer {
    const seconds = isRecord(body) ? body.keepAliveIntervalSeconds : undefined;
    if (!isRecord(body) || (seconds !== undefined && !(typeof seconds === "number" && seconds >= 0 && seconds <= 3600)))
      return invalid("Invalid keepAliveIntervalSeconds");
    this.#streamSettings = { ...this.#streamSettings, ...body };
    for (const stream of this.#streams) stream.setKeepAlive(Number(this.#streamSettings.keepAliveIntervalSeconds));
    return OK;
  }

  #startInventory(body: unknown): Answer {
    const { port } = this.#options;
    if (this.#inventory !== undefined) return { status: 409, body: { message: "A preset is running" } };
    const configs = antennaConfigs(body, port.antennas, port.region);
    if ("message" in configs) return { status: 400, body: configs };
    const eventConfig = isRecord(body) ? body.eventConfig : undefined;
    const common = isRecord(eventConfig) && isRecord(eventConfig.common) ? eventConfig.common : {};
    this.#hostname = common.hostname !== "disabled";
    this.#inventory = new Inventory({ port, configs, eventConfig, now: this.#now, iso: (at) => this.#iso(at) });
    this.#tell({ eventType: "inventoryStatus", inventoryStatusEvent: { status: "running" } });
    for (const antenna of this.#inventory.antennas) if (!port.connected(antenna)) this.antennaChanged(antenna, false);
    return OK;
  }
}

function invalid(message: string): Answer {
  return { status: 400, body: { message } };
}

/** The JSON of a request; `value` is undefined where there is no body. Undefined where it is no JSON. */
async function bodyOf(request: IncomingMessage): Promise<{ readonly value: unknown } | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  if (size === 0) return { value: undefined };
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) as unknown };
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
