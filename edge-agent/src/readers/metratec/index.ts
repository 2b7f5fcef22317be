import type { MetratecReader } from "@storeward/contracts";
import { checkConnect, describeError, isStorewardError } from "@storeward/runtime";
import { AntennaBook } from "../antenna-book.js";
import { Counters } from "../counters.js";
import type { DriverOptions, ReaderDriver, ReaderEvent, ReaderHealth } from "../driver.js";
import { Link } from "../link.js";
import { Dialogue, type Unasked } from "./dialogue.js";
import { E } from "./errors.js";
import { MetratecFramer } from "./framer.js";
import { Inventory } from "./inventory.js";
import { HEARTBEAT_MS, setUp, stopInventory } from "./setup.js";
import { openTransport, type Transport, tcpAddress } from "./transport.js";

const SILENCE_MS = 2 * HEARTBEAT_MS;
/** A reader that was restarted sends heartbeats but takes no inventory. */
const NO_ROUND_MS = 15_000;
const CHECK_MS = 2_500;
const GOODBYE_MS = 500;

/** A driver for one metraTec reader with the AT protocol (PLRM, PulsarLR, QuasarLR, DeskID UHF). */
export function createMetratecDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "metratec") throw new TypeError(`${reader.id} is no metraTec reader`);
  return new MetratecDriver({ ...options, reader });
}

class MetratecDriver implements ReaderDriver {
  readonly name: string;
  readonly #options: DriverOptions<MetratecReader>;
  readonly #counters = new Counters();
  readonly #book: AntennaBook;
  readonly #link: Link;
  #state: ReaderHealth["state"] = "stopped";
  #since: number;
  #error: string | undefined;
  #model: { model: string; firmware: string } | undefined;
  #lastHeard: number;

  constructor(options: DriverOptions<MetratecReader>) {
    this.#options = options;
    const { reader, roles, clock, log } = options;
    this.name = `reader ${reader.id}`;
    this.#since = clock.mono();
    this.#lastHeard = this.#since;
    const used = reader.antennas.filter(({ antenna }) => roles.has(antenna));
    this.#book = new AntennaBook(used, (event) => this.#emit(event), clock.mono());
    this.#link = new Link({
      clock,
      log,
      run: (signal, up) => this.#run(signal, up),
      onDown: (error) => this.#down(error),
    });
  }

  /** Throws INSECURE_CONNECT for a serial server beyond this machine unless `insecure` is written. Everything later is in `health()`. */
  async start(): Promise<void> {
    const { reader, log } = this.#options;
    const host = tcpAddress(reader.device)?.host;
    if (host !== undefined) {
      const exposure = { host, tls: false, insecure: reader.insecure, what: `Serial server of reader ${reader.id}` };
      const warning = checkConnect(exposure);
      if (warning !== undefined) log.warn(warning);
    }
    this.#become("connecting");
    this.#link.start();
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    this.#become("stopped");
  }

  health(): ReaderHealth {
    return {
      state: this.#state,
      since: this.#since,
      ...this.#model,
      ...(this.#error === undefined ? {} : { error: this.#error.slice(0, 500) }),
      counters: this.#counters.values(),
      antennas: this.#book.health(this.#options.clock.mono()),
    };
  }

  async #run(signal: AbortSignal, up: () => void): Promise<never> {
    const { reader, clock, log } = this.#options;
    let end: (error: unknown) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      end = reject;
    });
    ended.catch(() => undefined);
    const framer = new MetratecFramer();
    let inventory: Inventory | undefined;
    let transport: Transport | undefined;
    const dialogue = new Dialogue({
      clock,
      counters: this.#counters,
      write: (text) => transport?.write(text),
      onUnasked: (event) => this.#takeUnasked(event, inventory),
    });
    const onAbort = (): void => end(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#lastHeard = clock.mono();
    const startedAt = clock.mono();
    const watch = clock.every(CHECK_MS, () => {
      const now = clock.mono();
      const silent = now - this.#lastHeard;
      const idle = now - (inventory?.lastRound ?? startedAt);
      if (silent >= SILENCE_MS) end(E.METRATEC_SILENT({ ms: Math.round(silent) }));
      else if (inventory !== undefined && idle >= NO_ROUND_MS) end(E.METRATEC_NOT_READING({ ms: Math.round(idle) }));
    });
    try {
      const onData = (chunk: Uint8Array): void => this.#receive(chunk, framer, dialogue);
      transport = await openTransport(reader.device, { onData, onGone: (error) => end(error) }, signal);
      const antennas = this.#book.numbers.toSorted((a, b) => a - b);
      const setup = await Promise.race([setUp(dialogue, reader, antennas, clock), ended]);
      inventory = new Inventory(this.#book, setup.fields, this.#counters, (event) => this.#emit(event));
      inventory.lastRound = clock.mono();
      this.#model = { model: setup.model.slice(0, 120), firmware: setup.firmware.slice(0, 120) };
      this.#error = undefined;
      this.#become("watching");
      this.#book.set(antennas, "watching", clock.mono(), "connected");
      up();
      log.info({ model: setup.model }, "the reader is connected");
      return await ended;
    } finally {
      signal.removeEventListener("abort", onAbort);
      watch.stop();
      if (signal.aborted && transport !== undefined) await this.#goodbye(dialogue);
      dialogue.end(E.METRATEC_CLOSED({ device: reader.device, reason: "closed" }));
      for (const [name, count] of Object.entries(framer.counters)) if (count > 0) this.#counters.add(name, count);
      await transport?.close();
    }
  }

  #receive(chunk: Uint8Array, framer: MetratecFramer, dialogue: Dialogue): void {
    this.#lastHeard = this.#options.clock.mono();
    for (const line of framer.push(chunk)) {
      try {
        dialogue.take(line);
      } catch (error) {
        this.#counters.add("failures");
        this.#options.log.error({ err: error }, "a line of the reader could not be handled");
      }
    }
  }

  #takeUnasked({ name, text }: Unasked, inventory: Inventory | undefined): void {
    const now = this.#options.clock.mono();
    if (name === "CMINV") inventory?.take(text, now);
    else if (name === "IEV") {
      const match = /^(\d{1,3}),(HIGH|LOW)$/.exec(text);
      if (match === null) this.#counters.add("badLines");
      else this.#emit({ type: "input", port: Number(match[1]), high: match[2] === "HIGH", at: now });
    } else if (name !== "HBT") this.#counters.add("strayLines");
  }

  /** A reader that nobody listens to should not transmit. */
  async #goodbye(dialogue: Dialogue): Promise<void> {
    const { clock } = this.#options;
    const enough = new AbortController();
    const limit = clock.after(GOODBYE_MS, () => enough.abort());
    const late = new Promise<void>((resolve) =>
      enough.signal.addEventListener("abort", () => resolve(), { once: true }),
    );
    await Promise.race([stopInventory(dialogue).catch(() => undefined), late]);
    limit.stop();
  }

  #down(error: unknown): void {
    this.#error = describeError(error);
    const wasUp = this.#state === "watching";
    this.#counters.add(wasUp ? "disconnects" : "failedConnects");
    const { clock } = this.#options;
    const since = isStorewardError(error, "METRATEC_SILENT") ? this.#lastHeard : clock.mono();
    this.#book.set(this.#book.numbers, "blind", since, this.#error.slice(0, 200));
    this.#become("blind");
  }

  #become(state: ReaderHealth["state"]): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#since = this.#options.clock.mono();
  }

  #emit(event: ReaderEvent): void {
    try {
      this.#options.onEvent(event);
    } catch (error) {
      this.#counters.add("failures");
      this.#options.log.error({ err: error }, "what the reader told could not be taken");
    }
  }
}
