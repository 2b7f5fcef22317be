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
import { agentName, epcOf, ITEMS_PER_AGENT, SHELVES } from "./rows.js";

/*
 * The whole service as it is installed, `bin/storeward-cloud.js` in a process of its own, with its database and broker: the embedded ones, or
 * Debian's PostgreSQL and Mosquitto.
 */

const BIN = fileURLToPath(new URL("../../bin/storeward-cloud.js", import.meta.url));
const DEBIAN = "/usr/lib/postgresql";
const MOSQUITTO = "/usr/sbin/mosquitto";
export const PASSWORD = "bench";

/** Starts a service for so many agents, with their things in its catalogue. `outside`: Debian's servers. */
export async function startService({ agents, outside }) {
  const folder = mkdtempSync(join(tmpdir(), "storeward-cloud-bench-"));
  // PostgreSQL runs under an account of its own.
  chmodSync(folder, 0o711);
  const service = new Service(folder, outside);
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
  #httpPort = 0;
  #cloud;
  #servers = [];
  #homes = [];

  constructor(folder, outside) {
    this.#folder = folder;
    this.#outside = outside;
  }

  async begin(agents) {
    this.port = await freePort();
    this.#httpPort = await freePort();
    if (this.#outside) {
      await this.#startPostgres();
      await this.#startMosquitto();
    }
    await this.#writeFiles(agents);
    await this.start();
    this.connection ??= runningConnection(join(this.#folder, "data"));
    this.db = new PooledDatabase(this.connection, { max: 4, applicationName: "bench" });
    await seed(this.db, agents);
  }

  /** Starts the service; milliseconds until it is healthy. */
  async start() {
    const begun = performance.now();
    const child = spawn(process.execPath, [...execFlags(), BIN, "--config", join(this.#folder, "cloud.yaml")], {
      stdio: ["ignore", process.env.STOREWARD_BENCH_LOG ? "inherit" : "ignore", "inherit"],
      cwd: process.env.STOREWARD_BENCH_PROFILE ?? process.cwd(),
      env: { ...process.env, STOREWARD_LOG_LEVEL: "warn" },
    });
    this.#cloud = child;
    const url = `http://127.0.0.1:${this.#httpPort}/api/health`;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the service has ended with ${child.exitCode}`);
      const answer = await fetch(url).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer !== undefined) return performance.now() - begun;
      await wait(20);
    }
  }

  /** Ends the service at once, as a power cut would, and leaves its servers. */
  async kill() {
    this.#cloud.kill("SIGKILL");
    await once(this.#cloud, "exit");
  }

  /** Memory of the service's process, MiB. */
  memory() {
    const status = readFileSync(`/proc/${this.#cloud.pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
  }

  /** Seconds of CPU that the service's own process has taken. */
  cpuSeconds() {
    const fields = readFileSync(`/proc/${this.#cloud.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  async stop() {
    await this.db?.close();
    const cloud = this.#cloud;
    if (cloud !== undefined && cloud.exitCode === null && cloud.signalCode === null) {
      cloud.kill("SIGTERM");
      await once(cloud, "exit");
    }
    for (const server of this.#servers.reverse()) {
      server.kill("SIGINT");
      if (server.exitCode === null) await once(server, "exit");
    }
    const home = homeOf(join(this.#folder, "data"));
    for (const path of [...this.#homes, home, this.#folder])
      if (path !== undefined) rmSync(path, { recursive: true, force: true });
  }

  async #writeFiles(agents) {
    const write = (name, text) => writeFileSync(join(this.#folder, name), text, { mode: 0o600 });
    // Cheap to verify: sign-ins are not what is measured.
    const passwordHash = await hash(PASSWORD, { memoryCost: 1024, timeCost: 1 });
    const names = Array.from({ length: agents }, (_, agent) => agentName(agent));
    const accounts = [
      { username: "cloud", role: "cloud", passwordHash },
      ...names.map((username) => ({ username, role: "agent", passwordHash })),
    ];
    mkdirSync(join(this.#folder, "data"));
    write("accounts.json", JSON.stringify({ accounts }));
    write("site.yaml", JSON.stringify(siteOf(names)));
    write("password", PASSWORD);
    const { port } = this;
    const broker = this.#outside ? { url: `mqtt://127.0.0.1:${port}` } : { port, accounts: "accounts.json" };
    const url = this.#outside ? { database: { url: this.connection.url } } : {};
    const config = {
      data: "data",
      ledger: this.ledger,
      site: "site.yaml",
      http: { port: this.#httpPort },
      broker: { ...broker, passwordFile: "password" },
      ...url,
    };
    write("cloud.yaml", JSON.stringify(config));
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
  return ["--max-semi-space-size=32", "--heap-growing-percent=50", ...profile];
}

/** A ward for each agent: a room with a door and boards. */
export function siteOf(names) {
  const boards = (name) => Array.from({ length: SHELVES }, (_, board) => `${name}-board-${board}`);
  const places = names.flatMap((name) => [
    { id: `${name}-room`, name, type: "room", parent: "house" },
    ...boards(name).map((id) => ({ id, name: id, type: "shelf", parent: `${name}-room` })),
  ]);
  const antenna = (name, number) => ({ reader: `${name}-r`, antenna: number });
  const readPoints = names.flatMap((name) => [
    ...boards(name).map((id, n) => ({ id, role: "shelf", place: id, antennas: [antenna(name, n + 1)] })),
    {
      id: `${name}-door`,
      role: "portal",
      inside: `${name}-room`,
      outside: "corridor",
      antennas: { inside: [antenna(name, SHELVES + 1)], outside: [antenna(name, SHELVES + 2)] },
    },
  ]);
  const antennas = Array.from({ length: SHELVES + 2 }, (_, n) => ({ antenna: n + 1, power: 30 }));
  return {
    site: { id: "house", name: "House", timeZone: "Europe/Berlin", locale: "en", dayStarts: "00:00" },
    places: [
      { id: "house", name: "House", type: "site" },
      { id: "corridor", name: "Corridor", type: "room", parent: "house" },
      ...places,
    ],
    readPoints,
    readers: names.map((name) => ({
      id: `${name}-r`,
      agent: name,
      region: "ETSI",
      driver: "llrp",
      host: "127.0.0.1",
      antennas,
    })),
    agents: names.map((id) => ({ id })),
  };
}

/** The things of every ward, with their tags, as if they had been entered long ago. */
export async function seed(db, agents) {
  const epcs = Array.from({ length: agents }, (_, agent) =>
    Array.from({ length: ITEMS_PER_AGENT }, (_, item) => epcOf(agent, item)),
  ).flat();
  await db.query(
    `WITH thing AS (SELECT gen_random_uuid() AS id, epc FROM unnest($1::text[]) AS e(epc)),
     items AS (
       INSERT INTO item (id, name, kind, name_key, kind_key, words)
       SELECT id, 'Pump ' || epc, 'Pump', 'pump ' || epc, 'pump', ''::tsvector FROM thing
     ), tags AS (INSERT INTO tag (epc, person) SELECT epc, false FROM thing RETURNING number, epc)
     INSERT INTO tag_assignment (id, tag, item, valid_from, bound_by)
     SELECT gen_random_uuid(), t.number, thing.id, '2020-01-01', 'bench' FROM tags t JOIN thing USING (epc)`,
    [epcs],
  );
  await db.query("ANALYZE item; ANALYZE tag; ANALYZE tag_assignment");
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
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
