/**
 * Tags a second from the bytes of RO_ACCESS_REPORT to a checksum over the EPC's bytes, antenna, RSSI, channel, both times
 * and count of every tag, on one core: `llrp-decode` by TagReportCursor, `llrp-decode-objects` by decodeMessage,
 * `llrp-decode-hex` by TagReportCursor with each EPC as the string of hex digits that a register of tags is asked by.
 * All take turns with llrpjs on the same frames in the same process, so that a busy machine is busy for all of them; the
 * best round counts. The checksums must be equal.
 */
import { decodeMessage, encodeMessage, TagReportCursor } from "@storeward/codecs/llrp";
import { LLRPMessage } from "llrpjs";
import { inTurns, print } from "./turns.js";

const TAGS = 100;
const FRAMES = 20;
const ROUNDS = 30;
const ROUND_MS = 80;
/** Times are summed from here on, so that sums stay exact. */
const EPOCH = 1_750_000_000_000_000;

const frames = Array.from({ length: FRAMES }, (_, number) => {
  const TagReportData = Array.from({ length: TAGS }, (_, tag) => {
    const index = number * TAGS + tag;
    return {
      EPC_96: { EPC: Uint8Array.from({ length: 12 }, (_, at) => (index * 31 + at * 17 + (index >> 8)) & 0xff) },
      ROSpecID: { ROSpecID: 1 },
      SpecIndex: { SpecIndex: 1 },
      AntennaID: { AntennaID: 1 + (index % 4) },
      PeakRSSI: { PeakRSSI: -40 - (index % 30) },
      ChannelIndex: { ChannelIndex: 1 + (index % 4) },
      FirstSeenTimestampUTC: { Microseconds: 1_750_000_000_000_000n + BigInt(index * 977) },
      LastSeenTimestampUTC: { Microseconds: 1_750_000_000_500_000n + BigInt(index * 1009) },
      TagSeenCount: { TagCount: 1 + (index % 9) },
    };
  });
  return encodeMessage({ type: "RO_ACCESS_REPORT", id: number, TagReportData });
});
const buffers = frames.map((frame) => Buffer.from(frame));

/** Every field weighs otherwise, so that none can stand for another; the sum stays a safe integer. */
function weigh(antenna, rssi, channel, first, last, count) {
  return antenna + 3 * rssi + 5 * channel + 7 * count + 11 * (first - EPOCH) + 13 * (last - EPOCH);
}

function weighBytes(bytes, at, end) {
  let sum = 0;
  for (let i = at; i < end; i++) sum = (sum * 31 + bytes[i]) | 0;
  return sum;
}

const reports = new TagReportCursor();

function weighReport() {
  return weigh(
    reports.AntennaID,
    reports.PeakRSSI,
    reports.ChannelIndex,
    reports.FirstSeenTimestampUTC,
    reports.LastSeenTimestampUTC,
    reports.TagSeenCount,
  );
}

function byCursor(frame) {
  if (!reports.open(frame)) throw new Error("no RO_ACCESS_REPORT");
  let sum = 0;
  while (reports.next()) {
    const at = reports.epcOffset;
    sum += weighBytes(frame, at, at + ((reports.epcBits + 7) >> 3));
    sum += weighReport();
  }
  return sum;
}

const known = new Map();

function byCursorWithHex(frame) {
  if (!reports.open(frame)) throw new Error("no RO_ACCESS_REPORT");
  let sum = 0;
  while (reports.next()) {
    const hex = reports.epcHex();
    let epc = known.get(hex);
    if (epc === undefined) {
      const bytes = reports.epcBytes();
      epc = weighBytes(bytes, 0, bytes.length);
      known.set(hex, epc);
    }
    sum += epc;
    sum += weighReport();
  }
  return sum;
}

function byObjects(frame) {
  const message = decodeMessage(frame);
  if (message.type !== "RO_ACCESS_REPORT") throw new Error(`decoded as ${message.type}`);
  let sum = 0;
  for (const tag of message.TagReportData) {
    sum += weighBytes(tag.EPC_96.EPC, 0, tag.EPC_96.EPC.length);
    sum += weigh(
      tag.AntennaID.AntennaID,
      tag.PeakRSSI.PeakRSSI,
      tag.ChannelIndex.ChannelIndex,
      Number(tag.FirstSeenTimestampUTC.Microseconds),
      Number(tag.LastSeenTimestampUTC.Microseconds),
      tag.TagSeenCount.TagCount,
    );
  }
  return sum;
}

/** llrpjs has the EPC as hex and times as ISO text: that is parsed only to compare, not while time is taken. */
function byLlrpjs(_frame, index, micros = (text) => text.length) {
  const { data } = new LLRPMessage(buffers[index]).decode().toLLRPData();
  let sum = 0;
  for (const tag of data.TagReportData) {
    const epc = Buffer.from(tag.EPC_96.EPC, "hex");
    sum += weighBytes(epc, 0, epc.length);
    sum += weigh(
      tag.AntennaID.AntennaID,
      tag.PeakRSSI.PeakRSSI,
      tag.ChannelIndex.ChannelIndex,
      micros(tag.FirstSeenTimestampUTC.Microseconds),
      micros(tag.LastSeenTimestampUTC.Microseconds),
      tag.TagSeenCount.TagCount,
    );
  }
  return sum;
}

/** Microseconds of "2025-06-15T15:06:40.000977Z". */
function microsOf(text) {
  return Date.parse(`${text.slice(0, 19)}Z`) * 1000 + Number(text.slice(20, 26));
}

const ways = {
  "llrp-decode": byCursor,
  "llrp-decode-objects": byObjects,
  "llrp-decode-hex": byCursorWithHex,
  "llrpjs 1.0.1": byLlrpjs,
};

const checksum = (run) => frames.reduce((sum, frame, index) => sum + run(frame, index, microsOf), 0);
const expected = checksum(byLlrpjs);
for (const [name, run] of Object.entries(ways)) {
  if (checksum(run) !== expected) throw new Error(`${name} and llrpjs do not agree`);
}

const onFrames = Object.entries(ways).map(([name, run]) => [name, (call) => run(frames[call % FRAMES], call % FRAMES)]);
const figures = inTurns(Object.fromEntries(onFrames), { rounds: ROUNDS, ms: ROUND_MS, each: TAGS });
print(figures, "tags/s", "llrpjs 1.0.1");
