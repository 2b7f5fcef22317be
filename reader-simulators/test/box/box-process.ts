import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");

/** What `box.json` says of the running box. */
interface BoxNote {
  readonly pid: number;
  readonly url: string;
  readonly simulation: string;
  readonly parts: Readonly<Record<string, number>>;
}

/** The box as a person starts it from what {@link build} made, in a data folder and on ports of its own. */
export class BoxProcess {
  readonly root = ROOT;
  readonly data: string;
  readonly env: NodeJS.ProcessEnv;
  readonly url: string;
  #child: ChildProcess | undefined;
  printed = "";

  private constructor(data: string, httpPort: number, mqttPort: number) {
    this.data = data;
    this.url = `http://localhost:${httpPort}`;
    this.env = {
      ...process.env,
      STOREWARD_DATA: data,
      STOREWARD_PORT: String(httpPort),
      STOREWARD_MQTT_PORT: String(mqttPort),
      STOREWARD_ADMIN_PASSWORD: "of-the-test",
    };
  }

  static async create(): Promise<BoxProcess> {
    const data = mkdtempSync(join(tmpdir(), "storeward-box-"));
    return new BoxProcess(data, await freePort(), await freePort());
  }

  /** Starts it and waits until it says that it runs. */
  async start(args: readonly string[] = []): Promise<void> {
    const child = spawn(process.execPath, [join(ROOT, "reader-simulators/bin/storeward-box.js"), ...args], {
      cwd: this.data,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.printed = "";
    await new Promise<void>((started, failed) => {
      const onText = (text: Buffer) => {
        this.printed += text.toString();
        if (this.printed.includes("Storeward is running")) started();
      };
      child.stdout.on("data", onText);
      child.stderr.on("data", onText);
      child.once("exit", (code) => failed(new Error(`the box ended with ${code}:\n${this.printed}`)));
    });
  }

  /** As Ctrl-C does. Resolves to the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    this.#child = undefined;
    if (child.exitCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((done) => child.once("exit", done));
    child.kill("SIGINT");
    return ended;
  }

  note(): BoxNote {
    return JSON.parse(readFileSync(join(this.data, "box.json"), "utf8")) as BoxNote;
  }

  /** SIGKILL to one part; the box starts it again. */
  kill(part: string): void {
    const pid = this.note().parts[part];
    if (pid === undefined) throw new Error(`no part ${part} in ${JSON.stringify(this.note().parts)}`);
    process.kill(pid, "SIGKILL");
  }

  async remove(): Promise<void> {
    await this.stop();
    const pointer = join(this.data, "cloud", "postgres.location");
    if (existsSync(pointer)) await rm(readFileSync(pointer, "utf8").trim(), { recursive: true, force: true });
    await rm(this.data, { recursive: true, force: true });
  }
}

/** Below those that the system hands out: while the box is stopped nobody gets its port by chance, not even its own readers. */
const PORTS = { low: 15_000, high: 30_000 };
const TRIES = 50;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = PORTS.low + Math.floor(Math.random() * (PORTS.high - PORTS.low));
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (isListening) await new Promise((closed) => server.close(closed));
  return isListening;
}
