import { describe, expect, it } from "vitest";
import { TagReportMemory } from "./index.js";

const epc = (last: number) => ({ EPC_96: { EPC: new Uint8Array(12).fill(last) } });

describe("TagReportMemory", () => {
  it("gives an absent parameter the value last reported, whichever tag it was for", () => {
    const memory = new TagReportMemory();
    memory.complete({ ...epc(1), AntennaID: { AntennaID: 2 }, PeakRSSI: { PeakRSSI: -40 } });
    memory.complete({ ...epc(2), PeakRSSI: { PeakRSSI: -50 } });
    expect(memory.complete(epc(3))).toEqual({
      ...epc(3),
      AntennaID: { AntennaID: 2 },
      PeakRSSI: { PeakRSSI: -50 },
    });
  });

  it("fills in nothing that was never reported, and neither EPC nor the tag's own protocol data", () => {
    const memory = new TagReportMemory();
    expect(memory.complete({ ...epc(1), C1G2_PC: { PC_Bits: 0x3000 } })).toEqual({
      ...epc(1),
      C1G2_PC: { PC_Bits: 0x3000 },
    });
    expect(memory.complete({})).toEqual({});
  });

  it("fills in nothing that is not enabled", () => {
    const memory = new TagReportMemory({
      EnableROSpecID: false,
      EnableSpecIndex: false,
      EnableInventoryParameterSpecID: false,
      EnableAntennaID: true,
      EnableChannelIndex: false,
      EnablePeakRSSI: false,
      EnableFirstSeenTimestamp: false,
      EnableLastSeenTimestamp: false,
      EnableTagSeenCount: false,
      EnableAccessSpecID: false,
      EnableCryptoResponse: false,
    });
    memory.complete({ AntennaID: { AntennaID: 1 }, PeakRSSI: { PeakRSSI: -40 } });
    expect(memory.complete(epc(1))).toEqual({ ...epc(1), AntennaID: { AntennaID: 1 } });
  });
});
