import type { FastifyRequest } from "fastify";
import type {} from "./types.js";

/** Who does this, over which request: what the audit asks for. */
export function sourceOf(request: FastifyRequest): { actor: string; ip: string; requestId: string } {
  return { actor: request.signedIn?.username ?? "anonymous", ip: request.ip, requestId: request.id };
}

/** The name of the session's cookie. */
export const SESSION_COOKIE = "storeward_session";
