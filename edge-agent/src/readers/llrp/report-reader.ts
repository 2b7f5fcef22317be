import { type LlrpParameter, TagReportCursor } from "@storeward/codecs/llrp";
import type { Counters } from "../counters.js";
import type { TagRead } from "../driver.js";
import { EpcCache } from "./epc-cache.js";
import type { ReaderClocks } from "./reader-clocks.js";

/** Whole words, at most 496 bits (C1G2 §6.3.2.1.2.2). */
const MAX_EPC_BITS = 496;
/** Where a reader tells no RSSI: weaker than any tag, so that it decides nothing. */
const NO_RSSI = -100;

export interface ReportReaderOptions {
  /** What the reader was asked to report: the rest is never filled in from memory. */
  readonly content: LlrpParameter<"TagReportContentSelector">;
  readonly clocks: ReaderClocks;
  /** The antennas that are ours. */
  readonly used: { has(antenna: number): boolean };
  readonly counters: Counters;
}

/**
 * From the bytes of RO_ACCESS_REPORT to tag reads, without a socket: the hot path of the driver. It holds the values last reported
 * (LLRP 1.1 §14.2.3), so there is one for each connection, and takes every report in order.
 */
export class ReportReader {
  readonly #options: ReportReaderOptions;
  readonly #cursor: TagReportCursor;
  readonly #epcs = new EpcCache();
  #givenUp = 0;

  constructor(options: ReportReaderOptions) {
    this.#options = options;
    this.#cursor = new TagReportCursor(options.content);
  }

  /** Reads of a whole frame that arrived at `arrival` (mono ms). Throws LlrpDecodeError for a frame that is broken as a whole. */
  read(frame: Uint8Array, arrival: number, live = true): TagRead[] {
    const reads: TagRead[] = [];
    this.readInto(reads, frame, arrival, live);
    return reads;
  }

  /** The same, added to `reads`. `live`: the reader tells of the present, and no longer of what it held. */
  readInto(reads: TagRead[], frame: Uint8Array, arrival: number, live: boolean): void {
    const cursor = this.#cursor;
    if (!cursor.open(frame)) return;
    while (cursor.next()) {
      const read = this.#readOf(frame, arrival, live);
      if (read !== undefined) reads.push(read);
    }
    // One report that cannot be read is given up alone: an unknown TV has no length to skip by.
    if (cursor.givenUp > this.#givenUp) {
      this.#options.counters.add("badTagReports", cursor.givenUp - this.#givenUp);
      this.#givenUp = cursor.givenUp;
    }
  }

  /**
   * The report that the cursor stands on; undefined, and counted, where it has no EPC or no antenna of ours. A report stands for
   * TagSeenCount reads between first and last seen (LLRP 1.1 §14.2.3.1).
   */
  #readOf(frame: Uint8Array, arrival: number, live: boolean): TagRead | undefined {
    const { clocks, used, counters } = this.#options;
    const cursor = this.#cursor;
    const { LastSeenTimestampUTC: utc, LastSeenTimestampUptime: uptime } = cursor;
    if (clocks.pair(utc, uptime, arrival, live)) counters.add("clockJumps");
    const epc = this.#epc(frame);
    if (epc === undefined) {
      counters.add("badEpcs");
      return undefined;
    }
    const antenna = cursor.AntennaID;
    if (!used.has(antenna)) {
      counters.add("foreignAntennas");
      return undefined;
    }
    const told = clocks.toMono(utc, uptime, arrival);
    const last = Number.isNaN(told) ? arrival : told;
    const began = clocks.toMono(cursor.FirstSeenTimestampUTC, cursor.FirstSeenTimestampUptime, arrival);
    const first = began < last ? began : last;
    const count = cursor.TagSeenCount >= 1 ? cursor.TagSeenCount : 1;
    const rssi = this.#rssi();
    const pc = cursor.C1G2_PC;
    if (Number.isNaN(pc)) return { epc, antenna, rssi, first, last, count };
    return { epc, pc: pc.toString(16).toUpperCase().padStart(4, "0"), antenna, rssi, first, last, count };
  }

  #epc(frame: Uint8Array): string | undefined {
    const { epcOffset, epcBits } = this.#cursor;
    if (epcBits === 96 && epcOffset >= 0) return this.#epcs.hex96(frame, epcOffset);
    if (epcOffset < 0 || epcBits === 0 || epcBits % 16 !== 0 || epcBits > MAX_EPC_BITS) return undefined;
    return this.#cursor.epcHex();
  }

  /** The finer one where there is one, within what is possible. */
  #rssi(): number {
    const { ImpinjPeakRSSI: fine, PeakRSSI: peak } = this.#cursor;
    const rssi = Number.isNaN(fine) ? peak : fine / 100;
    if (Number.isNaN(rssi)) {
      this.#options.counters.add("noRssi");
      return NO_RSSI;
    }
    return rssi < -130 ? -130 : rssi > 30 ? 30 : rssi;
  }
}
