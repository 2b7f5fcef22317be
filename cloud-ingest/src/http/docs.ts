import { STATUS_CODES } from "node:http";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { Problem } from "@storeward/contracts";
import type { FastifyInstance, FastifySchema, RouteOptions } from "fastify";

/** The API's own description at `/api/docs`, made from the schemas of the routes; register before them. */
export async function documentation(
  app: FastifyInstance,
  { version, cookie }: { readonly version: string; readonly cookie: string },
): Promise<void> {
  app.addSchema({ $id: PROBLEM, ...Problem });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Storeward",
        version,
        description:
          "What a hospital has and where it is. Errors are problem details (RFC 9457) with a code and the request's id.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "the token of POST /api/v1/session" },
          cookie: { type: "apiKey", in: "cookie", name: cookie },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
    transform: ({ schema, url, route }) => ({ schema: withProblems(schema, route), url }),
    refResolver: { buildLocalReference: (json, _base, _fragment, n) => String(json.$id ?? `def-${n}`) },
  });
  await app.register(swaggerUi, { routePrefix: "/api/docs", uiConfig: { deepLinking: true, tryItOutEnabled: true } });
}

const PROBLEM = "Problem";
const SAFE = new Set(["GET", "HEAD"]);

/** With what a route answers where it does not do what it was asked, besides what it says itself. */
function withProblems(schema: FastifySchema, { method, config }: RouteOptions): FastifySchema {
  const { body, querystring, params, headers, response } = schema ?? {};
  const role = config?.role ?? "viewer";
  const isSafe = [method].flat().every((one) => SAFE.has(one));
  const statuses = [
    ...([body, querystring, params, headers].some((one) => one !== undefined) ? [400] : []),
    ...(role === "public" ? [] : [401]),
    // A page of elsewhere may change nothing either.
    ...(role === "administrator" || !isSafe ? [403] : []),
    ...(params === undefined ? [] : [404]),
    ...(headers === undefined ? [] : [412]),
    429,
  ];
  const refusals = statuses.map((status) => [status, problem(STATUS_CODES[status] ?? "")]);
  const others = { default: problem("Anything else that is not done; `code` says which") };
  return { ...schema, response: { ...Object.fromEntries(refusals), ...others, ...Object(response) } };
}

function problem(description: string): object {
  return { description, content: { "application/problem+json": { schema: { $ref: `${PROBLEM}#` } } } };
}
