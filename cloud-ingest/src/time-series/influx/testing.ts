import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const INFLUXD = ["/usr/bin/influxd", "/usr/local/bin/influxd", "/opt/homebrew/bin/influxd"].find((path) =>
  existsSync(path),
);
const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** Whether tests that need an InfluxDB 1.x are to be skipped: it is not installed, and not required. */
export const skipInflux = INFLUXD === undefined && !required;

export interface InfluxGuard {
  /** It asks who one is. The first user is made by whoever comes first. */
  readonly auth?: boolean;
  /** PEM: it answers over TLS only, as localhost. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** InfluxDB 1.x as installed, on a port of its own, with an empty folder. */
export class TestInflux {
  readonly #folder = mkdtempSync(join(tmpdir(), "storeward-influx-"));
  readonly #guard: InfluxGuard;
  #port = 0;
  #child: ChildProcess | undefined;

  constructor(guard: InfluxGuard = {}) {
    this.#guard = guard;
  }

  get url(): string {
    return this.#guard.tls === undefined ? `http://127.0.0.1:${this.#port}` : `https://localhost:${this.#port}`;
  }

  /** Starts it, again on the port and with the data it had; returns once it answers. */
  async start(): Promise<this> {
    if (this.#isRunning()) return this;
    if (this.#port === 0) this.#port = await freePort();
    const conf = join(this.#folder, "influxdb.conf");
    const dir = (name: string) => JSON.stringify(join(this.#folder, name));
    writeFileSync(
      conf,
      `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = ${dir("meta")}
[data]
dir = ${dir("data")}
wal-dir = ${dir("wal")}
index-version = "tsi1"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${this.#port}"
log-enabled = false
auth-enabled = ${this.#guard.auth ?? false}
${this.#tls()}
[continuous_queries]
enabled = false
`,
    );
    const child = spawn(INFLUXD ?? "influxd", ["-config", conf], { stdio: "ignore" });
    this.#child = child;
    for (let waited = 0; !(await this.#answers()); waited += 50) {
      if (child.exitCode !== null || waited > 60_000) throw new Error("influxd does not start");
      await wait(50);
    }
    return this;
  }

  /** Ends it as a power loss would. */
  async kill(): Promise<void> {
    if (this.#child === undefined || !this.#isRunning()) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tls(): string {
    const { tls } = this.#guard;
    if (tls === undefined) return "";
    const file = (name: string, pem: string) => {
      writeFileSync(join(this.#folder, name), pem, { mode: 0o600 });
      return JSON.stringify(join(this.#folder, name));
    };
    return `https-enabled = true
https-certificate = ${file("tls.pem", tls.cert)}
https-private-key = ${file("tls.key", tls.key)}`;
  }

  #isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #answers(): Promise<boolean> {
    const socket = connect(this.#port, "127.0.0.1");
    return once(socket, "connect")
      .then(
        () => true,
        () => false,
      )
      .finally(() => socket.destroy());
  }
}

export const TOKEN = "a-token";
export const ORG = "mercy";

/**
 * Stands where an InfluxDB 2.x would: takes writes, and the calls that make buckets and mappings, as its documentation says, and hands the very
 * lines and InfluxQL to an InfluxDB 1.x. As on a 2.x, InfluxQL finds a bucket only once it is mapped.
 */
export class InfluxV2Forwarder {
  readonly mappings: { database: string; bucketID: string }[] = [];
  readonly #to: () => string;
  readonly #server: Server;

  constructor(to: () => string, tls?: InfluxGuard["tls"]) {
    this.#to = to;
    const answer = (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response);
    this.#server = tls === undefined ? createServer(answer) : createSecureServer(tls, answer);
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const reply = (status: number, answer: object = {}): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    };
    if (request.headers.authorization !== `Token ${TOKEN}`)
      return reply(401, { code: "unauthorized", message: "unauthorized access" });
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    try {
      const { status, answer } = await this.#route(`${request.method} ${pathname}`, searchParams, body);
      reply(status, answer);
    } catch (error) {
      reply(503, { code: "unavailable", message: String(error) });
    }
  }

  async #route(route: string, query: URLSearchParams, body: string): Promise<{ status: number; answer?: object }> {
    switch (route) {
      case "GET /api/v2/orgs":
        return query.get("org") === ORG
          ? { status: 200, answer: { orgs: [{ id: "0rg", name: ORG }] } }
          : { status: 404, answer: { code: "not found", message: "organization name not found" } };
      case "GET /api/v2/buckets": {
        const name = query.get("name") ?? "";
        const found = (await this.#databases()).includes(name);
        return { status: 200, answer: { buckets: found ? [{ id: `id-${name}`, name }] : [] } };
      }
      case "POST /api/v2/buckets": {
        const { name } = JSON.parse(body) as { name: string };
        await this.#ask(new URLSearchParams({ q: `CREATE DATABASE "${name}"` }));
        return { status: 201, answer: { id: `id-${name}`, name } };
      }
      case "GET /api/v2/dbrps": {
        const content = this.mappings.filter(({ database }) => database === query.get("db"));
        return { status: 200, answer: { content } };
      }
      case "POST /api/v2/dbrps": {
        const mapping = JSON.parse(body) as { database: string; bucketID: string };
        this.mappings.push(mapping);
        return { status: 201, answer: mapping };
      }
      case "POST /api/v2/write":
        return this.#write(query, body);
      case "POST /query": {
        const asked = new URLSearchParams(body);
        if (!this.mappings.some(({ database }) => database === asked.get("db")))
          return { status: 404, answer: { error: "no dbrp mapping found" } };
        return { status: 200, answer: (await this.#ask(asked)) as object };
      }
      default:
        return { status: 404, answer: { code: "not found", message: "path not found" } };
    }
  }

  async #write(query: URLSearchParams, lines: string): Promise<{ status: number; answer?: object }> {
    if (query.get("org") !== ORG)
      return { status: 404, answer: { code: "not found", message: "organization not found" } };
    const to = new URLSearchParams({ db: query.get("bucket") ?? "", precision: query.get("precision") ?? "ns" });
    const answer = await fetch(`${this.#to()}/write?${to}`, { method: "POST", body: lines });
    return { status: answer.status, answer: { code: "invalid", message: await answer.text() } };
  }

  async #databases(): Promise<string[]> {
    const answer = (await this.#ask(new URLSearchParams({ q: "SHOW DATABASES" }))) as {
      results: { series: { values?: string[][] }[] }[];
    };
    return (answer.results[0]?.series[0]?.values ?? []).flat();
  }

  async #ask(asked: URLSearchParams): Promise<unknown> {
    const answer = await fetch(`${this.#to()}/query`, { method: "POST", body: asked });
    return answer.json();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
