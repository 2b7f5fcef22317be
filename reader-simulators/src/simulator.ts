import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Site } from "@storeward/contracts";
import type { Clock, Logger, Part, Timer } from "@storeward/runtime";
import { ControlServer } from "./control-server.js";
import type { DeviceAddress } from "./devices/antenna-port.js";
import { type SiteDevice, siteDevices } from "./devices/site-devices.js";
import { E } from "./hospital/errors.js";
import { Hospital, STEP_MS } from "./hospital/hospital.js";
import { parseItems } from "./hospital/items.js";
import { EMPTY_SCENARIO, loadScenario } from "./hospital/scenario.js";
import type { HospitalState } from "./hospital/state.js";
import { loadState, writeWhole } from "./state-file.js";

export interface SimulatorOptions {
  readonly site: Site;
  readonly itemsFile: string;
  readonly scenarioFile?: string | undefined;
  readonly seed: number;
  readonly pace: number;
  readonly stateFile?: string | undefined;
  readonly httpPort: number;
  readonly llrpPort: number;
  readonly readyFile?: string | undefined;
  readonly tcpOnly: boolean;
  readonly firmware: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const SAVE_MS = 3000;
/** A process that was stopped for longer than this leaves the time out. */
const CATCH_UP_MS = 2000;

/** The hospital, its readers, and the loopback port that tells the truth: in real time, by fixed steps. */
export class Simulator implements Part {
  readonly name = "storeward-sim";
  readonly #options: SimulatorOptions;
  #hospital: Hospital | undefined;
  #devices: readonly SiteDevice[] = [];
  #control: ControlServer | undefined;
  #timers: Timer[] = [];
  #outages = new Map<string, Timer>();
  /** Monotonic ms of the next step. */
  #due = 0;
  #saving: Promise<void> | undefined;
  #saveFailed = false;

  constructor(options: SimulatorOptions) {
    this.#options = options;
  }

  /** Throws what is wrong with the files. */
  static check(options: SimulatorOptions): void {
    hospitalOf(options, undefined);
  }

  get httpAddress(): string {
    return this.#control?.address ?? "";
  }

  /** Where clients find the readers. */
  get addresses(): Record<string, DeviceAddress> {
    return Object.fromEntries(this.#devices.map(({ device }) => [device.id, device.address]));
  }

  async start(): Promise<void> {
    const { site, seed, clock, log, stateFile } = this.#options;
    const state = stateFile === undefined ? undefined : await loadState(stateFile, seed);
    const hospital = hospitalOf(this.#options, state);
    this.#hospital = hospital;
    const { llrpPort, firmware, tcpOnly } = this.#options;
    this.#devices = siteDevices({ site, hospital, seed, clock, log, llrpPort, firmware, tcpOnly });
    this.#control = new ControlServer({
      port: this.#options.httpPort,
      log,
      hospital,
      status: () => this.#status(),
      ...this.#commands(),
    });
    const started: { stop(): Promise<void> }[] = [];
    try {
      for (const { device } of this.#devices) {
        await device.start();
        started.push(device);
      }
      await this.#control.start();
      started.push(this.#control);
      await this.#announce();
    } catch (error) {
      for (const part of started.reverse()) await part.stop();
      throw error;
    }
    this.#due = clock.mono() + STEP_MS;
    this.#timers.push(clock.every(STEP_MS / 2, () => this.#advance()));
    if (stateFile !== undefined) this.#timers.push(clock.every(SAVE_MS, () => void this.#save()));
  }

  async stop(): Promise<void> {
    for (const timer of [...this.#timers, ...this.#outages.values()]) timer.stop();
    this.#timers = [];
    this.#outages.clear();
    await this.#control?.stop();
    for (const { device } of this.#devices) await device.stop();
    await this.#saving;
    await this.#save();
  }

  /** As many steps as time has passed for. */
  #advance(): void {
    const now = this.#options.clock.mono();
    if (now - this.#due > CATCH_UP_MS) {
      this.#hospital?.skip(now - this.#due);
      this.#due = now;
    }
    while (this.#due <= now) {
      this.#due += STEP_MS;
      this.#step();
    }
  }

  #step(): void {
    const hospital = this.#hospital;
    if (hospital === undefined) return;
    hospital.step();
    for (const { device } of this.#devices) device.tick(hospital.elapsed);
  }

  #save(): Promise<void> {
    const { stateFile, log } = this.#options;
    if (stateFile === undefined || this.#hospital === undefined) return Promise.resolve();
    if (this.#saving !== undefined) return this.#saving;
    const state = this.#hospital.state;
    this.#saving = mkdir(dirname(stateFile), { recursive: true })
      .then(() => writeWhole(stateFile, state))
      .then(
        () => {
          this.#saveFailed = false;
        },
        (err: unknown) => {
          if (!this.#saveFailed) log.warn({ err }, "the state file cannot be written");
          this.#saveFailed = true;
        },
      )
      .finally(() => {
        this.#saving = undefined;
      });
    return this.#saving;
  }

  async #announce(): Promise<void> {
    const { log, readyFile } = this.#options;
    for (const [id, address] of Object.entries(this.addresses)) {
      log.info(`${id}: ${describeAddress(address)}`);
    }
    log.info(`truth: ${this.httpAddress}/truth`);
    if (readyFile !== undefined) await writeWhole(readyFile, { http: this.httpAddress, readers: this.addresses });
  }

  #status(): Readonly<Record<string, unknown>> {
    const readers = this.#devices.map(({ device }) => [device.id, { ...device.address, ...device.status() }]);
    return { readers: Object.fromEntries(readers) };
  }

  #commands() {
    const find = (reader: string) => this.#devices.find(({ device }) => device.id === reader);
    return {
      outage: (reader: string, seconds: number): boolean => {
        const found = find(reader);
        if (found === undefined) return false;
        this.#outages.get(reader)?.stop();
        found.device.cut(true);
        this.#outages.set(
          reader,
          this.#options.clock.after(seconds * 1000, () => found.device.cut(false)),
        );
        return true;
      },
      connect: (reader: string, antenna: number, connected: boolean): boolean => {
        find(reader)?.connect(antenna, connected);
        return find(reader) !== undefined;
      },
    };
  }
}

function hospitalOf(options: SimulatorOptions, state: HospitalState | undefined): Hospital {
  const { itemsFile, scenarioFile, site, seed, pace, clock } = options;
  const items = parseItems(readText(itemsFile), itemsFile);
  const scenario = scenarioFile === undefined ? EMPTY_SCENARIO : loadScenario(scenarioFile);
  return new Hospital({ site, items, scenario, seed, pace, startedAt: clock.wall(), state });
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw E.ITEMS_UNREADABLE({ file }, { cause });
  }
}

/** What each driver speaks, in words. */
const SPEAKS: Readonly<Record<DeviceAddress["driver"], string>> = {
  llrp: "LLRP",
  metratec: "metraTec AT",
  tsl: "TSL ASCII 2",
  alien: "Alien Reader Protocol",
  "impinj-iot": "Impinj IoT Device Interface",
  "zebra-iot": "Zebra IoT Connector",
};

function describeAddress({ driver, host, port, device, url }: DeviceAddress): string {
  const speaks = SPEAKS[driver];
  if (driver === "impinj-iot") return `${speaks} at ${url}/api/v1`;
  if (driver === "zebra-iot") return `${speaks}, publishing to ${url}`;
  if (device === undefined) return `${speaks} at ${host}:${port}`;
  return `${speaks} ${device.startsWith("tcp:") ? "over TCP at" : "on pseudo-terminal"} ${device}`;
}
