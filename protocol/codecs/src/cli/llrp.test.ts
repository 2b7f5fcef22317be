import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Link, pcapngOf, pcapOf, type Sent } from "../../test/captures.js";
import { messageArbitrary, messages } from "../../test/llrp-arbitrary.js";
import { decodeMessage, encodeMessage, hexOf, type LlrpMessageInput } from "../llrp/index.js";
import { tool } from "./llrp.js";
import { runTool } from "./tool.js";

const recording = fileURLToPath(new URL("../../../../../shared/data/llrp/dx101_a_in.bin", import.meta.url));

/** What the tool makes of an input: its output, its complaints, its exit code. */
async function run(input: Uint8Array | string, ...args: string[]) {
  const out: string[] = [];
  const bytes: Uint8Array[] = [];
  const complaints: string[] = [];
  const code = await runTool(tool, args, {
    read: async () => (typeof input === "string" ? new TextEncoder().encode(input) : input),
    write: (text) => void out.push(text),
    writeBytes: (part) => void bytes.push(part),
    complain: (text) => void complaints.push(text),
  });
  const lines = out.join("").split("\n").slice(0, -1);
  return { code, text: out.join(""), lines, bytes: join(...bytes), complaints: complaints.join("") };
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const keepalive = encodeMessage({ type: "KEEPALIVE", id: 7 });
const start = encodeMessage({ type: "START_ROSPEC", id: 8, ROSpecID: 1 });
const report = encodeMessage({
  type: "RO_ACCESS_REPORT",
  id: 9,
  TagReportData: [
    {
      EPCData: { EPC: { bitCount: 12, bytes: Uint8Array.of(0xab, 0xc0) } },
      FirstSeenTimestampUTC: { Microseconds: 2n ** 63n },
      Custom: [{ type: "MotoTagPhase", Phase: -5 }],
      unknownParameters: [{ typeNumber: 900, bytes: Uint8Array.of(3, 0x84, 0, 5, 1) }],
    },
  ],
});

describe("storeward-llrp decode and encode", () => {
  it("print one JSON object a message, in the names of the LLRP Toolkit, and take it back", async () => {
    const { lines, code, complaints } = await run(join(keepalive, start, report), "decode", "-");
    expect([code, complaints]).toEqual([0, ""]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: "KEEPALIVE", id: 7, version: 1 },
      { type: "START_ROSPEC", id: 8, version: 1, ROSpecID: 1 },
      {
        type: "RO_ACCESS_REPORT",
        id: 9,
        version: 1,
        TagReportData: [
          {
            EPCData: { EPC: { bitCount: 12, bytes: "ABC0" } },
            FirstSeenTimestampUTC: { Microseconds: "9223372036854775808" },
            Custom: [{ type: "MotoTagPhase", Phase: -5 }],
            unknownParameters: [{ typeNumber: 900, bytes: "0384000501" }],
          },
        ],
      },
    ]);
    const back = await run(lines.join("\n"), "encode", "-");
    expect([back.code, back.complaints]).toEqual([0, ""]);
    expect(hexOf(back.bytes)).toBe(hexOf(join(keepalive, start, report)));
  });

  it.each(Object.keys(messages))("%s comes through JSON without loss", async (type) => {
    const body = messageArbitrary(type);
    await fc.assert(
      fc.asyncProperty(body, fc.integer({ min: 1, max: 3 }), async (fields, version) => {
        const frame = encodeMessage({ type, id: 1, version, ...fields } as LlrpMessageInput);
        const { lines } = await run(frame, "decode", "-");
        expect(lines).toHaveLength(1);
        const { bytes, complaints } = await run(lines[0]!, "encode", "-");
        expect(complaints).toBe("");
        expect(hexOf(bytes)).toBe(hexOf(frame));
      }),
      { numRuns: 12 },
    );
  });

  it("carries a message of unknown type through JSON", async () => {
    const frame = encodeMessage({ type: "UNKNOWN_MESSAGE", id: 1, typeNumber: 900, bytes: Uint8Array.of(1, 2) });
    const { lines } = await run(frame, "decode", "-");
    expect(JSON.parse(lines[0]!)).toEqual({
      type: "UNKNOWN_MESSAGE",
      id: 1,
      version: 1,
      typeNumber: 900,
      bytes: "0102",
    });
    expect(hexOf((await run(lines[0]!, "encode", "-")).bytes)).toBe(hexOf(frame));
  });

  it("carries a tag report that cannot be decoded through JSON, says why, and exits with 1", async () => {
    const frame = Uint8Array.from(Buffer.from("043d000000130000000100f00009810002fe00", "hex"));
    const { lines, code, complaints } = await run(frame, "decode", "-");
    expect(JSON.parse(lines[0]!).unknownParameters).toEqual([
      { typeNumber: 240, bytes: "00F00009810002FE00", error: expect.stringContaining("no TV parameter 126") },
    ]);
    expect(complaints).toContain("message at byte 0: part of it is kept as bytes: RO_ACCESS_REPORT.TagReportData");
    expect(code).toBe(1);
    expect(hexOf((await run(lines[0]!, "encode", "-")).bytes)).toBe(hexOf(frame));
  });

  it.skipIf(!existsSync(recording))("give back the LTK test stream (needs ../shared/data/llrp)", async () => {
    const stream = new Uint8Array(readFileSync(recording));
    const { lines, text, code } = await run(stream, "decode", "dx101");
    expect([lines.length, code]).toEqual([934, 0]);
    const { bytes } = await run(text, "encode", "-");
    expect(Buffer.compare(bytes, stream)).toBe(0);
  });

  it("take names and numbers of enumerated values, and 64-bit numbers as text or number", async () => {
    const named = '{"type":"GET_READER_CAPABILITIES","id":1,"RequestedData":"LLRP_Capabilities"}';
    expect(decodeMessage((await run(named, "encode", "-")).bytes)).toMatchObject({ RequestedData: 2 });
    const numbered = '{"type":"GET_READER_CAPABILITIES","id":1,"RequestedData":2}\r\n\n';
    expect(decodeMessage((await run(numbered, "encode", "-")).bytes)).toMatchObject({ RequestedData: 2 });
    const tag = (time: string) =>
      `{"type":"RO_ACCESS_REPORT","id":1,"TagReportData":[{"LastSeenTimestampUTC":{"Microseconds":${time}}}]}`;
    for (const time of ["5", '"5"']) {
      expect(decodeMessage((await run(tag(time), "encode", "-")).bytes)).toMatchObject({
        TagReportData: [{ LastSeenTimestampUTC: { Microseconds: 5n } }],
      });
    }
  });

  it.each([
    ["no JSON", "{", "line 1:"],
    ["no object", "[]", "the line: an object wanted, not []"],
    ["no type", '{"type":"STARTT"}', 'type: there is no message "STARTT"'],
    ["a misspelt field", '{"type":"START_ROSPEC","id":1,"ROSpecId":1}', "START_ROSPEC.ROSpecId"],
    ["an absent field", '{"type":"START_ROSPEC","id":1}', "START_ROSPEC.ROSpecID"],
    ["a name that is none", '{"type":"GET_READER_CAPABILITIES","id":1,"RequestedData":"Some"}', "none of All, General"],
    ["odd hex", '{"type":"UNKNOWN_MESSAGE","id":1,"typeNumber":9,"bytes":"0"}', "pairs of hex digits wanted"],
    [
      "a fraction of a time",
      '{"type":"RO_ACCESS_REPORT","id":1,"TagReportData":[{"LastSeenTimestampUTC":{"Microseconds":1.5}}]}',
      "TagReportData[0].LastSeenTimestampUTC.Microseconds",
    ],
    ["nothing", "\n", "holds no line of JSON"],
  ])("say of %s where it is, encode the other lines, and exit with 1", async (_, line, complaint) => {
    const good = _ === "nothing" ? "" : '\n{"type":"KEEPALIVE","id":7}';
    const { code, complaints, bytes } = await run(line + good, "encode", "-");
    expect(complaints).toContain(complaint);
    expect(code).toBe(1);
    expect(hexOf(bytes)).toBe(good === "" ? "" : hexOf(keepalive));
  });

  it("report and skip rubbish between messages, and what cannot be decoded", async () => {
    const wrong = start.slice();
    wrong[5] = 12;
    const input = join(
      keepalive,
      Uint8Array.of(0xff, 0xff, 0xff),
      start,
      wrong.subarray(0, 12),
      keepalive.subarray(0, 4),
    );
    const { lines, complaints, code } = await run(input, "decode", "x.bin");
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(["KEEPALIVE", "START_ROSPEC"]);
    expect(complaints).toContain("x.bin: at byte 10: what should be a header (ffffff");
    expect(complaints).toContain("message at byte 27: START_ROSPEC at byte 10: 4 bytes wanted, 2 left");
    expect(complaints).toContain("ends inside a message, of which 4 bytes are there");
    expect(code).toBe(1);
    expect((await run(new Uint8Array(0), "decode", "-")).complaints).toContain("standard input: holds no LLRP message");
  });

  it("explain themselves on --help, and what was wrong on wrong usage, with exit code 2", async () => {
    expect(await run("", "--help")).toMatchObject({
      code: 0,
      complaints: "",
      text: expect.stringContaining("tcpdump"),
    });
    const wrong = [
      [],
      ["show", "x"],
      ["decode"],
      ["decode", "a", "b"],
      ["decode", "a", "--port", "x"],
      ["decode", "--por", "1"],
    ];
    for (const args of wrong) expect(await run("", ...args)).toMatchObject({ code: 2, text: "" });
    expect((await run("", "show", "x")).complaints).toContain("no command show: say decode or encode");
  });
});

/** A conversation in which messages are cut across segments. */
const conversation: readonly Sent[] = [
  { from: "client", at: 0, bytes: new Uint8Array(0), syn: true },
  { from: "reader", at: 0, bytes: new Uint8Array(0), syn: true },
  { from: "reader", at: 0, bytes: keepalive.subarray(0, 6) },
  { from: "client", at: 0, bytes: start },
  { from: "reader", at: 6, bytes: join(keepalive.subarray(6), report.subarray(0, 20)) },
  { from: "reader", at: 30, bytes: report.subarray(20) },
];

/** Sender and type of every message printed. */
function spoken(lines: readonly string[]): string[] {
  return lines.map((line) => JSON.parse(line)).map(({ capture, type }) => `${capture.sender} ${type}`);
}

const expected = ["client START_ROSPEC", "reader KEEPALIVE", "reader RO_ACCESS_REPORT"];

describe("storeward-llrp decode of a capture", () => {
  it("gives both directions in the order of time, and says when, from whom and to whom", async () => {
    const { lines, complaints, code } = await run(pcapOf(conversation), "decode", "x.pcap");
    expect([complaints, code]).toEqual(["", 0]);
    expect(spoken(lines)).toEqual(expected);
    expect(JSON.parse(lines[1]!).capture).toEqual({
      time: "2027-01-15T08:00:04.000001Z",
      sender: "reader",
      from: "10.0.0.2:5084",
      to: "10.0.0.1:40000",
    });
    // A line of a capture is encoded like any other.
    expect(hexOf((await run(lines[2]!, "encode", "-")).bytes)).toBe(hexOf(report));
  });

  const links: Link[] = ["ethernet", "vlan", "raw", "sll", "sll2", "loopback"];
  it.each(links)(
    "reads packets of link %s, with IPv4 and IPv6, of either byte order, in pcap and pcapng",
    async (link) => {
      for (const ip of [4, 6] as const) {
        for (const big of [false, true]) {
          const files = [
            pcapOf(conversation, { link, ip, big }),
            pcapOf(conversation, { link, ip, big, nanos: true }),
            pcapngOf(conversation, { link, ip, big }),
            pcapngOf(conversation, { link, ip, big, resolution: 9 }),
            pcapngOf(conversation, { link, ip, big, resolution: 0x94 }),
          ];
          for (const file of files) {
            const { lines, complaints } = await run(file, "decode", "x.pcap");
            expect(complaints).toBe("");
            expect(spoken(lines)).toEqual(expected);
            expect(JSON.parse(lines[0]!).capture.time).toMatch(/^2027-01-15T08:00:03\.00000[012]Z$/);
            if (ip === 6) expect(JSON.parse(lines[0]!).capture.from).toBe("[fe80::1]:40000");
          }
        }
      }
    },
  );

  it("puts segments in order that came out of order, twice, or over each other", async () => {
    const stream = join(keepalive, report, keepalive);
    const cut = fc.tuple(fc.nat(stream.length - 1), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), async (extra, size) => {
        const segments: Sent[] = [];
        for (let at = 0; at < stream.length; at += size) segments.push(segment(at, size));
        for (const [at, length] of extra) segments.splice(at % (segments.length + 1), 0, segment(at, length));
        const sent: Sent[] = [{ from: "reader", at: 0, bytes: new Uint8Array(0), syn: true }, ...segments];
        const { lines, complaints } = await run(pcapOf(sent), "decode", "x.pcap");
        expect(complaints).toBe("");
        expect(spoken(lines)).toEqual(["reader KEEPALIVE", "reader RO_ACCESS_REPORT", "reader KEEPALIVE"]);
      }),
    );
    function segment(at: number, length: number): Sent {
      return { from: "reader", at, bytes: stream.subarray(at, at + length) };
    }
  });

  it("goes on behind bytes that were not captured, and says how many", async () => {
    const stream = join(keepalive, report, start, keepalive);
    const sent: Sent[] = [
      { from: "reader", at: 0, bytes: new Uint8Array(0), syn: true },
      { from: "reader", at: 0, bytes: stream.subarray(0, 15) },
      { from: "reader", at: 25, bytes: stream.subarray(25) },
    ];
    const { lines, complaints, code } = await run(pcapOf(sent), "decode", "x.pcap");
    expect(spoken(lines)).toEqual(["reader KEEPALIVE", "reader START_ROSPEC", "reader KEEPALIVE"]);
    expect(complaints).toContain("10.0.0.2:5084 to 10.0.0.1:40000: 10 bytes before packet 3 were not captured");
    expect(code).toBe(1);
  });

  it("joins a connection in its midst", async () => {
    const sent: Sent[] = [{ from: "reader", at: 0, bytes: join(report.subarray(11), keepalive) }];
    const { lines, complaints } = await run(pcapOf(sent), "decode", "x.pcap");
    expect(spoken(lines)).toEqual(["reader KEEPALIVE"]);
    expect(complaints).toContain(`${report.length - 11} bytes belong to no whole message`);
  });

  it("tells two connections between the same ports apart", async () => {
    const again = conversation.map((one) => ({ ...one, at: one.at + 1000 }));
    const { lines, complaints } = await run(pcapOf([...conversation, ...again]), "decode", "x.pcap");
    expect(complaints).toBe("");
    expect(spoken(lines)).toEqual([...expected, ...expected]);
  });

  it("names the connections there are when none is to the reader's port, and takes --port", async () => {
    const file = pcapOf(conversation);
    const { complaints, code, lines } = await run(file, "decode", "x.pcap", "--port", "5085");
    expect([code, lines]).toEqual([1, []]);
    expect(complaints).toContain("no TCP data from or to port 5085; there is 10.0.0.1:40000 to 10.0.0.2:5084");
    const swapped = await run(file, "decode", "--port", "40000", "x.pcap");
    expect(spoken(swapped.lines)[0]).toBe("reader START_ROSPEC");
    expect((await run(pcapOf([]), "decode", "x.pcap")).complaints).toContain("it holds none at all");
  });

  it("says where a file is cut off, prints what is before, and throws at no damage", async () => {
    for (const file of [pcapOf(conversation), pcapngOf(conversation)]) {
      const cut = await run(file.subarray(0, file.length - 3), "decode", "x.pcap");
      expect(cut.code).toBe(1);
      expect(cut.complaints).toMatch(/the capture (ends inside a packet|is broken off)/);
      expect(spoken(cut.lines)).toContain("client START_ROSPEC");
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), async (edits) => {
          const bytes = file.slice();
          for (const [at, value] of edits) bytes[4 + (at % (bytes.length - 4))] = value;
          expect((await run(bytes, "decode", "x.pcap")).code).toBeLessThanOrEqual(1);
        }),
        { numRuns: 300 },
      );
    }
  });
});
