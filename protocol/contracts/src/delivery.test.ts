import fc from "fast-check";
import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { Ack, AgentStatus, Batch, encodeUpward, Hello, Opaque, Reject, splitUpward, Upward } from "./delivery.js";

const id = (digit: string) => digit.repeat(32);
const chain = "0123456789abcdef";
const at = { boot: id("b"), mono: 12.5, wall: "2026-11-22T15:00:00.000Z" };
const batch = {
  v: 1,
  kind: "batch",
  agent: "edge-1",
  session: id("5"),
  epoch: id("e"),
  first: 1,
  last: 2,
  prev: "0".repeat(16),
  lost: [],
  through: at,
} satisfies Batch;
const hello = {
  v: 1,
  kind: "hello",
  agent: "edge-1",
  session: id("5"),
  boot: id("b"),
  at,
  hardware: "arm64 Raspberry Pi 4",
  software: "0.1.0",
  ledger: id("1"),
  epochs: [{ epoch: id("e"), head: 2, headChain: chain, oldest: 1, acked: 0, ackedChain: "0".repeat(16) }],
} satisfies Hello;
const ack = {
  v: 1,
  kind: "ack",
  ledger: id("1"),
  session: id("5"),
  epoch: id("e"),
  committed: 2,
  chain,
  released: 0,
  credit: 131072,
  utc: "2026-11-22T15:00:00.123Z",
} satisfies Ack;

describe("the lines of a payload", () => {
  it("give back envelope and bodies, byte for byte, whatever text the bodies hold", () => {
    const bodies = fc.array(
      fc.json().map((text) => JSON.stringify(JSON.parse(text))),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(bodies, (lines) => {
        const split = splitUpward(encodeUpward(batch, lines));
        expect(JSON.parse(split.envelope)).toEqual(batch);
        expect(split.bodies).toEqual(lines);
      }),
    );
  });

  it("never cut a body: what would break a line is escaped in JSON, and other line ends are no separators", () => {
    const body = JSON.stringify({ text: "a\nb\r\nc\u2028d\u2029e\u0085f\u000bg\u000ch" });
    expect(splitUpward(encodeUpward(batch, [body, body])).bodies).toEqual([body, body]);
  });

  it("tell an empty batch from one with an empty row", () => {
    expect(splitUpward(encodeUpward(batch)).bodies).toEqual([]);
    expect(splitUpward(encodeUpward(batch, [""])).bodies).toEqual([""]);
    expect(splitUpward("")).toEqual({ envelope: "", bodies: [] });
  });
});

describe("the envelopes, frozen as v: 1", () => {
  const opaque = {
    v: 1,
    kind: "opaque",
    agent: "edge-1",
    session: id("5"),
    epoch: id("e"),
    seq: 3,
    prev: chain,
    body: "e30=",
  };
  const reject = { v: 1, kind: "reject", ledger: id("1"), code: "ENVELOPE_INVALID", detail: "/first", hash: chain };
  const status = { v: 1, state: "online", session: id("5"), boot: id("b"), config: 0, software: "0.1.0" };
  const lost = { from: 1, to: 9, chain, why: "journal full", types: { seen: 9 } };
  const { ledger: _, ...unenrolled } = hello;
  const good = [
    [Hello, hello],
    [Hello, unenrolled],
    [Batch, batch],
    [Batch, { ...batch, first: 3, last: 2 }],
    [Batch, { ...batch, lost: [lost] }],
    [Opaque, opaque],
    [Ack, ack],
    [Reject, reject],
    [AgentStatus, status],
  ] as const;
  it.each(good)("accept %#", (schema, value) => {
    expect([...Value.Errors(schema, value)]).toEqual([]);
    if ("kind" in value && ["hello", "batch", "opaque"].includes(value.kind))
      expect(Value.Check(Upward, value)).toBe(true);
  });

  const bad = [
    [Batch, { ...batch, v: 2 }],
    [Batch, { ...batch, agent: "Edge 1" }],
    [Batch, { ...batch, first: 0 }],
    [Batch, { ...batch, last: 1.5 }],
    [Batch, { ...batch, last: 2 ** 53 }],
    [Batch, { ...batch, epoch: id("E") }],
    [Batch, { ...batch, prev: "0" }],
    [Batch, { ...batch, lost: [{ ...lost, types: { seen: 0 } }] }],
    [Batch, { ...batch, more: 1 }],
    [Batch, { ...batch, through: { ...at, wall: "yesterday" } }],
    [Hello, { ...hello, epochs: [] }],
    [Hello, { ...hello, epochs: [{ ...hello.epochs[0], oldest: -1 }] }],
    [Opaque, { ...opaque, seq: 0 }],
    [Ack, { ...ack, credit: -1 }],
    [Ack, { ...ack, ledger: undefined }],
    [Reject, { ...reject, hash: "xyz" }],
    [AgentStatus, { ...status, state: "maybe" }],
  ] as const;
  it.each(bad)("refuse %#", (schema, value) => {
    expect(Value.Check(schema, value)).toBe(false);
  });
});
