import { compiled } from "./codec.js";
import { Cursor } from "./cursor.js";
import { decodeParameterWith, takeTlvHeader } from "./decode.js";
import { hexOfRange } from "./epc-hex.js";
import { LlrpDecodeError } from "./errors.js";
import { readHeader } from "./header.js";
import { enabledNames, type TagReportContentSelector } from "./tag-report-memory.js";
import type { LlrpParameter } from "./types.js";

const RO_ACCESS_REPORT = 61;
const TAG_REPORT_DATA = 240;
const EPC_DATA = 241;
const CRYPTO_RESPONSE = 290;
const CUSTOM = 1023;
/** ImpinjPeakRSSI: header, vendor, subtype and a signed 16-bit value. */
const IMPINJ_PEAK_RSSI = { length: 14, vendor: 25882, subtype: 57 } as const;

/** Bytes of every TV with its header, by type number; all are below 32. */
const TV_SIZES = Uint8Array.from({ length: 32 }, (_, type) => {
  const size = compiled.tv.get(type)?.size;
  return size === undefined ? 0 : 1 + size;
});
const EPC_96_BIT = 1 << 13;

const ABSENT = Number.NaN;

const held = [
  "AntennaID",
  "PeakRSSI",
  "ChannelIndex",
  "FirstSeenTimestampUTC",
  "FirstSeenTimestampUptime",
  "LastSeenTimestampUTC",
  "LastSeenTimestampUptime",
  "TagSeenCount",
] as const satisfies readonly ReturnType<typeof enabledNames>[number][];

/**
 * Reads the tags of RO_ACCESS_REPORT without making an object for each: after `next()` the properties, which have the
 * names of their parameters, hold what the report says. It gives what `decodeMessage` and `TagReportMemory` give.
 *
 * What is neither reported nor remembered is NaN. Times are microseconds, exact up to 2^53 (the year 2255 in UTC); a later one is the
 * nearest number. The cursor holds the values last reported (LLRP 1.1 §14.2.3): one cursor per connection.
 *
 * ```ts
 * const reports = new TagReportCursor();
 * for (const frame of framer.push(chunk).frames) {
 *   if (reports.open(frame)) while (reports.next()) store(reports.epcHex(), reports.AntennaID, reports.PeakRSSI);
 *   else handle(decodeMessage(frame));
 * }
 * ```
 */
export class TagReportCursor {
  AntennaID = ABSENT;
  /** dBm. */
  PeakRSSI = ABSENT;
  ChannelIndex = ABSENT;
  FirstSeenTimestampUTC = ABSENT;
  FirstSeenTimestampUptime = ABSENT;
  LastSeenTimestampUTC = ABSENT;
  LastSeenTimestampUptime = ABSENT;
  TagSeenCount = ABSENT;
  /** Of this tag alone: never filled in from memory. */
  C1G2_PC = ABSENT;
  /** 0.01 dBm, where an Impinj reader was asked for it. Of this tag alone. */
  ImpinjPeakRSSI = ABSENT;
  /** Where the EPC begins in the frame; -1 where the report has none. */
  epcOffset = -1;
  /** Length of the EPC in bits: 96, or what EPCData says. */
  epcBits = 0;
  /** TagReportData of all frames that could not be decoded; `decodeMessage` says why. */
  givenUp = 0;

  /** What is not remembered from report to report; usually none. */
  readonly #forgotten: readonly (typeof held)[number][];
  #cursor = new Cursor(new Uint8Array(0));
  /** Where the next parameter of the message begins. */
  #at = 0;

  /** `selector`: what the reader was asked to report, if known; what it leaves disabled is then never filled in. */
  constructor(selector?: TagReportContentSelector) {
    const enabled = enabledNames(selector);
    this.#forgotten = held.filter((name) => !enabled.includes(name));
  }

  /**
   * Begins a whole frame, as `LlrpFramer` delivers it. False for a message that is no RO_ACCESS_REPORT; throws
   * `LlrpDecodeError` for what `decodeMessage` would refuse as a whole.
   */
  open(frame: Uint8Array): boolean {
    const cursor = new Cursor(frame);
    this.#cursor = cursor;
    this.#at = frame.length;
    if (readHeader(cursor).typeNumber !== RO_ACCESS_REPORT) return false;
    cursor.path.push("RO_ACCESS_REPORT");
    const first = cursor.offset;
    while (cursor.offset < cursor.end) skipParameter(cursor);
    this.#at = first;
    return true;
  }

  /** Steps to the next tag of the frame; false after the last. */
  next(): boolean {
    const { view, bytes, end } = this.#cursor;
    while (this.#at < end) {
      const start = this.#at;
      if ((bytes[start] ?? 0) > 0x7f) {
        this.#cursor.offset = start;
        skipParameter(this.#cursor);
        this.#at = this.#cursor.offset;
        continue;
      }
      this.#at = start + view.getUint16(start + 2);
      if ((view.getUint16(start) & 0x3ff) !== TAG_REPORT_DATA) continue;
      for (const name of this.#forgotten) this[name] = ABSENT;
      if (this.#read(view, bytes, start + 4, this.#at) || this.#readByTable(start)) return true;
      this.givenUp++;
    }
    return false;
  }

  /** The EPC as upper-case hex; undefined where the report has none. */
  epcHex(): string | undefined {
    return this.epcOffset < 0 ? undefined : hexOfRange(this.#cursor.bytes, this.epcOffset, (this.epcBits + 7) >> 3);
  }

  /** The EPC's bytes, a view into the frame; undefined where the report has none. */
  epcBytes(): Uint8Array | undefined {
    if (this.epcOffset < 0) return undefined;
    return this.#cursor.bytes.subarray(this.epcOffset, this.epcOffset + ((this.epcBits + 7) >> 3));
  }

  /** The ordinary report. False, with nothing taken from it, for one that only the table can judge. */
  #read(view: DataView, bytes: Uint8Array, from: number, end: number): boolean {
    let antenna = this.AntennaID;
    let rssi = this.PeakRSSI;
    let channel = this.ChannelIndex;
    let firstUtc = this.FirstSeenTimestampUTC;
    let firstUptime = this.FirstSeenTimestampUptime;
    let lastUtc = this.LastSeenTimestampUTC;
    let lastUptime = this.LastSeenTimestampUptime;
    let count = this.TagSeenCount;
    let pc = ABSENT;
    let fineRssi = ABSENT;
    let epcOffset = -1;
    let epcBits = 0;
    /** A bit for each TV that came, to find a second one. */
    let seen = 0;
    let at = from;
    while (at < end) {
      const first = bytes[at] ?? 0;
      if (first > 0x7f) {
        const bit = 1 << (first & 0x1f);
        const size = first < 0xa0 ? (TV_SIZES[first & 0x1f] ?? 0) : 0;
        if (size === 0 || size > end - at || (seen & bit) !== 0) return false;
        seen |= bit;
        switch (first) {
          case 0x81:
            antenna = view.getUint16(at + 1);
            break;
          case 0x82:
            firstUtc = micros(view, at + 1);
            break;
          case 0x83:
            firstUptime = micros(view, at + 1);
            break;
          case 0x84:
            lastUtc = micros(view, at + 1);
            break;
          case 0x85:
            lastUptime = micros(view, at + 1);
            break;
          case 0x86:
            rssi = view.getInt8(at + 1);
            break;
          case 0x87:
            channel = view.getUint16(at + 1);
            break;
          case 0x88:
            count = view.getUint16(at + 1);
            break;
          case 0x8c:
            pc = view.getUint16(at + 1);
            break;
          case 0x8d:
            epcOffset = at + 1;
            epcBits = 96;
            break;
        }
        at += size;
        continue;
      }
      if (end - at < 4) return false;
      const type = view.getUint16(at) & 0x3ff;
      const length = view.getUint16(at + 2);
      if (length < 4 || length > end - at || type === CRYPTO_RESPONSE) return false;
      if (type === EPC_DATA) {
        const bits = length < 6 ? -1 : view.getUint16(at + 4);
        if (length !== 6 + ((bits + 7) >> 3) || (seen & 1) !== 0) return false;
        seen |= 1;
        if ((seen & EPC_96_BIT) === 0) {
          epcOffset = at + 6;
          epcBits = bits;
        }
      } else if (type === CUSTOM) {
        if (length >= 12 && isImpinjPeakRssi(view, at)) {
          // Another length is for the table to judge: it may hold parameters of its own.
          if (length !== IMPINJ_PEAK_RSSI.length) return false;
          fineRssi = view.getInt16(at + 12);
        }
      }
      at += length;
    }
    this.AntennaID = antenna;
    this.PeakRSSI = rssi;
    this.ChannelIndex = channel;
    this.FirstSeenTimestampUTC = firstUtc;
    this.FirstSeenTimestampUptime = firstUptime;
    this.LastSeenTimestampUTC = lastUtc;
    this.LastSeenTimestampUptime = lastUptime;
    this.TagSeenCount = count;
    this.C1G2_PC = pc;
    this.ImpinjPeakRSSI = fineRssi;
    this.epcOffset = epcOffset;
    this.epcBits = epcBits;
    return true;
  }

  /** The report by way of `decodeMessage`'s own decoder; false where that gives it up. */
  #readByTable(start: number): boolean {
    const tag = decodeAlone(this.#cursor, start, this.#at);
    if (tag === undefined) return false;
    this.AntennaID = tag.AntennaID?.AntennaID ?? this.AntennaID;
    this.PeakRSSI = tag.PeakRSSI?.PeakRSSI ?? this.PeakRSSI;
    this.ChannelIndex = tag.ChannelIndex?.ChannelIndex ?? this.ChannelIndex;
    this.FirstSeenTimestampUTC = numberOf(tag.FirstSeenTimestampUTC) ?? this.FirstSeenTimestampUTC;
    this.FirstSeenTimestampUptime = numberOf(tag.FirstSeenTimestampUptime) ?? this.FirstSeenTimestampUptime;
    this.LastSeenTimestampUTC = numberOf(tag.LastSeenTimestampUTC) ?? this.LastSeenTimestampUTC;
    this.LastSeenTimestampUptime = numberOf(tag.LastSeenTimestampUptime) ?? this.LastSeenTimestampUptime;
    this.TagSeenCount = tag.TagSeenCount?.TagCount ?? this.TagSeenCount;
    this.C1G2_PC = tag.C1G2_PC?.PC_Bits ?? ABSENT;
    this.ImpinjPeakRSSI = ABSENT;
    for (const one of tag.Custom ?? []) if (one.type === "ImpinjPeakRSSI") this.ImpinjPeakRSSI = one.RSSI;
    const epc = tag.EPC_96?.EPC ?? tag.EPCData?.EPC.bytes;
    this.epcOffset = epc === undefined ? -1 : epc.byteOffset - this.#cursor.bytes.byteOffset;
    this.epcBits = tag.EPC_96 === undefined ? (tag.EPCData?.EPC.bitCount ?? 0) : 96;
    return true;
  }
}

function decodeAlone(cursor: Cursor, start: number, end: number): LlrpParameter<"TagReportData"> | undefined {
  const row = compiled.parametersByName.get("TagReportData");
  if (row === undefined) return undefined;
  const frame = new Cursor(cursor.bytes);
  frame.path.push("RO_ACCESS_REPORT");
  frame.offset = start;
  frame.end = end;
  try {
    return decodeParameterWith(compiled, frame, row);
  } catch (error) {
    if (error instanceof LlrpDecodeError) return undefined;
    throw error;
  }
}

function isImpinjPeakRssi(view: DataView, at: number): boolean {
  return view.getUint32(at + 4) === IMPINJ_PEAK_RSSI.vendor && view.getUint32(at + 8) === IMPINJ_PEAK_RSSI.subtype;
}

function numberOf(time: { readonly Microseconds: bigint } | undefined): number | undefined {
  return time === undefined ? undefined : Number(time.Microseconds);
}

function micros(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

/** Steps over one parameter of the message. Throws where `decodeMessage` gives the message up. */
function skipParameter(cursor: Cursor): void {
  const start = cursor.offset;
  const first = cursor.view.getUint8(start);
  if (first < 0x80) {
    const length = takeTlvHeader(cursor);
    cursor.offset = start + length;
    return;
  }
  const size = TV_SIZES[first & 0x7f] ?? 0;
  if (size === 0) throw cursor.error("UNKNOWN_TV", `no TV parameter ${first & 0x7f}`);
  cursor.take(size);
}
