import { createLogger, ManualClock } from "@storeward/runtime";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrations as auditMigrations, routes as auditRoutes, SYSTEM } from "../audit/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import { createHttp, sessionCookie } from "../http/index.js";
import { Access, migrations, routes } from "./index.js";

const HOUR = 3_600_000;
let database: TestDatabase;
let clock: ManualClock;
let access: Access;
let app: FastifyInstance;
beforeAll(async () => {
  database = await testDatabase([...migrations, ...auditMigrations]);
});
afterAll(() => database.close());
beforeEach(async () => {
  await app?.close();
  clock = new ManualClock();
  access = new Access({ db: database.db, clock });
  await access.ensureAdministrator({ username: "admin", password: "from the file" });
  app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log: createLogger("test", { level: "silent" }),
    version: "0",
    authenticator: access,
    cookie: COOKIE,
    routes: [routes({ access, tls: false, cookie: COOKIE }), auditRoutes({ sql: database.db })],
    health: async () => ({}),
  });
});
afterAll(() => app.close());

const COOKIE = sessionCookie("0198c0de0000");
/** Of another service on the same host: cookies know no ports. */
const OTHERS = sessionCookie("1198c0de0000");
const signIn = (username: string, password: string, remoteAddress = "10.0.0.1") =>
  app.inject({ method: "POST", url: "/api/v1/session", payload: { username, password }, remoteAddress });
const tokenOf = async (username: string, password: string) => (await signIn(username, password)).json().token as string;
type Method = "GET" | "POST" | "PATCH" | "DELETE";
const call = (token: string, method: Method, path: string, payload?: object) =>
  app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(payload && { payload }),
  });
const admin = () => tokenOf("admin", "from the file");

describe("signing in", () => {
  it("gives a token, and the same as a cookie that scripts cannot read and other sites cannot send", async () => {
    const answer = await signIn("ADMIN", "from the file");
    expect(answer.statusCode).toBe(200);
    const { token, user } = answer.json();
    expect(user).toMatchObject({ username: "admin", role: "administrator" });
    expect(answer.headers["set-cookie"]).toBe(`${COOKIE}=${token}; Max-Age=604800; Path=/; HttpOnly; SameSite=Strict`);
    expect((await call(token, "GET", "/session")).json()).toEqual({ user });
    const byCookie = await app.inject({
      url: "/api/v1/session",
      headers: { cookie: `${OTHERS}=nobody; ${COOKIE}=${token}` },
    });
    expect(byCookie.json()).toEqual({ user });
    expect(JSON.stringify(await database.db.query("select * from session"))).not.toContain(token);
  });

  it("is refused in the same words for a wrong password and for no such user", async () => {
    const wrong = await signIn("admin", "guess");
    const nobody = await signIn("nobody", "guess");
    const { requestId: _1, ...a } = wrong.json();
    const { requestId: _2, ...b } = nobody.json();
    expect(a).toEqual(b);
    expect(a).toMatchObject({ status: 401, code: "SIGN_IN_REFUSED" });
  });

  it("hashes for a user that does not exist too, so that the time tells nothing", async () => {
    await signIn("warm", "up");
    const time = async (name: string) => {
      const start = process.hrtime.bigint();
      await signIn(name, "guess", "10.9.9.9");
      return Number(process.hrtime.bigint() - start);
    };
    // Without the hash it would be under a millisecond against some twenty.
    expect(await time("nobody")).toBeGreaterThan((await time("admin")) / 4);
  });

  it("waits a minute after ten failures for a user from one address, and lets others in meanwhile", async () => {
    for (let i = 0; i < 10; i++) expect((await signIn("admin", "guess")).statusCode).toBe(401);
    const limited = await signIn("admin", "from the file");
    expect([limited.statusCode, limited.json().code, limited.headers["retry-after"]]).toEqual([
      429,
      "SIGN_IN_TOO_OFTEN",
      "60",
    ]);
    expect((await signIn("admin", "from the file", "10.0.0.2")).statusCode).toBe(200);
    await clock.advance(59_500);
    expect((await signIn("admin", "from the file")).headers["retry-after"]).toBe("1");
    await clock.advance(500);
    expect((await signIn("admin", "from the file")).statusCode).toBe(200);
  });

  it("may succeed as often as one likes", async () => {
    for (let i = 0; i < 15; i++) expect((await signIn("admin", "from the file")).statusCode).toBe(200);
  });

  it("stops one address that tries many names", async () => {
    const tries = [];
    for (let i = 0; i < 101; i++) tries.push(signIn(`user-${i}`, "guess"));
    const codes = (await Promise.all(tries)).map((answer) => answer.statusCode);
    expect(codes.filter((code) => code === 429)).toHaveLength(1);
    expect(codes.filter((code) => code === 401).length).toBeGreaterThan(30);
  });

  it("is audited, the failed one too, without the password", async () => {
    await signIn("admin", "hunter2-guess");
    const token = await admin();
    await call(token, "DELETE", "/session");
    const page = (await call(await admin(), "GET", "/audit?limit=4")).json();
    expect(
      page.lines.map((line: { action: string; actor: string; ip: string }) => [line.action, line.actor, line.ip]),
    ).toEqual([
      ["session.opened", "admin", "127.0.0.1"].with(2, "10.0.0.1"),
      ["session.closed", "admin", "127.0.0.1"],
      ["session.opened", "admin", "10.0.0.1"],
      ["session.refused", "anonymous", "10.0.0.1"],
    ]);
    expect(page.lines[3]).toMatchObject({ detail: { username: "admin" }, requestId: expect.any(String) });
    expect(JSON.stringify(page)).not.toContain("hunter2");
  });
});

describe("a session", () => {
  it("ends when signed out, at once and everywhere", async () => {
    const token = await admin();
    const out = await call(token, "DELETE", "/session");
    expect([out.statusCode, out.headers["set-cookie"]]).toEqual([204, expect.stringContaining(`${COOKIE}=; `)]);
    expect((await call(token, "GET", "/session")).statusCode).toBe(401);
    expect((await app.inject({ method: "DELETE", url: "/api/v1/session" })).statusCode).toBe(204);
  });

  it("ends after 12 hours without use, and goes on while it is used, up to 7 days", async () => {
    const idle = await admin();
    const used = await admin();
    for (let hour = 0; hour < 7 * 24; hour += 8) {
      expect((await call(used, "GET", "/session")).statusCode).toBe(200);
      await clock.advance(8 * HOUR);
    }
    expect((await call(used, "GET", "/session")).statusCode).toBe(401);
    expect((await call(idle, "GET", "/session")).statusCode).toBe(401);
    await admin();
    expect(await database.db.query("select from session where ends_at < $1", [new Date(clock.wall())])).toEqual([]);
  });

  it("is none for a token that is made up", async () => {
    for (const token of ["", "x", "A".repeat(43), "'; drop table session", "A".repeat(10_000)])
      expect((await call(token, "GET", "/session")).statusCode).toBe(401);
  });
});

describe("users", () => {
  const nurse = { username: "Nurse.Joy", password: "a long password", role: "viewer" };

  it("are made, changed and disabled by administrators only", async () => {
    const token = await admin();
    const made = await call(token, "POST", "/users", nurse);
    expect(made.statusCode).toBe(201);
    expect(made.json()).toMatchObject({ username: "Nurse.Joy", role: "viewer", disabled: false, signedInAt: null });
    expect((await call(token, "POST", "/users", { ...nurse, username: "nurse.joy" })).json()).toMatchObject({
      status: 409,
      code: "USERNAME_TAKEN",
    });
    expect((await call(token, "POST", "/users", { ...nurse, username: "x", password: "short" })).json()).toMatchObject({
      status: 400,
      errors: [{ where: "body.password" }],
    });

    const viewer = await tokenOf("nurse.joy", nurse.password);
    for (const path of ["/users", "/audit"]) expect((await call(viewer, "GET", path)).statusCode).toBe(403);
    expect((await call(viewer, "PATCH", `/users/${made.json().id}`, { role: "administrator" })).statusCode).toBe(403);

    expect((await call(token, "PATCH", `/users/${made.json().id}`, { password: "another password" })).statusCode).toBe(
      200,
    );
    expect((await call(viewer, "GET", "/session")).statusCode).toBe(401);
    expect((await signIn("nurse.joy", nurse.password)).statusCode).toBe(401);
    const again = await tokenOf("nurse.joy", "another password");
    expect((await call(token, "PATCH", `/users/${made.json().id}`, { disabled: true })).json()).toMatchObject({
      disabled: true,
    });
    expect((await call(again, "GET", "/session")).statusCode).toBe(401);
    expect((await signIn("nurse.joy", "another password")).statusCode).toBe(401);
    expect((await call(token, "GET", "/users")).json().users.map((u: { username: string }) => u.username)).toEqual([
      "admin",
      "Nurse.Joy",
    ]);
    expect((await call(token, "GET", "/users")).body).not.toContain("argon2");
    const { lines } = (await call(token, "GET", `/audit?action=user&subject=user:${made.json().id}`)).json();
    expect(lines.map((line: { detail: object }) => line.detail)).toEqual([
      { username: "Nurse.Joy", disabled: true },
      { username: "Nurse.Joy", password: "changed" },
      { username: "Nurse.Joy", role: "viewer" },
    ]);
  });

  it("always include an administrator, also when two demote each other at once", async () => {
    const token = await admin();
    const { users } = (await call(token, "GET", "/users")).json();
    const me = users[0].id;
    for (const change of [{ disabled: true }, { role: "viewer" }])
      expect((await call(token, "PATCH", `/users/${me}`, change)).json()).toMatchObject({
        status: 409,
        code: "LAST_ADMINISTRATOR",
      });
    const other = (
      await call(token, "POST", "/users", { username: "second", password: "a long password", role: "administrator" })
    ).json().id;
    for (let round = 0; round < 10; round++) {
      // By HTTP who comes second may be no administrator any more, and is refused for that.
      const both = await Promise.allSettled([me, other].map((id) => access.change(id, { role: "viewer" }, SYSTEM)));
      expect(both.filter(({ status }) => status === "fulfilled")).toMatchObject([{ value: { role: "viewer" } }]);
      expect(both.filter(({ status }) => status === "rejected")).toMatchObject([
        { reason: { code: "LAST_ADMINISTRATOR" } },
      ]);
      const left = await database.db.query("select from app_user where role = 'administrator' and not disabled");
      expect(left).toHaveLength(1);
      await database.db.query("update app_user set role = 'administrator' where id = any ($1)", [[me, other]]);
    }
    expect((await call(token, "PATCH", `/users/${other}`, { role: "viewer" })).statusCode).toBe(200);
    expect((await call(token, "PATCH", "/users/0198c0de-0000-7000-8000-000000000000", {})).statusCode).toBe(404);
  });
});

describe("the administrator of the password file", () => {
  const ensure = (password: string) => access.ensureAdministrator({ username: "admin", password });

  it("keeps a password changed by hand until the file changes, which is the way back in", async () => {
    const token = await admin();
    const [me] = (await call(token, "GET", "/users")).json().users;
    await call(token, "PATCH", `/users/${me.id}`, { password: "changed by hand" });
    await ensure("from the file");
    expect((await signIn("admin", "from the file")).statusCode).toBe(401);
    const byHand = await tokenOf("admin", "changed by hand");
    await database.db.query("update app_user set disabled = true where id = $1", [me.id]);
    await ensure("a new file");
    expect((await signIn("admin", "a new file")).statusCode).toBe(200);
    expect((await call(byHand, "GET", "/session")).statusCode).toBe(401);
    await ensure("from the file");
  });
});

describe("the audit", () => {
  it.each(["update audit_entry set actor = 'x'", "delete from audit_entry", "truncate audit_entry"])(
    "refuses: %s",
    async (sql) => {
      await expect(database.db.query(sql)).rejects.toThrow("append-only");
    },
  );

  it("is read page by page, each line once", async () => {
    const token = await admin();
    const seen: number[] = [];
    for (let cursor = ""; ; ) {
      const { lines, next } = (await call(token, "GET", `/audit?limit=7${cursor}`)).json();
      seen.push(...lines.map((line: { pos: number }) => line.pos));
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    const rows = await database.db.query<{ pos: number }>("select pos from audit_entry order by pos desc");
    expect(seen).toEqual(rows.map(({ pos }) => pos));
    expect((await call(token, "GET", "/audit?cursor=zz")).json()).toMatchObject({
      status: 400,
      code: "CURSOR_UNREADABLE",
    });
    const until = encodeURIComponent("2020-01-01T00:00:00.000Z");
    expect((await call(token, "GET", `/audit?to=${until}`)).json()).toEqual({ lines: [], next: null });
  });
});
