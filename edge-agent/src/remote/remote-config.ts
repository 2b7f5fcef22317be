import type { KeyObject } from "node:crypto";
import { ConfigDocument, type ConfigRefusal } from "@storeward/contracts";
import {
  type Clock,
  describeError,
  isStorewardError,
  type Logger,
  type Part,
  type StorewardError,
  validator,
} from "@storeward/runtime";
import type { AgentSettings } from "../config.js";
import type { ConfigStore } from "./config-store.js";
import { type EffectiveConfig, refusalOf, withRemote } from "./effective-config.js";
import { E } from "./errors.js";
import { assertFresh, readSigned, type SignedReader } from "./signed-message.js";

export interface RemoteConfigOptions {
  readonly settings: AgentSettings;
  readonly key: KeyObject | undefined;
  readonly store: ConfigStore;
  /** Makes the device run with another configuration. Rejects when it cannot; what it left half done is mended by the next call. */
  readonly apply: (effective: EffectiveConfig) => Promise<void>;
  /** Readers that read now; by id, with what is wrong with those that do not. */
  readonly readers: () => ReadonlyMap<string, { readonly watching: boolean; readonly error?: string | undefined }>;
  /** UTC, ms; undefined before the cloud has told: nothing is then judged by its date. */
  readonly utc: () => number | undefined;
  /** What holds, or what is refused, has changed. */
  readonly onChanged: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const isDocument = validator(ConfigDocument);

const LOOK_MS = 500;
/** Readers are given so long after a start before it counts which of them work. */
const SETTLE_MS = 30_000;
/** A trial takes at least so long: what brings the agent down does it soon. */
const TRIAL_MIN_MS = 10_000;
/** Longer than a reader needs to come back (`RECONNECT` goes up to 30 s). */
const TRIAL_MAX_MS = 60_000;

/**
 * The configuration that the cloud sets. It is tried first: readers that worked must work under it, and an agent that goes down meanwhile
 * starts with the one before. What did not work is not tried again; the cloud hears why.
 */
export class RemoteConfig implements Part {
  readonly name = "remote configuration";
  readonly #options: RemoteConfigOptions;
  readonly #reader: SignedReader<ConfigDocument>;
  readonly #startedAt: number;
  readonly #stopped = new AbortController();
  #current: EffectiveConfig;
  #refusal: ConfigRefusal | undefined;
  /** What came and is not decided yet: the latest only. */
  #waiting: string | undefined;
  #working: Promise<void> | undefined;
  #problem: StorewardError | undefined;

  constructor(options: RemoteConfigOptions) {
    this.#options = options;
    const { settings, key, clock } = options;
    this.#reader = { kind: "config", agent: settings.config.agent, key, check: isDocument };
    this.#current = settings;
    this.#startedAt = clock.mono();
  }

  /** What holds now, a trial included. */
  get current(): EffectiveConfig {
    return this.#current;
  }

  get refusal(): ConfigRefusal | undefined {
    return this.#refusal;
  }

  problems(): StorewardError[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /** What the device starts with; to be called once, before anything runs. Never throws: `agent.yaml` can always be used. */
  load(): EffectiveConfig {
    try {
      this.#judgeCrash();
      this.#current = this.#stored() ?? this.#current;
    } catch (error) {
      this.#report(E.CONFIG_STORED_UNUSABLE({ reason: describeError(error) }, { cause: error }));
    }
    return this.#current;
  }

  async start(): Promise<void> {}

  /** A trial that is under way ends undecided: the cloud sends it again. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#working;
  }

  /** A message on the topic. What came before and is not decided yet is forgotten. */
  receive(payload: Buffer): void {
    // An empty retained message is one taken back.
    if (payload.length === 0) return;
    this.#waiting = payload.toString("utf8");
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    const { utc, clock, log } = this.#options;
    const { signal } = this.#stopped;
    try {
      while (this.#waiting !== undefined) {
        while (utc() === undefined) await clock.sleep(LOOK_MS, signal);
        const message = this.#waiting;
        this.#waiting = undefined;
        await this.#consider(message, utc() ?? 0);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "a configuration from the cloud could not be handled");
    }
  }

  async #consider(message: string, utc: number): Promise<void> {
    const running = this.#current.config.version;
    let document: ConfigDocument;
    try {
      document = readSigned(message, this.#reader);
      const { version } = document;
      if (version === running || version === this.#refusal?.version) {
        if (version === running) this.#problem = undefined;
        return;
      }
      assertFresh("config", document, utc);
      if (version < running) throw E.CONFIG_OLDER({ version, running });
    } catch (error) {
      // Anybody could have sent this, or it is only late: it is told, and says nothing of a version yet to come.
      if (isStorewardError(error)) return this.#report(error);
      throw error;
    }
    await this.#try(message, document);
  }

  async #try(message: string, document: ConfigDocument): Promise<void> {
    const { settings, store, apply, log, onChanged } = this.#options;
    const { version } = document;
    const before = this.#current;
    let next: EffectiveConfig;
    try {
      next = withRemote(settings, document);
    } catch (error) {
      if (!isStorewardError(error)) throw error;
      return this.#refuse(version, error);
    }
    await this.#settled();
    try {
      store.beginTrial(message);
    } catch (error) {
      // A full disk says nothing against the configuration: it is tried when it comes again.
      return this.#report(E.CONFIG_NOT_STORED({ version, reason: describeError(error) }, { cause: error }));
    }
    log.info({ version, before: before.config.version }, "a configuration of the cloud is tried");
    const needed = this.#watching().filter((id) => next.config.readers.some((reader) => reader.id === id));
    try {
      this.#current = next;
      await apply(next).catch((error: unknown) => {
        throw E.CONFIG_NOT_STARTED({ version, reason: describeError(error) }, { cause: error });
      });
      await this.#prove(version, needed);
      store.keepTrial();
      this.#refusal = undefined;
      this.#problem = undefined;
      log.info({ version }, "the configuration of the cloud holds");
    } catch (error) {
      if (this.#stopped.signal.aborted) {
        store.dropTrial();
        throw error;
      }
      this.#current = before;
      await apply(before).catch((failed: unknown) =>
        log.error({ err: failed }, "what was taken back could not all be started: a restart of the agent mends it"),
      );
      this.#refuse(
        version,
        isStorewardError(error) ? error : E.CONFIG_NOT_STARTED({ version, reason: describeError(error) }),
      );
      return;
    }
    onChanged();
  }

  /** CONFIG_READERS_LOST when a reader that worked does not in time. */
  async #prove(version: number, needed: readonly string[]): Promise<void> {
    const { clock, readers } = this.#options;
    const begun = clock.mono();
    for (;;) {
      await clock.sleep(LOOK_MS, this.#stopped.signal);
      const working = new Set(this.#watching());
      const missing = needed.filter((id) => !working.has(id));
      const passed = clock.mono() - begun;
      if (missing.length === 0 && passed >= TRIAL_MIN_MS) return;
      if (passed < TRIAL_MAX_MS) continue;
      const reason = missing.map((id) => readers().get(id)?.error ?? "no error").join("; ");
      throw E.CONFIG_READERS_LOST({ version, readers: missing.join(", "), seconds: TRIAL_MAX_MS / 1_000, reason });
    }
  }

  /** Right after a start no reader works yet, and none would be missed. */
  async #settled(): Promise<void> {
    const { clock, readers } = this.#options;
    const all = (): boolean => [...readers().values()].every(({ watching }) => watching);
    while (!all() && clock.mono() - this.#startedAt < SETTLE_MS) await clock.sleep(LOOK_MS, this.#stopped.signal);
  }

  #watching(): string[] {
    return [...this.#options.readers()].flatMap(([id, { watching }]) => (watching ? [id] : []));
  }

  /** Also where nothing can be written: what was tried is not tried again while this process runs. */
  #judgeCrash(): void {
    const { store, log } = this.#options;
    try {
      this.#refusal = store.refused();
      const tried = store.trial();
      if (tried === undefined) return;
      const { version } = readSigned(tried, this.#reader);
      const error = E.CONFIG_CRASHED({ version });
      log.error({ err: error }, "the configuration before it holds");
      this.#refusal = refusalOf(version, error);
      store.refuse(this.#refusal);
    } catch (error) {
      log.warn({ err: error }, "a configuration that was tried is put away");
      try {
        store.dropTrial();
      } catch (failed) {
        log.warn({ err: failed }, "the data folder cannot be written");
      }
    }
  }

  #stored(): EffectiveConfig | undefined {
    const { store, settings, log } = this.#options;
    const message = store.applied();
    if (message === undefined) return undefined;
    const document = readSigned(message, this.#reader);
    const { version } = document;
    const file = settings.config.version;
    if (version <= file) {
      log.warn({ err: E.CONFIG_STORED_OLDER({ file, version }) }, "the configuration of the cloud is put away");
      store.dropApplied();
      return undefined;
    }
    const effective = withRemote(settings, document);
    log.info({ version, file }, "the configuration that the cloud has set holds, not that of agent.yaml");
    return effective;
  }

  #refuse(version: number, error: StorewardError): void {
    const { store, log, onChanged } = this.#options;
    this.#refusal = refusalOf(version, error);
    try {
      store.refuse(this.#refusal);
    } catch (failed) {
      log.warn({ err: failed }, "that a configuration was refused could not be noted");
    }
    this.#report(error);
    onChanged();
  }

  /** Once for each new kind of trouble. */
  #report(error: StorewardError): void {
    if (this.#problem?.message !== error.message)
      this.#options.log.warn({ err: error }, "a configuration of the cloud is not taken");
    this.#problem = error;
  }
}
