import type { ImpinjIotReader } from "@storeward/contracts";
import { bandText, isInBand } from "../band.js";
import type { AntennaRole, TagRead } from "../driver.js";
import type { DriverCore } from "../driver-core.js";
import {
  epcOf,
  isRecord,
  type JsonRecord,
  numberOf,
  parseJson,
  pcOf,
  rssiOf,
  textOf,
  tidOf,
  timeOf,
} from "../json-values.js";
import { LineSplitter } from "../ndjson.js";
import { SliceTeller } from "../slice-teller.js";
import { StreamClock } from "../stream-clock.js";
import { E } from "./errors.js";

/** A read is about 300 bytes; with memory banks read it is a few kilobytes. */
const MAX_LINE = 64 * 1024;
/**
 * Each antenna of a reader gets about a quarter of a second in turn. A door cannot wait for all of them, and its filter is made for slices;
 * a shelf's slice is as long as the cycle, so that each slice is a chance for each of its antennas.
 */
const TURN_MS = 250;

export interface ImpinjSessionOptions {
  readonly reader: ImpinjIotReader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly core: DriverCore;
  readonly startedAt: number;
  /** The reader's clock as it was paired in setup. */
  readonly readerTime: { readonly at: number; readonly arrival: number };
  readonly end: (error: unknown) => void;
}

/** What a reader tells on one stream, turned into the driver's events (ReaderEvent of the Reader Configuration REST API 1.7). */
export class ImpinjSession {
  readonly #options: ImpinjSessionOptions;
  readonly #clock: StreamClock;
  readonly #slices: SliceTeller;
  readonly #lines: LineSplitter;
  /** The reads of the chunk that is being taken. */
  #reads: TagRead[] = [];
  #earliest = Number.POSITIVE_INFINITY;
  #arrival: number;
  #lastEvent: number;
  #readUntil: number;

  constructor(options: ImpinjSessionOptions) {
    this.#options = options;
    const { roles, core, startedAt, readerTime } = options;
    this.#arrival = startedAt;
    this.#lastEvent = startedAt;
    this.#readUntil = startedAt;
    this.#clock = new StreamClock(startedAt, core.counters);
    this.#clock.pair(readerTime.at, readerTime.arrival);
    this.#slices = new SliceTeller({
      roles,
      lengths: { portal: TURN_MS, shelf: TURN_MS * Math.max(1, roles.size) },
      startedAt,
      watching: (antenna) => core.book.state(antenna) === "watching",
      emit: (event) => core.emit(event),
    });
    this.#lines = new LineSplitter(MAX_LINE, {
      line: (text) => this.#takeLine(text),
      tooLong: () => core.counters.add("lineTooLong"),
    });
  }

  /** Until when the reader surely read, mono ms. */
  get readUntil(): number {
    return this.#readUntil;
  }

  /** The reader says that its inventory runs. */
  isReading(now: number): void {
    this.#readUntil = now;
  }

  /** The next bytes of the stream. */
  take(chunk: Buffer, arrival: number): void {
    this.#arrival = arrival;
    this.#lines.push(chunk);
    this.#flush();
  }

  /** Rounds that ended before the first read of this chunk are told before it, the others when more arrives. */
  #flush(): void {
    const { core } = this.#options;
    const reads = this.#reads;
    if (reads.length === 0) {
      this.#slices.spoke(this.#arrival);
      return;
    }
    this.#slices.alive(Math.min(this.#earliest, this.#arrival));
    this.#reads = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#readUntil = this.#arrival;
    core.tell(reads, this.#arrival);
  }

  #takeLine(line: string): void {
    const { counters } = this.#options.core;
    // A keep-alive is an empty line.
    if (line === "" || line.trim() === "") return;
    const event = parseJson(line);
    if (!isRecord(event)) {
      counters.add("badLines");
      return;
    }
    this.#clock.pair(timeOf(event.timestamp), this.#arrival);
    if (isRecord(event.tagInventoryEvent)) this.#takeTag(event.tagInventoryEvent, event.timestamp);
    else this.#takeOther(event);
    this.#lastEvent = this.#arrival;
  }

  #takeTag(tag: JsonRecord, queued: unknown): void {
    const { core, reader, end } = this.#options;
    const { counters, book } = core;
    const epc = epcOf(tag.epcHex, tag.epc);
    if (epc === undefined) {
      counters.add("badEpcs");
      return;
    }
    const antenna = numberOf(tag.antennaPort);
    if (antenna === undefined || !book.has(antenna)) {
      counters.add("foreignAntennas");
      return;
    }
    const frequency = numberOf(tag.frequency);
    if (frequency !== undefined && !isInBand(reader.region, frequency)) {
      end(E.IMPINJ_REGION({ actual: `${frequency / 1000} MHz`, expected: bandText(reader.region) }));
      return;
    }
    const seen = timeOf(tag.lastSeenTime);
    const at = this.#clock.date(Number.isNaN(seen) ? timeOf(queued) : seen, this.#arrival);
    if (at === undefined) return;
    const cdBm = numberOf(tag.peakRssiCdbm);
    if (cdBm === undefined) counters.add("noRssi");
    // An antenna that reads a tag is connected, whatever was said before.
    if (book.state(antenna) !== "watching") book.set([antenna], "watching", at, "the antenna reads");
    const pc = tag.pc === undefined ? undefined : pcOf(undefined, tag.pc);
    const tid = tag.tidHex === undefined && tag.tid === undefined ? undefined : tidOf(tag.tidHex, tag.tid);
    this.#earliest = Math.min(this.#earliest, at);
    this.#reads.push({
      epc,
      ...(pc === undefined ? {} : { pc }),
      ...(tid === undefined ? {} : { tid }),
      antenna,
      rssi: rssiOf(cdBm === undefined ? undefined : cdBm / 100),
      first: at,
      last: at,
      count: 1,
    });
  }

  /** What comes in between is told in its order. */
  #takeOther(event: JsonRecord): void {
    this.#flush();
    const { core, end } = this.#options;
    const { counters } = core;
    const at = this.#clock.date(timeOf(event.timestamp), this.#arrival);
    if (at === undefined) return;
    if (isRecord(event.antennaDisconnectedEvent)) {
      const antenna = numberOf(event.antennaDisconnectedEvent.antennaPort);
      if (antenna === undefined || !core.book.has(antenna)) return;
      counters.add("antennaLost");
      core.book.set([antenna], "blind", at, "antenna disconnected");
    } else if (isRecord(event.antennaConnectedEvent)) {
      const antenna = numberOf(event.antennaConnectedEvent.antennaPort);
      if (antenna !== undefined) core.book.set([antenna], "watching", at, "antenna connected");
    } else if (isRecord(event.inventoryStatusEvent)) {
      const status = textOf(event.inventoryStatusEvent.status) ?? "";
      if (status === "idle" || status === "armed") end(E.IMPINJ_NOT_READING({ status, since: at }));
    } else if (isRecord(event.overflowEvent)) this.#overflowed();
    else if (isRecord(event.gpiTransitionEvent)) this.#takeInput(event.gpiTransitionEvent, at);
    else if (event.eventType !== "antennaActivation") counters.add("unknownEvents");
  }

  /** Events were thrown away because the link was too slow: something may have been missed since the last one that came. */
  #overflowed(): void {
    const { book, counters } = this.#options.core;
    counters.add("bufferOverflows");
    const watching = book.inState("watching");
    book.set(watching, "doubtful", this.#lastEvent, "the reader's event buffer ran over");
    book.set(watching, "watching", this.#arrival, "events come again");
  }

  #takeInput(event: JsonRecord, at: number): void {
    const port = numberOf(event.gpi);
    const high = /(low-to-high|high)$/.exec(textOf(event.transition) ?? "") !== null;
    const low = /(high-to-low|low)$/.exec(textOf(event.transition) ?? "") !== null;
    if (port === undefined || high === low) this.#options.core.counters.add("unknownEvents");
    else this.#options.core.emit({ type: "input", port, high, at });
  }
}
