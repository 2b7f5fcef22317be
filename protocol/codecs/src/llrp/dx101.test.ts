import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "./index.js";

const recording = fileURLToPath(new URL("../../../../../shared/data/llrp/dx101_a_in.bin", import.meta.url));

describe.skipIf(!existsSync(recording))("the LTK test stream dx101_a (needs ../shared/data/llrp)", () => {
  it("encodes every decoded message to the bytes it came from", () => {
    const stream = new Uint8Array(readFileSync(recording));
    const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
    let offset = 0;
    let n = 0;
    while (offset < stream.length) {
      const length = view.getUint32(offset + 2);
      const frame = stream.subarray(offset, offset + length);
      const message = decodeMessage(frame);
      expect(Buffer.from(encodeMessage(message)).toString("hex")).toBe(Buffer.from(frame).toString("hex"));
      expect(message.type).not.toBe("UNKNOWN_MESSAGE");
      offset += length;
      n++;
    }
    expect(n).toBe(934);
  });
});
