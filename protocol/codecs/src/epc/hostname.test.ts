import { describe, expect, it } from "vitest";
import { decodeEpc, encodeEpc } from "./index.js";

const sscc = { scheme: "sscc++", filter: 0, sscc: "095201234567891235" } as const;
const START_BITS = 84;

/** The bits of a host name, and what they decode to. */
function written(hostname: string): { readonly bits: string; readonly read: unknown } {
  const hex = encodeEpc({ ...sscc, hostname });
  const bits = [...hex].map((digit) => Number.parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
  const epc = decodeEpc(hex);
  return { bits: bits.slice(START_BITS), read: "hostname" in epc ? epc.hostname : undefined };
}

describe("host names (TDS 2.3 §14.5.16)", () => {
  it.each<[hostname: string, units: number, start: string]>([
    // The example of §14.5.16.1.2.
    ["id.example.com", 9, "0100000"],
    ["example.com", 8, "1100101"],
    ["www.abc.de", 6, "0011111"],
    ["qr.loja.com.br", 7, "0011110"],
    ["shop.co.uk", 6, "1110011"],
    ["hospital.tech", 10, "1101000"],
    ["a.lk", 3, "1100001"],
    ["x.zw", 3, "1111000"],
    ["s.org.cn", 3, "1110011"],
    ["med.med", 4, "1101101"],
    ["example.com:8443", 13, "1100101"],
  ])("%s takes %i units of seven bits", (hostname, units, start) => {
    const { bits, read } = written(hostname);
    expect(read).toBe(hostname);
    expect(bits.slice(0, 14)).toBe(`1${units.toString(2).padStart(6, "0")}${start}`);
    expect(bits.slice(7 + units * 7)).toMatch(/^0{0,15}$/);
  });

  it.each([
    [".ac", "0000000", "0000000"],
    [".li", "0000000", "1111111"],
    [".lk", "0000001", "0000000"],
    [".mx", "0000001", "0011010"],
    [".zw", "0000001", "1110100"],
    [".com.au", "0000010", "0000000"],
    [".gov.cn", "0000010", "0011111"],
    [".tech", "0000011", "0000000"],
  ])("%s has the bits of its table", (ending, table, place) => {
    expect(written(`a${ending}`).bits.slice(14, 28)).toBe(table + place);
  });

  it("of capitals is in URN Code 40 where that is shorter, and keeps them", () => {
    const { bits, read } = written("EXAMPLE.ORG");
    expect([bits.slice(0, 7), read]).toEqual(["0001011", "EXAMPLE.ORG"]);
    // (1600 * 5 + 40 * 24 + 1 + 1) for EXA.
    expect(Number.parseInt(bits.slice(7, 23), 2)).toBe(8962);
  });
});
