import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineReader } from "./line-reader.js";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const turn = () => new Promise((resolve) => setImmediate(resolve));

function reader(nulEnds = false, maxLine = 64) {
  const lines: string[] = [];
  const reader = new LineReader({ maxLine, nulEnds }, (line) => lines.push(line));
  return { reader, lines };
}

async function linesOf(text: string, sizes: readonly number[], nulEnds = false): Promise<string[]> {
  const { reader: lineReader, lines } = reader(nulEnds);
  for (let at = 0, i = 0; at < text.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    lineReader.push(bytes(text.slice(at, at + size)));
    at += size;
  }
  await turn();
  return lines;
}

describe("lines of a serial line", () => {
  const text = "CS: .iv\r\nEP: 3034257BF468D480000003EC\r\nRI: -61\r\nOK:\r\n\r\n";

  it("gives the same lines whatever way the bytes are split", async () => {
    const whole = await linesOf(text, [text.length]);
    expect(whole).toEqual(["CS: .iv", "EP: 3034257BF468D480000003EC", "RI: -61", "OK:"]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (sizes) => {
        expect(await linesOf(text, sizes)).toEqual(whole);
      }),
    );
  });

  it("gives a NUL as a line of its own, also where no line end stands before it", async () => {
    const replies = "Username>\0(No Tags)\r\n\0Tag:3000\r\n\0";
    const whole = ["Username>", "\0", "(No Tags)", "\0", "Tag:3000", "\0"];
    for (const size of [1, 2, 3, 100]) expect(await linesOf(replies, [size], true)).toEqual(whole);
  });

  it("never gives a line that is too long, not even its beginning, and finds the next one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 80 }), async (length, size) => {
        fc.pre(length !== 64);
        const { reader: lineReader, lines } = reader();
        const stream = `${"A".repeat(length)}\r\nOK:\r\n`;
        for (let at = 0; at < stream.length; at += size) lineReader.push(bytes(stream.slice(at, at + size)));
        await turn();
        expect(lines).toEqual(length < 64 ? ["A".repeat(length), "OK:"] : ["OK:"]);
        expect(lineReader.counters.lineTooLong).toBe(length < 64 ? 0 : 1);
      }),
    );
  });

  it("takes 20 MB without a line end quickly, and finds the next good line", async () => {
    const { reader: lineReader, lines } = reader();
    const noise = new Uint8Array(64 * 1024).fill(65);
    const start = process.hrtime.bigint();
    for (let i = 0; i < 320; i++) {
      lineReader.push(noise);
      if (i % 16 === 0) await turn();
    }
    lineReader.push(bytes("\r\nOK:\r\n"));
    await turn();
    expect(lines).toEqual(["OK:"]);
    expect(lineReader.counters.lineTooLong).toBe(1);
    expect(Number(process.hrtime.bigint() - start) / 1e9).toBeLessThan(5);
  });
});
