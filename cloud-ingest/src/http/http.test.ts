import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Health, SimulatedTruth, User } from "@storeward/contracts";
import { createLogger, defineErrors } from "@storeward/runtime";
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttp, type HttpOptions, HttpServer, type Routes } from "./index.js";

const E = defineErrors({
  SHELF_FULL: { template: "Shelf {shelf} is full", status: 409 },
  SECRET_PLACE: { template: "cannot open /secret/path" },
});
const ward = { id: "0198c0de-0000-7000-8000-000000000001", code: "ward", name: "Ward", path: "Mercy / Ward" };
const user = (role: User["role"]): User => ({ id: "0198c0de-0000-7000-8000-00000000000a", username: role, role });
const tokens: Readonly<Record<string, User>> = { a: user("administrator"), v: user("viewer") };

const routes: Routes = async (app) => {
  app.get(
    "/things/:id",
    {
      schema: {
        params: Type.Object({ id: Type.Integer() }),
        querystring: Type.Object(
          { limit: Type.Optional(Type.Integer({ maximum: 5 })) },
          { additionalProperties: false },
        ),
      },
    },
    async (request) => ({ id: request.params.id, limit: request.query.limit ?? null, user: request.user.username }),
  );
  const body = Type.Object(
    { items: Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: false })) },
    { additionalProperties: false },
  );
  app.post("/things", { config: { role: "administrator" }, schema: { body } }, async () => ({ ok: true }));
  app.get("/full", async () => {
    throw E.SHELF_FULL({ shelf: "A" });
  });
  app.get("/broken", async () => {
    throw new Error("password=hunter2 at /srv");
  });
  app.get("/broken-by-name", async () => {
    throw E.SECRET_PLACE();
  });
  app.get("/gone", async () => {
    throw Object.assign(new Error("connect ECONNREFUSED /run/pg"), { code: "ECONNREFUSED" });
  });
};

let folder: string;
let health: Record<string, { status: "ok" | "degraded"; detail?: string }> = { database: { status: "ok" } };
let truth: unknown;
let simulator: Server;
let app: FastifyInstance;
let options: HttpOptions;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "web-"));
  simulator = createServer((_request, response) => response.end(JSON.stringify(truth)));
  await new Promise<void>((resolve) => simulator.listen(0, "127.0.0.1", resolve));
  const at = simulator.address() as { port: number };
  options = {
    listen: { host: "127.0.0.1", port: 0 },
    log: createLogger("test", { level: "silent" }),
    version: "1.2.3",
    authenticator: { authenticate: async (token) => tokens[token] },
    routes: [routes],
    health: async () => health,
    web: folder,
    simulation: { url: `http://127.0.0.1:${at.port}`, byCode: (code) => (code === "ward" ? ward : undefined) },
  };
  app = await createHttp(options);
});
afterAll(async () => {
  await app.close();
  simulator.close();
  rmSync(folder, { recursive: true });
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const get = (url: string, headers: Record<string, string> = as("v")) => app.inject({ url, headers });

describe("problem details", () => {
  it("carry code, status and the request's id, as their own media type", async () => {
    const answer = await get("/api/v1/full");
    expect(answer.statusCode).toBe(409);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      type: "about:blank",
      title: "Conflict",
      status: 409,
      code: "SHELF_FULL",
      detail: "Shelf A is full",
      requestId: answer.headers["x-request-id"],
    });
  });

  it.each(["/api/v1/broken", "/api/v1/broken-by-name"])(
    "of the unexpected (%s) tell nothing of the inside",
    async (url) => {
      const answer = await get(url);
      expect(answer.statusCode).toBe(500);
      expect(answer.body).not.toMatch(/hunter2|srv|secret|stack/);
      expect(answer.json().requestId).toBe(answer.headers["x-request-id"]);
    },
  );

  it("say that the database is away, and when to come again", async () => {
    const answer = await get("/api/v1/gone");
    expect([answer.statusCode, answer.json().code, answer.headers["retry-after"]]).toEqual([
      503,
      "DATABASE_UNAVAILABLE",
      "5",
    ]);
  });

  it("list everything that is wrong with a request, and where", async () => {
    const query = await get("/api/v1/things/x?limit=9&colour=red");
    expect(query.statusCode).toBe(400);
    expect(query.json()).toMatchObject({ code: "REQUEST_INVALID", errors: [{ where: "params.id" }] });
    const answer = await app.inject({
      method: "POST",
      url: "/api/v1/things",
      headers: as("a"),
      payload: { items: [{ name: "x" }, { name: 5, hue: 1 }], more: 1 },
    });
    const { errors } = answer.json() as { errors: { where: string; message: string }[] };
    expect(errors.map(({ where }) => where)).toEqual(
      expect.arrayContaining(["body", "body.items[1]", "body.items[1].name"]),
    );
    expect(errors.find(({ where }) => where === "body")?.message).toContain("more");
  });

  it.each([
    ["not JSON", "{", "application/json", 400, "BODY_NOT_JSON"],
    ["nothing", "", "application/json", 400, "BODY_MISSING"],
    ["a form", "a=b", "application/x-www-form-urlencoded", 415, "MEDIA_TYPE_UNSUPPORTED"],
    ["plain text", "{}", "text/plain", 415, "MEDIA_TYPE_UNSUPPORTED"],
    ["too much", `"${"x".repeat(1024 * 1024)}"`, "application/json", 413, "BODY_TOO_LARGE"],
    ["a poisoned prototype", '{"__proto__":{"x":1}}', "application/json", 400, "BODY_NOT_JSON"],
  ])("refuse a body that is %s", async (_what, payload, type, status, code) => {
    const answer = await app.inject({
      method: "POST",
      url: "/api/v1/things",
      headers: { ...as("a"), "content-type": type },
      payload,
    });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  it("tell what is not there from what is there for other methods", async () => {
    const missing = await get("/api/v1/nothing");
    expect([missing.statusCode, missing.json().code]).toEqual([404, "NOT_FOUND"]);
    const wrong = await app.inject({ method: "DELETE", url: "/api/v1/things/5", headers: as("a") });
    expect([wrong.statusCode, wrong.json().code, wrong.headers.allow]).toEqual([
      405,
      "METHOD_NOT_ALLOWED",
      "GET, HEAD",
    ]);
    expect((await app.inject({ url: "/api/v1/things/%zz" })).json()).toMatchObject({
      status: 400,
      code: "URL_UNREADABLE",
    });
  });
});

describe("who may", () => {
  it("lets nobody in without a session, and viewers not to what administrators do", async () => {
    const nobody = await get("/api/v1/things/5", {});
    expect([nobody.statusCode, nobody.json().code, nobody.headers["www-authenticate"]]).toEqual([
      401,
      "NOT_SIGNED_IN",
      "Bearer",
    ]);
    expect((await get("/api/v1/things/5", as("wrong"))).statusCode).toBe(401);
    expect((await get("/api/v1/things/5?limit=3")).json()).toEqual({ id: 5, limit: 3, user: "viewer" });
    const viewer = await app.inject({
      method: "POST",
      url: "/api/v1/things",
      headers: as("v"),
      payload: { items: [] },
    });
    expect([viewer.statusCode, viewer.json().code]).toEqual([403, "ROLE_MISSING"]);
    const admin = await app.inject({ method: "POST", url: "/api/v1/things", headers: as("a"), payload: { items: [] } });
    expect(admin.statusCode).toBe(200);
  });

  it("refuses a stranger before reading the body", async () => {
    const answer = await app.inject({
      method: "POST",
      url: "/api/v1/things",
      headers: { "content-type": "application/json" },
      payload: "{",
    });
    expect(answer.statusCode).toBe(401);
  });

  it("takes the cookie, but not from a page of another origin, port included", async () => {
    const send = (origin: Record<string, string>) =>
      app.inject({
        method: "POST",
        url: "/api/v1/things",
        headers: { host: "localhost:8080", cookie: "storeward_session=a", ...origin },
        payload: { items: [] },
      });
    expect((await send({})).statusCode).toBe(200);
    expect((await send({ origin: "http://localhost:8080" })).statusCode).toBe(200);
    for (const origin of ["http://localhost:3000", "https://evil.example", "null"])
      expect((await send({ origin })).json()).toMatchObject({ status: 403, code: "FOREIGN_ORIGIN" });
  });
});

describe("too many requests", () => {
  it("from one address have to wait, and are told how long; others go on", async () => {
    const strict = await createHttp({ ...options, perMinute: 5 });
    const ask = (remoteAddress: string) => strict.inject({ url: "/api/v1/health", remoteAddress });
    for (let i = 0; i < 5; i++) expect((await ask("10.1.1.1")).statusCode).toBe(200);
    const limited = await ask("10.1.1.1");
    expect([limited.statusCode, limited.json().code]).toEqual([429, "TOO_MANY_REQUESTS"]);
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask("10.1.1.2")).statusCode).toBe(200);
    for (let i = 0; i < 10; i++) expect((await ask("127.0.0.1")).statusCode).toBe(200);
    await strict.close();
  });
});

describe("health", () => {
  it("is 200 or 503, and names the parts only to those who are signed in", async () => {
    expect((await get("/api/v1/health", {})).json()).toEqual({ status: "ok" });
    expect((await get("/api/v1/health")).json()).toEqual({ status: "ok", parts: health });
    health = { ...health, broker: { status: "degraded", detail: "no connection" } };
    const degraded = await get("/api/v1/health", {});
    expect([degraded.statusCode, degraded.json<Health>()]).toEqual([503, { status: "degraded" }]);
    expect((await get("/api/v1/health")).json()).toMatchObject({ parts: { broker: { detail: "no connection" } } });
    health = { database: { status: "ok" } };
  });
});

describe("the simulator's truth", () => {
  const item = { epc: "3034", place: "ward", observablePlace: "ward", since: "2026-01-01T00:00:00.000Z" };

  it("comes with the places' ids", async () => {
    truth = {
      at: "2026-01-01T00:00:01.000Z",
      items: [{ ...item, carried: false }],
      passages: [],
    } satisfies SimulatedTruth;
    const answer = await get("/api/v1/simulation/truth");
    expect(answer.json()).toEqual({
      at: "2026-01-01T00:00:01.000Z",
      items: [{ ...item, place: ward.id, observablePlace: ward.id }],
    });
    expect((await get("/api/v1/simulation/truth", {})).statusCode).toBe(401);
  });

  it("is refused when it cannot be used, saying why", async () => {
    truth = { at: "2026-01-01T00:00:01.000Z", items: [{ ...item, place: "moon", carried: false }], passages: [] };
    expect((await get("/api/v1/simulation/truth")).json()).toMatchObject({
      status: 502,
      detail: expect.stringContaining("moon is no place"),
    });
    truth = { hello: 1 };
    expect((await get("/api/v1/simulation/truth")).json()).toMatchObject({
      status: 502,
      code: "SIMULATION_UNREADABLE",
    });
  });
});

describe("the page", () => {
  it("says how to build it while it has not been built", async () => {
    const answer = await get("/", {});
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain("npm run build");
  });

  it("is served with its files, and for every path that is its own", async () => {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<title>page</title>");
    writeFileSync(join(folder, "assets", "app-1a2b.js"), "1");
    for (const url of ["/", "/items/5", "/index.html"]) {
      const page = await get(url, {});
      expect([url, page.statusCode, page.body]).toEqual([url, 200, "<title>page</title>"]);
      expect(page.headers["cache-control"]).toBe("no-cache");
    }
    const script = await get("/assets/app-1a2b.js", {});
    expect([script.body, script.headers["cache-control"]]).toEqual(["1", "public, max-age=31536000, immutable"]);
    expect((await get("/assets/gone.js", {})).json()).toMatchObject({ status: 404 });
    expect((await get("/api/nothing", {})).json()).toMatchObject({ status: 404 });
    expect((await get("/..%2f..%2fetc%2fpasswd", {})).body).not.toContain("root:");
    expect((await app.inject({ method: "POST", url: "/" })).statusCode).toBe(404);
  });

  it("may load nothing from elsewhere and stand in no frame", async () => {
    const { headers } = await get("/", {});
    expect(headers["content-security-policy"]).toContain("default-src 'self'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).not.toContain("upgrade-insecure-requests");
    expect(headers["strict-transport-security"]).toBeUndefined();
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });
});

describe("the description of the API", () => {
  it("lists the routes from their schemas", async () => {
    const answer = await get("/api/docs/json", {});
    const { openapi, info, paths } = answer.json();
    expect([openapi, info.version]).toEqual(["3.1.0", "1.2.3"]);
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(["/api/v1/health", "/api/v1/things/{id}", "/api/v1/simulation/truth"]),
    );
    expect(Object.keys(paths)).not.toContain("/*");
    expect((await get("/api/docs/", {})).headers["content-type"]).toMatch(/html/);
  });

  it("says of every route with which problem details it answers, and those it answers with are among them", async () => {
    const { paths, components } = (await get("/api/docs/json", {})).json();
    expect(Object.keys(components.schemas.Problem.properties)).toContain("requestId");
    const operations = Object.values<object>(paths).flatMap((path) => Object.values(path));
    for (const { responses } of operations)
      expect(responses.default.content["application/problem+json"].schema.$ref).toBe("#/components/schemas/Problem");
    const described = (path: string, method: string) => Object.keys(paths[path][method].responses);
    expect(described("/api/v1/health", "get")).not.toContain("401");
    const refusals = [
      ["GET", "/api/v1/things/{id}", "/api/v1/things/7?limit=none", "v", undefined],
      ["GET", "/api/v1/things/{id}", "/api/v1/things/7", "nobody", undefined],
      ["POST", "/api/v1/things", "/api/v1/things", "v", { items: [] }],
      ["POST", "/api/v1/things", "/api/v1/things", "a", { no: 1 }],
    ] as const;
    for (const [method, path, url, token, payload] of refusals) {
      const { statusCode } = await app.inject({ method, url, headers: as(token), ...(payload && { payload }) });
      expect(statusCode).toBeGreaterThanOrEqual(400);
      expect(described(path, method.toLowerCase())).toContain(String(statusCode));
    }
  });
});

describe("the server", () => {
  const server = () => new HttpServer(options);
  const start = async () => {
    const one = server();
    await one.start();
    return one;
  };

  it("listens on loopback, stops at once though somebody listens on, and names the option of a taken port", async () => {
    const one = await start();
    const held = connect(one.port, "127.0.0.1").on("error", () => undefined);
    await new Promise((resolve) => held.once("connect", resolve));
    await expect(new HttpServer({ ...options, listen: { host: "127.0.0.1", port: one.port } }).start()).rejects.toThrow(
      /Port \d+ is already in use.*http\.port/,
    );
    await one.stop();
    expect(one.port).toBe(0);
  });

  it("does not listen beyond this machine without TLS", async () => {
    await expect(new HttpServer({ ...options, listen: { host: "0.0.0.0", port: 0 } }).start()).rejects.toThrow(
      "without TLS",
    );
  });

  it("survives what is no HTTP", async () => {
    const one = await start();
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(one.port, "127.0.0.1", () => socket.write("\x16\x03\x01 no http\r\n\r\n"));
      socket.on("data", (data) => resolve(String(data)));
      socket.on("error", () => undefined);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect((await fetch(`http://127.0.0.1:${one.port}/api/v1/health`)).status).toBe(200);
    await one.stop();
  });
});
