import type { MetratecReader } from "@storeward/contracts";
import type { DriverOptions, ReaderDriver } from "../driver.js";
import { SerialDriver } from "../serial/driver.js";
import type { Identity, SerialProtocol, SerialSession, SessionContext } from "../serial/session.js";
import { Dialogue, type Unasked } from "./dialogue.js";
import { E } from "./errors.js";
import { MetratecFramer } from "./framer.js";
import { Inventory } from "./inventory.js";
import { HEARTBEAT_MS, setUp, stopInventory } from "./setup.js";

export { probeMetratec } from "./probe.js";

/** A driver for one metraTec reader with the AT protocol (PLRM, PulsarLR, QuasarLR, DeskID UHF). */
export function createMetratecDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "metratec") throw new TypeError(`${reader.id} is no metraTec reader`);
  return new SerialDriver({ ...options, reader }, metratec);
}

const metratec: SerialProtocol<MetratecReader> = {
  baudRate: 115_200,
  silenceMs: 2 * HEARTBEAT_MS,
  /** A reader that was restarted sends heartbeats but takes no inventory. */
  noRoundMs: 15_000,
  notReading: (ms) => E.METRATEC_NOT_READING({ ms }),
  open: (context) => new MetratecSession(context),
};

/** Sets a reader to continuous inventory over its antennas, and takes what it tells. */
class MetratecSession implements SerialSession {
  readonly #context: SessionContext<MetratecReader>;
  readonly #framer = new MetratecFramer();
  readonly #dialogue: Dialogue;
  #inventory: Inventory | undefined;

  constructor(context: SessionContext<MetratecReader>) {
    this.#context = context;
    const { clock, counters, write } = context;
    this.#dialogue = new Dialogue({ clock, counters, write, onUnasked: (event) => this.#takeUnasked(event) });
  }

  get counters(): Readonly<Record<string, number>> {
    return { ...this.#framer.counters };
  }

  get lastRound(): number | undefined {
    return this.#inventory?.lastRound;
  }

  receive(chunk: Uint8Array): void {
    for (const line of this.#framer.push(chunk)) this.#dialogue.take(line);
  }

  async setUp(): Promise<Identity> {
    const { reader, antennas, clock, book, counters, emit } = this.#context;
    const { model, firmware, fields } = await setUp(this.#dialogue, reader, antennas, this.#context);
    this.#inventory = new Inventory(book, fields, counters, emit);
    this.#inventory.lastRound = clock.mono();
    return { model, firmware };
  }

  start(): void {
    const { antennas, book, clock } = this.#context;
    book.set(antennas, "watching", clock.mono(), "connected");
  }

  goodbye(): Promise<unknown> {
    return stopInventory(this.#dialogue);
  }

  end(error: unknown): void {
    this.#dialogue.end(error);
  }

  #takeUnasked({ name, text }: Unasked): void {
    const { clock, counters, emit } = this.#context;
    const now = clock.mono();
    if (name === "CMINV") this.#inventory?.take(text, now);
    else if (name === "IEV") {
      const match = /^(\d{1,3}),(HIGH|LOW)$/.exec(text);
      if (match === null) counters.add("badLines");
      else emit({ type: "input", port: Number(match[1]), high: match[2] === "HIGH", at: now });
    } else if (name !== "HBT") counters.add("strayLines");
  }
}
