import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageArbitrary, messages } from "../../test/llrp-arbitrary.js";
import { join, keepalive, report, run, start } from "../../test/run-llrp.js";
import { decodeMessage, encodeMessage, hexOf, type LlrpMessageInput } from "../llrp/index.js";

const recording = fileURLToPath(new URL("../../../../../shared/data/llrp/dx101_a_in.bin", import.meta.url));

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

  it("take bytes as hex digits too, in any number of lines", async () => {
    const { lines, code } = await run("043E 0000000a00000007\n043e0000\n000a00000008\n", "decode", "-");
    expect([lines.map((line) => JSON.parse(line).id), code]).toEqual([[7, 8], 0]);
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
