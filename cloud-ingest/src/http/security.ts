import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import { isLoopback } from "@storeward/runtime";
import type { FastifyInstance } from "fastify";
import { E } from "./errors.js";

const PER_MINUTE = 3_000;
/** The box's own tests and a reverse proxy on the same machine. */
const PER_MINUTE_LOCAL = 60_000;

/** Headers for our own page, which loads nothing from elsewhere, and a loose limit for everything. */
export async function secure(
  app: FastifyInstance,
  { tls, perMinute = PER_MINUTE }: { readonly tls: boolean; readonly perMinute?: number | undefined },
): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        // The plan is SVG with computed places, the API's page brings a style sheet in its text.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // Browsers refuse these two, loudly, from a plain origin that is not this machine.
    crossOriginOpenerPolicy: tls,
    originAgentCluster: tls,
    xFrameOptions: { action: "deny" },
  });
  await app.register(rateLimit, {
    global: false,
    timeWindow: 60_000,
    max: ({ ip }) => (isLoopback(ip) ? PER_MINUTE_LOCAL : perMinute),
    cache: 10_000,
    addHeadersOnExceeding: { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false },
    errorResponseBuilder: (_request, { ttl }) => E.TOO_MANY_REQUESTS({ retryAfter: Math.ceil(ttl / 1000) }),
  });
  app.addHook("onRequest", app.rateLimit());
}
