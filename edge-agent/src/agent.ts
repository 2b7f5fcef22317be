import { cpus, hostname } from "node:os";
import { join } from "node:path";
import {
  type Clock,
  crashAt,
  type DataFolderLock,
  Lifecycle,
  type Logger,
  lockDataFolder,
  type Part,
  verifyingKey,
} from "@storeward/runtime";
import type { AgentSettings } from "./config.js";
import { instantNow } from "./journal/body.js";
import type { EdgeJournal } from "./journal/journal.js";
import { openJournal } from "./journal/sqlite-journal.js";
import { Commands } from "./remote/commands.js";
import { ConfigStore } from "./remote/config-store.js";
import type { EffectiveConfig } from "./remote/effective-config.js";
import type { LogRing } from "./remote/log-ring.js";
import { RemoteConfig } from "./remote/remote-config.js";
import { Running } from "./running.js";
import { factsOf } from "./status/facts.js";
import { stuckOf } from "./status/health.js";
import { Reporter } from "./status/reporter.js";
import { StatusServer } from "./status/server.js";
import { Systemd } from "./status/systemd.js";
import { telemetryOf } from "./status/telemetry.js";
import { Uplink } from "./uplink/uplink.js";

export interface AgentOptions {
  readonly settings: AgentSettings;
  /** Name and version of this program, for the cloud's list of devices. */
  readonly software: string;
  /** The last lines of the log, for the cloud to ask for. */
  readonly logs: LogRing;
  /** Whether systemd wants to hear from us. */
  readonly env: NodeJS.ProcessEnv;
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
    const { settings, log } = this.#options;
    for (const warning of settings.warnings) log.warn(warning);
    if (crashAt !== undefined)
      log.warn({ crashAt }, "STOREWARD_CRASH_AT is set: this process will kill itself, as a test wants it");
    this.#lock = await lockDataFolder(settings.config.data, LOCK_NAME);
    try {
      const { remote, journal } = this.#compose();
      await this.#parts.start();
      const { agent, version, readers } = remote.current.config;
      const { head, acked } = journal.stats();
      log.info({ agent, version, readers: readers.length, head, acked }, "started");
    } catch (error) {
      // Where a stop has interrupted the start, the parts are still being stopped, and need the journal until then.
      await this.#parts.stop().catch(() => undefined);
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

  #compose(): { remote: RemoteConfig; journal: EdgeJournal } {
    const { settings, software, logs, env, clock, log } = this.#options;
    const { password, ca } = settings;
    const { agent, data, cloud, status } = settings.config;
    const key = cloud.configKey === undefined ? undefined : verifyingKey(cloud.configKey, "cloud.configKey");
    const utc = (): number | undefined => {
      const told = uplink.cloudTime();
      return told && clock.wall() + told.offsetMs;
    };

    const remote = new RemoteConfig({
      settings,
      key,
      store: new ConfigStore(data),
      apply: (next) => running.apply(next),
      readers: () => running.readers(),
      utc,
      onChanged: () => uplink.publishStatus(),
      clock,
      log: log.child({ part: "configuration" }),
    });
    let held: EffectiveConfig = remote.load();
    const journal = openJournal({
      file: join(data, JOURNAL_FILE),
      get maxBytes() {
        return held.config.journal.maxBytes;
      },
      get config() {
        return held.config.version;
      },
      clock,
      log: log.child({ part: "journal" }),
    });
    this.#journal = journal;
    const running = new Running({
      begin: held,
      journal,
      clock,
      log,
      onHeld: (next) => {
        held = next;
      },
      onKept: () => uplink.wake(),
    });
    const commands = new Commands({
      agent,
      key,
      perform: (command) => running.perform(command, logs),
      utc,
      onAnswer: () => report(),
      log: log.child({ part: "commands" }),
    });
    const uplink = new Uplink({
      config: settings.config,
      password,
      ca,
      hardware: hardwareText(),
      software,
      journal,
      through: () => running.recorder.through(),
      coverage: () => running.recorder.coverage(),
      onClock: (draft) => running.recorder.record(draft),
      configuration: () => ({
        config: remote.current.config.version,
        ...(remote.refusal === undefined ? {} : { refused: remote.refusal }),
      }),
      onMessage: (leaf, payload) => (leaf === "config" ? remote : commands).receive(payload),
      clock,
      log: log.child({ part: "uplink" }),
    });

    const telemetry = () =>
      telemetryOf({
        config: held.config,
        at: instantNow(clock, journal.boot),
        drivers: running.drivers.all,
        readPointOf: (reader, antenna) => running.recorder.readPointOf(reader, antenna),
        journal,
        uplink: uplink.stats(),
        filtered: running.recorder.filtered(),
        problems: [journal, uplink, running.recorder, remote, page].flatMap((part) => part.problems()),
      });
    const report = (): void => {
      const answers = [...commands.answers()];
      uplink.publishTelemetry({ ...telemetry(), ...(answers.length === 0 ? {} : { answers }) }, () =>
        commands.sent(answers),
      );
    };
    const stuck = () => stuckOf(running.recorder.waiting());
    const page = new StatusServer({
      listen: status,
      facts: () =>
        factsOf({
          software,
          telemetry: telemetry(),
          configuration: {
            version: held.config.version,
            from: held.hash === settings.hash ? "agent.yaml" : "the cloud",
            refusal: remote.refusal,
          },
          cloud,
          uplink,
          journal,
          stuck: stuck(),
          clock,
        }),
      clock,
      log: log.child({ part: "status" }),
    });

    for (const part of [running.recorder, uplink, running.drivers, remote, commands]) this.#parts.add(part);
    this.#parts.add(new Reporter(report, clock));
    if (status.port !== 0) this.#parts.add(page);
    this.#parts.add(new Systemd({ env, stuck, clock, log: log.child({ part: "systemd" }) }));
    return { remote, journal };
  }
}

function hardwareText(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  return `${hostname()}: ${process.platform} ${process.arch}, ${model}`.slice(0, 200);
}
