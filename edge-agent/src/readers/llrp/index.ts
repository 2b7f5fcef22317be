import type { LlrpReader } from "@storeward/contracts";
import { checkConnect, checkListen, isStorewardError } from "@storeward/runtime";
import type { DriverOptions, ReaderDriver, ReaderHealth } from "../driver.js";
import { DriverCore } from "../driver-core.js";
import { Link } from "../link.js";
import { type Call, expectCalls } from "./call-port.js";
import { Calls } from "./calls.js";
import { LlrpConnection } from "./connection.js";
import { dial, linkFiles } from "./dial.js";
import { E } from "./errors.js";
import { agree } from "./handshake.js";
import { microsOf, ReaderClocks } from "./reader-clocks.js";
import { LlrpSession } from "./session.js";

export { probeLlrp } from "./probe.js";

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
  readonly #core: DriverCore;
  readonly #link: Link;
  #lost: Lost | undefined;
  #connection: LlrpConnection | undefined;
  /** Of the connection there is. */
  #clocks: ReaderClocks | undefined;
  /** Of a reader that calls in. */
  readonly #calls = new Calls();
  #leave: (() => Promise<void>) | undefined;
  /** The ROSpec is there but does not run: the next connection begins from nothing. */
  #anew = false;

  constructor(options: DriverOptions<LlrpReader>) {
    this.#options = options;
    const { reader, clock, log } = options;
    this.name = `reader ${reader.id}`;
    this.#core = new DriverCore(options);
    this.#link = new Link({
      clock,
      log,
      run: (signal, up) => this.#run(signal, up),
      onDown: (error) => this.#down(error),
    });
  }

  /**
   * Throws INSECURE_CONNECT or INSECURE_LISTEN for a link beyond this machine without TLS unless `insecure` is written, and PORT_TAKEN
   * for a reader that calls in. Everything later is in `health()`.
   */
  async start(): Promise<void> {
    const { listen } = this.#options.reader;
    if (listen === undefined) this.#mayConnect();
    else await this.#expectCalls();
    this.#core.connecting(listen && `Waiting for the reader to call on port ${listen.port}`);
    this.#link.start();
  }

  async stop(): Promise<void> {
    await this.#link.stop();
    this.#calls.end();
    await this.#leave?.();
    this.#leave = undefined;
    this.#core.stopped();
  }

  #mayConnect(): void {
    const { reader, log } = this.#options;
    const { host = "", tls = false, insecure } = reader;
    const warning = checkConnect({ host, tls, insecure, what: `LLRP reader ${reader.id}` });
    if (warning !== undefined) log.warn(warning);
  }

  async #expectCalls(): Promise<void> {
    const { reader, clock, log } = this.#options;
    const { host, listen, identity, tls = false, insecure } = reader;
    if (listen === undefined || this.#leave !== undefined) return;
    const address = listen.address ?? "127.0.0.1";
    const warning = checkListen({ host: address, tls, insecure, what: `The port for LLRP reader ${reader.id}` });
    if (warning !== undefined) log.warn(warning);
    this.#calls.begin();
    this.#leave = await expectCalls(
      { port: listen.port, address, tls: tls ? linkFiles(reader) : undefined, clock, log },
      { address: host, identity, counters: this.#core.counters, onCall: (call) => this.#calls.take(call) },
    );
  }

  health(): ReaderHealth {
    return { ...this.#core.health(), ...this.#clockOffset() };
  }

  /** A new connection that has been greeted. A reader that is to call is waited for as long as it takes. */
  async #open(signal: AbortSignal): Promise<Call> {
    const { reader, clock, log } = this.#options;
    if (reader.listen !== undefined) return this.#calls.next(signal);
    const connection = new LlrpConnection({ ...dial(reader), clock, log, counters: this.#core.counters });
    const onAbort = (): void => connection.end(E.LLRP_CLOSED({ reason: "stopped" }));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return { connection, ...(await connection.greeted()) };
    } catch (error) {
      connection.end(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  async #run(signal: AbortSignal, up: () => void): Promise<never> {
    const { reader, roles, clock, log } = this.#options;
    const core = this.#core;
    let session: LlrpSession | undefined;
    const { connection, greeting, arrival } = await this.#open(signal);
    const onAbort = (): void => void this.#close(connection);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const clocks = new ReaderClocks();
      const { UTCTimestamp, Uptime } = greeting.ReaderEventNotificationData;
      clocks.pair(microsOf(UTCTimestamp), microsOf(Uptime), arrival, true);
      const agreed = await agree({ connection, reader, roles, counters: core.counters, anew: this.#anew });
      this.#anew = false;
      session = new LlrpSession({
        connection,
        clock,
        log,
        counters: core.counters,
        book: core.book,
        clocks,
        emit: (event) => core.emit(event),
        unconnected: agreed.unconnected,
        connectedAt: arrival,
        plan: agreed.plan,
        held: agreed.kept ? heldSince(this.#lost, clocks) : undefined,
      });
      connection.handler = session;
      session.start();
      connection.send({ type: "ENABLE_EVENTS_AND_REPORTS" });
      this.#connection = connection;
      this.#clocks = clocks;
      this.#lost = undefined;
      core.up(agreed.abilities);
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
      connection.handler = undefined;
      this.#connection = undefined;
      this.#clocks = undefined;
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
    if (isStorewardError(error, "LLRP_NOT_READING")) this.#anew = true;
    this.#core.down(error, this.#lost?.at ?? this.#options.clock.mono());
  }

  /** Only told: what is read is dated by our own clock, and a reader's says nothing about that one. */
  #clockOffset(): { clockOffsetMs: number } | undefined {
    const { clock } = this.#options;
    const clockOffsetMs = this.#clocks?.utcAhead(clock.wall() - clock.mono());
    return clockOffsetMs === undefined ? undefined : { clockOffsetMs };
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
