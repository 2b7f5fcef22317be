import { AntennaEventType, type LlrpMessage, type LlrpParameter, ROSpecEventType } from "@storeward/codecs/llrp";
import type { Clock, Logger, Timer } from "@storeward/runtime";
import type { AntennaBook } from "../antenna-book.js";
import type { Counters } from "../counters.js";
import type { ReaderEvent, TagRead } from "../driver.js";
import type { ConnectionHandler, LlrpConnection } from "./connection.js";
import { Doubts } from "./doubts.js";
import { E } from "./errors.js";
import { HeldReports, type HeldReportsOptions } from "./held-reports.js";
import type { ReadingPlan } from "./plan.js";
import { microsOf, type ReaderClocks } from "./reader-clocks.js";
import { ReportReader } from "./report-reader.js";
import { ROSPEC_ID } from "./rospec.js";
import { RoundTeller } from "./round-teller.js";

type EventData = LlrpParameter<"ReaderEventNotificationData">;

/** A ROSpec that ended begins again by itself; one that does not within this time will not. */
const RESTART_MS = 3_000;

export interface SessionOptions {
  readonly connection: LlrpConnection;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  readonly book: AntennaBook;
  readonly clocks: ReaderClocks;
  readonly emit: (event: ReaderEvent) => void;
  /** Antennas that have nothing connected, as the reader's configuration said. */
  readonly unconnected: readonly number[];
  readonly connectedAt: number;
  readonly plan: ReadingPlan;
  readonly held: HeldReportsOptions["held"];
}

/** What a reader tells on one connection once it is set up, turned into the driver's events. */
export class LlrpSession implements ConnectionHandler {
  readonly #options: SessionOptions;
  readonly #reports: ReportReader;
  readonly #rounds: RoundTeller;
  readonly #held: HeldReports;
  readonly #doubts: Doubts;
  readonly #unconnected: Set<number>;
  /** Antennas that were in trouble at some time while nobody was connected: they did not watch all of it. */
  readonly #troubled = new Set<number>();
  /** Reads that came at once, told together. */
  #reads: TagRead[] = [];
  #reported = false;
  #restart: Timer | undefined;
  #lastReport: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { clock, emit, book, connectedAt, held, plan, connection, clocks, counters } = options;
    this.#reports = new ReportReader({ content: plan.content, clocks, used: book, counters });
    this.#doubts = new Doubts(clock, book);
    this.#lastReport = connectedAt;
    this.#unconnected = new Set(options.unconnected);
    this.#held = new HeldReports({
      clock,
      emit,
      connectedAt,
      held,
      onSettled: (since, why) => this.#watch(since, why),
    });
    this.#rounds = new RoundTeller({
      clock,
      cycles: plan.cyclesEnd,
      used: book.numbers,
      antennas: () => (this.#held.settled ? book.inState("watching") : []),
      emit,
      onStalled: (since) => connection.end(E.LLRP_NOT_READING({ reason: "it ends no cycle", since })),
    });
  }

  /** Reports may flow from now on. */
  start(): void {
    this.#rounds.start();
    this.#held.start();
  }

  stop(): void {
    this.#rounds.stop();
    this.#held.stop();
    this.#doubts.stop();
    this.#restart?.stop();
  }

  onReport(frame: Uint8Array, arrival: number): void {
    this.#lastReport = arrival;
    this.#reported = true;
    this.#reports.readInto(this.#reads, frame, arrival, this.#held.settled);
  }

  onDelivered(): void {
    this.#tellReads();
  }

  onMessage(message: LlrpMessage, arrival: number): void {
    // What was read before is told before.
    this.#tellReads();
    if (message.type === "READER_EVENT_NOTIFICATION") this.#takeEvent(message.ReaderEventNotificationData, arrival);
    else this.#options.counters.add("unexpectedMessages");
  }

  #tellReads(): void {
    if (!this.#reported) return;
    this.#reported = false;
    const reads = this.#reads;
    if (reads.length > 0) {
      this.#reads = [];
      this.#options.book.note(reads, this.#lastReport);
      this.#believe(reads, this.#lastReport);
      this.#rounds.coming(reads);
      this.#held.take(reads);
      this.#doubts.read(reads);
    }
    this.#rounds.reported();
  }

  #takeEvent(event: EventData, arrival: number): void {
    const { clocks, counters, emit, connection, connectedAt } = this.#options;
    const utc = microsOf(event.UTCTimestamp);
    const uptime = microsOf(event.Uptime);
    if (clocks.pair(utc, uptime, arrival, this.#held.settled)) counters.add("clockJumps");
    const told = clocks.toMono(utc, uptime, arrival);
    const at = Number.isNaN(told) ? arrival : told;
    if (event.ReportBufferLevelWarningEvent !== undefined) {
      counters.add("bufferWarnings");
      connection.send({ type: "GET_REPORT" });
    }
    if (event.ReportBufferOverflowErrorEvent !== undefined) this.#overflowed(arrival);
    if (event.GPIEvent !== undefined)
      emit({ type: "input", port: event.GPIEvent.GPIPortNumber, high: event.GPIEvent.GPIEvent, at });
    if (event.ConnectionAttemptEvent !== undefined) counters.add("otherClients");
    if (event.ConnectionCloseEvent !== undefined) connection.end(E.LLRP_CLOSED({ reason: "the reader says so" }));
    const held = at < connectedAt;
    if (event.ReaderExceptionEvent !== undefined) this.#takeException(event.ReaderExceptionEvent, at, held);
    if (held) this.#takeHeldEvent(event);
    else {
      if (event.AntennaEvent !== undefined) this.#takeAntennaEvent(event.AntennaEvent, at);
      if (event.ROSpecEvent !== undefined) this.#takeROSpecEvent(event.ROSpecEvent, at);
      if (event.AISpecEvent?.ROSpecID === ROSPEC_ID) {
        this.#rounds.cycleEnded(at);
        this.#doubts.cycleEnded(at);
      }
    }
  }

  /** How the reader stands now its configuration has told; an event of the past tells who did not watch all the time. */
  #takeHeldEvent({ AntennaEvent, ROSpecEvent }: EventData): void {
    if (AntennaEvent !== undefined) this.#troubled.add(AntennaEvent.AntennaID);
    if (ROSpecEvent?.EventType === ROSpecEventType.Preemption_Of_ROSpec)
      this.#held.spoil("another ROSpec ran meanwhile");
  }

  /** It is of one antenna, or of the whole reader (LLRP 1.1 §14.2.6.8). */
  #takeException(exception: LlrpParameter<"ReaderExceptionEvent">, at: number, held: boolean): void {
    const { book, counters, log } = this.#options;
    counters.add("readerExceptions");
    const message = exception.Message.slice(0, 200);
    log.debug({ message }, "the reader reports an exception");
    const antenna = exception.AntennaID?.AntennaID ?? 0;
    const antennas = antenna === 0 ? book.numbers : [antenna];
    if (held || !this.#held.settled) for (const one of antennas) this.#troubled.add(one);
    else this.#doubts.raise(antennas, at, `reader exception: ${message}`);
  }

  #takeAntennaEvent({ AntennaID, EventType }: LlrpParameter<"AntennaEvent">, at: number): void {
    const { book, counters } = this.#options;
    if (EventType === AntennaEventType.Antenna_Connected) {
      this.#unconnected.delete(AntennaID);
      if (this.#held.settled) book.set([AntennaID], "watching", at, "antenna connected");
    } else {
      counters.add("antennaLost");
      this.#unconnected.add(AntennaID);
      book.set([AntennaID], "blind", at, "antenna disconnected");
    }
  }

  /** An antenna that reads a tag is connected, whatever was said before. */
  #believe(reads: readonly TagRead[], arrival: number): void {
    for (const { antenna } of reads) {
      if (!this.#unconnected.delete(antenna) || !this.#held.settled) continue;
      this.#options.book.set([antenna], "watching", arrival, "the antenna reads");
    }
  }

  #takeROSpecEvent({ EventType, ROSpecID }: LlrpParameter<"ROSpecEvent">, at: number): void {
    if (ROSpecID !== ROSPEC_ID && EventType !== ROSpecEventType.Preemption_Of_ROSpec) return;
    this.#restart?.stop();
    if (EventType === ROSpecEventType.Start_Of_ROSpec) return;
    this.#restart = this.#options.clock.after(RESTART_MS, () =>
      this.#options.connection.end(E.LLRP_NOT_READING({ reason: "its ROSpec ended", since: at })),
    );
  }

  #overflowed(arrival: number): void {
    const { book, counters } = this.#options;
    counters.add("bufferOverflows");
    if (!this.#held.settled) {
      this.#held.spoil("the reader's buffer ran over before");
      return;
    }
    const watching = book.inState("watching");
    book.set(watching, "doubtful", this.#lastReport, "the reader's report buffer ran over");
    book.set(watching, "watching", arrival, "reports come again");
  }

  #watch(since: number, why: string): void {
    const { book, connectedAt } = this.#options;
    book.set([...this.#unconnected], "blind", since, "antenna not connected");
    const connected = book.numbers.filter((antenna) => !this.#unconnected.has(antenna));
    const troubled = connected.filter((antenna) => this.#troubled.has(antenna));
    const others = connected.filter((antenna) => !this.#troubled.has(antenna));
    book.set(others, "watching", since, why);
    book.set(troubled, "watching", Math.max(since, connectedAt), "connected; it did not read all the time before");
  }
}
