import { encodeMessage, LlrpDecodeError, type LlrpParameter } from "@storeward/codecs/llrp";
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

describe("a stream of damaged reports", () => {
  it("never throws but for a frame that is no LLRP, and what follows is read as if nothing had been", () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    const good = (n: number): Tag => ({
      ...EPC(n),
      AntennaID: { AntennaID: 1 },
      PeakRSSI: { PeakRSSI: -n },
      FirstSeenTimestampUTC: utc(1_000),
      LastSeenTimestampUTC: utc(1_000),
      TagSeenCount: { TagCount: n },
    });
    fc.assert(
      fc.property(fc.array(edits, { minLength: 1, maxLength: 8 }), (frames) => {
        const { reader } = bench();
        for (const changes of frames) {
          const bytes = frame(good(1), good(2), good(3));
          for (const [at, value] of changes) bytes[10 + (at % (bytes.length - 10))] = value;
          try {
            for (const { antenna, rssi, first, last, count, epc } of reader.read(bytes, 5_000)) {
              expect(antenna === 1 || antenna === 2).toBe(true);
              expect(rssi >= -130 && rssi <= 30 && count >= 1 && first <= last && last <= 5_000).toBe(true);
              expect(epc).toMatch(/^(?:[0-9A-F]{4}){1,31}$/);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(LlrpDecodeError);
          }
        }
        expect(reader.read(frame(good(7)), 5_000)).toMatchObject([
          { antenna: 1, rssi: -7, count: 7, epc: "07".repeat(12) },
        ]);
      }),
    );
  });
});

describe("the cache of EPCs", () => {
  const epcOf = (n: number, m = 0) => {
    const bytes = new Uint8Array(12);
    const view = new DataView(bytes.buffer);
    view.setUint32(4, m);
    view.setUint32(8, n);
    return bytes;
  };

  it("gives the hex of whatever comes, in whatever order", () => {
    const epc = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(epc, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(39)), (epcs, order) => {
        const cache = new EpcCache();
        for (const n of [...epcs.keys(), ...order]) {
          const bytes = epcs[n % epcs.length] ?? new Uint8Array(12);
          const padded = Buffer.concat([Uint8Array.of(1, 2, 3), bytes]);
          expect(cache.hex96(padded, 3)).toBe(Buffer.from(bytes).toString("hex").toUpperCase());
        }
      }),
    );
  });

  it("grows with the tags, to a bound that no number of tags exceeds, and stays right", () => {
    const cache = new EpcCache();
    const small = cache.capacity;
    for (let n = 0; n < small / 2; n++) cache.hex96(epcOf(n), 0);
    expect(cache.capacity).toBe(small);
    for (let round = 0; round < 4; round++) for (let n = 0; n < 10_000; n++) cache.hex96(epcOf(n), 0);
    expect(cache.capacity).toBeGreaterThanOrEqual(10_000);
    for (let n = 0; n < 300_000; n++) cache.hex96(epcOf(n, n % 7), 0);
    expect(cache.capacity).toBe(32_768);
    for (const n of [0, 5, 299_999]) {
      const bytes = epcOf(n, n % 7);
      expect(cache.hex96(bytes, 0)).toBe(Buffer.from(bytes).toString("hex").toUpperCase());
    }
  });
});
