import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./ndjson.js";

function split(maxBytes: number, chunks: readonly Buffer[]): { lines: string[]; tooLong: number } {
  const told = { lines: [] as string[], tooLong: 0 };
  const splitter = new LineSplitter(maxBytes, {
    line: (text) => told.lines.push(text),
    tooLong: () => told.tooLong++,
  });
  for (const chunk of chunks) splitter.push(chunk);
  return told;
}

const cut = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size));

describe("a stream of lines", () => {
  it("gives the same lines however it is cut, and finds the next good one after a long one", () => {
    const line = fc.string({ unit: fc.constantFrom("a", "ü", "{", "€", " "), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (lines, size) => {
        const bytes = Buffer.from(lines.map((text, n) => `${text}${n % 2 === 0 ? "\r\n" : "\n"}`).join(""));
        const whole = split(16, [bytes]);
        expect(split(16, cut(bytes, size))).toEqual(whole);
        const fits = (text: string, n: number) => Buffer.byteLength(text) + (n % 2 === 0 ? 1 : 0) <= 16;
        expect(whole.lines).toEqual(lines.filter(fits));
        expect(whole.tooLong).toBe(lines.length - whole.lines.length);
      }),
    );
  });

  it("says once that a line without end is too long, and holds nothing of it", () => {
    expect(split(16, cut(Buffer.alloc(10_000, 0x61), 7))).toEqual({ lines: [], tooLong: 1 });
  });
});
