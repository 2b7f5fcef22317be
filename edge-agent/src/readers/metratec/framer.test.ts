import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetratecFramer } from "./framer.js";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

describe("metraTec framing", () => {
  it("gives the same lines and blocks whatever way the bytes are split", () => {
    const text =
      "ATI\r+SW: PLRM 0113\r+HW: PLRM 0100\r\nOK\r\n" +
      "+CMINV: 3034257BF468D480000003EC,-61\r+CMINV: <ROUND FINISHED, ANT=1>\r\n+HBT\r\n\r\n";
    const whole = new MetratecFramer().push(bytes(text));
    expect(whole).toHaveLength(7);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (sizes) => {
        const framer = new MetratecFramer();
        const lines = [];
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = sizes[i % sizes.length]!;
          lines.push(...framer.push(bytes(text.slice(at, at + size))));
          at += size;
        }
        expect(lines).toEqual(whole);
      }),
    );
  });

  it("finds the next good line after one that never ends, in bounded memory", () => {
    const framer = new MetratecFramer();
    const noise = new Uint8Array(64 * 1024).fill(65);
    for (let i = 0; i < 320; i++) framer.push(noise);
    expect(framer.push(bytes("\rOK\r\n"))).toEqual(["OK"]);
    expect(framer.counters.lineTooLong).toBe(1);
    expect(framer.counters.blockTooLong).toBe(1);
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 })), (chunks) => {
        const framer = new MetratecFramer();
        for (const chunk of chunks) for (const line of framer.push(chunk)) expect(line.length).toBeLessThanOrEqual(512);
      }),
    );
  });
});
