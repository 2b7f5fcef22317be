import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Site } from "@storeward/contracts";
import { freePort } from "@storeward/reader-simulators";
import { ADMIN_PASSWORD } from "../test-service.js";

const PROGRAM = join(import.meta.dirname, "..", "..", "bin", "storeward-cloud.js");

export interface CloudProcessOptions {
  readonly folder: string;
  readonly ledger: string;
  readonly site: Site;
  readonly brokerPort: number;
  readonly databaseUrl: string;
  /** What else stands in its configuration. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The service as built, in a process of its own, that can be killed and started again. */
export class CloudProcess {
  readonly #config: string;
  readonly #databaseUrl: string;
  readonly #httpPort: number;
  #child: ChildProcess | undefined;
  #printed = "";

  private constructor(config: string, databaseUrl: string, httpPort: number) {
    this.#config = config;
    this.#databaseUrl = databaseUrl;
    this.#httpPort = httpPort;
  }

  static async create({
    folder,
    ledger,
    site,
    brokerPort,
    databaseUrl,
    more,
  }: CloudProcessOptions): Promise<CloudProcess> {
    mkdirSync(folder, { recursive: true });
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return name;
    };
    const port = await freePort();
    const config = {
      data: "data",
      ledger,
      site: write("site.yaml", JSON.stringify(site)),
      http: { port },
      broker: { url: `mqtt://127.0.0.1:${brokerPort}` },
      admin: { passwordFile: write("password", ADMIN_PASSWORD) },
      ...more,
    };
    return new CloudProcess(join(folder, write("cloud.yaml", JSON.stringify(config))), databaseUrl, port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#httpPort}/api/v1`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** With `crashAt` it kills itself at that point. */
  start(crashAt = ""): void {
    this.#printed = "";
    const env = {
      ...process.env,
      DATABASE_URL: this.#databaseUrl,
      STOREWARD_CRASH_AT: crashAt,
      // A run that is cut off leaves nothing behind.
      STOREWARD_PARENT_PID: String(process.pid),
    };
    const child = spawn(process.execPath, [PROGRAM, "--config", this.#config], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text: Buffer) => {
        this.#printed = (this.#printed + text.toString()).slice(-10_000);
      });
    this.#child = child;
  }

  /** Errors: it has ended, or does not answer within a minute; with what it said last. */
  async healthy(): Promise<void> {
    for (const until = Date.now() + 60_000; Date.now() < until; await wait(50)) {
      if (!this.running) break;
      const answer = await fetch(`${this.url}/health`).catch(() => undefined);
      if (answer?.status === 200) return;
    }
    throw new Error(`the service is not healthy; it said:\n${this.#printed}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Resolves once it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    child.kill(signal);
    await once(child, "exit");
  }

  /** Whether it ended by itself in this time. */
  async endsWithin(ms: number): Promise<boolean> {
    for (const until = Date.now() + ms; this.running && Date.now() < until; ) await wait(20);
    return !this.running;
  }
}
