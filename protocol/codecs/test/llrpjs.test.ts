import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, hexOf, type LlrpMessage } from "../src/llrp/index.js";
import { outcomeOf, shows } from "./differences.js";

interface Theirs {
  decode(): Theirs;
  encode(): Theirs;
  toLLRPData(): { readonly id: number; readonly type: string; readonly data: object };
  getBuffer(): Buffer;
}

/** Its types are source that this project's compiler refuses. */
const { LLRPMessage } = createRequire(import.meta.url)("llrpjs") as {
  LLRPMessage: new (from: Buffer | object) => Theirs;
};

/** A frame of a message type and a body in hex. */
function frameOf(type: number, body: string, version = 1): Uint8Array {
  const bytes = Buffer.from(body, "hex");
  const header = Buffer.alloc(10);
  header.writeUInt16BE((version << 10) | type, 0);
  header.writeUInt32BE(10 + bytes.length, 2);
  header.writeUInt32BE(1, 6);
  return new Uint8Array(Buffer.concat([header, bytes]));
}

/** What llrpjs makes of a frame, or its error. */
function theirs(frame: Uint8Array): unknown {
  return outcomeOf(() => new LLRPMessage(Buffer.from(frame)).decode().toLLRPData().data);
}

/** The bytes that it makes of what it decoded. */
function theirBytes(frame: Uint8Array): string {
  const { data, type, id } = new LLRPMessage(Buffer.from(frame)).decode().toLLRPData();
  return new LLRPMessage({ data, type, id }).encode().getBuffer().toString("hex");
}

const PEER = "llrpjs 1.0.1";

/** A part of a message as people write it. */
function textOf(part: unknown): string {
  if (part instanceof Uint8Array) return hexOf(part);
  if (Array.isArray(part)) return `[${part.map(textOf).join(", ")}]`;
  if (typeof part !== "object" || part === null) return typeof part === "string" ? JSON.stringify(part) : String(part);
  const fields = Object.entries(part).map(([name, value]) => `${name}: ${textOf(value)}`);
  return `{ ${fields.join(", ")} }`;
}

const UNKNOWN_TLV = "03000008deadbeef";

/** What the standard says, a frame that shows it, what the codec and what llrpjs 1.0.1 make of it. */
const differences: [rule: string, frame: Uint8Array, ours: object, theirs: unknown][] = [
  [
    "LLRP 1.1 has version 2 (§17.1)",
    frameOf(46, "", 2),
    { type: "GET_SUPPORTED_VERSION", version: 2 },
    expect.stringContaining("unsupported version 2"),
  ],
  [
    "an unknown TLV is stepped over by its length (§17.2.1)",
    frameOf(61, `00f0000f810002${UNKNOWN_TLV}`),
    { TagReportData: [{ AntennaID: { AntennaID: 2 }, unknownParameters: [{ typeNumber: 768 }] }] },
    expect.stringContaining("typeNum not found 768"),
  ],
  [
    "a message of unknown type is stepped over by its length (§17.1)",
    frameOf(900, "0102"),
    { type: "UNKNOWN_MESSAGE", typeNumber: 900, bytes: Uint8Array.of(1, 2) },
    expect.stringContaining("typeNum not found 900"),
  ],
  [
    "one tag with an unknown TV does not take the others with it",
    frameOf(61, "00f00007810001" + "00f00009810002fe00" + "00f00007810003"),
    { TagReportData: [{ AntennaID: { AntennaID: 1 } }, { AntennaID: { AntennaID: 3 } }] },
    expect.stringContaining("typeNum not found 126"),
  ],
  [
    "C1G2XPCW1, which LLRP 1.1 added, is TV 19",
    frameOf(61, "00f00007931234"),
    { TagReportData: [{ C1G2XPCW1: { XPC_W1: 0x1234 } }] },
    expect.stringContaining("typeNum not found 19"),
  ],
  [
    "Microseconds has 64 bits (§17.2.2.1)",
    frameOf(61, "00f0000d848000000000000000"),
    { TagReportData: [{ LastSeenTimestampUTC: { Microseconds: 2n ** 63n } }] },
    expect.stringContaining("Invalid time value"),
  ],
  [
    "a Custom parameter ends by its length, and another follows (§17.2.1.2)",
    frameOf(61, "00f0001c03ff000c0000651a0000270f03ff000c0000651a00002710"),
    { TagReportData: [{ Custom: [{ ParameterSubtype: 9999 }, { ParameterSubtype: 10_000 }] }] },
    { TagReportData: { Custom: { ParameterSubtype: 9999, Data: "03FF000C0000651A00002710" } } },
  ],
  [
    "a status that has no name is still a number",
    frameOf(100, "011f000803e70000"),
    { LLRPStatus: { StatusCode: 999 } },
    { LLRPStatus: { StatusCode: "" } },
  ],
  [
    "one TagReportData is a list of one (§14.2.3)",
    frameOf(61, "00f00007810001"),
    { TagReportData: [{ AntennaID: { AntennaID: 1 } }] },
    { TagReportData: { AntennaID: { AntennaID: 1 } } },
  ],
];

/** Frames that llrpjs decodes and encodes again to other bytes. */
const lost: [rule: string, frame: Uint8Array, theirBytes: string][] = [
  [
    "the bits of an EPC that is no whole number of bytes",
    frameOf(61, "00f0000c00f10008000cabc0"),
    "043d000000160000000100f0000c00f100080010abc0",
  ],
  [
    "the length of a text in bytes, not characters (§17.2.1)",
    frameOf(100, "011f000a00650002c3a4"),
    "04640000001300000001011f00090065000100",
  ],
  ["a status that has no name", frameOf(100, "011f000803e70000"), "04640000001200000001011f000800000000"],
];

describe("where llrpjs 1.0.1 differs from the standard", () => {
  it.for(differences)("%s", ([rule, frame, ours, other], context) => {
    expect(decodeMessage(frame)).toMatchObject(ours as LlrpMessage);
    expect(hexOf(encodeMessage(decodeMessage(frame)))).toHaveLength(frame.length * 2);
    const shown = theirs(frame);
    if (typeof shown === "object") expect(shown).toMatchObject(other as object);
    else expect(shown).toEqual(other);
    shows(context, {
      peer: PEER,
      rule,
      input: hexOf(frame),
      theirs: typeof shown === "string" ? shown : textOf(other),
      ours: textOf(ours),
    });
  });

  it.for(lost)("encoding keeps %s", ([rule, frame, other], context) => {
    expect(hexOf(encodeMessage(decodeMessage(frame)))).toBe(hexOf(frame));
    expect(theirBytes(frame)).toBe(other);
    shows(context, {
      peer: PEER,
      rule: `decoded and encoded again it is the same: ${rule}`,
      input: hexOf(frame),
      theirs: other.toUpperCase(),
      ours: "the same",
    });
  });
});
