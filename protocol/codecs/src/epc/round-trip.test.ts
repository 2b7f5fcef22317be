import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gs1CheckDigit } from "../gs1/check-digit.js";
import { decodeEpc, type EpcData, EpcError, type EpcScheme, encodeEpc, epcSchemes, toEpc } from "./index.js";
import type { Field, Scheme } from "./schemes.js";

const names = Object.keys(epcSchemes) as EpcScheme[];
const schemeOf = (name: EpcScheme): Scheme => epcSchemes[name];

const SETS = {
  "82": /^[!"%-?A-Z_a-z]$/,
  "39": /^[#\-/0-9A-Z]$/,
  digits: /^[0-9]$/,
  cage: /^[0-9A-HJ-NP-Z]$/,
  part: /^[-/0-9A-Z]$/,
  "part serial": /^[-/0-9A-Z]$/,
};
const text = (set: keyof typeof SETS, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.stringMatching(SETS[set]), minLength, maxLength });
const digits = (length: number) => text("digits", length, length);
const key = (length: number) => digits(length - 1).map((start) => start + gs1CheckDigit(start));
const below = (bits: number) => fc.bigInt(0n, (1n << BigInt(bits)) - 1n).map(String);
/** Serials of every kind of character, so that every encoding of §14.5.6 is the shortest of some. */
const serial = (max: number) =>
  fc.oneof(
    text("82", 1, max),
    text("digits", 1, max),
    fc.stringMatching(new RegExp(`^[0-9A-F]{1,${max}}$`)),
    fc.stringMatching(new RegExp(`^[0-9a-f]{1,${max}}$`)),
    fc.stringMatching(new RegExp(`^[0-9A-Za-z_-]{1,${max}}$`)),
    fc.stringMatching(new RegExp(`^[0-9A-Z.:-]{1,${max}}$`)),
  );
const date = fc
  .record({
    ai: fc.constantFrom("11", "13", "15", "16", "17", "7006", "7007"),
    year: fc.integer({ min: 0, max: 99 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 0, max: 28 }),
  })
  .map(({ ai, ...parts }) => ({
    ai,
    value: Object.values(parts)
      .map((part) => String(part).padStart(2, "0"))
      .join(""),
  }));
const hostname = fc.oneof(
  fc.domain().filter((name) => name.length <= 63),
  fc.stringMatching(/^(id\.|www\.|qr\.)?[a-z0-9-]{1,20}(\.com|\.co\.uk|\.tech|\.de|\.zw|\.COM)$/),
  fc.stringMatching(/^[A-Z0-9.:-]{1,63}$/),
);

/** Any value that a field can hold, where the company prefix has so many digits. */
function anyValue(field: Field, prefixLength: number): fc.Arbitrary<unknown> {
  const place = 12 - prefixLength;
  switch (field.method) {
    case "partition":
    case "fixed-length numeric":
      return field.name === "itip"
        ? fc.tuple(key(14), digits(4)).map((parts) => parts.join(""))
        : key(field.digits ?? 0);
    case "unpadded partition":
      return fc.tuple(digits(prefixLength), below(field.bits[place] ?? 0)).map((parts) => parts.join(""));
    case "string partition":
    case "6-bit string partition":
      return fc
        .tuple(digits(prefixLength), text(field.set ?? "82", 1, field.most[place] ?? 0))
        .map((parts) => parts.join(""));
    case "integer":
      return below(field.bits).filter((number) => number.length <= (field.max ?? 99));
    case "string":
      return serial(field.bits / 7);
    case "numeric string":
      return text("digits", 1, field.max ?? 0).filter((number) => 1n << BigInt(field.bits) > BigInt(`1${number}`));
    case "6-bit cage":
    case "8-bit cage":
      return text("cage", 5, 6);
    case "6-bit string":
      return field.set === "part serial"
        ? fc.tuple(fc.constantFrom("", "#"), text("part", 1, 29)).map((parts) => parts.join(""))
        : text("part", 0, 32);
    case "prioritised date":
      return date;
    case "delimited numeric":
      return fc.tuple(digits(4), text(field.set ?? "82", 1, 26)).map((parts) => parts.join(""));
    case "alphanumeric":
      return serial(field.max ?? 0);
    case "numeric":
      return text("digits", 1, field.max ?? 0);
    case "hostname":
      return hostname;
  }
}

/** What a scheme can hold, without its filter; made once, for that takes longer than using it. */
const valuesOf = new Map<string, fc.Arbitrary<Record<string, unknown>>>();

function dataOf(name: EpcScheme, prefixLength: number, filter: number): fc.Arbitrary<EpcData> {
  const { fields, filterBits } = schemeOf(name);
  const place = `${name} ${prefixLength}`;
  const values =
    valuesOf.get(place) ??
    fc.record(Object.fromEntries(fields.map((field) => [field.name, anyValue(field, prefixLength)])));
  valuesOf.set(place, values);
  const partitioned = fields.some(({ method }) => method.endsWith("partition"));
  return values.map(
    (all) =>
      ({
        scheme: name,
        ...(filterBits > 0 && { filter: filter % 2 ** filterBits }),
        ...(partitioned && { companyPrefixLength: prefixLength }),
        ...all,
      }) as unknown as EpcData,
  );
}

const anyData = (name: EpcScheme) =>
  fc.tuple(fc.integer({ min: 6, max: 12 }), fc.nat(63)).chain(([length, filter]) => dataOf(name, length, filter));

/** The data of a decoded EPC: what it has of its own, without the toggle bit. */
const own = (epc: object) => {
  const { aidcToggle, ...data } = { ...epc } as Record<string, unknown>;
  return data;
};

describe("encoding and decoding", () => {
  it.each(names)("%s: give back what was encoded, whatever it holds", (name) => {
    fc.assert(
      fc.property(anyData(name), (data) => {
        const hex = encodeEpc(data);
        const epc = decodeEpc(hex);
        expect(own(epc)).toEqual(data);
        expect(epc).toMatchObject({ hex, canonical: true });
        expect(decodeEpc(Uint8Array.from(Buffer.from(hex, "hex")))).toMatchObject({ ...data, hex });
      }),
      { numRuns: 200 },
    );
  });

  it.each(names)("%s: hold every filter value with every length of the company prefix", (name) => {
    const filters = 2 ** schemeOf(name).filterBits;
    for (let length = 6; length <= 12; length++) {
      for (let filter = 0; filter < filters; filter++) {
        const [data] = fc.sample(dataOf(name, length, filter), { numRuns: 1, seed: length * 64 + filter });
        expect(own(decodeEpc(encodeEpc(data!)))).toEqual(data);
      }
    }
  });

  it.each(names)("%s: give the same EPC from each of its forms", (name) => {
    const gs1 = schemeOf(name).fields.some((field) => field.ai !== undefined);
    fc.assert(
      fc.property(anyData(name), (data) => {
        const epc = toEpc(encodeEpc(data));
        const all = data as { filter?: number; companyPrefixLength?: number; hostname?: string };
        const { filter, companyPrefixLength, hostname } = all;
        const options = { scheme: name, filter, companyPrefixLength, hostname };
        const forms = [epc.uri, epc.digitalLink].filter((form) => form !== undefined);
        for (const form of forms) expect(toEpc(form, options).hex).toBe(epc.hex);
        if (epc.tagUri !== undefined) expect(toEpc(epc.tagUri).hex).toBe(epc.hex);
        if (gs1) expect(toEpc(epc.elements, options).hex).toBe(epc.hex);
      }),
      { numRuns: 50 },
    );
  });

  /** The bits after the header are any; the fields of their start are right more often than by chance. */
  it.each(names)(
    "%s: refuse bits with a reason, or write the same bits, or say that they are not the canonical ones",
    (name) => {
      const { header } = schemeOf(name);
      const random = fc.uint8Array({ minLength: 1, maxLength: 30 });
      const changed = fc.tuple(anyData(name), fc.nat(495)).map(([data, bit]) => {
        const memory = Buffer.from(encodeEpc(data), "hex");
        const at = 8 + (bit % (memory.length * 8 - 8));
        memory[at >> 3]! ^= 0x80 >> (at & 7);
        return memory;
      });
      fc.assert(
        fc.property(
          fc.oneof(
            changed,
            random.map((rest) => Buffer.from([header, ...rest])),
          ),
          (memory) => {
            const hex = memory.toString("hex").toUpperCase();
            let epc: ReturnType<typeof decodeEpc>;
            try {
              epc = decodeEpc(hex);
            } catch (error) {
              expect(error).toBeInstanceOf(EpcError);
              expect(error).toMatchObject({ scheme: name });
              return;
            }
            if (epc.scheme === "unknown") throw new Error("it is known");
            expect(epc).toMatchObject({ scheme: name, hex });
            const again = encodeEpc(epc).replace(/0+$/, "");
            expect(again === hex.replace(/0+$/, "")).toBe(epc.canonical);
            // Only schemes of variable encodings have more than one.
            if (!epcSchemes[name].plus) expect(epc.canonical).toBe(true);
          },
        ),
        { numRuns: 400 },
      );
    },
  );
});
