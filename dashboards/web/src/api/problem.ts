import type { Problem } from "@storeward/contracts";
import type { Messages } from "../messages/en.js";

/** Why a request did not do what was asked: an answer that says so, or no answer (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null, options?: ErrorOptions) {
    super(problem?.title ?? `HTTP ${status}`, options);
    this.status = status;
    this.problem = problem;
  }
}

export interface ProblemWords {
  readonly text: string;
  /** What is wrong where, such as a field of a form. */
  readonly errors: readonly { readonly where: string; readonly message: string }[];
  /** What the one who looks into it needs. */
  readonly reference: string | null;
}

/** Says in words what went wrong; the server's own words first, for they know more. */
export function problemWords(error: unknown, t: Messages): ProblemWords {
  if (!(error instanceof ApiError)) return { text: t.errors.server, errors: [], reference: null };
  const { problem, status } = error;
  return {
    text: problem?.detail ?? statusWords(status, problem, t),
    errors: problem?.errors ?? [],
    reference: problem === null ? null : t.errors.request(problem.requestId, problem.code),
  };
}

function statusWords(status: number, problem: Problem | null, t: Messages): string {
  if (status === 0) return t.errors.network;
  if (status === 403) return t.errors.forbidden;
  if (status === 429) return t.errors.tooMany;
  if (problem !== null && status < 500) return `${problem.title}.`.replace(/\.\.$/, ".");
  if (status === 404) return t.errors.notFound;
  if (status === 409) return t.errors.conflict;
  return t.errors.server;
}

/** The answer's body as problem details; null where a proxy or something else answered. */
export function asProblem(body: unknown): Problem | null {
  if (typeof body !== "object" || body === null || !("title" in body) || !("code" in body)) return null;
  return body as Problem;
}
