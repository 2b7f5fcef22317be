import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { GENESIS_CHAIN, nextChain } from "./chain.js";
import { randomHex } from "./random.js";

describe("the chain of rows", () => {
  it("is the first 8 bytes of SHA-256 over previous chain, seq as u64 big-endian, body", () => {
    const input = Buffer.concat([Buffer.alloc(8), Buffer.from([0, 0, 0, 0, 0, 0, 1, 2]), Buffer.from("é")]);
    expect(nextChain(GENESIS_CHAIN, 258, "é")).toBe(createHash("sha256").update(input).digest("hex").slice(0, 16));
  });

  it("never changes: these values are on disks", () => {
    const first = nextChain(GENESIS_CHAIN, 1, "{}");
    expect(first).toBe(KNOWN[0]);
    expect(nextChain(first, 2, '{"a":1}')).toBe(KNOWN[1]);
  });

  it("depends on every part", () => {
    const base = nextChain("00000000000000ff", 1, "x");
    expect(
      new Set([
        base,
        nextChain("00000000000000fe", 1, "x"),
        nextChain("00000000000000ff", 2, "x"),
        nextChain("00000000000000ff", 1, "y"),
      ]).size,
    ).toBe(4);
  });

  it("refuses what is not a chain or a sequence number", () => {
    for (const bad of ["", "00", "zz00000000000000", "00000000000000FF", "00000000000000000"]) {
      expect(() => nextChain(bad, 1, "")).toThrow(RangeError);
    }
    expect(() => nextChain(GENESIS_CHAIN, 1.5, "")).toThrow(RangeError);
    expect(() => nextChain(GENESIS_CHAIN, -1, "")).toThrow(RangeError);
  });
});

const KNOWN = ["ce9d31eab692435b", "e28f5d23a7d41b49"];

it("random hex has two digits a byte and does not repeat", () => {
  expect(randomHex(16)).toMatch(/^[0-9a-f]{32}$/);
  expect(randomHex(16)).not.toBe(randomHex(16));
});
