import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type Clock, delays, type Logger, type Part, type RetrySchedule, systemClock } from "@storeward/runtime";
import { E } from "../errors.js";
import type { Connection } from "../pool.js";
import { clusterFolder, ensureCluster, identity, SERVER_USER, serverEnv, socketFolder } from "./cluster.js";
import { homeOf, type Placement, place } from "./placement.js";
import { runningPostmaster, stopLeftover } from "./postmaster.js";
import { WATCHDOG } from "./watchdog.js";

const RESTART: RetrySchedule = { firstMs: 50, factor: 2, maxMs: 5000, jitter: 0.2 };
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 8_000;
const LAST_LINES = 30;

export interface EmbeddedOptions {
  /** The data folder; the database is in `postgres/` in it, or where `postgres.location` in it says. */
  readonly data: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** False in tests only: what was committed may be lost when the machine fails. */
  readonly fsync?: boolean;
}

/** PostgreSQL as a child process, started again whenever it dies, ended when this process ends. */
export class EmbeddedPostgres implements Part {
  readonly name = "embedded PostgreSQL";
  readonly #options: EmbeddedOptions;
  readonly #clock: Clock;
  readonly #again = delays(RESTART);
  readonly #said: string[] = [];
  #placement: Placement | undefined;
  #dir = "";
  #socket: { folder: string; temporary: boolean } | undefined;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #stopping: AbortController = new AbortController();
  #restarts = 0;

  constructor(options: EmbeddedOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** How to connect, once started. The address stays the same over restarts of the server. */
  connection(database = SERVER_USER): Connection {
    if (this.#socket === undefined) throw new Error("the embedded server has not been started");
    return { host: this.#socket.folder, port: 5432, user: SERVER_USER, database };
  }

  /** How often it has died and was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  async start(): Promise<void> {
    const { data, log, fsync = true } = this.#options;
    this.#stopping = new AbortController();
    this.#placement = await place(data);
    if (this.#placement.notice !== undefined) log.info(this.#placement.notice);
    this.#dir = await ensureCluster(this.#placement, { fsync });
    await stopLeftover(this.#dir);
    this.#socket = socketFolder(this.#placement);
    this.#launch();
    const begun = this.#clock.mono();
    while (!(await this.#accepts())) {
      if (this.#clock.mono() - begun > START_LIMIT_MS) {
        await this.stop();
        throw E.EMBEDDED_START_FAILED({ dir: this.#dir, reason: this.#said.at(-1) ?? "it says nothing" });
      }
      await this.#clock.sleep(20);
    }
    this.#again.reset();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== undefined) {
      // The pipe's end is the watchdog's sign; a server that is busy starting takes a signal less well than none.
      child.stdin?.end();
      const limit = this.#clock.after(STOP_LIMIT_MS, () => {
        const left = runningPostmaster(this.#dir);
        if (left !== undefined) process.kill(left.pid, "SIGQUIT");
      });
      await this.#ended;
      limit.stop();
    }
    if (this.#socket?.temporary) rmSync(this.#socket.folder, { recursive: true, force: true });
  }

  #launch(): void {
    const { native, account } = this.#placement as Placement;
    const command = [join(native, "bin", "postgres"), "-D", this.#dir, ...this.#settings()];
    const child = spawn("/bin/sh", ["-c", WATCHDOG, "storeward-postgres", ...command], {
      ...identity(account),
      cwd: this.#dir,
      env: serverEnv(),
      // A process group of its own: Ctrl-C is for us, and the server ends after those who use it.
      detached: true,
      stdio: ["pipe", "ignore", "pipe"],
    });
    this.#child = child;
    child.stdin?.on("error", () => undefined);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#keep(text));
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => this.#keep(error.message));
      child.once("close", () => {
        child.stdin?.destroy();
        this.#child = undefined;
        resolve();
        void this.#onEnd();
      });
    });
  }

  async #onEnd(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    this.#restarts++;
    this.#options.log.warn({ said: this.#said.at(-1) }, "PostgreSQL has ended unexpectedly and is started again");
    try {
      await this.#clock.sleep(this.#again(), signal);
      await stopLeftover(this.#dir);
    } catch {
      return;
    }
    if (!signal.aborted) this.#launch();
  }

  #settings(): string[] {
    const { fsync = true } = this.#options;
    const settings: Record<string, string> = {
      listen_addresses: "",
      unix_socket_directories: this.#socket?.folder ?? "",
      unix_socket_permissions: "0700",
      max_connections: "60",
      // A backup or a restore holds every day's tables at once.
      max_locks_per_transaction: "512",
      shared_buffers: "128MB",
      timezone: "UTC",
      log_timezone: "UTC",
      // No replication of the embedded database: less to write.
      wal_level: "minimal",
      max_wal_senders: "0",
      max_wal_size: "256MB",
      min_wal_size: "32MB",
      // Containers give 64 MB of shared memory, which parallel queries exceed.
      max_parallel_workers_per_gather: "0",
      jit: "off",
      log_min_messages: "warning",
      ...(fsync ? {} : { fsync: "off", full_page_writes: "off" }),
    };
    return Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  }

  #keep(text: string): void {
    this.#said.push(...text.split("\n").filter((line) => line.trim() !== ""));
    this.#said.splice(0, Math.max(0, this.#said.length - LAST_LINES));
  }

  #accepts(): Promise<boolean> {
    return accepts(this.#socket?.folder ?? "");
  }
}

/** How to connect to the server that another process runs on this data folder; undefined when none runs. */
export function runningConnection(data: string): Connection | undefined {
  const home = homeOf(data);
  if (home === undefined) return undefined;
  const running = runningPostmaster(clusterFolder(home));
  return running && { host: running.socketFolder, port: running.port, user: SERVER_USER, database: SERVER_USER };
}

/** True once the server answers a start-up message with anything but "the database system is starting up" (57P03). */
export function accepts(folder: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(join(folder, ".s.PGSQL.5432"));
    const done = (up: boolean): void => {
      socket.destroy();
      resolve(up);
    };
    const parameters = Buffer.from(`user\0${SERVER_USER}\0database\0postgres\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + parameters.length, 0);
    // Protocol 3.0 (PostgreSQL documentation, "Message Formats", StartupMessage).
    head.writeInt32BE(196_608, 4);
    socket.setTimeout(2000, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("connect", () => socket.write(Buffer.concat([head, parameters])));
    socket.on("data", (data) => done(data[0] === "R".charCodeAt(0)));
  });
}
