import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageArbitrary, messages, parameterArbitrary, parameters } from "../../test/llrp-arbitrary.js";
import { compiled } from "./codec.js";
import { compile } from "./compile.js";
import { decodeWith } from "./decode.js";
import { encodeWith } from "./encode.js";
import { LlrpDecodeError } from "./index.js";
import { table } from "./tables/index.js";

/** The table alone, without the bodies written for speed. */
const plain = compile(table);

const id = fc.nat(0xffff_ffff);
const version = fc.integer({ min: 1, max: 3 });

describe("every message of the table", () => {
  it.each(Object.keys(messages))("%s decodes to what was encoded, whatever its fields hold", (type) => {
    fc.assert(
      fc.property(messageArbitrary(type), id, version, (body, id, version) => {
        const message = { type, id, version, ...body };
        expect(decodeWith(compiled, encodeWith(compiled, message, version))).toEqual(message);
      }),
      { numRuns: 25 },
    );
  });
});

/** A message that holds nothing but one parameter. */
function carrierOf(name: string) {
  const lone = compile({
    ...table,
    messages: { CARRIER: { type: 900, parameters: { [name]: name === "Custom" ? "1-N" : "1" } } },
  });
  const carried = (value: object) => (name === "Custom" ? [{ type: name, ...value }] : value);
  return {
    encode: (value: object) => encodeWith(lone, { type: "CARRIER", id: 1, [name]: carried(value) }, 1),
    expected: carried,
    decode: (frame: Uint8Array) => decodeWith(lone, frame)[name],
  };
}

describe("every parameter of the table", () => {
  it.each(Object.keys(parameters))("%s decodes to what was encoded, under the number that the table says", (name) => {
    const carrier = carrierOf(name);
    const definition = parameters[name] ?? { tlv: 0 };
    fc.assert(
      fc.property(parameterArbitrary(name, 2), (value) => {
        const frame = carrier.encode(value);
        expect(carrier.decode(frame)).toEqual(carrier.expected(value));
        const view = new DataView(frame.buffer, frame.byteOffset + 10);
        if ("tv" in definition) expect(view.getUint8(0)).toBe(0x80 | definition.tv);
        else expect(view.getUint16(0)).toBe("tlv" in definition ? definition.tlv : 1023);
        if ("custom" in definition) expect([view.getUint32(4), view.getUint32(8)]).toEqual(definition.custom);
      }),
      { numRuns: 20 },
    );
  });
});

describe("damaged bytes", () => {
  const frames = fc.oneof(
    ...Object.keys(messages).map((type) =>
      messageArbitrary(type).map((body) => encodeWith(compiled, { type, id: 1, ...body }, 1)),
    ),
  );
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });

  it("make the decoder throw nothing but LlrpDecodeError, and what it could decode encodes again", () => {
    fc.assert(
      fc.property(frames, edits, (whole, changes) => {
        const frame = whole.slice();
        for (const [at, value] of changes) if (frame.length > 10) frame[10 + (at % (frame.length - 10))] = value;
        let message: ReturnType<typeof decodeWith>;
        try {
          message = decodeWith(compiled, frame);
        } catch (error) {
          expect(error).toBeInstanceOf(LlrpDecodeError);
          return;
        }
        const again = encodeWith(compiled, message, 1);
        expect(encodeWith(compiled, decodeWith(compiled, again), 1)).toEqual(again);
      }),
      { numRuns: 1500 },
    );
  });

  it("are decoded by the code written for speed as by the table", () => {
    const reports = messageArbitrary("RO_ACCESS_REPORT").map((body) =>
      encodeWith(compiled, { type: "RO_ACCESS_REPORT", id: 1, ...body }, 1),
    );
    const outcome = (by: typeof plain, frame: Uint8Array) => {
      try {
        return decodeWith(by, frame);
      } catch (error) {
        return error;
      }
    };
    fc.assert(
      fc.property(reports, fc.oneof(fc.constant([]), edits), (whole, changes) => {
        const frame = whole.slice();
        for (const [at, value] of changes) if (frame.length > 10) frame[10 + (at % (frame.length - 10))] = value;
        expect(outcome(compiled, frame)).toEqual(outcome(plain, frame));
      }),
      { numRuns: 3000 },
    );
  });
});
