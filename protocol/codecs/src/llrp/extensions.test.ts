import { describe, expect, it } from "vitest";
import { reportContent } from "../../test/llrp-values.js";
import { decodeMessage, encodeMessage, ImpinjMode, type LlrpMessageInput, type LlrpParameter } from "./index.js";

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

describe("extensions of vendors and additions of LLRP 2.0", () => {
  it("are decoded by name, nested ones in their places", () => {
    const selector: LlrpMessageInput = {
      type: "SET_READER_CONFIG",
      id: 1,
      ResetToFactoryDefault: false,
      ROReportSpec: {
        ROReportTrigger: 1,
        N: 1,
        TagReportContentSelector: reportContent,
        Custom: [
          {
            type: "ImpinjTagReportContentSelector",
            ImpinjEnableRFPhaseAngle: { RFPhaseAngleMode: ImpinjMode.Enabled },
          },
        ],
      },
      Custom: [{ type: "ImpinjLinkMonitorConfiguration", LinkMonitorMode: 1, LinkDownThreshold: 3 }],
    };
    const encoded = encodeMessage(selector);
    expect(hex(encoded)).toContain("03ff001a" + "0000651a00000032" + "03ff000e" + "0000651a00000034" + "0001");
    expect(hex(encoded)).toContain("03ff0010" + "0000651a00000026" + "00010003");
    expect(decodeMessage(encoded)).toEqual({ ...selector, version: 1 });
    const frame = report("00f00021" + "810001" + "03ff000e000000a1000002c5a0d4" + "03ff000c0000651a00000001");
    expect(decodeMessage(frame)).toMatchObject({
      TagReportData: [
        {
          Custom: [
            { type: "MotoTagPhase", Phase: -24364 },
            { type: "Custom", ParameterSubtype: 1 },
          ],
        },
      ],
    });
    expect(decodeMessage(Uint8Array.from(Buffer.from("07ff000000130000000100" + "00651a1500000000", "hex")))).toEqual({
      type: "IMPINJ_ENABLE_EXTENSIONS",
      id: 1,
      version: 1,
    });
  });

  it.each([
    ["longer", "03ff00100000651a000000380fff0000"],
    ["shorter", "03ff000d0000651a000000380f"],
  ])("stay a Custom with its bytes where the parameter is %s than the table says", (_, parameter) => {
    const frame = report(`00f000${(4 + parameter.length / 2).toString(16)}${parameter}`);
    const message = decodeMessage(frame);
    expect(message).toMatchObject({ TagReportData: [{ Custom: [{ type: "Custom", ParameterSubtype: 56 }] }] });
    expect(hex(encodeMessage(message))).toBe(hex(frame));
  });

  it("stay a CUSTOM_MESSAGE with its bytes where the message is other than the table says", () => {
    const frame = Uint8Array.from(Buffer.from("07ff00000011000000010000651a150000", "hex"));
    expect(decodeMessage(frame)).toEqual({
      type: "CUSTOM_MESSAGE",
      id: 1,
      version: 1,
      VendorIdentifier: 25882,
      MessageSubtype: 21,
      Data: Uint8Array.of(0, 0),
    });
  });

  it("stand in C1G2LLRPCapabilities where its bytes hold them", () => {
    const bits = { CanSupportBlockErase: true, CanSupportBlockWrite: false, CanSupportBlockPermalock: false };
    const more = { CanSupportTagRecommissioning: false, CanSupportUMIMethod2: false, CanSupportXPC: false };
    const added = {
      CanSupportUntraceable: true,
      CanSupportChallenge: false,
      CanSupportAuthenticate: true,
      CanSupportAuthComm: false,
      CanSupportSecureComm: false,
      CanSupportKeyUpdate: false,
      CanSupportTagPrivilege: false,
      CanSupportReadBuffer: false,
      CanSupportExtendedPowerOnPeriod: true,
    };
    const old = { ...bits, ...more, MaxNumSelectFiltersPerQuery: 2 };
    const LLRPStatus = { StatusCode: 0, ErrorDescription: "" };
    const answer = (C1G2LLRPCapabilities: LlrpParameter<"C1G2LLRPCapabilities">) =>
      encodeMessage({ type: "GET_READER_CAPABILITIES_RESPONSE", id: 1, LLRPStatus, C1G2LLRPCapabilities }, 3);
    expect(hex(answer(old))).toContain("01470007" + "800002");
    expect(hex(answer({ ...old, ...added }))).toContain("01470009" + "800002" + "a080");
    expect(decodeMessage(answer(old))).toMatchObject({ C1G2LLRPCapabilities: old });
    expect(decodeMessage(answer({ ...old, ...added }))).toMatchObject({ C1G2LLRPCapabilities: { ...old, ...added } });
  });
});
