import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage, LlrpFramer } from "./index.js";

const recording = fileURLToPath(new URL("../../../../../shared/data/llrp/dx101_a_in.bin", import.meta.url));

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Feeds a stream in chunks of a size; gives what came out and the most that was ever held. */
function feed(stream: Uint8Array, size: number, framer = new LlrpFramer()) {
  const frames: Uint8Array[] = [];
  const errors = [];
  let held = 0;
  for (let at = 0; at < stream.length; at += size) {
    const result = framer.push(stream.slice(at, at + size));
    frames.push(...result.frames);
    errors.push(...result.errors);
    held = Math.max(held, framer.buffered);
  }
  return { frames, errors, held, counters: framer.counters };
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const keepalive = encodeMessage({ type: "KEEPALIVE", id: 7 });
const status = encodeMessage({
  type: "ERROR_MESSAGE",
  id: 8,
  LLRPStatus: { StatusCode: 101, ErrorDescription: "a field" },
});

describe.skipIf(!existsSync(recording))("the LTK test stream dx101_a (needs ../shared/data/llrp)", () => {
  const stream = existsSync(recording) ? new Uint8Array(readFileSync(recording)) : new Uint8Array();

  it("is framed the same in one piece and at every chunk size from 1 to 200 bytes", () => {
    const whole = feed(stream, stream.length).frames;
    expect(whole).toHaveLength(934);
    expect(hex(join(...whole))).toBe(hex(stream));
    const expected = whole.map((frame) => frame.length);
    for (let size = 1; size <= 200; size++) {
      const { frames, errors } = feed(stream, size);
      expect(errors).toEqual([]);
      expect(frames.map((frame) => frame.length)).toEqual(expected);
      expect(hex(join(...frames))).toBe(hex(stream));
    }
  });

  it("never throws and holds no more than the limit when bytes are flipped, cut out or doubled", () => {
    const limit = 4096;
    const edit = fc.record({ at: fc.nat(stream.length - 1), xor: fc.integer({ min: 1, max: 255 }), cut: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3000 }), (edits, size) => {
        const bytes = Array.from(stream.subarray(0, 12_000));
        for (const { at, xor, cut } of edits) bytes.splice(at % bytes.length, cut, xor);
        const { held, counters } = feed(Uint8Array.from(bytes), size, new LlrpFramer({ maxFrameBytes: limit }));
        expect(held).toBeLessThanOrEqual(limit);
        expect(counters.bytes).toBe(bytes.length);
      }),
      { numRuns: 60 },
    );
  });
});

describe("LlrpFramer", () => {
  it("delivers the frames that follow, whatever was flipped, cut out or doubled before them", () => {
    const limit = 256;
    const before = join(...Array.from({ length: 8 }, () => join(status, keepalive)));
    // As much as a damaged length may cost, then what must be delivered.
    const cost = join(...Array.from({ length: Math.ceil((limit * 18) / status.length) }, () => status));
    const after = [status, keepalive, status, keepalive, status];
    const edit = fc.record({ at: fc.nat(before.length - 1), xor: fc.integer({ min: 1, max: 255 }), cut: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 600 }), (edits, size) => {
        const bytes = Array.from(before);
        for (const { at, xor, cut } of edits) bytes.splice(at % bytes.length, cut, xor);
        const framer = new LlrpFramer({ maxFrameBytes: limit });
        const { frames, held } = feed(join(Uint8Array.from(bytes), cost, ...after), size, framer);
        expect(frames.slice(-5).map(hex)).toEqual(after.map(hex));
        expect(held).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 1000 },
    );
  });

  it("searches behind a length beyond all reason instead of skipping by it", () => {
    const vast = keepalive.slice();
    vast.set([0xff, 0xff, 0xff, 0xff], 2);
    const { frames, errors } = feed(join(vast, status), 7);
    expect(frames.map(hex)).toEqual([hex(status)]);
    expect(errors).toMatchObject([{ code: "BAD_LENGTH", offset: 0, recovery: "searching" }]);
  });

  it("finds the next good frame after garbage and says where it lost step, at any chunk size", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.integer({ min: 1, max: 100 }), (noise, size) => {
        // No byte of the noise can begin a header: its version is none.
        const garbage = noise.map((byte) => byte | 0x80);
        const { frames, errors, counters } = feed(join(keepalive, garbage, status, keepalive), size);
        expect(frames.map(hex)).toEqual([keepalive, status, keepalive].map(hex));
        expect(errors).toMatchObject([{ offset: keepalive.length, recovery: "searching" }]);
        expect(counters.discarded).toBe(garbage.length);
      }),
    );
  });

  it("skips a frame that is too long without keeping it, and stays in step", () => {
    const long = new Uint8Array(3000).fill(0x04);
    long.set([0x04, 61, 0, 0, 3000 >> 8, 3000 & 0xff]);
    for (const size of [1, 7, 10, 2999, 5000]) {
      const framer = new LlrpFramer({ maxFrameBytes: 1000 });
      const { frames, errors, held, counters } = feed(join(keepalive, long, status), size, framer);
      expect(frames.map(hex)).toEqual([keepalive, status].map(hex));
      expect(errors).toMatchObject([{ code: "TOO_LONG", offset: keepalive.length, recovery: "skipping" }]);
      expect(counters).toMatchObject({ frames: 2, tooLong: 1, discarded: 3000 });
      expect(held).toBeLessThanOrEqual(status.length);
    }
  });

  it("reports a length shorter than the header once and goes on", () => {
    const short = keepalive.slice();
    short[5] = 9;
    for (const size of [1, 3, 10, 100]) {
      const { frames, errors, counters } = feed(join(short, status), size);
      expect(frames.map(hex)).toEqual([hex(status)]);
      expect(errors).toMatchObject([{ code: "BAD_LENGTH", offset: 0 }]);
      expect(counters).toMatchObject({ badLength: 1, badVersion: 0, frames: 1 });
    }
  });

  it("delivers messages of unknown type while in step", () => {
    const unknown = encodeMessage({ type: "UNKNOWN_MESSAGE", id: 1, typeNumber: 900, bytes: Uint8Array.of(1, 2, 3) });
    expect(feed(join(unknown, keepalive), 4).frames.map(hex)).toEqual([unknown, keepalive].map(hex));
  });

  it("takes memory for what came, not for what a header claims", () => {
    const framer = new LlrpFramer();
    framer.push(Uint8Array.of(0x04, 61, 0, 0x10, 0, 0, 0, 0, 0, 1, 0, 0));
    expect(framer.buffered).toBe(12);
  });

  it("finds the next message of a stream that is joined in its midst, at any chunk size", () => {
    const midst = join(status.subarray(11), keepalive, status);
    for (const size of [1, 7, 1000]) {
      const framer = new LlrpFramer();
      framer.lose();
      const { frames, errors, counters } = feed(midst, size, framer);
      expect(frames.map(hex)).toEqual([keepalive, status].map(hex));
      expect(errors).toEqual([]);
      expect(counters.discarded).toBe(status.length - 11);
    }
  });

  it("forgets a half received frame on reset", () => {
    const framer = new LlrpFramer();
    framer.push(status.subarray(0, 15));
    framer.reset();
    expect(framer.push(keepalive).frames.map(hex)).toEqual([hex(keepalive)]);
  });
});
