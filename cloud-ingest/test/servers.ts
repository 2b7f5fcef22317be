import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@storeward/reader-simulators";
import { ensureCluster, identity, SERVER_USER, serverEnv, socketFolder } from "../src/database/embedded/cluster.js";
import { type Placement, place } from "../src/database/embedded/placement.js";
import { systemPostgres } from "../src/database/testing.js";

/* The servers that a site may already have: PostgreSQL as Debian brings it, and Mosquitto. */

const postgres = systemPostgres();
/** Debian keeps it out of the path of ordinary users. */
const mosquitto = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"].find((path) =>
  existsSync(path),
);

/** Whether both are installed, or must be. */
export const hasServers =
  (postgres !== undefined && mosquitto !== undefined) || process.env.STOREWARD_REQUIRE_SERVERS === "1";

/** A PostgreSQL of Debian's on loopback, that can be killed and started again. */
export class OutsidePostgres {
  readonly #dir: string;
  readonly #fsync: boolean;
  #port = 0;
  #placement: Placement | undefined;
  #child: ChildProcess | undefined;

  constructor(dir: string, { fsync = false } = {}) {
    this.#dir = dir;
    this.#fsync = fsync;
  }

  get port(): number {
    return this.#port;
  }

  url(port = this.#port): string {
    return `postgresql://${SERVER_USER}@127.0.0.1:${port}/postgres`;
  }

  async start(): Promise<void> {
    this.#placement ??= { ...(await place(this.#dir)), native: postgres ?? "" };
    const placement = this.#placement;
    if (this.#port === 0) this.#port = await freePort();
    const dir = await ensureCluster(placement, { fsync: this.#fsync });
    const settings = [
      "listen_addresses=127.0.0.1",
      `port=${this.#port}`,
      `unix_socket_directories=${socketFolder(placement).folder}`,
      `fsync=${this.#fsync ? "on" : "off"}`,
    ].flatMap((setting) => ["-c", setting]);
    this.#child = spawn(join(placement.native, "bin", "postgres"), ["-D", dir, ...settings], {
      ...identity(placement.account),
      cwd: dir,
      env: serverEnv(),
      stdio: "ignore",
    });
    await listening(this.#port, this.#child);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return end(this.#child, signal);
  }

  async remove(): Promise<void> {
    await this.kill("SIGINT");
    for (const folder of [this.#dir, this.#placement?.home])
      if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

/** A Mosquitto on loopback, that can be killed and started again. */
export class OutsideMosquitto {
  readonly #dir: string;
  #port = 0;
  #child: ChildProcess | undefined;

  constructor(dir: string) {
    this.#dir = dir;
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
    writeFileSync(file, `listener ${this.#port} 127.0.0.1\nallow_anonymous true\n${user}`);
    this.#child = spawn(mosquitto ?? "mosquitto", ["-c", file], { stdio: "ignore" });
    await listening(this.#port, this.#child);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return end(this.#child, signal);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** Waits until it takes connections. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await wait(30)) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      // Not yet.
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}
