import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportContent } from "../../test/llrp-values.js";
import {
  AISpecStopTriggerType,
  AirProtocols,
  decodeMessage,
  encodeMessage,
  epcHexOf,
  LlrpDecodeError,
  LlrpEncodeError,
  type LlrpMessageInput,
  type LlrpParameter,
  ROReportTriggerType,
  ROSpecStartTriggerType,
  ROSpecState,
  ROSpecStopTriggerType,
} from "./index.js";

const addROSpec = {
  type: "ADD_ROSPEC",
  id: 1,
  ROSpec: {
    ROSpecID: 1,
    Priority: 0,
    CurrentState: ROSpecState.Disabled,
    ROBoundarySpec: {
      ROSpecStartTrigger: { ROSpecStartTriggerType: ROSpecStartTriggerType.Immediate },
      ROSpecStopTrigger: { ROSpecStopTriggerType: ROSpecStopTriggerType.Null, DurationTriggerValue: 0 },
    },
    SpecParameter: [
      {
        type: "AISpec",
        AntennaIDs: [1, 2],
        AISpecStopTrigger: { AISpecStopTriggerType: AISpecStopTriggerType.Null, DurationTrigger: 0 },
        InventoryParameterSpec: [{ InventoryParameterSpecID: 1, ProtocolID: AirProtocols.EPCGlobalClass1Gen2 }],
      },
      { type: "LoopSpec", LoopCount: 3 },
    ],
    ROReportSpec: {
      ROReportTrigger: ROReportTriggerType.Upon_N_Tags_Or_End_Of_AISpec,
      N: 1,
      TagReportContentSelector: {
        ...reportContent,
        C1G2EPCMemorySelector: [{ EnableCRC: false, EnablePCBits: true, EnableXPCBits: false }],
      },
    },
  },
} as const satisfies LlrpMessageInput;

const epc = Uint8Array.from([0x30, 0x66, 0xc4, 0x40, 0x90, 0x47, 0xe1, 0x40, 0x07, 0x5b, 0xcd, 0x15]);
const tag: LlrpParameter<"TagReportData"> = {
  EPC_96: { EPC: epc },
  AntennaID: { AntennaID: 2 },
  PeakRSSI: { PeakRSSI: -52 },
  FirstSeenTimestampUTC: { Microseconds: 1_199_145_600_000_000n },
  TagSeenCount: { TagCount: 3 },
};

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A report of parameters given as hex. */
function report(...parameters: string[]): Uint8Array {
  const body = Buffer.from(parameters.join(""), "hex");
  const header = Buffer.from("043d00000000000000ff", "hex");
  header.writeUInt32BE(10 + body.length, 2);
  return new Uint8Array(Buffer.concat([header, body]));
}

function failure(frame: Uint8Array): LlrpDecodeError {
  try {
    decodeMessage(frame);
  } catch (error) {
    if (error instanceof LlrpDecodeError) return error;
    throw error;
  }
  throw new Error("decoded");
}

describe("decodeMessage and encodeMessage", () => {
  it("give back every field, parameter and order of ADD_ROSPEC", () => {
    expect(decodeMessage(encodeMessage(addROSpec))).toEqual({ ...addROSpec, version: 1 });
    expect(decodeMessage(encodeMessage(addROSpec, 2)).version).toBe(2);
  });

  it("write the bytes of LLRP 1.1 §17: bit packed selectors, TLV lengths, the header", () => {
    const encoded = hex(encodeMessage(addROSpec, 2));
    expect(encoded.slice(0, 20)).toBe("08140000005a00000001");
    expect(encoded.slice(-22)).toBe("00ee000b1f80015c000540");
  });

  it("give back a tag report and its EPC in hex", () => {
    const message = decodeMessage(encodeMessage({ type: "RO_ACCESS_REPORT", id: 9, TagReportData: [tag, tag] }));
    expect(message).toEqual({ type: "RO_ACCESS_REPORT", id: 9, version: 1, TagReportData: [tag, tag] });
    expect(epcHexOf(tag)).toBe("3066C4409047E140075BCD15");
    expect(epcHexOf({ EPCData: { EPC: { bitCount: 16, bytes: Uint8Array.of(0xab, 1) } } })).toBe("AB01");
  });

  it("carry a message of unknown type, a custom message and custom parameters through unchanged", () => {
    const messages: LlrpMessageInput[] = [
      { type: "UNKNOWN_MESSAGE", id: 3, typeNumber: 999, bytes: Uint8Array.of(1, 2, 3) },
      { type: "CUSTOM_MESSAGE", id: 4, VendorIdentifier: 4711, MessageSubtype: 21, Data: Uint8Array.of(0, 0, 0, 0) },
      {
        type: "GET_READER_CONFIG",
        id: 5,
        AntennaID: 0,
        RequestedData: 0,
        GPIPortNum: 0,
        GPOPortNum: 0,
        Custom: [{ type: "Custom", VendorIdentifier: 161, ParameterSubtype: 9999, Data: Uint8Array.of(9) }],
      },
    ];
    for (const message of messages) {
      expect(decodeMessage(encodeMessage(message))).toEqual({ ...message, version: 1 });
    }
  });

  it("keep an unknown TLV parameter as raw bytes and send it back", () => {
    const frame = report("00f0000f" + "810002" + "03000008deadbeef");
    const message = decodeMessage(frame);
    expect(message).toMatchObject({
      TagReportData: [{ AntennaID: { AntennaID: 2 }, unknownParameters: [{ typeNumber: 768 }] }],
    });
    expect(hex(encodeMessage(message))).toBe(hex(frame));
  });

  it("take no TLV for the TV of its number", () => {
    const frame = report("00f0000a" + "000100060005");
    expect(decodeMessage(frame)).toMatchObject({ TagReportData: [{ unknownParameters: [{ typeNumber: 1 }] }] });
    expect(hex(encodeMessage(decodeMessage(frame)))).toBe(hex(frame));
  });

  it("keep a Custom parameter also where the standard has none", () => {
    const frame = report("00f00018" + "00f10014" + "0010abcd" + "03ff000c0000651a00000001");
    expect(decodeMessage(frame)).toMatchObject({
      TagReportData: [{ EPCData: { EPC: { bitCount: 16 }, unknownParameters: [{ typeNumber: 1023 }] } }],
    });
    expect(hex(encodeMessage(decodeMessage(frame)))).toBe(hex(frame));
  });

  it("give up only the tag report with an unknown TV, and still send it back", () => {
    const frame = report("00f00007810001", "00f00009810002fe00", "00f00007810003");
    const message = decodeMessage(frame);
    expect(message).toMatchObject({
      TagReportData: [{ AntennaID: { AntennaID: 1 } }, { AntennaID: { AntennaID: 3 } }],
      unknownParameters: [{ typeNumber: 240, error: { code: "UNKNOWN_TV", offset: 24 } }],
    });
    expect(hex(encodeMessage(message))).toHaveLength(hex(frame).length);
  });

  it.each([
    ["a frame shorter than a header", "043d0000", "TRUNCATED", "header"],
    ["a header whose length is not the frame's", "043d0000000b00000001", "BAD_LENGTH", "header"],
    ["a version that does not exist", "1c3d0000000a00000001", "BAD_VERSION", "header"],
    ["a field that is cut off", "04150000000c000000010001", "TRUNCATED", "DELETE_ROSPEC"],
    ["a required parameter that is absent", "04140000000a00000001", "MISSING_PARAMETER", "ADD_ROSPEC"],
    ["a parameter shorter than its header", "04640000000e00000001011f0003", "BAD_LENGTH", "ERROR_MESSAGE"],
    ["a parameter longer than its message", "04640000000e00000001011f0009", "BAD_LENGTH", "ERROR_MESSAGE"],
    [
      "a second parameter where one is allowed",
      `04640000001a00000001${"011f000800000000".repeat(2)}`,
      "DUPLICATE_PARAMETER",
      "ERROR_MESSAGE",
    ],
    ["bytes after the last field", "04150000000f000000010000000100", "TRUNCATED", "DELETE_ROSPEC"],
  ])("report %s with code and place", (_, bytes, code, path) => {
    const error = failure(new Uint8Array(Buffer.from(bytes, "hex")));
    expect([error.code, error.path]).toEqual([code, path]);
  });

  it("refuse parameters nested without end instead of overflowing the stack", () => {
    let nested = "";
    for (let depth = 0; depth < 2000; depth++) {
      const length = (8 + nested.length / 2).toString(16).padStart(4, "0");
      nested = `0121${length}00000000${nested}`;
    }
    const status = `011f${(8 + nested.length / 2).toString(16).padStart(4, "0")}00000000${nested}`;
    const body = Buffer.from(status, "hex");
    const header = Buffer.from("04640000000000000001", "hex");
    header.writeUInt32BE(10 + body.length, 2);
    expect(failure(new Uint8Array(Buffer.concat([header, body]))).code).toBe("TOO_DEEP");
  });

  it("throw nothing but LlrpDecodeError on flipped bytes, and what decodes encodes again", () => {
    const frames = [encodeMessage(addROSpec), encodeMessage({ type: "RO_ACCESS_REPORT", id: 1, TagReportData: [tag] })];
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...frames), edits, (frame, changes) => {
        const bytes = frame.slice();
        for (const [at, value] of changes) bytes[10 + (at % (bytes.length - 10))] = value;
        let message: ReturnType<typeof decodeMessage>;
        try {
          message = decodeMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(LlrpDecodeError);
          return;
        }
        if (message.type === "RO_ACCESS_REPORT") encodeMessage(message);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuse a value that its field cannot hold, naming the field", () => {
    const wrong: [LlrpMessageInput, string, string][] = [
      [{ type: "DELETE_ROSPEC", id: 1, ROSpecID: 2 ** 32 }, "BAD_VALUE", "DELETE_ROSPEC.ROSpecID"],
      [{ type: "DELETE_ROSPEC", id: 1, ROSpecID: 1.5 }, "BAD_VALUE", "DELETE_ROSPEC.ROSpecID"],
      [
        { type: "RO_ACCESS_REPORT", id: 1, TagReportData: [{ PeakRSSI: { PeakRSSI: 200 } }] },
        "BAD_VALUE",
        "RO_ACCESS_REPORT.TagReportData.PeakRSSI.PeakRSSI",
      ],
      [JSON.parse('{"type":"ADD_ROSPEC","id":1}'), "MISSING_PARAMETER", "ADD_ROSPEC"],
      [JSON.parse('{"type":"DELETE_ROSPEC","id":1}'), "MISSING_FIELD", "DELETE_ROSPEC.ROSpecID"],
      [JSON.parse('{"type":"NONSENSE","id":1}'), "UNKNOWN_TYPE", "NONSENSE"],
    ];
    for (const [message, code, path] of wrong) {
      expect(() => encodeMessage(message)).toThrow(expect.objectContaining({ code, path }));
      expect(() => encodeMessage(message)).toThrow(LlrpEncodeError);
    }
  });
});
