import {
  AntennaEventType,
  type LlrpMessage,
  type LlrpMessageOf,
  type LlrpParameter,
  ROSpecEventType,
  TagReportMemory,
} from "@storeward/codecs/llrp";
import type { Clock, Logger, Timer } from "@storeward/runtime";
import type { AntennaBook } from "../antenna-book.js";
import type { Counters } from "../counters.js";
import type { ReaderEvent, TagRead } from "../driver.js";
import type { LlrpConnection } from "./connection.js";
import { E } from "./errors.js";
import { HeldReports, type HeldReportsOptions } from "./held-reports.js";
import type { ReaderClocks } from "./reader-clocks.js";
import { CONTENT, ROSPEC_ID } from "./rospec.js";
import { RoundTeller } from "./round-teller.js";
import { tagReadOf } from "./tag-reads.js";

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
  /** Whether AISpecEvents tell the rounds; else slices of time do. */
  readonly cycles: boolean;
  readonly held: HeldReportsOptions["held"];
}

/** What a reader tells on one connection once it is set up, turned into the driver's events. */
export class LlrpSession {
  readonly #options: SessionOptions;
  readonly #memory = new TagReportMemory(CONTENT);
  readonly #rounds: RoundTeller;
  readonly #held: HeldReports;
  readonly #unconnected: Set<number>;
  #restart: Timer | undefined;
  #lastReport: number;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { clock, emit, book, connectedAt, held, cycles, connection } = options;
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
      cycles,
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
    this.#restart?.stop();
  }

  take(message: LlrpMessage, arrival: number): void {
    if (message.type === "RO_ACCESS_REPORT") this.#takeReport(message, arrival);
    else if (message.type === "READER_EVENT_NOTIFICATION")
      this.#takeEvent(message.ReaderEventNotificationData, arrival);
    else this.#options.counters.add("unexpectedMessages");
  }

  #takeReport(message: LlrpMessageOf<"RO_ACCESS_REPORT">, arrival: number): void {
    const { counters, clocks, book } = this.#options;
    const reads: TagRead[] = [];
    for (const incomplete of message.TagReportData ?? []) {
      const report = this.#memory.complete(incomplete);
      clocks.pair(report.LastSeenTimestampUTC, report.LastSeenTimestampUptime, arrival);
      const read = tagReadOf(report, clocks, arrival, book, counters);
      if (read !== undefined) reads.push(read);
    }
    const broken = (message.unknownParameters ?? []).filter(({ error }) => error !== undefined).length;
    if (broken > 0) counters.add("badTagReports", broken);
    this.#lastReport = arrival;
    if (reads.length > 0) {
      book.note(reads, arrival);
      this.#believe(reads, arrival);
      this.#held.take(reads);
    }
    this.#rounds.reported();
  }

  #takeEvent(event: EventData, arrival: number): void {
    const { clocks, counters, emit, connection, connectedAt, log } = this.#options;
    clocks.pair(event.UTCTimestamp, event.Uptime, arrival);
    const at = clocks.toMono(event.UTCTimestamp, event.Uptime, arrival) ?? arrival;
    if (event.ReportBufferLevelWarningEvent !== undefined) {
      counters.add("bufferWarnings");
      connection.send({ type: "GET_REPORT" });
    }
    if (event.ReportBufferOverflowErrorEvent !== undefined) this.#overflowed(arrival);
    if (event.ReaderExceptionEvent !== undefined) {
      counters.add("readerExceptions");
      log.debug({ message: event.ReaderExceptionEvent.Message.slice(0, 200) }, "the reader reports an exception");
    }
    if (event.GPIEvent !== undefined)
      emit({ type: "input", port: event.GPIEvent.GPIPortNumber, high: event.GPIEvent.GPIEvent, at });
    if (event.ConnectionCloseEvent !== undefined) connection.end(E.LLRP_CLOSED({ reason: "the reader says so" }));
    // What follows tells of the present only if it is not itself a held event.
    if (at < connectedAt) return;
    this.#held.present();
    if (event.AntennaEvent !== undefined) this.#takeAntennaEvent(event.AntennaEvent, at);
    if (event.ROSpecEvent !== undefined) this.#takeROSpecEvent(event.ROSpecEvent, at);
    if (event.AISpecEvent?.ROSpecID === ROSPEC_ID) this.#rounds.cycleEnded(at);
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
      this.#held.spoil();
      return;
    }
    const watching = book.inState("watching");
    book.set(watching, "doubtful", this.#lastReport, "the reader's report buffer ran over");
    book.set(watching, "watching", arrival, "reports come again");
  }

  #watch(since: number, why: string): void {
    const { book } = this.#options;
    book.set([...this.#unconnected], "blind", since, "antenna not connected");
    book.set(
      book.numbers.filter((antenna) => !this.#unconnected.has(antenna)),
      "watching",
      since,
      why,
    );
  }
}
