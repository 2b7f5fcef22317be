import type {
  AlertPage,
  AlertReceiverAnswer,
  AlertRule,
  AlertRules,
  AlertSetup,
  Problem,
  User,
} from "@storeward/contracts";
import { createLogger } from "@storeward/runtime";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttp } from "../http/index.js";
import { migrations } from "./migrations.js";
import { checkSetup } from "./setup/check.js";
import { DEFAULT_RULES } from "./setup/defaults.js";
import { AlertedSite, DARK } from "./testing.js";

let alerted: AlertedSite;
let app: FastifyInstance;
const user = (role: User["role"]): User => ({ id: "0198c0de-0000-7000-8000-00000000000a", username: role, role });
beforeAll(async () => {
  alerted = await AlertedSite.open();
  app = await createHttp({
    listen: { host: "127.0.0.1", port: 0 },
    log: createLogger("test", { level: "silent" }),
    version: "1",
    authenticator: {
      authenticate: async (token) => (token === "administrator" || token === "viewer" ? user(token) : undefined),
    },
    routes: [alerted.alerting.routes],
    health: async () => ({}),
  });
});
afterAll(async () => {
  await app.close();
  await alerted.close();
});
beforeEach(() => alerted.set({ rules: [DARK] }));

async function call<T>(
  method: "GET" | "PUT" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  as = "administrator",
  more: Record<string, string> = {},
) {
  const headers = { authorization: `Bearer ${as}`, ...more };
  const request: InjectOptions = { method, url: `/api/v1/alerts${path}`, headers };
  if (body !== undefined) request.payload = body as object;
  const answer = await app.inject(request);
  const tag = answer.headers.etag as string;
  return { status: answer.statusCode, tag, body: (answer.body === "" ? null : answer.json()) as T };
}
const audited = async () =>
  (
    await alerted.site.sql.query<{ word: string }>(
      "SELECT actor || ' ' || action || ' ' || subject AS word FROM audit_entry ORDER BY pos DESC LIMIT 1",
    )
  )[0]?.word;

const HOOK = { id: "hook", name: "Hook", by: { kind: "webhook", url: "https://hooks.hospital.test/x" } };

describe("the setup of alerts", { timeout: 60_000 }, () => {
  it("a new house has rules that can be set as they are, and only once: what is removed stays so", async () => {
    expect(checkSetup({ rules: [...DEFAULT_RULES], receivers: [], windows: [] }, () => false)).toEqual([]);
    await alerted.site.sql.query("DELETE FROM alert_document");
    await alerted.site.sql.query("UPDATE alert_revision SET revision = 0");
    await alerted.alerting.setup.ensureDefaults();
    const { body } = await call<AlertRules>("GET", "/rules", undefined, "viewer");
    expect(body.rules.map(({ id }) => id)).toContain("gateway-dark");
    expect(body.units).toEqual({ "delay-long": "s" });
    expect((await call("DELETE", "/rules/gateway-dark")).status).toBe(204);
    await alerted.alerting.setup.ensureDefaults();
    expect((await call<{ rules: AlertRule[] }>("GET", "/rules")).body.rules.map(({ id }) => id)).not.toContain(
      "gateway-dark",
    );
  });

  it("a house that was set up before there was a rule for forks has it after its upgrade, as a new house does", async () => {
    const { sql: upgrade = "" } = migrations.find(({ id }) => id === "0231-alert-journal-forked") ?? {};
    const own = DEFAULT_RULES.find(({ id }) => id === "journal-forked");
    for (const sql of upgrade.split(";\n").filter((one) => one.trim() !== "")) await alerted.site.sql.query(sql);
    const { body } = await call<AlertRules>("GET", "/rules");
    expect(body.rules).toEqual([DARK, own]);
  });

  it("goes out and comes in whole, says beforehand what would change, and changes nothing where it is the same", async () => {
    const windows = [
      { id: "night", title: "Night", kind: "quiet", when: { days: ["mon"], from: "22:00", to: "06:00" } },
    ];
    const setup = { rules: [DARK, { ...DARK, id: "dark-2", place: "store-1" }], receivers: [HOOK], windows };
    expect((await call("PUT", "/setup?dryRun=true", setup)).body).toEqual({ changed: 3, removed: 0, unchanged: 1 });
    expect((await call<AlertSetup>("GET", "/setup")).body.rules).toHaveLength(1);
    expect((await call("PUT", "/setup", setup)).body).toEqual({ changed: 3, removed: 0, unchanged: 1 });
    const { body: out } = await call<AlertSetup>("GET", "/setup");
    expect(out).toEqual(setup);
    expect((await call("PUT", "/setup", out)).body).toEqual({ changed: 0, removed: 0, unchanged: 4 });
    expect((await call("PUT", "/setup", { windows: [] })).body).toEqual({ changed: 0, removed: 1, unchanged: 0 });
  });

  it("refuses what means nothing, and names each place of it", async () => {
    const figure = (more: object) => ({
      ...DARK,
      when: { on: "measurement", measurement: "delay", field: "p95", above: 1, ...more },
    });
    const wrong: [object, string, string][] = [
      [
        { rules: [figure({ field: "p99" })] },
        "body.rules[0].when.field",
        "delay has no p99: it has count, p50, p95, max",
      ],
      [{ rules: [figure({ by: ["kind"] })] }, "body.rules[0].when.by[0]", "delay has no kind: it has agent"],
      [{ rules: [figure({ below: 3 })] }, "body.rules[0].when", "needs one of above and below"],
      [{ rules: [{ ...DARK, place: "nowhere" }] }, "body.rules[0].place", "there is no place nowhere"],
      [{ rules: [{ ...DARK, when: { on: "items", are: "in" } }] }, "body.rules[0].place", "is needed: in which place?"],
      [{ rules: [DARK, DARK] }, "body.rules[1].id", "there are two of dark"],
      [
        { receivers: [{ ...HOOK, by: { kind: "webhook", url: "http://hooks.hospital.test" } }] },
        "body.receivers[0].by.url",
        "INSECURE",
      ],
      [
        {
          windows: [
            { id: "w", title: "W", kind: "quiet", rules: ["no"], when: { days: ["mon"], from: "22:00", to: "06:00" } },
          ],
        },
        "body.windows[0].rules[0]",
        "there is no rule no",
      ],
    ];
    for (const [setup, where, message] of wrong) {
      const { status, body } = await call<Problem>("PUT", "/setup", setup);
      expect([status, body.code, body.errors?.[0]?.where]).toEqual([422, "ALERT_SETUP_INVALID", where]);
      if (message !== "INSECURE") expect(body.errors?.[0]?.message).toBe(message);
    }
    expect((await call("PUT", "/rules/other", DARK)).status).toBe(422);
    const gone = JSON.stringify({ ...DARK, id: "gone", place: "torn-down" });
    await alerted.site.sql.query(
      "INSERT INTO alert_document (kind, id, body, changed_by) VALUES ('rule', 'gone', $1, 'x')",
      [gone],
    );
    await alerted.site.sql.query("UPDATE alert_revision SET revision = revision + 1");
    expect((await call("PUT", "/rules/dark", { ...DARK, lasts: 70 })).status).toBe(200);
    await alerted.round();
    expect((await call("GET", "/status")).body).toMatchObject({ unjudged: [{ rule: "gone" }] });
    expect((await call("PUT", "/rules/dark", { ...DARK, lasts: -1 })).status).toBe(400);
    expect((await call("DELETE", "/rules/nothing")).status).toBe(404);
  });

  it("is for administrators to see and to change, and every change is in the audit", async () => {
    for (const [method, path, body] of [
      ["GET", "/setup"],
      ["PUT", "/setup", {}],
      ["PUT", "/rules/dark", DARK],
      ["DELETE", "/rules/dark"],
      ["PUT", "/receivers/hook", HOOK],
      ["POST", "/receivers/hook/test"],
    ] as const)
      expect([path, (await call(method, path, body, "viewer")).status]).toEqual([path, 403]);
    const { status, body } = await call<AlertReceiverAnswer>("PUT", "/receivers/hook", HOOK);
    expect(status).toBe(201);
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(await audited()).toBe("administrator alert-receiver.set alert-receiver:hook");
    const [{ detail } = { detail: null }] = await alerted.site.sql.query<{ detail: unknown }>(
      "SELECT detail FROM audit_entry ORDER BY pos DESC LIMIT 1",
    );
    // An address with a token in it stays out of what cannot be erased.
    expect(detail).toEqual({ id: "hook", name: "Hook", by: { kind: "webhook", host: "hooks.hospital.test" } });
    expect(
      (await call<AlertReceiverAnswer>("PUT", "/receivers/hook", { ...HOOK, name: "H" })).body.secret,
    ).toBeUndefined();
    const anew = await call<AlertReceiverAnswer>("POST", "/receivers/hook/secret");
    expect(anew.body.secret).not.toBe(body.secret);
    expect((await call("POST", "/receivers/hook/test")).status).toBe(202);
    expect(await audited()).toBe("administrator alert-receiver.tested alert-receiver:hook");
    expect((await call("PUT", "/rules/dark", { ...DARK, lasts: 90 })).status).toBe(200);
    expect(await audited()).toBe("administrator alert-rule.set alert-rule:dark");
  });
});

describe("of two who change the same", { timeout: 60_000 }, () => {
  const WINDOW = {
    id: "night",
    title: "Night",
    kind: "quiet",
    when: { days: ["mon"], from: "22:00", to: "06:00" },
  };
  const put = (path: string, body: object, headers: Record<string, string>) =>
    call<Problem>("PUT", path, body, "administrator", headers);
  const remove = (path: string, headers: Record<string, string>) =>
    call<Problem>("DELETE", path, undefined, "administrator", headers);

  it.each([
    ["rules", { ...DARK, title: "Dark" }, { ...DARK, title: "Darker" }],
    ["receivers", HOOK, { ...HOOK, name: "Other" }],
    ["windows", WINDOW, { ...WINDOW, title: "Late" }],
  ])(
    "%s: the second is told that the first has changed it, and who, and nothing of theirs is lost",
    async (list, one, other) => {
      const path = `/${list}/${one.id}`;
      await call("PUT", path, one);
      const { tag, body } = await call("GET", path);
      expect(body).toEqual(one);
      const first = await put(path, other, { "if-match": tag });
      expect([first.status, first.tag]).toEqual([200, (await call("GET", path)).tag]);
      const second = await put(path, { ...one, enabled: false }, { "if-match": tag });
      expect([second.status, second.body.code, second.body.detail]).toEqual([
        412,
        "ALERT_DOCUMENT_CHANGED",
        expect.stringMatching(/^administrator has changed this (rule|receiver|window) since you read it, at 20/),
      ]);
      expect((await remove(path, { "if-match": tag })).body.code).toBe("ALERT_DOCUMENT_CHANGED");
      expect((await put(path, one, { "if-none-match": "*" })).body.code).toBe("ALERT_DOCUMENT_EXISTS");
      expect((await call("GET", path)).body).toEqual(other);
      // As a proxy that compresses hands tags on, among others.
      expect((await put(path, one, { "if-match": `"x", W/${first.tag}` })).status).toBe(200);
      expect((await remove(path, { "if-match": tag })).status).toBe(204);
      expect((await put(path, one, { "if-match": tag })).body.code).toBe("ALERT_DOCUMENT_REMOVED");
      expect((await put(path, one, { "if-match": "*" })).status).toBe(412);
      expect((await put(path, one, { "if-match": tag.slice(1) })).status).toBe(400);
      expect((await call("GET", path)).status).toBe(404);
      expect((await put(path, one, { "if-none-match": "*" })).status).toBe(201);
    },
  );

  it("who brings in a whole setup is told that another has changed it", async () => {
    const { tag, body } = await call<AlertSetup>("GET", "/setup");
    await call("PUT", "/windows/night", WINDOW);
    expect((await put("/setup", body, { "if-match": tag })).body.code).toBe("ALERT_SETUP_CHANGED");
    expect((await put("/setup", body, { "if-match": (await call("GET", "/setup")).tag })).status).toBe(200);
  });

  it("of any number at once one changes it", async () => {
    const { tag } = await call("GET", "/rules/dark");
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => put("/rules/dark", { ...DARK, lasts: 100 + n }, { "if-match": tag })),
    );
    expect(all.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
  });
});

describe("alerts as they are asked for", { timeout: 60_000 }, () => {
  async function manyDark(rules: number): Promise<void> {
    const of = (n: number): AlertRule => ({ ...DARK, id: `dark-${n}`, severity: n % 2 === 0 ? "critical" : "warning" });
    await alerted.set({ rules: Array.from({ length: rules }, (_, n) => of(n)) });
    alerted.says("doors", "online");
    await alerted.round();
    alerted.says("doors", "offline");
    await alerted.round();
    await alerted.pass(61);
  }

  it("come in pages, each once, what is open and critical first, and can be asked for by what they are about", async () => {
    await manyDark(5);
    const { body: all } = await call<AlertPage>("GET", "?agent=doors");
    expect(all.alerts.map(({ severity }) => severity)).toEqual([
      "critical",
      "critical",
      "critical",
      "warning",
      "warning",
    ]);
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: AlertPage = (await call<AlertPage>("GET", `?limit=2&agent=doors${cursor && `&cursor=${cursor}`}`))
        .body;
      ids.push(...page.alerts.map(({ id }) => id));
      cursor = page.next;
    }
    expect(ids).toEqual(all.alerts.map(({ id }) => id));
    expect((await call("GET", "/counts", undefined, "viewer")).body).toMatchObject({ critical: 3, acknowledged: 0 });
    expect((await call<AlertPage>("GET", "?agent=none")).body.alerts).toEqual([]);
  });

  it("are acknowledged by whoever is signed in, once, and that is in the audit with their name", async () => {
    await manyDark(1);
    const [{ id } = { id: "" }] = (await call<AlertPage>("GET", "?agent=doors")).body.alerts;
    const first = await call("POST", `/${id}/acknowledge`, { note: "seen" }, "viewer");
    expect(first.body).toMatchObject({ state: "acknowledged", acknowledged: { by: "viewer", note: "seen" } });
    expect(await audited()).toBe(`viewer alert.acknowledged alert:${id}`);
    const second = await call("POST", `/${id}/acknowledge`, { note: "me too" });
    expect(second.body).toMatchObject({ acknowledged: { by: "viewer", note: "seen" } });
    alerted.says("doors", "online");
    await alerted.round();
    expect((await call("POST", `/${id}/acknowledge`, {})).status).toBe(409);
    expect((await call("GET", `/${id}`)).body).toMatchObject({ state: "closed", deliveries: [] });
    expect((await call("GET", "/0198c0de-0000-7000-8000-0000000000ff")).status).toBe(404);
  });
});
