import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AgentConfig } from "@storeward/contracts";
import {
  type Clock,
  defineErrors,
  describeError,
  isLoopback,
  type Logger,
  type Part,
  portTakenError,
  type StorewardError,
  type Timer,
} from "@storeward/runtime";
import type { DeviceFacts } from "./facts.js";
import { healthOf } from "./health.js";
import { SCRIPT, STYLE } from "./look.js";
import { pageOf } from "./page.js";

const E = defineErrors({
  STATUS_NOT_LISTENING: { template: "The status page is not served: {reason}", retryable: true },
});

export interface StatusServerOptions {
  readonly listen: AgentConfig["status"];
  readonly facts: () => DeviceFacts;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const TEXT = "text/plain; charset=utf-8";
const MAX_CONNECTIONS = 32;
const TIMEOUT_MS = 5_000;
/** What was found out is good for so long: however often somebody asks, it costs the device no more. */
const FRESH_MS = 500;
const TRY_AGAIN_MS = 30_000;

/**
 * Status page, `/metrics` and `/healthz`, read-only: three paths, nothing of a request is used but which of them it names. A device whose
 * page cannot be served reads all the same; it says so and tries again.
 */
export class StatusServer implements Part {
  readonly name = "status page";
  readonly #options: StatusServerOptions;
  #server: Server | undefined;
  #again: Timer | undefined;
  #stopped = false;
  #problem: StorewardError | undefined;
  #known: { readonly at: number; readonly facts: DeviceFacts } | undefined;

  constructor(options: StatusServerOptions) {
    this.#options = options;
  }

  /** The port it listens on; 0 while it does not. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  problems(): StorewardError[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  async start(): Promise<void> {
    const { port, address } = this.#options.listen;
    const server = createServer(
      { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS, keepAliveTimeout: TIMEOUT_MS, maxHeaderSize: 8 * 1024 },
      (request, response) => void this.#serve(request, response),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.setTimeout(2 * TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host: address }, resolve);
      });
    } catch (error) {
      this.#failed(portTakenError(error, { port, option: "status.port" }));
      return;
    }
    if (this.#stopped) return void server.close();
    server.on("error", (error) => this.#options.log.warn({ err: error }, "the status page's listener failed"));
    this.#server = server;
    this.#problem = undefined;
    this.#options.log.info({ address, port: this.port }, "the status page is served");
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again?.stop();
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #failed(error: unknown): void {
    if (this.#stopped) return;
    const { clock, log } = this.#options;
    const problem = E.STATUS_NOT_LISTENING({ reason: describeError(error) }, { cause: error });
    if (this.#problem === undefined) log.warn({ err: problem }, "no status page for now");
    this.#problem = problem;
    this.#again = clock.after(TRY_AGAIN_MS, () => void this.start());
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.#answer(request).catch((error: unknown) => {
      this.#options.log.error({ err: error }, "the status page could not be made");
      return { status: 500, type: TEXT, body: "The page could not be made; the log says why.\n" };
    });
    response.writeHead(status, { ...HEADERS, "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  async #answer({ method, url, headers }: IncomingMessage): Promise<Answer> {
    if (method !== "GET" && method !== "HEAD") return { status: 405, type: TEXT, body: "Only to be read.\n" };
    // A page elsewhere whose name is made to point here would read what only this device may (DNS rebinding).
    if (isLoopback(this.#options.listen.address) && !isLoopback(hostOf(headers.host)))
      return { status: 403, type: TEXT, body: "Ask this device by its own name, localhost.\n" };
    switch (url) {
      case "/":
        return { status: 200, type: "text/html; charset=utf-8", body: pageOf(this.#facts()) };
      case "/healthz":
        return healthAnswer(this.#facts());
      case "/metrics": {
        // Not every site has Prometheus; what is not used is not loaded.
        const { metricsOf } = await import("./metrics.js");
        return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: await metricsOf(this.#facts()) };
      }
      default:
        return { status: 404, type: TEXT, body: "There are /, /metrics and /healthz.\n" };
    }
  }

  #facts(): DeviceFacts {
    const { clock, facts } = this.#options;
    const now = clock.mono();
    if (this.#known === undefined || now - this.#known.at >= FRESH_MS) this.#known = { at: now, facts: facts() };
    return this.#known.facts;
  }
}

function healthAnswer(facts: DeviceFacts): Answer {
  const { well, words } = healthOf(facts);
  return { status: well ? 200 : 503, type: TEXT, body: [well ? "ok" : "not well", ...words, ""].join("\n") };
}

/** Without the port. */
function hostOf(header: string | undefined): string {
  return (header ?? "").replace(/:\d+$/, "");
}

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; connect-src 'self'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
