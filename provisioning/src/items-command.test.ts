import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { encodeSgtin96 } from "@storeward/codecs/epc";
import { ItemImport, type ItemImportResult, type NewItem, type Problem } from "@storeward/contracts";
import { validator } from "@storeward/runtime";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { folder, run, SITE } from "./testing.js";

const PASSWORD = "correct horse";
const ID = "0192a1b2-0000-7000-8000-000000000000";

/** The cloud's side of the contract: sessions, and an import that is whole or nothing and knows what it has. */
const cloud = {
  items: new Map<string, NewItem>(),
  requests: [] as { method: string; path: string; items?: number; bytes?: number; dryRun?: boolean | undefined }[],
  sessions: 0,
  /** Answers with these statuses before it does its work. */
  busy: [] as number[],
  refuse: (_item: NewItem): string | undefined => undefined,
  port: 0,
};
const isImport = validator(ItemImport);

const server = createServer((request, response) => {
  void answer(request).then(({ status, body }) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
});

async function answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  const { method = "", url: path = "" } = request;
  const status = cloud.busy.shift();
  if (status !== undefined) return problem(status, "BUSY", "busy");
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  if (path === "/api/v1/session" && method === "POST") {
    if ((body as { password: string }).password !== PASSWORD) return problem(401, "SIGN_IN_REFUSED", "Wrong password");
    cloud.sessions++;
    return { status: 200, body: { token: "t1", user: { id: ID, username: "admin", role: "administrator" } } };
  }
  if (request.headers.authorization !== "Bearer t1") return problem(401, "NOT_SIGNED_IN", "Sign in first");
  if (path === "/api/v1/session") {
    cloud.sessions--;
    return { status: 204, body: null };
  }
  const asked = isImport(body);
  if (!asked.ok) return problem(400, "REQUEST_INVALID", asked.errors.join());
  cloud.requests.push({
    method,
    path,
    items: asked.value.items.length,
    bytes: text.length,
    dryRun: asked.value.dryRun,
  });
  return { status: 200, body: imported(asked.value.items, asked.value.dryRun === true) };
}

function imported(items: readonly NewItem[], dryRun: boolean): ItemImportResult {
  const result: ItemImportResult = { created: 0, changed: 0, unchanged: 0, errors: [] };
  for (const [index, item] of items.entries()) {
    const message = cloud.refuse(item);
    const old = cloud.items.get(item.epc ?? "");
    if (message !== undefined) result.errors.push({ index, code: "ITEM_REFUSED", message });
    else if (old === undefined) result.created++;
    else if (JSON.stringify(old) === JSON.stringify(item)) result.unchanged++;
    else result.changed++;
  }
  if (result.errors.length > 0) return { created: 0, changed: 0, unchanged: 0, errors: result.errors };
  if (!dryRun) for (const item of items) cloud.items.set(item.epc ?? "", item);
  return result;
}

function problem(status: number, code: string, detail: string, errors?: Problem["errors"]) {
  const body: Problem = { type: "about:blank", title: "Refused", status, detail, code, requestId: "r1" };
  return { status, body: errors === undefined ? body : { ...body, errors } };
}

const dir = folder();
const path = (name: string) => join(dir.path, name);
const epcOf = (serial: number) =>
  encodeSgtin96({ filter: 3, companyPrefixLength: 8, gtin: "09506000134352", serial: String(serial) });
const list = (count: number, name = (i: number) => `Pump ${i}`) =>
  writeFileSync(
    path("items.csv"),
    ["epc,name,kind,home", ...Array.from({ length: count }, (_, i) => `${epcOf(i)},${name(i)},pump,ward`)].join("\n"),
  );
const files = () => ["items", "--items", path("items.csv"), "--site", path("site.yaml")];
const load = (...more: string[]) =>
  run(...files(), "--cloud", `http://127.0.0.1:${cloud.port}`, "--password-file", path("password"), ...more);

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  cloud.port = typeof address === "object" && address !== null ? address.port : 0;
  writeFileSync(path("site.yaml"), SITE);
  writeFileSync(path("password"), `${PASSWORD}\n`, { mode: 0o600 });
});
afterAll(() => {
  server.close();
  dir.remove();
});
beforeEach(() => {
  Object.assign(cloud, { busy: [], sessions: 0, requests: [], refuse: () => undefined });
  cloud.items.clear();
  list(3);
});

describe("storeward-provision items", () => {
  it("loads a list, and the same list again changes nothing", async () => {
    expect(await load()).toEqual({ code: 0, out: "3 items: 3 created, 0 changed, 0 unchanged\n", err: "" });
    expect([...cloud.items.values()][1]).toEqual({ epc: epcOf(1), name: "Pump 1", kind: "pump", home: "ward" });
    expect(await load()).toEqual({ code: 0, out: "3 items: 0 created, 0 changed, 3 unchanged\n", err: "" });
    list(3, (i) => (i === 0 ? "Old pump" : `Pump ${i}`));
    expect(await load()).toMatchObject({ out: "3 items: 0 created, 1 changed, 2 unchanged\n" });
    expect(cloud.sessions).toBe(0);
  });

  it("splits a long list by number and by size", async () => {
    list(4500, (i) => `${i} ${"ä".repeat(190)}`);
    expect(await load()).toMatchObject({ code: 0, out: "4500 items: 4500 created, 0 changed, 0 unchanged\n" });
    expect(cloud.items.size).toBe(4500);
    expect(Math.max(...cloud.requests.map(({ items = 0 }) => items))).toBeLessThanOrEqual(2000);
    expect(Math.max(...cloud.requests.map(({ bytes = 0 }) => bytes))).toBeLessThan(1024 * 1024);
  });

  it("loads nothing of a list of which the cloud would refuse a line, and names its line", async () => {
    list(4500);
    cloud.refuse = (item) => (item.epc === epcOf(4400) ? "this tag is on another item" : undefined);
    const { code, out, err } = await load();
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`${path("items.csv")}:4402 the cloud refuses it: this tag is on another item (ITEM_REFUSED)`);
    expect(err).toContain("ITEMS_INVALID");
    expect(cloud.items.size).toBe(0);
    expect(cloud.sessions).toBe(0);
  });

  it("asks the cloud nothing where the list is bad already", async () => {
    writeFileSync(path("items.csv"), "epc,name,kind\nzz,P,pump\n,P,pump\n");
    const { code, out, err } = await load();
    expect([code, out, cloud.requests, cloud.sessions]).toEqual([1, "", [], 0]);
    expect(err).toContain(`${path("items.csv")}:2 epc "zz" is not hex\n${path("items.csv")}:3 epc is empty\n`);
    expect(err).toContain("nothing was loaded, 2 bad lines");
  });

  it("a dry run writes nothing, here and there, and says what would be done", async () => {
    expect(await run(...files(), "--dry-run")).toMatchObject({ code: 0, out: "3 items checked, nothing was loaded\n" });
    expect(await load("--dry-run")).toMatchObject({
      code: 0,
      out: "3 items tried, nothing was loaded: 3 to create, 0 to change, 0 unchanged\n",
    });
    expect(cloud.items.size).toBe(0);
    expect(cloud.requests.every(({ dryRun }) => dryRun === true)).toBe(true);
    cloud.refuse = () => "no";
    expect(await load("--dry-run")).toMatchObject({ code: 1, err: expect.stringContaining(":4 the cloud refuses it") });
  });

  it("comes again when the cloud is busy", async () => {
    cloud.busy = [503, 429];
    expect(await load()).toMatchObject({ code: 0 });
  });

  it("says who was refused, and never the password", async () => {
    writeFileSync(path("wrong"), "battery staple\n", { mode: 0o600 });
    const { code, err } = await load("--password-file", path("wrong"));
    expect(code).toBe(1);
    expect(err).toContain("CLOUD_SIGN_IN_REFUSED");
    expect(err).toContain("Wrong password");
    expect(err).not.toContain("battery");
  });

  it("warns of a password file that others may read", async () => {
    chmodSync(path("password"), 0o644);
    const { code, err } = await load();
    chmodSync(path("password"), 0o600);
    expect([code, err]).toEqual([0, expect.stringContaining("may be read by others")]);
  });

  it("an empty list with a good header is no mistake", async () => {
    list(0);
    expect(await load()).toMatchObject({ code: 0, out: "0 items: 0 created, 0 changed, 0 unchanged\n" });
  });

  it("refuses to send a password in the clear to another machine", async () => {
    const { code, err } = await load("--cloud", "http://192.0.2.1:8080");
    expect([code, err]).toEqual([1, expect.stringContaining("INSECURE_CONNECT")]);
  });

  it.each([
    [["items"], "--items FILE and --site FILE are needed"],
    [["items", "--items", "x", "--site", "y"], "name the cloud to load into"],
    [["items", "--items", "x", "--site", "y", "--cloud", "ftp://x"], "--cloud must be as http://localhost:8080"],
    [["items", "--items", "x", "--site", "y", "--cloud", "http://x"], "--cloud needs --password-file"],
  ])("exits 2 on %j", async (argv, said) => {
    expect(await run(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
  });

  it("exits 1 where a file is not there", async () => {
    expect(await run("items", "--items", path("none"), "--site", path("site.yaml"), "--dry-run")).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot be read"),
    });
  });
});
