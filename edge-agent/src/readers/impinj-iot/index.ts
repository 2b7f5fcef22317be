import { readFileSync } from "node:fs";
import { type ImpinjIotReader, readerLink } from "@storeward/contracts";
import { checkConnect, isStorewardError, readSecret, type Timer } from "@storeward/runtime";
import type { DriverOptions, ReaderDriver, ReaderHealth } from "../driver.js";
import { DriverCore } from "../driver-core.js";
import { ending } from "../ending.js";
import { textOf } from "../json-values.js";
import { Link } from "../link.js";
import { ImpinjApi } from "./api.js";
import { E } from "./errors.js";
import { ImpinjSession } from "./session.js";
import { prepare } from "./setup.js";

export { probeImpinjIot } from "./probe.js";

/** At least so many keep-alives must be missing before a stream is dead. */
const MISSING = 4;
const MIN_SILENCE_MS = 5_000;
const CHECK_MS = 1_000;
/** Keep-alives say that the reader is there, not that it reads: that is asked for. */
const STATUS_MS = 15_000;
const GOODBYE_MS = 1_000;
/** Chunks of the stream that may come before the reader has answered that it started. */
const MAX_EARLY = 1_000;

/**
 * A driver for one reader with Impinj's IoT Device Interface (R700, R720), which it takes for itself.
 *
 * Made after the Reader Configuration REST API 1.7 (platform.impinj.com; a reader gives its own at `/api/v1/openapi.json`), without a
 * reader at hand. What that does not say is taken widely: how regions are called and the schema of presets is arranged, which
 * endpoints a firmware has, which properties an event carries.
 */
export function createImpinjIotDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "impinj-iot") throw new TypeError(`${reader.id} has no Impinj IoT Device Interface`);
  return new ImpinjIotDriver({ ...options, reader });
}

class ImpinjIotDriver implements ReaderDriver {
  readonly name: string;
  readonly #options: DriverOptions<ImpinjIotReader>;
  readonly #core: DriverCore;
  readonly #link: Link;
  #lastHeard: number;

  constructor(options: DriverOptions<ImpinjIotReader>) {
    this.#options = options;
    const { reader, clock, log } = options;
    this.name = `reader ${reader.id}`;
    this.#core = new DriverCore(options);
    this.#lastHeard = clock.mono();
    this.#link = new Link({
      clock,
      log,
      run: (signal, up) => this.#run(signal, up),
      onDown: (error) => this.#core.down(error, this.#downSince(error)),
    });
  }

  /** Throws INSECURE_CONNECT for plain HTTP beyond this machine unless `insecure` is written. Everything later is in `health()`. */
  async start(): Promise<void> {
    const { reader, log } = this.#options;
    const { host = "", tls } = readerLink(reader);
    const warning = checkConnect({ host, tls, insecure: reader.insecure, what: `Reader ${reader.id}` });
    if (warning !== undefined) log.warn(warning);
    this.#core.connecting();
    this.#link.start();
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    this.#core.stopped();
  }

  health(): ReaderHealth {
    return this.#core.health();
  }

  async #run(signal: AbortSignal, up: () => void): Promise<never> {
    const { reader, roles, clock, log } = this.#options;
    const core = this.#core;
    const { fail: end, ended } = ending();
    const onAbort = (): void => end(signal.reason);
    const api = this.#api();
    signal.addEventListener("abort", onAbort, { once: true });
    const timers: Timer[] = [];
    let session: ImpinjSession | undefined;
    let started = false;
    try {
      const setup = await Promise.race([prepare({ api, reader, roles, counters: core.counters, clock, log }), ended]);
      const early: { chunk: Buffer; arrival: number }[] = [];
      const opened = api.stream("/data/stream", {
        onChunk: (chunk) => {
          const arrival = clock.mono();
          this.#lastHeard = arrival;
          if (session !== undefined) session.take(chunk, arrival);
          else if (early.length < MAX_EARLY) early.push({ chunk, arrival });
        },
        onEnd: end,
      });
      // The reader may send the head of its answer only with the first event.
      const start = api.post("/profiles/inventory/start", setup.request).then(() => {
        started = true;
      });
      await Promise.race([Promise.all([opened, start]), ended]);
      const startedAt = clock.mono();
      session = new ImpinjSession({ reader, roles, core, startedAt, readerTime: setup.time, end });
      core.up(setup);
      core.book.set(core.antennas, "watching", startedAt, "connected");
      for (const { chunk, arrival } of early) session.take(chunk, arrival);
      this.#lastHeard = startedAt;
      const silence = Math.max(MIN_SILENCE_MS, MISSING * setup.keepAliveMs);
      timers.push(clock.every(CHECK_MS, () => this.#checkSilence(silence, end)));
      timers.push(clock.every(STATUS_MS, () => void this.#checkStatus(api, session, end)));
      up();
      log.info({ model: setup.model }, "the reader is connected");
      return await ended;
    } catch (error) {
      session = undefined;
      // A reader that nobody listens to should not transmit, and never outside its band.
      if (started && (signal.aborted || isStorewardError(error, "IMPINJ_REGION"))) await this.#stopInventory(api);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      for (const timer of timers) timer.stop();
      api.destroy();
    }
  }

  /** Secrets and certificates are read again for every connection, so that a changed one needs no restart. */
  #api(): ImpinjApi {
    const { reader, clock } = this.#options;
    const { url, username, passwordFile, caFile, certificateName } = reader;
    return new ImpinjApi({
      url,
      username,
      password: passwordFile === undefined ? undefined : readSecret(passwordFile).value,
      ca: caFile === undefined ? undefined : readFileSync(caFile),
      certificateName,
      clock,
    });
  }

  #checkSilence(limit: number, end: (error: unknown) => void): void {
    const silent = this.#options.clock.mono() - this.#lastHeard;
    if (silent >= limit) end(E.IMPINJ_SILENT({ ms: Math.round(silent) }));
  }

  async #checkStatus(api: ImpinjApi, session: ImpinjSession | undefined, end: (error: unknown) => void): Promise<void> {
    try {
      const status = textOf((await api.get("/status")).status) ?? "";
      if (status === "running") session?.isReading(this.#options.clock.mono());
      else if (status !== "") end(E.IMPINJ_NOT_READING({ status, since: session?.readUntil ?? this.#lastHeard }));
    } catch {
      // The stream says whether the reader is there; that it was too busy to answer ends nothing.
      this.#core.counters.add("failedPolls");
    }
  }

  async #stopInventory(api: ImpinjApi): Promise<void> {
    const limit = this.#options.clock.after(GOODBYE_MS, () => api.destroy());
    await api.post("/profiles/stop").catch(() => undefined);
    limit.stop();
  }

  /** From when on nothing is known of the reader. */
  #downSince(error: unknown): number {
    if (isStorewardError(error, "IMPINJ_SILENT")) return this.#lastHeard;
    if (isStorewardError(error, "IMPINJ_NOT_READING") && typeof error.params.since === "number")
      return error.params.since;
    return this.#options.clock.mono();
  }
}
