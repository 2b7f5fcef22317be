import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type DataFolderLock, defineErrors, lockDataFolder, type Part } from "@storeward/runtime";
import { parse } from "yaml";
import { DEMONSTRATION } from "../demonstration.js";
import { adminPasswordFile } from "./admin-password.js";
import type { BoxConsole } from "./console.js";
import { assertPortFree, freePort } from "./ports.js";
import type { BoxSettings } from "./settings.js";
import { type ReaderAddress, siteWithReaders } from "./site-file.js";
import { runCommand, Supervised } from "./supervised.js";

const E = defineErrors({
  BOX_OTHER_SEED: {
    template:
      "The hospital in this data folder has seed {before}, not {chosen}: leave --seed out, or begin anew with --fresh",
  },
  BOX_NO_CLOUD: { template: "Nobody answers on {url} for {seconds} s: start storeward-cloud with --config {config}" },
});

const SITE = join(DEMONSTRATION, "site.yaml");
const ITEMS = join(DEMONSTRATION, "items.csv");

const KEEP_DAYS = 7;
const KEEP_BYTES = 1024 ** 3;
/** How long a cloud of somebody else's may take to answer. */
const CLOUD_LIMIT_MS = 300_000;

/** What `storeward-sim` writes once every reader listens. */
interface SimulationReady {
  readonly http: string;
  readonly readers: Readonly<Record<string, ReaderAddress & { readonly driver: string }>>;
}

/**
 * A hospital in a box: the simulated readers, the cloud and the agents of the site, each its own process, set up by
 * `storeward-provision` as a real site is. Everything it keeps is in one data folder.
 */
export class Box implements Part {
  readonly name = "box";
  readonly #settings: BoxSettings;
  readonly #clock: Clock;
  readonly #console: BoxConsole;
  #lock: DataFolderLock | undefined;
  readonly #running: Supervised[] = [];
  #simulation: string | undefined;
  #ready = false;
  #stopping = false;

  constructor(settings: BoxSettings, clock: Clock, boxConsole: BoxConsole) {
    this.#settings = settings;
    this.#clock = clock;
    this.#console = boxConsole;
  }

  async start(): Promise<void> {
    const { data, httpPort, mqttPort, fresh, adminPassword, outside } = this.#settings;
    try {
      this.#lock = await lockDataFolder(data, "box");
      if (outside.cloud === undefined) await assertPortFree(httpPort, "STOREWARD_PORT");
      if (outside.broker === undefined) await assertPortFree(mqttPort, "STOREWARD_MQTT_PORT");
      if (fresh) await this.#empty();
      const passwordFile = adminPasswordFile(data, adminPassword);

      const simulation = await this.#startReaders();
      const agents = await this.#provision(simulation, passwordFile);
      if (outside.cloud === undefined) await this.#startCloud(simulation);
      else await this.#awaitCloud(outside.cloud);
      await this.#loadItems(passwordFile);
      for (const agent of agents) await this.#startAgent(agent);
      this.#ready = true;
      this.#console.ready({ url: this.#url, passwordFile, data, keepDays: KEEP_DAYS, keepBytes: KEEP_BYTES });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#ready) this.#console.stopping();
    // Against the direction of flow last: the agents still hand over what they have while the cloud listens.
    const agents = this.#running.filter((part) => part.name.startsWith("agent "));
    const others = this.#running.filter((part) => !agents.includes(part)).reverse();
    await Promise.all(agents.map((part) => part.stop()));
    for (const part of others) await part.stop();
    await this.#lock?.release();
    if (this.#ready) this.#console.stopped(this.#settings.data);
  }

  get #url(): string {
    return this.#settings.outside.cloud ?? `http://localhost:${this.#settings.httpPort}`;
  }

  #in(...path: string[]): string {
    return join(this.#settings.data, ...path);
  }

  async #run(part: Supervised): Promise<void> {
    if (this.#stopping) return;
    this.#running.push(part);
    await part.start();
  }

  #supervise(options: {
    name: string;
    command: string;
    args: readonly string[];
    log: string;
    env?: Readonly<Record<string, string>>;
    ready: () => Promise<boolean>;
  }): Promise<void> {
    const { log, ...rest } = options;
    const onNotice = (text: string) => this.#console.notice(text);
    const onSpawn = () => this.#noteProcesses();
    return this.#run(
      new Supervised({ ...rest, log: this.#in("logs", `${log}.log`), clock: this.#clock, onNotice, onSpawn }),
    );
  }

  async #startReaders(): Promise<SimulationReady> {
    await mkdir(this.#in("simulation"), { recursive: true });
    const seed = rememberedSeed(this.#in("simulation", "seed"), this.#settings.seed);
    const { pace } = this.#settings;
    const readyFile = this.#in("simulation", "ready.json");
    await rm(readyFile, { force: true });
    const state = this.#in("simulation", "state.json");
    const args = ["--site", SITE, "--items", ITEMS, "--seed", seed, "--pace", pace, "--state", state];
    let simulation: SimulationReady | undefined;
    await this.#supervise({
      name: "readers",
      command: "storeward-sim",
      args: [...args, "--ready-file", readyFile],
      log: "readers",
      ready: async () => {
        simulation = JSON.parse(readFileSync(readyFile, "utf8")) as SimulationReady;
        return true;
      },
    });
    if (simulation === undefined) throw new Error("stopped while the readers were starting");
    this.#simulation = simulation.http;
    const lines = Object.entries(simulation.readers).map(
      ([id, reader]) => `${id} ${reader.device ?? `${reader.host}:${reader.port}`}`,
    );
    this.#console.done("readers", `${lines.length} simulated: ${lines.join(", ")}`);
    return simulation;
  }

  /** Writes every configuration and answers the site's agents. */
  async #provision(simulation: SimulationReady, passwordFile: string): Promise<string[]> {
    const { httpPort, mqttPort, outside, bind, insecure } = this.#settings;
    const { broker, influx } = outside;
    const site = this.#in("site.yaml");
    writeFileSync(site, siteWithReaders(SITE, simulation.readers));
    await runCommand(
      "storeward-provision",
      [
        ...["site", "--site", site, "--out", this.#in("provisioned")],
        ...["--http-port", String(httpPort), "--mqtt-port", String(mqttPort)],
        ...["--admin-password-file", passwordFile, "--cloud-data", this.#in("cloud")],
        ...(broker === undefined ? [] : ["--broker-url", broker]),
        ...(influx === undefined ? [] : ["--influx-url", influx]),
        ...(bind === undefined ? [] : ["--bind", bind]),
        ...(insecure ? ["--insecure"] : []),
      ],
      this.#in("logs", "provision.log"),
    );
    const agents = agentsOf(site);
    this.#console.done("site", `provisioned: the cloud and ${agents.length} agents in ${this.#in("provisioned")}`);
    return agents;
  }

  async #startCloud(simulation: SimulationReady): Promise<void> {
    await this.#supervise({
      name: "cloud",
      command: "storeward-cloud",
      args: ["--config", this.#in("provisioned", "cloud", "cloud.yaml")],
      log: "cloud",
      env: {
        STOREWARD_CLOUD_KEEP_DAYS: String(KEEP_DAYS),
        STOREWARD_CLOUD_KEEP_MAX_BYTES: String(KEEP_BYTES),
        STOREWARD_CLOUD_SIMULATION_URL: simulation.http,
      },
      ready: () => this.#answers(),
    });
    // Started as root, PostgreSQL may have had to put its files where its own account can reach them.
    const elsewhere = this.#in("cloud", "postgres.location");
    if (existsSync(elsewhere))
      this.#console.done("database", `its files are in ${readFileSync(elsewhere, "utf8").trim()}`);
    const broker = this.#settings.outside.broker ?? `127.0.0.1:${this.#settings.mqttPort}`;
    this.#console.done("cloud", `broker on ${broker}, page and API on ${this.#url}`);
  }

  /** Waits for a cloud that somebody else starts, with the configuration that was written for it. Errors: BOX_NO_CLOUD. */
  async #awaitCloud(url: string): Promise<void> {
    const config = this.#in("provisioned", "cloud", "cloud.yaml");
    this.#console.done("cloud", `waiting for the one on ${url}; its configuration is ${config}`);
    const begun = this.#clock.mono();
    while (!(await this.#answers().catch(() => false))) {
      if (this.#stopping) return;
      const waited = this.#clock.mono() - begun;
      if (waited > CLOUD_LIMIT_MS) throw E.BOX_NO_CLOUD({ url, seconds: CLOUD_LIMIT_MS / 1000, config });
      await this.#clock.sleep(500);
    }
    this.#console.done("cloud", `page and API on ${url}`);
  }

  async #answers(): Promise<boolean> {
    const answer = await fetch(`${this.#url}/api/v1/health`, { signal: AbortSignal.timeout(2000) });
    return answer.ok;
  }

  async #loadItems(passwordFile: string): Promise<void> {
    const printed = await runCommand(
      "storeward-provision",
      [
        ...["items", "--items", ITEMS, "--site", this.#in("site.yaml")],
        ...["--cloud", this.#url, "--username", "admin", "--password-file", passwordFile],
        ...(this.#settings.insecure ? ["--insecure"] : []),
      ],
      this.#in("logs", "provision.log"),
    );
    this.#console.done("items", printed.trim().split("\n").at(-1) ?? "");
  }

  async #startAgent(agent: string): Promise<void> {
    const config = this.#in("provisioned", "agents", agent, "agent.yaml");
    // Several devices on one machine: each has its status page where there is room. One that finds none reads all the same.
    const status = await freePort();
    await this.#supervise({
      name: `agent ${agent}`,
      command: "storeward-edge",
      args: ["--config", config],
      log: agent,
      env: { STOREWARD_EDGE_DATA: this.#in("agents", agent), STOREWARD_EDGE_STATUS_PORT: String(status) },
      // An agent does its work with or without the cloud: it is ready once it has not fallen over.
      ready: async () => this.#clock.sleep(300).then(() => true),
    });
    this.#console.done("agent", `${agent}, its status page on http://127.0.0.1:${status}`);
  }

  /** Which process is what, for whoever looks after the box from outside. */
  #noteProcesses(): void {
    const parts = Object.fromEntries(this.#running.map((part) => [part.name, part.pid]));
    const note = { pid: process.pid, url: this.#url, simulation: this.#simulation, parts };
    writeFileSync(this.#in("box.json"), `${JSON.stringify(note, null, 2)}\n`);
  }

  /** Removes what an earlier box has kept: only what a box makes, whatever else lies in the folder. */
  async #empty(): Promise<void> {
    const made = ["admin-password", "agents", "box.json", "cloud", "logs", "provisioned", "simulation", "site.yaml"];
    for (const name of made) await rm(this.#in(name), { recursive: true, force: true });
    this.#console.done("fresh", `emptied ${this.#settings.data}`);
  }
}

/** The seed of the hospital in this data folder: the one chosen when it was made. Errors: BOX_OTHER_SEED. */
function rememberedSeed(file: string, chosen: string | undefined): string {
  const before = existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
  if (before !== undefined && chosen !== undefined && chosen !== before) throw E.BOX_OTHER_SEED({ before, chosen });
  const seed = chosen ?? before ?? "1";
  writeFileSync(file, `${seed}\n`);
  return seed;
}

function agentsOf(siteFile: string): string[] {
  const text = readFileSync(siteFile, "utf8");
  const site = parse(text) as { agents: { id: string }[] };
  return site.agents.map((agent) => agent.id);
}
