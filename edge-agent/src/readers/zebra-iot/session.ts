import type { ZebraIotReader } from "@storeward/contracts";
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
import { SliceTeller } from "../slice-teller.js";
import { StreamClock } from "../stream-clock.js";
import { E } from "./errors.js";
import { type RadioStatus, radioStatus } from "./radio-status.js";

/** A reader publishes at most 6,144 bytes in one message (RFD40/RFD90 MQTT API, "Telemetry"); a heartbeat is a few kilobytes. */
const MAX_MESSAGE = 64 * 1024;
/** More records than fit in one message. */
const MAX_RECORDS = 1_000;
/**
 * The stream is "a statistical view of the tag population, not a guaranteed log of every read" (RFD40/RFD90 MQTT API, "Telemetry"), at QoS
 * 0, and on a shelf a tag is told of at most once a second. So a round is long enough that a tag that is there is told of in nearly
 * every one, though a message is lost: a missing read is never a removal, and missing rounds are only slowly.
 */
const ROUND_MS = { portal: 500, shelf: 2_000 } as const;
/** Event numbers that jump further did not count on: the reader began again. */
const MOST_LOST = 100_000;

export interface ZebraSessionOptions {
  readonly reader: ZebraIotReader;
  readonly roles: ReadonlyMap<number, AntennaRole>;
  readonly core: DriverCore;
  readonly startedAt: number;
  /** The reader's clock as it was paired in setup. */
  readonly readerTime: { readonly at: number; readonly arrival: number };
  readonly end: (error: unknown) => void;
}

/** What a reader tells on one connection, turned into the driver's events. */
export class ZebraSession {
  readonly #options: ZebraSessionOptions;
  readonly #clock: StreamClock;
  readonly #slices: SliceTeller;
  readonly #onlyAntenna: number | undefined;
  #eventNum: number | undefined;
  /** Until when it surely read, mono ms. */
  #readUntil: number;

  constructor(options: ZebraSessionOptions) {
    this.#options = options;
    const { roles, core, startedAt, readerTime } = options;
    this.#readUntil = startedAt;
    this.#clock = new StreamClock(startedAt, core.counters);
    this.#clock.pair(readerTime.at, readerTime.arrival);
    const [only, ...others] = core.antennas;
    this.#onlyAntenna = others.length === 0 ? only : undefined;
    this.#slices = new SliceTeller({
      roles,
      lengths: ROUND_MS,
      startedAt,
      watching: (antenna) => core.book.state(antenna) === "watching",
      emit: (event) => core.emit(event),
    });
  }

  /** A payload of the data topic. */
  takeData(payload: Buffer, arrival: number): void {
    const { core } = this.#options;
    const message = messageOf(payload);
    if (message === undefined) {
      core.counters.add("badMessages");
      return;
    }
    const reads: TagRead[] = [];
    let earliest = arrival;
    for (const { tag, timestamp } of recordsOf(message)) {
      const read = this.#readOf(tag, timestamp, arrival);
      if (read === undefined) continue;
      earliest = Math.min(earliest, read.first);
      reads.push(read);
    }
    if (reads.length === 0) {
      this.#slices.spoke(arrival);
      return;
    }
    this.#slices.alive(earliest);
    this.#readUntil = arrival;
    core.tell(reads, arrival);
  }

  /** A payload of the management events topic. */
  takeEvent(payload: Buffer, arrival: number): void {
    const { core } = this.#options;
    const event = messageOf(payload);
    if (!isRecord(event)) {
      core.counters.add("badMessages");
      return;
    }
    const data = isRecord(event.data) ? event.data : event;
    const radio = isRecord(data.radio_control) ? data.radio_control : undefined;
    const pin = numberOf(data.pin);
    const state = textOf(data.state)?.toUpperCase();
    if (radio !== undefined) {
      this.takeStatus(radioStatus(radio), arrival);
      return;
    }
    if (pin !== undefined && (state === "HIGH" || state === "LOW"))
      core.emit({ type: "input", port: pin, high: state === "HIGH", at: this.#date(event.timestamp, arrival) });
    else if (!/heartbeat/i.test(textOf(event.type) ?? textOf(event.event) ?? "")) core.counters.add("unknownEvents");
    this.#slices.spoke(arrival);
  }

  /** What the reader says of its radio, asked or not. */
  takeStatus({ antennas, time, active, connected }: RadioStatus, arrival: number): void {
    const { end } = this.#options;
    this.#clock.pair(time, arrival);
    // A reader that says that it does not read was there, but not watching.
    if (active !== false && connected !== false) this.#slices.spoke(arrival);
    this.takeAntennas(antennas, arrival);
    if (active === true) this.#readUntil = arrival;
    const since = this.#readUntil;
    if (connected === false) end(E.ZEBRA_NOT_READING({ reason: "its radio is not connected", since }));
    else if (active === false) end(E.ZEBRA_NOT_READING({ reason: "its inventory is not running", since }));
  }

  /** Whether something is connected to the antennas; those of which nothing is said stay as they are. */
  takeAntennas(antennas: ReadonlyMap<number, boolean>, arrival: number): void {
    const { book, counters, antennas: used } = this.#options.core;
    for (const antenna of used) {
      const connected = antennas.get(antenna);
      if (connected === undefined) continue;
      const watching = book.state(antenna) === "watching";
      if (connected && !watching) book.set([antenna], "watching", arrival, "antenna connected");
      else if (!connected && watching) {
        counters.add("antennaLost");
        book.set([antenna], "blind", arrival, "antenna disconnected");
      }
    }
  }

  #readOf(tag: JsonRecord, timestamp: unknown, arrival: number): TagRead | undefined {
    const { core, reader, end } = this.#options;
    const { counters, book } = core;
    this.#count(numberOf(tag.eventNum));
    const epc = epcOf(tag.idHex ?? tag.EPC ?? tag.epc);
    if (epc === undefined) {
      counters.add("badEpcs");
      return undefined;
    }
    const antenna = numberOf(tag.antenna) ?? this.#onlyAntenna;
    if (antenna === undefined || !book.has(antenna)) {
      counters.add("foreignAntennas");
      return undefined;
    }
    const channel = numberOf(tag.channel);
    // In MHz; kHz from some firmware.
    const kHz = channel === undefined ? undefined : channel < 10_000 ? channel * 1000 : channel;
    if (kHz !== undefined && kHz > 0 && !isInBand(reader.region, kHz)) {
      end(E.ZEBRA_REGION({ actual: `${kHz / 1000} MHz`, expected: bandText(reader.region) }));
      return undefined;
    }
    const said = timeOf(tag.timestamp ?? timestamp);
    this.#clock.pair(said, arrival);
    const at = this.#clock.date(said, arrival);
    if (at === undefined) return undefined;
    const rssi = numberOf(tag.peakRssi);
    if (rssi === undefined) counters.add("noRssi");
    // An antenna that reads a tag is connected, whatever was said before.
    if (book.state(antenna) !== "watching") book.set([antenna], "watching", at, "the antenna reads");
    const pc = tag.PC === undefined ? undefined : pcOf(tag.PC);
    const tid = tag.TID === undefined ? undefined : tidOf(tag.TID);
    return {
      epc,
      ...(pc === undefined ? {} : { pc }),
      ...(tid === undefined ? {} : { tid }),
      antenna,
      rssi: rssiOf(rssi),
      first: at,
      last: at,
      count: Math.max(1, Math.floor(numberOf(tag.reads) ?? 1)),
    };
  }

  /** Events are numbered: a hole is messages that were lost on the way, which QoS 0 allows. */
  #count(eventNum: number | undefined): void {
    if (eventNum === undefined) return;
    const lost = this.#eventNum === undefined ? 0 : eventNum - this.#eventNum - 1;
    if (lost > 0 && lost < MOST_LOST) this.#options.core.counters.add("lostEvents", lost);
    this.#eventNum = eventNum;
  }

  #date(timestamp: unknown, arrival: number): number {
    return this.#clock.date(timeOf(timestamp), arrival) ?? arrival;
  }
}

function messageOf(payload: Buffer): unknown {
  if (payload.length > MAX_MESSAGE) return undefined;
  const message = parseJson(payload.toString("utf8"));
  return typeof message === "object" && message !== null ? message : undefined;
}

interface TagRecord {
  readonly tag: JsonRecord;
  readonly timestamp: unknown;
}

/**
 * The tags of a message: fixed readers send one in `data`, or several in a list where batching is set; sleds send `data.tagData`. A list
 * may also hold whole events.
 */
function recordsOf(message: unknown): readonly TagRecord[] {
  if (Array.isArray(message))
    return message.slice(0, MAX_RECORDS).flatMap((event) => (isRecord(event) ? recordsOf(event) : []));
  if (!isRecord(message)) return [];
  const { data, timestamp } = message;
  const list = Array.isArray(data) ? data : isRecord(data) && Array.isArray(data.tagData) ? data.tagData : [data];
  return list.slice(0, MAX_RECORDS).flatMap((tag: unknown) => (isRecord(tag) ? [{ tag, timestamp }] : []));
}
