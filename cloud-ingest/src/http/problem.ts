import { STATUS_CODES } from "node:http";
import type { Problem } from "@storeward/contracts";
import { isStorewardError } from "@storeward/runtime";
import type { FastifyError } from "fastify";
import { codeOf, isTransient } from "../database/index.js";

export interface ProblemAnswer {
  readonly status: number;
  readonly body: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

type Where = NonNullable<Problem["errors"]>;

const MAX_ERRORS = 50;

/** What fastify refuses by itself, in the words of this API. */
const OF_FASTIFY: Readonly<Record<string, readonly [code: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["BODY_TOO_LARGE", "The request's body is larger than allowed here"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    "MEDIA_TYPE_UNSUPPORTED",
    "A body must be sent as application/json; a journal as application/x-ndjson",
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["BODY_MISSING", "A body is announced as JSON, and there is none"],
  FST_ERR_CTP_INVALID_JSON_BODY: ["BODY_NOT_JSON", "The body is not JSON"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["BODY_LENGTH_WRONG", "The body is not as long as announced"],
  FST_ERR_BAD_URL: ["URL_UNREADABLE", "The path of the URL cannot be decoded"],
};

/** Problem details (RFC 9457) of anything thrown. Says nothing of what is inside unless the error is made for people. */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  if (isStorewardError(error)) {
    const { retryAfter, errors } = error.params;
    // Beyond what a caller can mend: the log has it, under the request's id. What is wrong with the database is for its operator.
    const isDatabase = error.code.startsWith("DATABASE_") && error.status === 503;
    const detail = error.status === 500 ? INTERNAL : isDatabase ? NO_DATABASE : error.message;
    const wait = typeof retryAfter === "number" ? retryAfter : error.status === 503 ? 5 : undefined;
    return answer(error.status, error.code, detail, requestId, isWhere(errors) ? errors : undefined, wait);
  }
  if (error instanceof SyntaxError && isHttpError(error))
    return answer(400, "BODY_NOT_JSON", "The body is not JSON", requestId);
  if (isHttpError(error)) {
    if (error.validation !== undefined)
      return answer(400, "REQUEST_INVALID", "The request is not as it must be", requestId, listed(error));
    const status = error.statusCode ?? 500;
    if (status < 500) {
      const [code, detail] = OF_FASTIFY[error.code] ?? [`HTTP_${status}`, STATUS_CODES[status] ?? "Refused"];
      return answer(status, code, detail, requestId);
    }
  }
  if (isTransient(error)) return answer(503, "DATABASE_UNAVAILABLE", NO_DATABASE, requestId, undefined, 5);
  if (codeOf(error)?.startsWith("22")) return answer(400, "VALUE_REFUSED", "A value cannot be stored", requestId);
  return answer(500, "INTERNAL", INTERNAL, requestId);
}

const NO_DATABASE = "The database does not answer just now";
const INTERNAL = "Something went wrong inside; the service's log has it under this request's id";

function answer(
  status: number,
  code: string,
  detail: string,
  requestId: string,
  errors?: Where,
  retryAfter?: number,
): ProblemAnswer {
  const title = STATUS_CODES[status] ?? "Error";
  const body: Problem = { type: "about:blank", title, status, detail, code, requestId };
  if (errors !== undefined) body.errors = errors.slice(0, MAX_ERRORS);
  const headers: Record<string, string> =
    retryAfter === undefined ? {} : { "retry-after": String(Math.ceil(retryAfter)) };
  return { status, body, headers };
}

function isHttpError(error: unknown): error is FastifyError {
  return error instanceof Error && ("statusCode" in error || "validation" in error);
}

function isWhere(errors: unknown): errors is Where {
  return (
    Array.isArray(errors) && errors.every((one) => typeof one?.where === "string" && typeof one?.message === "string")
  );
}

/** `/items/0/name` of the body becomes `body.items[0].name`. */
function listed({ validation, validationContext }: FastifyError): Where {
  return (validation ?? []).map(({ instancePath, message, params }) => {
    const path = instancePath.replace(/\/(\d+)(?=\/|$)/g, "[$1]").replaceAll("/", ".");
    const { additionalProperties, additionalProperty, allowedValues } = params;
    const detail = [additionalProperties ?? additionalProperty ?? allowedValues]
      .flat()
      .filter((one) => one !== undefined);
    const said = message ?? "is not as it must be";
    return {
      where: `${validationContext === "querystring" ? "query" : (validationContext ?? "request")}${path}`,
      message: detail.length === 0 ? said : `${said}: ${detail.slice(0, 20).join(", ")}`,
    };
  });
}
