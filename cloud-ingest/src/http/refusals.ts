import type { Problem } from "@storeward/contracts";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { E } from "./errors.js";
import { problemOf } from "./problem.js";

/** Every error of every route becomes problem details; what is ours to mend goes to the log. */
export function refusals(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, body, headers } = problemOf(error, request.id);
    if (status === 500)
      request.log.error({ err: error, requestId: request.id, path: pathOf(request) }, "request failed");
    else request.log.debug({ code: body.code, requestId: request.id, path: pathOf(request) }, "request refused");
    return sendProblem(reply, status, body, headers);
  });
}

export function sendProblem(
  reply: FastifyReply,
  status: number,
  body: Problem,
  headers: Readonly<Record<string, string>> = {},
): FastifyReply {
  reply.code(status).headers(headers).header("cache-control", "no-store");
  // Past the serializer of the route, which knows its own answers only.
  return reply.type("application/problem+json").serializer(JSON.stringify).send(body);
}

/** Answers a path of the API that does not exist (404), or exists for other methods (405). */
export class KnownPaths {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** Remembers the routes added to `app` from now on. */
  watch(app: FastifyInstance): void {
    app.addHook("onRoute", ({ url, method }) => {
      const route = this.#routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const one of [method].flat()) route.methods.add(one);
      this.#routes.set(url, route);
    });
  }

  refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = pathOf(request);
    const here = [...this.#routes.values()].filter(({ pattern }) => pattern.test(path));
    const methods = new Set(here.flatMap(({ methods }) => [...methods]));
    const allowed = [...methods].sort().join(", ");
    const error =
      methods.size > 0 && !methods.has(request.method)
        ? E.METHOD_NOT_ALLOWED({ method: request.method, path, allowed })
        : E.NOT_FOUND({ path });
    const { status, body } = problemOf(error, request.id);
    return sendProblem(reply, status, body, status === 405 ? { allow: allowed } : {});
  }
}

export function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

function patternOf(url: string): RegExp {
  const parts = url
    .split("/")
    .map((part) => (part.startsWith(":") ? "[^/]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")));
  return new RegExp(`^${parts.join("/")}/?$`);
}
