import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";

const ROOT = resolve(import.meta.dirname, "../../..");
const FOLDER = join(ROOT, "provisioning/compose");

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Services of `compose.yaml` as processes of this machine: each with the very command and environment that is written there, where addresses and
 * paths of containers are put in the place of those that they have here.
 */
export class ComposedProcesses {
  readonly #services: Readonly<Record<string, Service>>;
  readonly #here: readonly (readonly [string, string])[];
  readonly #running = new Map<string, ChildProcess>();
  printed = "";

  /** @param here what stands for what in texts: `["mosquitto:1883", "127.0.0.1:40123"]` */
  constructor(here: readonly (readonly [string, string])[]) {
    const text = readFileSync(join(FOLDER, "compose.yaml"), "utf8");
    this.#services = (parse(text, { merge: true }) as { services: Record<string, Service> }).services;
    this.#here = here;
  }

  /** A file of the folder, with what stands here. */
  file(name: string): string {
    return this.#localised(readFileSync(join(FOLDER, name), "utf8"));
  }

  start(name: string, more: Readonly<Record<string, string>> = {}): void {
    const { command, environment } = this.#services[name] ?? { command: [], environment: {} };
    const [program = "", ...args] = command.map((part) => this.#localised(part));
    const env = Object.fromEntries(
      Object.entries(environment ?? {}).map(([key, value]) => [key, this.#localised(value)]),
    );
    const child = spawn(program, args, {
      cwd: ROOT,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, ...env, ...more },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => {
        this.printed = `${this.printed}${data}`.slice(-64 * 1024);
      });
    this.#running.set(name, child);
  }

  /** As `docker compose down`. Answers each one's exit code. */
  async stop(...names: readonly string[]): Promise<(number | null)[]> {
    const codes: (number | null)[] = [];
    for (const name of names) {
      const child = this.#running.get(name);
      if (child === undefined) continue;
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGTERM");
        await ended;
      }
      codes.push(child.exitCode);
    }
    return codes;
  }

  #localised(text: string): string {
    const plain = text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
    return this.#here.reduce((so, [there, here]) => so.replaceAll(there, here), plain);
  }
}
