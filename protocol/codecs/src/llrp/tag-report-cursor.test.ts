import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageArbitrary } from "../../test/llrp-arbitrary.js";
import {
  decodeMessage,
  encodeMessage,
  epcHexOf,
  hexOf,
  LlrpDecodeError,
  LlrpFramer,
  type LlrpMessageInput,
  TagReportCursor,
  TagReportMemory,
} from "./index.js";
import type { TagReportContentSelector } from "./tag-report-memory.js";

const recording = fileURLToPath(new URL("../../../../../shared/data/llrp/dx101_a_in.bin", import.meta.url));

interface Tag {
  readonly epc: string | undefined;
  readonly bits: number;
  /** All other fields, in the order of `TagReportCursor`. */
  readonly numbers: readonly number[];
}

/** Tags of a frame, or the code of the error that refuses it. */
type Outcome = readonly Tag[] | string;

function attempt(read: () => readonly Tag[]): Outcome {
  try {
    return read();
  } catch (error) {
    if (error instanceof LlrpDecodeError) return `${error.code} at ${error.offset}`;
    throw error;
  }
}

function byCursor(cursor: TagReportCursor, frame: Uint8Array): Outcome {
  return attempt(() => {
    const tags: Tag[] = [];
    if (!cursor.open(frame)) return tags;
    while (cursor.next()) {
      const epc = cursor.epcHex();
      const bytes = cursor.epcBytes();
      expect(bytes && hexOf(bytes)).toBe(epc);
      tags.push({
        epc,
        bits: cursor.epcBits,
        numbers: [
          cursor.AntennaID,
          cursor.PeakRSSI,
          cursor.ChannelIndex,
          cursor.FirstSeenTimestampUTC,
          cursor.FirstSeenTimestampUptime,
          cursor.LastSeenTimestampUTC,
          cursor.LastSeenTimestampUptime,
          cursor.TagSeenCount,
          cursor.C1G2_PC,
          cursor.ImpinjPeakRSSI,
        ],
      });
    }
    return tags;
  });
}

function byObjects(memory: TagReportMemory, frame: Uint8Array): Outcome {
  return attempt(() => {
    const message = decodeMessage(frame);
    if (message.type !== "RO_ACCESS_REPORT") return [];
    return (message.TagReportData ?? []).map((report) => {
      const tag = memory.complete(report);
      return {
        epc: epcHexOf(tag),
        bits: tag.EPC_96 === undefined ? (tag.EPCData?.EPC.bitCount ?? 0) : 96,
        numbers: [
          tag.AntennaID?.AntennaID,
          tag.PeakRSSI?.PeakRSSI,
          tag.ChannelIndex?.ChannelIndex,
          tag.FirstSeenTimestampUTC?.Microseconds,
          tag.FirstSeenTimestampUptime?.Microseconds,
          tag.LastSeenTimestampUTC?.Microseconds,
          tag.LastSeenTimestampUptime?.Microseconds,
          tag.TagSeenCount?.TagCount,
          tag.C1G2_PC?.PC_Bits,
          tag.Custom?.flatMap((one) => (one.type === "ImpinjPeakRSSI" ? [one.RSSI] : [])).at(-1),
        ].map((value) => (value === undefined ? Number.NaN : Number(value))),
      };
    });
  });
}

/** The number of tags that a frame's decoder gave up. */
function givenUp(frame: Uint8Array): number {
  const message = decodeMessage(frame);
  if (message.type === "UNKNOWN_MESSAGE") return 0;
  return (message.unknownParameters ?? []).filter((raw) => raw.typeNumber === 240).length;
}

const reports = messageArbitrary("RO_ACCESS_REPORT").map((body) =>
  encodeMessage({ type: "RO_ACCESS_REPORT", id: 1, ...body } as LlrpMessageInput),
);
const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
const damaged = fc.tuple(reports, edits).map(([whole, changes]) => {
  const frame = whole.slice();
  for (const [at, value] of changes) if (frame.length > 10) frame[10 + (at % (frame.length - 10))] = value;
  return frame;
});
const selectors: fc.Arbitrary<TagReportContentSelector> = fc.record({
  EnableROSpecID: fc.boolean(),
  EnableSpecIndex: fc.boolean(),
  EnableInventoryParameterSpecID: fc.boolean(),
  EnableAntennaID: fc.boolean(),
  EnableChannelIndex: fc.boolean(),
  EnablePeakRSSI: fc.boolean(),
  EnableFirstSeenTimestamp: fc.boolean(),
  EnableLastSeenTimestamp: fc.boolean(),
  EnableTagSeenCount: fc.boolean(),
  EnableAccessSpecID: fc.boolean(),
  EnableCryptoResponse: fc.boolean(),
});

/** A frame of one report of parameters given as hex. */
function frameOf(...parameters: string[]): Uint8Array {
  const body = Buffer.from(parameters.join(""), "hex");
  const head = Buffer.from("043d0000000000000001" + "00f00000", "hex");
  head.writeUInt32BE(head.length + body.length, 2);
  head.writeUInt16BE(4 + body.length, 12);
  return new Uint8Array(Buffer.concat([head, body]));
}

describe("TagReportCursor", () => {
  it("gives Impinj's strength in 0.01 dBm, of this tag alone", () => {
    const EPC_96 = { EPC: new Uint8Array(12) };
    const frame = encodeMessage({
      type: "RO_ACCESS_REPORT",
      id: 1,
      TagReportData: [
        { EPC_96, PeakRSSI: { PeakRSSI: -46 }, Custom: [{ type: "ImpinjPeakRSSI", RSSI: -4567 }] },
        { EPC_96, Custom: [{ type: "Custom", VendorIdentifier: 1, ParameterSubtype: 57, Data: new Uint8Array(2) }] },
      ],
    });
    const cursor = new TagReportCursor();
    cursor.open(frame);
    cursor.next();
    expect([cursor.PeakRSSI, cursor.ImpinjPeakRSSI]).toEqual([-46, -4567]);
    cursor.next();
    expect([cursor.PeakRSSI, cursor.ImpinjPeakRSSI]).toEqual([-46, Number.NaN]);
  });

  it("gives for every frame of a connection what decodeMessage and TagReportMemory give", () => {
    const connection = fc.array(fc.oneof(reports, damaged), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(connection, fc.option(selectors, { nil: undefined }), (frames, selector) => {
        const cursor = new TagReportCursor(selector);
        const memory = new TagReportMemory(selector);
        for (const frame of frames) expect(byCursor(cursor, frame)).toEqual(byObjects(memory, frame));
      }),
      { numRuns: 1500 },
    );
  });

  it.skipIf(!existsSync(recording))("gives the same of the LTK test stream (needs ../shared/data/llrp)", () => {
    const cursor = new TagReportCursor();
    const memory = new TagReportMemory();
    const { frames } = new LlrpFramer().push(new Uint8Array(readFileSync(recording)));
    for (const frame of frames) expect(byCursor(cursor, frame)).toEqual(byObjects(memory, frame));
  });

  it.each([
    ["an EPC of 96 bits as TV", "8d3066c4409047e140075bcd15", "3066C4409047E140075BCD15", 96],
    ["an EPC of 16 bits as TLV", "00f100080010abcd", "ABCD", 16],
    ["an EPC of 12 bits as TLV", "00f10008000cabc0", "ABC0", 12],
    ["an EPC of no bits", "00f100060000", "", 0],
    ["an EPC behind an unknown TLV", "03000008deadbeef" + "00f100080010abcd", "ABCD", 16],
    ["an EPC behind a vendor's parameter", "03ff000e0000651a000000380fff" + "00f100080010abcd", "ABCD", 16],
    ["an EPC behind an operation's result", "015d000b00000100011234" + "00f100080010abcd", "ABCD", 16],
    ["an EPC with a Custom parameter inside", "00f10014" + "0010abcd" + "03ff000c0000651a00000001", "ABCD", 16],
    ["a report without EPC", "810001", undefined, 0],
  ])("reads %s", (_, parameters, epc, bits) => {
    const cursor = new TagReportCursor();
    expect(cursor.open(frameOf(parameters))).toBe(true);
    expect(cursor.next()).toBe(true);
    expect([cursor.epcHex(), cursor.epcBits]).toEqual([epc, bits]);
    expect(cursor.next()).toBe(false);
  });

  it.each([
    ["an unknown TV", "810002fe00"],
    ["a parameter cut off", "810002" + "8200"],
    ["a second AntennaID", "810002" + "810003"],
    ["an EPC longer than its parameter", "00f100080020abcd"],
    ["a parameter longer than its report", "00f100090010abcd"],
    ["bytes behind an EPC", "00f100090010abcdff"],
  ])("gives up a report with %s, counts it, and takes nothing of it into the memory", (_, parameters) => {
    const cursor = new TagReportCursor();
    const frame = frameOf(parameters);
    expect(byCursor(cursor, frame)).toEqual([]);
    expect(cursor.givenUp).toBe(givenUp(frame));
    expect(cursor.givenUp).toBe(1);
    expect(cursor.open(frameOf("860a"))).toBe(true);
    expect(cursor.next()).toBe(true);
    expect([cursor.PeakRSSI, cursor.AntennaID]).toEqual([10, Number.NaN]);
  });

  it("takes times of UTC and of Uptime, to the microsecond up to 2^53 and to the nearest number beyond", () => {
    const cursor = new TagReportCursor();
    cursor.open(frameOf("820006379da05b6000", "83001fffffffffffff", "84ffffffffffffffff", "850000000000000001"));
    cursor.next();
    expect(cursor.FirstSeenTimestampUTC).toBe(1_750_000_000_000_000);
    expect(cursor.FirstSeenTimestampUptime).toBe(Number.MAX_SAFE_INTEGER);
    expect(cursor.LastSeenTimestampUTC).toBe(2 ** 64);
    expect(cursor.LastSeenTimestampUptime).toBe(1);
  });

  it("steps over vendors' parameters however deep they nest", () => {
    let nested = "";
    for (let depth = 0; depth < 60; depth++) {
      nested = `03ff${(16 + nested.length / 2).toString(16).padStart(4, "0")}0000651a0000001500000000${nested}`;
    }
    const frame = frameOf("810002", nested, "860a");
    const tags = byCursor(new TagReportCursor(), frame);
    expect(tags).toEqual(byObjects(new TagReportMemory(), frame));
    expect(tags).toHaveLength(1);
    expect(hexOf(encodeMessage(decodeMessage(frame)))).toHaveLength(frame.length * 2);
  });

  it("takes no part in other messages, and has no tags after one", () => {
    const cursor = new TagReportCursor();
    cursor.open(frameOf("810002"));
    expect(cursor.open(encodeMessage({ type: "KEEPALIVE", id: 1 }))).toBe(false);
    expect(cursor.next()).toBe(false);
  });
});
