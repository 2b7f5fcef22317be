import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  defineErrors,
  describeError,
  isStorewardError,
  type Logger,
  portTakenError,
  type StorewardError,
} from "@storeward/runtime";
import type { Hospital } from "./hospital/hospital.js";

const E = defineErrors({
  REQUEST_INVALID: { template: "{problem}", status: 400 },
  NOT_FOUND: { template: "There is no {what}", status: 404 },
  HOST_REFUSED: { template: "Only 127.0.0.1 is served", status: 403 },
});

export interface ControlOptions {
  readonly port: number;
  readonly log: Logger;
  readonly hospital: Hospital;
  status(): Readonly<Record<string, unknown>>;
  /** False for a reader that does not exist. */
  outage(reader: string, seconds: number): boolean;
  connect(reader: string, antenna: number, connected: boolean): boolean;
}

const MAX_BODY = 64 * 1024;

/**
 * The loopback port of the simulation. GET /truth, GET /status; POST /carry {epc, to}, /park {epc, readPoint},
 * /readers/{id}/outage {seconds}, /readers/{id}/antenna {antenna, connected}: 202, or problem details.
 */
export class ControlServer {
  readonly #options: ControlOptions;
  readonly #server: Server;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#serve(request).then(
        ({ status, body }) => reply(response, status, body),
        (error: unknown) => fail(response, error, options.log),
      );
    });
  }

  get address(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
  }

  start(): Promise<void> {
    const { port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause) => reject(portTakenError(cause, { port, option: "--http" })));
      this.#server.listen(port, "127.0.0.1", resolve);
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const { hospital, status, outage, connect } = this.#options;
    // A page in a browser could reach this port under another name (DNS rebinding).
    const host = request.headers.host?.replace(/:\d+$/, "");
    if (host !== "127.0.0.1" && host !== "localhost") throw E.HOST_REFUSED();
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const what = `${request.method} ${path}`;
    if (what === "GET /truth") return { status: 200, body: hospital.truth() };
    if (what === "GET /status") return { status: 200, body: { ...hospital.status(), ...status() } };
    if (request.method !== "POST") throw E.NOT_FOUND({ what });

    const body = await bodyOf(request);
    const [, reader = "", action = ""] = /^\/readers\/([^/]+)\/(outage|antenna)$/.exec(path) ?? [];
    if (path === "/carry") hospital.carry(text(body, "epc").toUpperCase(), text(body, "to"));
    else if (path === "/park") hospital.park(text(body, "epc").toUpperCase(), text(body, "readPoint"));
    else if (action === "outage") {
      const seconds = number(body, "seconds");
      if (!(seconds > 0 && seconds <= 3600))
        throw E.REQUEST_INVALID({ problem: "seconds must be above 0 and at most 3600" });
      if (!outage(reader, seconds)) throw E.NOT_FOUND({ what: `reader ${reader}` });
    } else if (action === "antenna") {
      if (typeof body.connected !== "boolean") throw E.REQUEST_INVALID({ problem: "connected must be true or false" });
      if (!connect(reader, number(body, "antenna"), body.connected)) throw E.NOT_FOUND({ what: `reader ${reader}` });
    } else throw E.NOT_FOUND({ what });
    return { status: 202, body: { accepted: true } };
  }
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  // A form or an image of some page cannot send this type unasked.
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw E.REQUEST_INVALID({ problem: "send application/json" });
  }
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) throw E.REQUEST_INVALID({ problem: "the body is too long" });
    parts.push(part);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch (cause) {
    throw E.REQUEST_INVALID({ problem: "the body is not JSON" }, { cause });
  }
  throw E.REQUEST_INVALID({ problem: "the body must be an object" });
}

function text(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = body[key];
  if (typeof value !== "string") throw E.REQUEST_INVALID({ problem: `${key} must be a text` });
  return value;
}

function number(body: Readonly<Record<string, unknown>>, key: string): number {
  const value = body[key];
  if (typeof value !== "number") throw E.REQUEST_INVALID({ problem: `${key} must be a number` });
  return value;
}

function fail(response: ServerResponse, error: unknown, log: Logger): void {
  if (!isStorewardError(error)) log.warn({ err: error }, "a request failed");
  const known = isStorewardError(error) ? (error as StorewardError) : undefined;
  const status = known?.status ?? 500;
  reply(
    response,
    status,
    { title: known?.message ?? describeError(error), status, code: known?.code ?? "INTERNAL" },
    "problem+json",
  );
}

function reply(response: ServerResponse, status: number, body: unknown, type = "json"): void {
  response.writeHead(status, { "content-type": `application/${type}`, "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}
