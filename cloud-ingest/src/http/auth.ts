import type { User } from "@storeward/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { E } from "./errors.js";
import type { Authenticator } from "./types.js";

interface SignedIn {
  readonly user: User | undefined;
  readonly token: string | undefined;
}

const nobody: SignedIn = { user: undefined, token: undefined };
const signedIn = new WeakMap<FastifyRequest, SignedIn>();

/** `request.user` and its kin; before anybody was asked for they say nobody. */
export function decorateRequests(app: FastifyInstance): void {
  const of = (request: FastifyRequest) => signedIn.get(request) ?? nobody;
  app.decorateRequest("user", {
    getter(this: FastifyRequest): User {
      const { user } = of(this);
      if (user === undefined) throw E.NOT_SIGNED_IN();
      return user;
    },
  });
  app.decorateRequest("signedIn", {
    getter(this: FastifyRequest): User | undefined {
      return of(this).user;
    },
  });
  app.decorateRequest("sessionToken", {
    getter(this: FastifyRequest): string | undefined {
      return of(this).token;
    },
  });
}

/** Lets in who may: by `Authorization: Bearer`, else by the cookie of this name. Runs before a body is read. */
export function guard(app: FastifyInstance, authenticator: Authenticator, cookieName: string): void {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const bearer = bearerOf(request);
    const cookie = request.cookies[cookieName];
    if (bearer === undefined && cookie !== undefined) refuseForeignPages(request);
    const token = bearer ?? cookie;
    const user = token === undefined ? undefined : await authenticator.authenticate(token);
    signedIn.set(request, { user, token });
    const role = request.routeOptions.config.role ?? "viewer";
    if (role === "public") return;
    if (user === undefined) {
      reply.header("www-authenticate", "Bearer");
      throw E.NOT_SIGNED_IN();
    }
    if (role === "administrator" && user.role !== "administrator") throw E.ROLE_MISSING();
  });
}

const MAX_TOKEN = 200;

function bearerOf(request: FastifyRequest): string | undefined {
  const [, token] = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? "") ?? [];
  return token === undefined || token.length > MAX_TOKEN ? undefined : token;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** SameSite=Strict takes every port of a host for the same site: a page of another port may not act with our cookie. */
function refuseForeignPages(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (SAFE.has(request.method) || origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw E.FOREIGN_ORIGIN({ origin: origin.slice(0, 200) });
}
