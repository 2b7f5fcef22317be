import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hash } from "@node-rs/argon2";
import { randomHex } from "@storeward/runtime";
import { ensureCluster, identity, socketFolder } from "../../dist/database/embedded/cluster.js";
import { homeOf, place } from "../../dist/database/embedded/placement.js";
import { accepts, runningConnection } from "../../dist/database/embedded/server.js";
import { PooledDatabase } from "../../dist/database/pool.js";
import { seed, siteOf } from "./house.js";
import { agentName } from "./rows.js";

/*
 * The whole service as it is installed, `bin/storeward-cloud.js` in a process of its own, with its database and broker: the embedded ones, or
 * Debian's PostgreSQL and Mosquitto.
 */

const BIN = fileURLToPath(new URL("../../bin/storeward-cloud.js", import.meta.url));
const HEAP_WATCH = fileURLToPath(new URL("heap-watch.cjs", import.meta.url));
const DEBIAN = "/usr/lib/postgresql";
const MOSQUITTO = "/usr/sbin/mosquitto";
export const PASSWORD = "bench";

/**
 * Starts a service for so many agents, with their things in its catalogue. `outside`: Debian's servers; `processes` of the service then share
 * the work.
 */
export async function startService({ agents, outside, processes = 1 }) {
  const folder = mkdtempSync(join(tmpdir(), "storeward-cloud-bench-"));
  // PostgreSQL runs under an account of its own.
  chmodSync(folder, 0o711);
  const service = new Service(folder, outside, processes);
  try {
    await service.begin(agents);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

class Service {
  ledger = randomHex(16);
  port = 0;
  db;
  /** How to reach the database. */
  connection;
  #folder;
  #outside;
  /** Processes of the service: `{config, httpPort, child}`. */
  #clouds = [];
  #processes;
  #servers = [];
  #homes = [];

  constructor(folder, outside, processes) {
    this.#folder = folder;
    this.#outside = outside;
    this.#processes = processes;
  }

  async begin(agents) {
    this.port = await freePort();
    if (this.#outside) {
      await this.#startPostgres();
      await this.#startMosquitto();
    }
    await this.#writeFiles(agents);
    for (let n = 0; n < this.#processes; n++) this.#clouds.push(await this.#configure(n));
    await this.start();
    this.connection ??= runningConnection(join(this.#folder, "data-0"));
    this.db = new PooledDatabase(this.connection, { max: 4, applicationName: "bench" });
    await seed(this.db, agents);
    await this.#shared();
  }

  /** Starts the processes of the service, one after the other: resolves when each answers. `script`: what Node runs. */
  async start(script = BIN) {
    for (const cloud of this.#clouds) {
      cloud.child = spawn(process.execPath, [...execFlags(), script, "--config", join(this.#folder, cloud.config)], {
        stdio: ["ignore", process.env.STOREWARD_BENCH_LOG ? "inherit" : "ignore", "inherit"],
        cwd: process.env.STOREWARD_BENCH_PROFILE ?? process.cwd(),
        env: { ...process.env, STOREWARD_LOG_LEVEL: "warn", STOREWARD_BENCH_HEAP: join(this.#folder, "heap") },
      });
      await answers(cloud);
    }
  }

  /** Ends the service at once, as a power cut would, and leaves its servers. */
  async kill() {
    for (const { child } of this.#clouds) child.kill("SIGKILL");
    await this.#ended();
  }

  /** Memory of the service's processes, MiB. */
  memory() {
    const of = ({ child }) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0;
    return Math.round(this.#clouds.reduce((sum, cloud) => sum + Number(of(cloud)), 0) / 1024);
  }

  /** What was left of the heap by each collection of all of it, MiB, in order. */
  heaps() {
    const file = join(this.#folder, "heap");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map(Number) : [];
  }

  /** Seconds of CPU that the service's own processes have taken. */
  cpuSeconds() {
    return this.#clouds.reduce((sum, { child }) => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return sum + (Number(fields[11]) + Number(fields[12])) / 100;
    }, 0);
  }

  async stop() {
    await this.db?.close();
    for (const { child } of this.#clouds) child?.kill("SIGTERM");
    await this.#ended();
    for (const server of this.#servers.reverse()) {
      server.kill("SIGINT");
      if (server.exitCode === null) await once(server, "exit");
    }
    const home = homeOf(join(this.#folder, "data-0"));
    for (const path of [...this.#homes, home, this.#folder])
      if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }

  async #ended() {
    for (const { child } of this.#clouds)
      if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  /** Resolves when every process has its share of the partitions. */
  async #shared() {
    for (;;) {
      const shares = await this.db.query("SELECT FROM partition_lease WHERE holder IS NOT NULL GROUP BY holder");
      if (shares.length === this.#processes) return;
      await wait(50);
    }
  }

  #write(name, text) {
    writeFileSync(join(this.#folder, name), text, { mode: 0o600 });
  }

  async #writeFiles(agents) {
    // Cheap to verify: sign-ins are not what is measured.
    const passwordHash = await hash(PASSWORD, { memoryCost: 1024, timeCost: 1 });
    const names = Array.from({ length: agents }, (_, agent) => agentName(agent));
    const accounts = [
      { username: "cloud", role: "cloud", passwordHash },
      ...names.map((username) => ({ username, role: "agent", passwordHash })),
    ];
    this.#write("accounts.json", JSON.stringify({ accounts }));
    this.#write("site.yaml", JSON.stringify(siteOf(names)));
    this.#write("password", PASSWORD);
  }

  /** Writes the configuration of one process. */
  async #configure(number) {
    const data = `data-${number}`;
    mkdirSync(join(this.#folder, data));
    const httpPort = await freePort();
    const { port } = this;
    const broker = this.#outside ? { url: `mqtt://127.0.0.1:${port}` } : { port, accounts: "accounts.json" };
    const url = this.#outside ? { database: { url: this.connection.url } } : {};
    const config = {
      data,
      ledger: this.ledger,
      site: "site.yaml",
      http: { port: httpPort },
      broker: { ...broker, passwordFile: "password" },
      ...url,
    };
    this.#write(`cloud-${number}.yaml`, JSON.stringify(config));
    return { config: `cloud-${number}.yaml`, httpPort };
  }

  async #startPostgres() {
    const version = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().at(-1) : undefined;
    if (version === undefined) throw new Error(`PostgreSQL is not in ${DEBIAN}`);
    const placement = { ...(await place(join(this.#folder, "outside"))), native: join(DEBIAN, version) };
    this.#homes.push(placement.home);
    const dir = await ensureCluster(placement, { fsync: true });
    const { folder: socket, temporary } = socketFolder(placement);
    if (temporary) this.#homes.push(socket);
    const flags = ["-D", dir, "-c", "listen_addresses=", "-c", `unix_socket_directories=${socket}`];
    /** @type {import("node:child_process").SpawnOptions} */
    const options = { ...identity(placement.account), cwd: dir, stdio: "ignore" };
    this.#servers.push(spawn(join(placement.native, "bin", "postgres"), flags, options));
    while (!(await accepts(socket))) await wait(50);
    this.connection = { url: `postgresql://storeward@localhost/postgres?host=${encodeURIComponent(socket)}` };
  }

  async #startMosquitto() {
    if (!existsSync(MOSQUITTO)) throw new Error(`Mosquitto is not at ${MOSQUITTO}`);
    const conf = join(this.#folder, "mosquitto.conf");
    const user = process.getuid?.() === 0 ? "user root\n" : "";
    writeFileSync(conf, `listener ${this.port} 127.0.0.1\nallow_anonymous true\n${user}`);
    this.#servers.push(spawn(MOSQUITTO, ["-c", conf], { stdio: "ignore" }));
    while (!(await listens(this.port))) await wait(20);
  }
}

/** As the unit of systemd starts it. `STOREWARD_BENCH_PROFILE=folder`: a CPU profile of the service is written there when it stops. */
function execFlags() {
  const profile = process.env.STOREWARD_BENCH_PROFILE === undefined ? [] : ["--cpu-prof", "--cpu-prof-interval=500"];
  return ["--max-semi-space-size=32", "--require", HEAP_WATCH, ...profile];
}

/** Resolves when a process of the service answers; rejects when it has ended. */
async function answers({ child, httpPort }) {
  const url = `http://127.0.0.1:${httpPort}/api/health`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the service has ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer !== undefined) return;
    await wait(20);
  }
}

async function listens(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
