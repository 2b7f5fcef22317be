import { encodeMessage, type LlrpParameter } from "@storeward/codecs/llrp";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Counters } from "../counters.js";
import { EpcCache } from "./epc-cache.js";
import { ReaderClocks } from "./reader-clocks.js";
import { ReportReader } from "./report-reader.js";

type Tag = LlrpParameter<"TagReportData">;

const content: LlrpParameter<"TagReportContentSelector"> = {
  EnableROSpecID: false,
  EnableSpecIndex: false,
  EnableInventoryParameterSpecID: false,
  EnableAntennaID: true,
  EnableChannelIndex: true,
  EnablePeakRSSI: true,
  EnableFirstSeenTimestamp: true,
  EnableLastSeenTimestamp: true,
  EnableTagSeenCount: true,
  EnableAccessSpecID: false,
  EnableCryptoResponse: false,
};
const frame = (...TagReportData: Tag[]) => encodeMessage({ type: "RO_ACCESS_REPORT", id: 1, TagReportData });
const EPC = (last: number) => ({ EPC_96: { EPC: new Uint8Array(12).fill(last) } });
const utc = (ms: number) => ({ Microseconds: BigInt(ms * 1000) });

function bench() {
  const counters = new Counters();
  const clocks = new ReaderClocks();
  const reader = new ReportReader({ content, clocks, used: new Set([1, 2]), counters });
  return { counters, clocks, reader };
}

describe("reads out of reports", () => {
  it("have the reader's times in our own, never later than they came, and stand for all reads between first and last", () => {
    const { reader, clocks } = bench();
    clocks.pair(5_000_000, Number.NaN, 1_000, true);
    const tag: Tag = {
      ...EPC(1),
      AntennaID: { AntennaID: 1 },
      PeakRSSI: { PeakRSSI: -50 },
      FirstSeenTimestampUTC: utc(5_100),
      LastSeenTimestampUTC: utc(5_400),
      TagSeenCount: { TagCount: 7 },
    };
    expect(reader.read(frame(tag), 1_500)).toEqual([
      { epc: "01".repeat(12), antenna: 1, rssi: -50, first: 1_100, last: 1_400, count: 7 },
    ]);
    // A clock that runs ahead of what is possible.
    expect(reader.read(frame({ ...tag, LastSeenTimestampUTC: utc(9_000) }), 1_600)[0]).toMatchObject({ last: 1_600 });
  });

  it("have the finer strength where the reader tells one, and its own protocol bits", () => {
    const { reader } = bench();
    const tag: Tag = { ...EPC(1), AntennaID: { AntennaID: 1 }, PeakRSSI: { PeakRSSI: -46 } };
    const fine: Tag = {
      ...tag,
      C1G2_PC: { PC_Bits: 0x3000 },
      Custom: [{ type: "ImpinjPeakRSSI", RSSI: -4567 }],
    };
    const [first, second] = reader.read(frame(fine, tag), 1_000);
    expect(first).toMatchObject({ rssi: -45.67, pc: "3000" });
    expect(second).toMatchObject({ rssi: -46 });
    expect(second).not.toHaveProperty("pc");
  });

  it("take what a report leaves out from the one before, but nothing that was not asked for", () => {
    const { reader } = bench();
    const whole: Tag = { ...EPC(1), AntennaID: { AntennaID: 2 }, PeakRSSI: { PeakRSSI: -47 } };
    expect(reader.read(frame(whole, EPC(2)), 1_000)[1]).toMatchObject({ antenna: 2, rssi: -47, epc: "02".repeat(12) });
    expect(reader.read(frame(EPC(3)), 1_001)[0]).toMatchObject({ antenna: 2, rssi: -47 });
  });

  it("lose one report with an unknown TV, never its neighbours; EPCs that are none and antennas of others are counted", () => {
    const { reader, counters } = bench();
    const good = (n: number): Tag => ({ ...EPC(n), AntennaID: { AntennaID: 1 }, PeakRSSI: { PeakRSSI: -50 } });
    const bytes = frame(good(1), good(2), good(3));
    // The second report's AntennaID becomes a TV that nobody knows.
    const size = (bytes.length - 10) / 3;
    const at = 10 + size + bytes.subarray(10 + size).indexOf(0x81);
    bytes[at] = 0x80 | 100;
    expect(reader.read(bytes, 1_000).map(({ epc }) => epc.slice(0, 2))).toEqual(["01", "03"]);
    const odd: Tag = { AntennaID: { AntennaID: 1 }, EPCData: { EPC: { bitCount: 24, bytes: new Uint8Array(3) } } };
    const long: Tag = {
      AntennaID: { AntennaID: 1 },
      EPCData: { EPC: { bitCount: 128, bytes: new Uint8Array(16).fill(7) } },
    };
    const { AntennaID: _, ...elsewhere } = good(5);
    const others = reader.read(frame(odd, long, { ...elsewhere, AntennaID: { AntennaID: 9 } }), 1_001);
    expect(others.map(({ epc }) => epc)).toEqual(["07".repeat(16)]);
    expect(counters.values()).toMatchObject({ badTagReports: 1, badEpcs: 1, foreignAntennas: 1 });
  });
});

describe("the cache of EPCs", () => {
  it("gives the hex of whatever comes, in whatever order, however small it is", () => {
    const epc = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(epc, { maxLength: 40 }),
        fc.array(fc.nat(39)),
        fc.constantFrom(1, 8, 64),
        (epcs, order, size) => {
          const cache = new EpcCache(size);
          for (const n of [...epcs.keys(), ...order]) {
            const bytes = epcs[n % Math.max(1, epcs.length)];
            if (bytes === undefined) continue;
            const padded = Buffer.concat([Uint8Array.of(1, 2, 3), bytes]);
            expect(cache.hex96(padded, 3)).toBe(Buffer.from(bytes).toString("hex").toUpperCase());
          }
        },
      ),
    );
  });
});
