import { checkConnect } from "@storeward/runtime";
import type { DriverOptions, ReaderDriver, ReaderHealth } from "../driver.js";
import { DriverCore } from "../driver-core.js";
import { ending } from "../ending.js";
import { Link } from "../link.js";
import { tcpAddress } from "./address.js";
import { E } from "./errors.js";
import type { SerialProtocol, SerialReader, SerialSession } from "./session.js";
import { openTransport, type Transport } from "./transport.js";

const CHECK_MS = 2_500;
const GOODBYE_MS = 500;
const LOW_BATTERY = 15;

/** A driver for one reader on a serial line: keeps the line open, watches over it, and leaves what is spoken on it to a protocol. */
export class SerialDriver<R extends SerialReader> implements ReaderDriver {
  readonly name: string;
  readonly #options: DriverOptions<R>;
  readonly #protocol: SerialProtocol<R>;
  readonly #core: DriverCore;
  readonly #link: Link;
  #session: SerialSession | undefined;
  /** From when on nothing is known of the reader, should the connection end now. */
  #lastSign: number;

  constructor(options: DriverOptions<R>, protocol: SerialProtocol<R>) {
    this.#options = options;
    this.#protocol = protocol;
    const { reader, clock, log } = options;
    this.name = `reader ${reader.id}`;
    this.#core = new DriverCore(options);
    this.#lastSign = clock.mono();
    this.#link = new Link({
      clock,
      log,
      run: (signal, up) => this.#run(signal, up),
      onDown: (error) => this.#core.down(error, this.#lastSign),
    });
  }

  /** Throws INSECURE_CONNECT for a serial server beyond this machine unless `insecure` is written. Everything later is in `health()`. */
  async start(): Promise<void> {
    const { reader, log } = this.#options;
    const host = tcpAddress(reader.device)?.host;
    if (host !== undefined) {
      const exposure = { host, tls: false, insecure: reader.insecure, what: `Serial line of reader ${reader.id}` };
      const warning = checkConnect(exposure);
      if (warning !== undefined) log.warn(warning);
    }
    this.#core.connecting();
    this.#link.start();
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    this.#core.book.set(this.#core.antennas, "blind", this.#lastSign, "stopped");
    this.#core.stopped();
  }

  health(): ReaderHealth {
    const battery = this.#session?.battery;
    if (battery === undefined) return this.#core.health();
    const low = battery > LOW_BATTERY ? {} : { error: `The battery of the reader is at ${battery} %: charge it` };
    return { ...low, ...this.#core.health(), battery };
  }

  async #run(signal: AbortSignal, up: () => void): Promise<never> {
    const { reader, roles, clock, log } = this.#options;
    const core = this.#core;
    const { fail, ended } = ending();
    let transport: Transport | undefined;
    const over = new AbortController();
    const session = this.#protocol.open({
      reader,
      roles,
      antennas: core.antennas,
      clock,
      log,
      counters: core.counters,
      book: core.book,
      write: (text) => transport?.write(text),
      emit: (event) => core.emit(event),
      signal: over.signal,
      fail,
    });
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#lastSign = clock.mono();
    const watch = clock.every(CHECK_MS, () => this.#checkSilence(session, fail));
    try {
      const { device, baudRate = this.#protocol.baudRate } = reader;
      const onData = (chunk: Uint8Array): void => this.#receive(chunk, session);
      transport = await openTransport({ device, baudRate }, { onData, onGone: fail }, signal);
      const identity = await Promise.race([session.setUp(), ended]);
      this.#session = session;
      core.up(identity);
      session.start();
      up();
      log.info({ model: identity.model }, "the reader is connected");
      return await ended;
    } finally {
      signal.removeEventListener("abort", onAbort);
      watch.stop();
      if (signal.aborted && transport !== undefined) await this.#goodbye(session);
      this.#session = undefined;
      over.abort();
      session.end(E.SERIAL_CLOSED({ device: reader.device, reason: "closed" }));
      await transport?.close();
    }
  }

  #checkSilence(session: SerialSession, fail: (error: unknown) => void): void {
    const now = this.#options.clock.mono();
    const silent = now - this.#lastSign;
    const idle = now - (session.lastRound ?? now);
    const { silenceMs, noRoundMs, notReading } = this.#protocol;
    if (silent < silenceMs && idle < noRoundMs) return;
    if (silent >= Math.min(silenceMs, noRoundMs)) fail(E.SERIAL_SILENT({ ms: Math.round(silent) }));
    else {
      // It speaks, but what it did since its last round was not reading.
      this.#lastSign = now - idle;
      fail(notReading(Math.round(idle)));
    }
  }

  #receive(chunk: Uint8Array, session: SerialSession): void {
    const before = session.counters;
    try {
      session.receive(chunk);
    } catch (error) {
      this.#core.counters.add("failures");
      this.#options.log.error({ err: error }, "what the reader said could not be handled");
    }
    // Not before anything that it made the session tell.
    this.#lastSign = this.#options.clock.mono();
    for (const [name, count] of Object.entries(session.counters)) {
      const more = count - (before[name] ?? 0);
      if (more > 0) this.#core.counters.add(name, more);
    }
  }

  async #goodbye(session: SerialSession): Promise<void> {
    const said = session.goodbye?.().catch(() => undefined);
    if (said === undefined) return;
    const enough = new AbortController();
    const late = this.#options.clock.sleep(GOODBYE_MS, enough.signal).catch(() => undefined);
    await Promise.race([said, late]);
    enough.abort();
  }
}
