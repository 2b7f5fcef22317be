import { cpus, hostname } from "node:os";
import { join } from "node:path";
import type { AgentConfig } from "@storeward/contracts";
import { type Clock, type DataFolderLock, Lifecycle, type Logger, lockDataFolder, type Part } from "@storeward/runtime";
import type { AgentSettings } from "./config.js";
import { antennasOf } from "./config-check.js";
import { createFilter } from "./filtering/index.js";
import { instantNow } from "./journal/body.js";
import type { EdgeJournal } from "./journal/journal.js";
import { openJournal } from "./journal/sqlite-journal.js";
import type { AntennaRole } from "./readers/driver.js";
import { loadDriver, type ReaderDriver } from "./readers/index.js";
import { Recorder } from "./recorder.js";
import { Reporter } from "./status/reporter.js";
import { telemetryOf } from "./status/telemetry.js";
import { Uplink } from "./uplink/uplink.js";

export interface AgentOptions {
  readonly settings: AgentSettings;
  /** Name and version of this program, for the cloud's list of devices. */
  readonly software: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const LOCK_NAME = "storeward-edge";
const JOURNAL_FILE = "journal.db";

/** The device beside the readers: drivers, filter, journal and uplink, put together. Starts without the readers and without the cloud. */
export class Agent implements Part {
  readonly name = "storeward-edge";
  readonly #options: AgentOptions;
  readonly #parts: Lifecycle;
  #lock: DataFolderLock | undefined;
  #journal: EdgeJournal | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#parts = new Lifecycle(this.name, { clock: options.clock });
  }

  async start(): Promise<void> {
    const { settings, clock, log } = this.#options;
    const { config } = settings;
    for (const warning of settings.warnings) log.warn(warning);
    this.#lock = await lockDataFolder(config.data, LOCK_NAME);
    try {
      const journal = openJournal({
        file: join(config.data, JOURNAL_FILE),
        maxBytes: config.journal.maxBytes,
        config: config.version,
        clock,
        log: log.child({ part: "journal" }),
      });
      this.#journal = journal;
      await this.#compose(journal);
      await this.#parts.start();
      const { head, acked } = journal.stats();
      log.info(
        { agent: config.agent, version: config.version, readers: config.readers.length, head, acked },
        "started",
      );
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  async stop(): Promise<void> {
    try {
      await this.#parts.stop();
    } finally {
      await this.#release();
    }
  }

  async #release(): Promise<void> {
    this.#journal?.close();
    this.#journal = undefined;
    await this.#lock?.release();
    this.#lock = undefined;
  }

  async #compose(journal: EdgeJournal): Promise<void> {
    const { settings, software, clock, log } = this.#options;
    const { config, password, ca } = settings;
    const { readers, readPoints, epcFilter } = config;
    const recorder = new Recorder({
      journal,
      makeFilter: (stored, lastAlive) =>
        createFilter({ readers, readPoints, epcFilter, clock, stored, lastAlive, boot: journal.boot }),
      clock,
      log: log.child({ part: "recorder" }),
      onKept: () => uplink.wake(),
    });
    const uplink = new Uplink({
      config,
      password,
      ca,
      hardware: hardwareText(),
      software,
      journal,
      through: () => recorder.through(),
      coverage: () => recorder.coverage(),
      onClock: (draft) => recorder.record(draft),
      clock,
      log: log.child({ part: "uplink" }),
    });
    const drivers = await this.#drivers(config, recorder);
    const report = () =>
      uplink.publishTelemetry(
        telemetryOf({
          config,
          at: instantNow(clock, journal.boot),
          drivers,
          readPointOf: (reader, antenna) => recorder.readPointOf(reader, antenna),
          journal,
          uplink: uplink.stats(),
          filtered: recorder.filtered(),
          problems: [...journal.problems(), ...uplink.problems()],
        }),
      );
    this.#journalConfiguration(journal, recorder);
    this.#parts.add(recorder);
    this.#parts.add(uplink);
    for (const driver of drivers.values()) this.#parts.add(driver);
    this.#parts.add(new Reporter(report, clock));
  }

  /** A row when this is another configuration than the last one journaled. */
  #journalConfiguration(journal: EdgeJournal, recorder: Recorder): void {
    const { config, hash } = this.#options.settings;
    const value = JSON.stringify({ version: config.version, hash });
    if (journal.note("configured") === value) return;
    recorder.record({ type: "configured", version: config.version, hash }, { key: "configured", value });
  }

  async #drivers({ readers, readPoints }: AgentConfig, recorder: Recorder): Promise<Map<string, ReaderDriver>> {
    const { clock, log } = this.#options;
    const drivers = new Map<string, ReaderDriver>();
    for (const reader of readers) {
      const roles = rolesOf(reader.id, readPoints);
      if (roles.size === 0) continue;
      const create = await loadDriver(reader.driver);
      const onEvent = (event: Parameters<Recorder["handle"]>[1]) => recorder.handle(reader.id, event);
      drivers.set(reader.id, create({ reader, roles, clock, log: log.child({ part: reader.id }), onEvent }));
    }
    return drivers;
  }
}

/** What each antenna of a reader is for. */
function rolesOf(reader: string, readPoints: AgentConfig["readPoints"]): Map<number, AntennaRole> {
  const roles = new Map<number, AntennaRole>();
  for (const point of readPoints)
    for (const { ref } of antennasOf(point, "")) if (ref.reader === reader) roles.set(ref.antenna, point.role);
  return roles;
}

function hardwareText(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  return `${hostname()}: ${process.platform} ${process.arch}, ${model}`.slice(0, 200);
}
