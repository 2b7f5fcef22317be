import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { freePort } from "@storeward/reader-simulators";
import type { Broker } from "./brokers.js";
import { end, listening } from "./server-process.js";

/** Debian keeps it out of the path of ordinary users. */
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];
const program = FOLDERS.map((folder) => join(folder, "mosquitto")).find((path) => existsSync(path));

/** Whether it is installed, or must be. */
export const hasMosquitto = program !== undefined || process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** A Mosquitto on loopback, that can be killed and started again at the same port. */
export class Mosquitto implements Broker {
  readonly #dir: string;
  readonly #more: string;
  #port = 0;
  #child: ChildProcess | undefined;

  /** @param more lines of its configuration */
  constructor(dir: string, more = "") {
    this.#dir = dir;
    this.#more = more;
  }

  get port(): number {
    return this.#port;
  }

  /** A port that is its own from now on, though nothing listens there yet. */
  async reserve(): Promise<number> {
    if (this.#port === 0) this.#port = await freePort();
    return this.#port;
  }

  async start(): Promise<void> {
    await this.reserve();
    mkdirSync(this.#dir, { recursive: true });
    const file = join(this.#dir, "mosquitto.conf");
    const user = process.getuid?.() === 0 ? "user root\n" : "";
    writeFileSync(file, `listener ${this.#port} 127.0.0.1\nallow_anonymous true\n${user}${this.#more}\n`);
    this.#child = spawn(program ?? "mosquitto", ["-c", file], { stdio: "ignore" });
    await listening(this.#port, this.#child);
  }

  /** Has it read its files of access rules again. */
  reload(): void {
    this.#child?.kill("SIGHUP");
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return end(this.#child, signal);
  }
}
