import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@storeward/reader-simulators";
import { hasMosquitto } from "../../edge-agent/test/mosquitto.js";
import { end, listening } from "../../edge-agent/test/server-process.js";
import { ensureCluster, identity, SERVER_USER, serverEnv, socketFolder } from "../src/database/embedded/cluster.js";
import { type Placement, place } from "../src/database/embedded/placement.js";
import { systemPostgres } from "../src/database/testing.js";

/* The servers that a site may already have: PostgreSQL as Debian brings it, here, and Mosquitto. */

const postgres = systemPostgres();

/** Whether both are installed, or must be. */
export const hasServers = (postgres !== undefined && hasMosquitto) || process.env.STOREWARD_REQUIRE_SERVERS === "1";

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
    const dir = await ensureCluster(placement, { fsync: this.#fsync });
    // Only now: what is free may be taken while a cluster is made.
    if (this.#port === 0) this.#port = await freePort();
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
