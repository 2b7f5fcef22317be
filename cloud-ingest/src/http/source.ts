import type { FastifyRequest } from "fastify";
import type {} from "./types.js";

/** Who does this, over which request: what the audit asks for. */
export function sourceOf(request: FastifyRequest): { actor: string; ip: string; requestId: string } {
  return { actor: request.signedIn?.username ?? "anonymous", ip: request.ip, requestId: request.id };
}

/**
 * The name of the session's cookie. Cookies know no ports: by its ledger each service of a host has its own, and signing in to one signs nobody out
 * of another.
 */
export function sessionCookie(ledger: string): string {
  return `storeward_session_${ledger.slice(0, 8)}`;
}
