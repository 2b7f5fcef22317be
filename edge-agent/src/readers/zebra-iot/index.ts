import { readFileSync } from "node:fs";
import { readerLink, type ZebraIotReader, zebraTopics } from "@storeward/contracts";
import { checkConnect, isStorewardError, readSecret, type Timer } from "@storeward/runtime";
import type { DriverOptions, ReaderDriver, ReaderHealth } from "../driver.js";
import { DriverCore } from "../driver-core.js";
import { ending } from "../ending.js";
import { isRecord, parseJson } from "../json-values.js";
import { Link } from "../link.js";
import { BrokerConnection } from "./connection.js";
import { Dialogue } from "./dialogue.js";
import { E } from "./errors.js";
import { radioStatus } from "./radio-status.js";
import { ZebraSession } from "./session.js";
import { setUp } from "./setup.js";

export { probeZebraIot } from "./probe.js";

/**
 * A reader that reads nothing is silent: heartbeats are rare, and off on many. So it is asked how it is, which is also what says,
 * while nothing is read, that it was there.
 */
const POLL_MS = 2_000;
const SILENCE_MS = 15_000;
const CHECK_MS = 1_000;
const GOODBYE_MS = 1_000;

/**
 * A driver for one reader with Zebra's IoT Connector (FX7500, FX9600, FXR90, ATR7000), which it takes for itself.
 *
 * Made after zebradevs.github.io/rfid-ziotc-docs ("RAW MQTT Payloads", "Configuration for the Operating Modes", "Management Events") and,
 * for the nature of the stream, techdocs.zebra.com (RFD40/RFD90 MQTT API), without a reader at hand. What differs between them or by
 * firmware is taken widely: the unit of power limits, the spelling of the radio's activity, one tag in a message or many, commands
 * that an older firmware does not know. Sleds speak other commands (`control_operation`): their data is understood, they are not driven.
 */
export function createZebraIotDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "zebra-iot") throw new TypeError(`${reader.id} has no Zebra IoT Connector`);
  return new ZebraIotDriver({ ...options, reader });
}

class ZebraIotDriver implements ReaderDriver {
  readonly name: string;
  readonly #options: DriverOptions<ZebraIotReader>;
  readonly #core: DriverCore;
  readonly #link: Link;
  #lastHeard: number;

  constructor(options: DriverOptions<ZebraIotReader>) {
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

  /** Throws INSECURE_CONNECT for plain MQTT beyond this machine unless `insecure` is written. Everything later is in `health()`. */
  async start(): Promise<void> {
    const { reader, log } = this.#options;
    const { host = "", tls } = readerLink(reader);
    const warning = checkConnect({ host, tls, insecure: reader.insecure, what: `The broker of reader ${reader.id}` });
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
    const topics = zebraTopics(reader);
    let session: ZebraSession | undefined;
    const broker = this.#connect((topic, payload, retained) => {
      const arrival = clock.mono();
      // What the broker kept says nothing of now.
      if (retained) core.counters.add("retainedMessages");
      else if (topic === topics.data) {
        this.#lastHeard = arrival;
        session?.takeData(payload, arrival);
      } else if (topic === topics.events) {
        this.#lastHeard = arrival;
        session?.takeEvent(payload, arrival);
      } else if (this.#answer(dialogue, payload)) this.#lastHeard = arrival;
    }, end);
    const dialogue = new Dialogue({
      clock,
      counters: core.counters,
      topics,
      publish: (topic, payload) => broker.publish(topic, payload),
    });
    const timers: Timer[] = [];
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([broker.ready(), ended]);
      this.#lastHeard = clock.mono();
      const setup = await Promise.race([
        setUp({ dialogue, reader, roles, counters: core.counters, clock, log }),
        ended,
      ]);
      const startedAt = clock.mono();
      session = new ZebraSession({ reader, roles, core, startedAt, readerTime: setup.time, end });
      core.up(setup);
      core.book.set(core.antennas, "watching", startedAt, "connected");
      session.takeAntennas(setup.status.antennas, startedAt);
      timers.push(clock.every(CHECK_MS, () => this.#checkSilence(end)));
      timers.push(clock.every(POLL_MS, () => void this.#poll(dialogue, session)));
      up();
      log.info({ model: setup.model }, "the reader is connected");
      return await ended;
    } catch (error) {
      const started = session !== undefined;
      session = undefined;
      // A reader that nobody listens to should not transmit, and never outside its band.
      if (started && (signal.aborted || isStorewardError(error, "ZEBRA_REGION"))) await this.#stopInventory(dialogue);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      for (const timer of timers) timer.stop();
      dialogue.end(E.ZEBRA_CLOSED({ reason: "closed" }));
      await broker.close({ goodbye: signal.aborted });
    }
  }

  /** Secrets and certificates are read again for every connection, so that a changed one needs no restart. */
  #connect(
    onMessage: (topic: string, payload: Buffer, retained: boolean) => void,
    onClosed: (error: unknown) => void,
  ): BrokerConnection {
    const { reader } = this.#options;
    const { url, agent, id, username, passwordFile, caFile } = reader;
    const topics = zebraTopics(reader);
    return new BrokerConnection({
      url,
      clientId: `storeward-${agent}-${id}`,
      username,
      password: passwordFile === undefined ? undefined : readSecret(passwordFile).value,
      ca: caFile === undefined ? undefined : readFileSync(caFile),
      subscriptions: [...new Set([topics.data, topics.events, topics.managementResponse, topics.controlResponse])],
      onMessage,
      onClosed,
    });
  }

  #answer(dialogue: Dialogue, payload: Buffer): boolean {
    const message = parseJson(payload.toString("utf8"));
    if (isRecord(message)) dialogue.answer(message);
    else this.#core.counters.add("badMessages");
    return isRecord(message);
  }

  async #poll(dialogue: Dialogue, session: ZebraSession | undefined): Promise<void> {
    if (dialogue.busy) return;
    try {
      const status = radioStatus(await dialogue.ask("get_status"));
      session?.takeStatus(status, this.#options.clock.mono());
    } catch {
      // Silence is watched for; one answer that is missing, or lost, ends nothing.
      this.#core.counters.add("failedPolls");
    }
  }

  #checkSilence(end: (error: unknown) => void): void {
    const silent = this.#options.clock.mono() - this.#lastHeard;
    if (silent >= SILENCE_MS) end(E.ZEBRA_SILENT({ ms: Math.round(silent) }));
  }

  async #stopInventory(dialogue: Dialogue): Promise<void> {
    const { clock } = this.#options;
    const limit = clock.after(GOODBYE_MS, () => dialogue.end(E.ZEBRA_CLOSED({ reason: "stopped" })));
    await dialogue.ask("stop").catch(() => undefined);
    limit.stop();
  }

  /** From when on nothing is known of the reader: that the broker closes is known at once. */
  #downSince(error: unknown): number {
    if (isStorewardError(error, "ZEBRA_SILENT")) return this.#lastHeard;
    if (isStorewardError(error, "ZEBRA_NOT_READING") && typeof error.params.since === "number")
      return error.params.since;
    return this.#options.clock.mono();
  }
}
