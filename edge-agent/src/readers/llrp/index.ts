import type { LlrpReader } from "@storeward/contracts";
import { checkConnect, describeError, isStorewardError } from "@storeward/runtime";
import { AntennaBook } from "../antenna-book.js";
import { Counters } from "../counters.js";
import type { DriverOptions, ReaderDriver, ReaderEvent, ReaderHealth } from "../driver.js";
import { Link } from "../link.js";
import { LlrpConnection } from "./connection.js";
import { E } from "./errors.js";
import { agree } from "./handshake.js";
import { ReaderClocks } from "./reader-clocks.js";
import { cyclesEnd } from "./rospec.js";
import { LlrpSession } from "./session.js";

export { probeLlrp } from "./probe.js";

const DEFAULT_PORT = 5084;
const CLOSE_MS = 500;

/** How the last connection ended. */
interface Lost {
  /** From when on nothing is known of the reader, mono ms. */
  readonly at: number;
  /** The reader must have noticed at once, so that it began to hold its reports then. */
  readonly noticed: boolean;
  readonly clocks: ReaderClocks;
}

/** A driver for one LLRP reader (GS1 LLRP 1.0.1, 1.1), which it takes for itself: whatever else it was told is deleted. */
export function createLlrpDriver(options: DriverOptions): ReaderDriver {
  const { reader } = options;
  if (reader.driver !== "llrp") throw new TypeError(`${reader.id} is no LLRP reader`);
  return new LlrpDriver({ ...options, reader });
}

class LlrpDriver implements ReaderDriver {
  readonly name: string;
  readonly #options: DriverOptions<LlrpReader>;
  readonly #counters = new Counters();
  readonly #book: AntennaBook;
  readonly #link: Link;
  #state: ReaderHealth["state"] = "stopped";
  #since: number;
  #error: string | undefined;
  #model: { model: string; firmware: string } | undefined;
  #lost: Lost | undefined;
  #connection: LlrpConnection | undefined;
  /** The ROSpec is there but does not run: the next connection begins from nothing. */
  #anew = false;

  constructor(options: DriverOptions<LlrpReader>) {
    this.#options = options;
    const { reader, roles, clock, log } = options;
    this.name = `reader ${reader.id}`;
    this.#since = clock.mono();
    const used = reader.antennas.filter(({ antenna }) => roles.has(antenna));
    this.#book = new AntennaBook(used, (event) => this.#emit(event), clock.mono());
    this.#link = new Link({
      clock,
      log,
      run: (signal, up) => this.#run(signal, up),
      onDown: (error) => this.#down(error),
    });
  }

  /** Throws INSECURE_CONNECT for a reader beyond this machine unless `insecure` is written. Everything later is in `health()`. */
  async start(): Promise<void> {
    const { reader, log } = this.#options;
    const { host, insecure } = reader;
    const warning = checkConnect({ host, tls: false, insecure, what: `LLRP reader ${reader.id}` });
    if (warning !== undefined) log.warn(warning);
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
    const { reader, roles, clock, log } = this.#options;
    let session: LlrpSession | undefined;
    const connection = new LlrpConnection({
      host: reader.host,
      port: reader.port ?? DEFAULT_PORT,
      clock,
      log,
      counters: this.#counters,
      onMessage: (message, arrival) => session?.take(message, arrival),
    });
    const onAbort = (): void => void this.#close(connection);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const { greeting, arrival } = await connection.greeted();
      const clocks = new ReaderClocks();
      const { UTCTimestamp, Uptime } = greeting.ReaderEventNotificationData;
      clocks.pair(UTCTimestamp, Uptime, arrival);
      const agreed = await agree({ connection, reader, roles, counters: this.#counters, anew: this.#anew });
      this.#model = { model: agreed.abilities.model, firmware: agreed.abilities.firmware };
      this.#anew = false;
      session = new LlrpSession({
        connection,
        clock,
        log,
        counters: this.#counters,
        book: this.#book,
        clocks,
        emit: (event) => this.#emit(event),
        unconnected: agreed.unconnected,
        connectedAt: arrival,
        cycles: cyclesEnd(roles),
        held: agreed.kept ? heldSince(this.#lost, clocks) : undefined,
      });
      session.start();
      connection.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
      this.#connection = connection;
      this.#lost = undefined;
      this.#error = undefined;
      this.#become("watching");
      up();
      log.info({ model: agreed.abilities.model, held: agreed.kept }, "the reader is connected");
      return await connection.ended.catch((error: unknown) => {
        this.#lost = lostBy(error, clocks, connection.lastHeard, clock.mono());
        throw error;
      });
    } catch (error) {
      connection.end(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
      session?.stop();
      this.#connection = undefined;
    }
  }

  /** A reader that is told goodbye notices at once, and begins to hold. */
  async #close(connection: LlrpConnection): Promise<void> {
    if (connection === this.#connection) {
      const limit = this.#options.clock.after(CLOSE_MS, () => connection.end(E.LLRP_CLOSED({ reason: "stopped" })));
      await connection.request({ type: "CLOSE_CONNECTION" }, "CLOSE_CONNECTION_RESPONSE").catch(() => undefined);
      limit.stop();
    }
    connection.end(E.LLRP_CLOSED({ reason: "stopped" }));
  }

  #down(error: unknown): void {
    this.#error = describeError(error);
    this.#counters.add(this.#state === "watching" ? "disconnects" : "failedConnects");
    if (isStorewardError(error, "LLRP_NOT_READING")) this.#anew = true;
    const since = this.#lost?.at ?? this.#options.clock.mono();
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

/** From when on the reader surely held what it read; not at all where it was restarted. */
function heldSince(lost: Lost | undefined, clocks: ReaderClocks): { since: number | undefined } | undefined {
  if (lost === undefined) return { since: undefined };
  if (!clocks.continues(lost.clocks)) return undefined;
  return { since: lost.noticed ? lost.at : undefined };
}

/** A link that fell silent, or out of step, swallowed reports from then on that the reader believes delivered. */
function lostBy(error: unknown, clocks: ReaderClocks, lastHeard: number, now: number): Lost {
  if (isStorewardError(error, "LLRP_NOT_READING"))
    return { at: typeof error.params.since === "number" ? error.params.since : now, noticed: false, clocks };
  const noticed = isStorewardError(error, "LLRP_CLOSED");
  return { at: noticed ? now : lastHeard, noticed, clocks };
}
