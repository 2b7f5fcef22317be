/**
 * Tags a second from the bytes of RO_ACCESS_REPORT to the EPC in hex, antenna and RSSI of every tag, beside llrpjs on the
 * same frames in the same process. Both take turns, so that a busy machine is busy for both; the best round counts.
 */
import { decodeMessage, encodeMessage, epcHexOf } from "@storeward/codecs/llrp";
import { LLRPMessage } from "llrpjs";

const TAGS = 100;
const ROUNDS = 5;
const ROUND_MS = 300;

const tags = Array.from({ length: TAGS }, (_, index) => ({
  EPC_96: { EPC: Uint8Array.from({ length: 12 }, (_, at) => (index * 31 + at * 17) & 0xff) },
  ROSpecID: { ROSpecID: 1 },
  SpecIndex: { SpecIndex: 1 },
  AntennaID: { AntennaID: 1 + (index % 4) },
  PeakRSSI: { PeakRSSI: -40 - (index % 30) },
  ChannelIndex: { ChannelIndex: 1 + (index % 4) },
  FirstSeenTimestampUTC: { Microseconds: 1_750_000_000_000_000n + BigInt(index) },
  LastSeenTimestampUTC: { Microseconds: 1_750_000_000_500_000n + BigInt(index) },
  TagSeenCount: { TagCount: 1 + (index % 9) },
}));
const frame = encodeMessage({ type: "RO_ACCESS_REPORT", id: 1, TagReportData: tags });
const buffer = Buffer.from(frame);

function ours() {
  const message = decodeMessage(frame);
  if (message.type !== "RO_ACCESS_REPORT") throw new Error(`decoded as ${message.type}`);
  return (message.TagReportData ?? []).map((tag) => [epcHexOf(tag), tag.AntennaID?.AntennaID, tag.PeakRSSI?.PeakRSSI]);
}

function theirs() {
  const { data } = new LLRPMessage(buffer).decode().toLLRPData();
  return data.TagReportData.map((tag) => [tag.EPC_96.EPC, tag.AntennaID.AntennaID, tag.PeakRSSI.PeakRSSI]);
}

/** Tags a second over one round. */
function measure(run) {
  const start = performance.now();
  let elapsed = 0;
  let frames = 0;
  while (elapsed < ROUND_MS) {
    run();
    frames++;
    elapsed = performance.now() - start;
  }
  return (frames * TAGS * 1000) / elapsed;
}

const same = (rows) => JSON.stringify(rows).toUpperCase();
if (same(ours()) !== same(theirs())) throw new Error("the two decoders do not agree");

let value = 0;
let baselineValue = 0;
for (let round = 0; round < ROUNDS; round++) {
  value = Math.max(value, measure(ours));
  baselineValue = Math.max(baselineValue, measure(theirs));
}

console.log(
  JSON.stringify({
    name: "llrp-decode",
    value: Math.round(value),
    unit: "tags/s",
    baseline: "llrpjs 1.0.1",
    baselineValue: Math.round(baselineValue),
    ratio: Math.round((value / baselineValue) * 10) / 10,
  }),
);
