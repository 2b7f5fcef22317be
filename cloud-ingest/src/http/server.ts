import { readFileSync } from "node:fs";
import cookie from "@fastify/cookie";
import { registerAjvFormats, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { checkListen, type Logger, type Part, portTakenError } from "@storeward/runtime";
import { type FastifyBaseLogger, type FastifyError, type FastifyInstance, fastify, LogController } from "fastify";
import { uuidv7 } from "uuidv7";
import { decorateRequests, guard } from "./auth.js";
import { documentation } from "./docs.js";
import { type HealthCheck, healthRoutes } from "./health.js";
import { lateValidator, writeLate } from "./late.js";
import { problemOf } from "./problem.js";
import { KnownPaths, refusals, sendProblem } from "./refusals.js";
import { secure } from "./security.js";
import { type Simulation, simulationRoutes } from "./simulation.js";
import type { Authenticator, Routes } from "./types.js";
import { webApp } from "./web.js";

export interface HttpOptions {
  readonly listen: {
    readonly host: string;
    /** 0: any free one, see `HttpServer.port`. */
    readonly port: number;
    readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
    readonly insecure?: boolean | undefined;
  };
  readonly log: Logger;
  /** Of this release, for the API's description. */
  readonly version: string;
  readonly authenticator: Authenticator;
  /** Name of the session's cookie; storeward_session where absent. */
  readonly cookie?: string | undefined;
  /** Of every capability; registered under `/api/v1`. */
  readonly routes: readonly Routes[];
  readonly health: HealthCheck;
  /** Folder of the built web app. */
  readonly web?: string | undefined;
  /** Requests a minute from one address beyond this machine; 3000 where absent. */
  readonly perMinute?: number | undefined;
  /** In the box only. */
  readonly simulation?: Simulation | undefined;
}

const MAX_BODY = 1024 * 1024;
const MAX_CONNECTIONS = 4_000;

/** The API, its description and the web app, ready to be injected into or to listen. */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { listen, log, version, routes, simulation, cookie: cookieName = "storeward_session" } = options;
  registerAjvFormats();
  const tls = listen.tls;
  const app: FastifyInstance = fastify({
    // fastify makes the instance's type depend on this one; nobody uses it.
    ...(tls === undefined ? {} : { https: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } }),
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => uuidv7(),
    requestIdHeader: false,
    bodyLimit: MAX_BODY,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 15_000, maxHeaderSize: 16 * 1024 },
    // Whoever listens to live events holds a connection for hours.
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (error: FastifyError, request, reply) => {
      const { status, body } = problemOf(error, request.id);
      sendProblem(reply, status, body);
    },
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setValidatorCompiler(lateValidator(TypeBoxValidatorCompiler));
  // JSON only: a form of another page can send plain text without being asked.
  app.removeContentTypeParser("text/plain");
  refusals(app);
  decorateRequests(app);
  app.addHook("onRequest", async (request, reply) => void reply.header("x-request-id", request.id));
  await secure(app, { tls: tls !== undefined, perMinute: options.perMinute });
  await app.register(cookie);
  await documentation(app, { version, cookie: cookieName });
  const known = new KnownPaths();
  await app.register(
    async (api) => {
      known.watch(api);
      guard(api, options.authenticator, cookieName);
      // Here and in no scope of its own: fastify makes for it what the late ones are written by.
      await healthRoutes(options.health)(api, {});
      writeLate(api);
      if (simulation !== undefined) await api.register(simulationRoutes(simulation));
      for (const one of routes) await api.register(one);
    },
    { prefix: "/api/v1" },
  );
  await webApp(app, options.web, known);
  await app.ready();
  return app;
}

/** Listens between `start` and `stop`. */
export class HttpServer implements Part {
  readonly name = "http";
  readonly #options: HttpOptions;
  #app: FastifyInstance | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** The port it listens on; 0 while it does not. */
  get port(): number {
    const address = this.#app?.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async start(): Promise<void> {
    const { listen, log } = this.#options;
    const { host, port, tls, insecure } = listen;
    const warning = checkListen({ host, tls: tls !== undefined, insecure, what: "The page and API" });
    if (warning !== undefined) log.warn(warning);
    const app = await createHttp(this.#options);
    try {
      await app.listen({ host, port });
    } catch (error) {
      await app.close();
      throw portTakenError(error, { port, option: "http.port" });
    }
    this.#app = app;
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    this.#app = undefined;
  }
}
