import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { OBSERVATION_SCHEMAS, OBSERVATION_TYPES, Observation, type ObservationDraft } from "./observation.js";

const at = { boot: "b".repeat(32), mono: 1234.5, wall: "2026-11-22T15:00:00.000Z" };
const tag = { epc: "3066C4409047E140075BCD15", pc: "3000", tid: "E2801160" };
const readPoint = "store-a-door";
const strength = { rounds: 10, reads: 7, antennas: [{ antenna: 1, reads: 7, rssiMax: -48.5, rssiMean: -55 }] };
const side = { reads: 3, first: -20, last: 40.5, rssiMax: -50 };
const id = "0".repeat(32);

const drafts: ObservationDraft[] = [
  { type: "arrived", tag, readPoint, first: -3, strength },
  { type: "seen", tag, readPoint, from: 1, to: 2, strength },
  { type: "departed", tag, readPoint, last: 1, decided: 2, expectedRate: 0.7 },
  { type: "passed", pass: id, tag, readPoint, direction: "in", p: 0.99, sides: { inside: side, outside: side } },
  { type: "passed", pass: id, tag, readPoint, direction: "unknown", p: 0.5, sides: {} },
  {
    type: "inventoried",
    inventory: id,
    part: 1,
    parts: 1,
    readPoint,
    from: 0,
    to: 9,
    rounds: 20,
    completeness: 0.99,
    reason: "restart",
    tags: [{ tag, strength }],
  },
  { type: "coverage", readPoint, state: "blind", since: 0, why: "no keepalive", antennas: [1, 2], power: [30, 30] },
  { type: "clock", utc: "2026-11-22T15:00:00.000Z", plusMinusMs: 12, source: "broker" },
  { type: "configured", version: 3, hash: "ab12" },
  { type: "input", reader: "reader-1", port: 1, high: true },
  { type: "gap", why: "crash before commit", from: 0, to: 9 },
  { type: "measured", sensor: "fridge-1", quantity: "temperature", value: 4.6, unit: "Cel" },
];

describe("observations", () => {
  it("of every type are accepted by their own schema and by the union, and by no other type's", () => {
    expect(new Set(drafts.map((draft) => draft.type))).toEqual(new Set(OBSERVATION_TYPES));
    for (const draft of drafts) {
      const body = { ...draft, at, config: 1 };
      const fits = OBSERVATION_TYPES.filter((type) => Value.Check(OBSERVATION_SCHEMAS[type], body));
      expect([draft.type, fits]).toEqual([draft.type, [draft.type]]);
      expect(Value.Check(Observation, body)).toBe(true);
      // What is journaled is this text: it says the same when it is read back.
      expect(JSON.parse(JSON.stringify(body))).toEqual(body);
    }
  });

  it("lose their meaning with any field missing or added", () => {
    for (const draft of drafts) {
      const body: Record<string, unknown> = { ...draft, at, config: 1 };
      for (const key of Object.keys(body)) {
        if (key === "power") continue;
        const { [key]: _, ...less } = body;
        expect([draft.type, key, Value.Check(Observation, less)]).toEqual([draft.type, key, false]);
      }
      expect(Value.Check(Observation, { ...body, extra: 1 })).toBe(false);
    }
  });

  it("may each be a copy that says where it stood first", () => {
    const origin = { epoch: "0".repeat(32), seq: 7, chain: "0".repeat(16) };
    for (const draft of drafts) {
      expect(Value.Check(Observation, { ...draft, at, config: 1, origin })).toBe(true);
      expect(Value.Check(Observation, { ...draft, at, config: 1, origin: { ...origin, seq: 0 } })).toBe(false);
    }
  });

  const refused: [string, unknown][] = [
    ["an EPC in lower case", { ...drafts[0], tag: { epc: "3066c4409047e140075bcd15" } }],
    ["an EPC that is not whole words", { ...drafts[0], tag: { epc: "30" } }],
    ["an EPC longer than 496 bits", { ...drafts[0], tag: { epc: "30".repeat(64) } }],
    [
      "a strength above what physics allows",
      { ...drafts[0], strength: { ...strength, antennas: [{ antenna: 1, reads: 1, rssiMax: 99, rssiMean: 0 }] } },
    ],
    ["a probability above 1", { ...drafts[3], p: 1.01 }],
    ["a direction there is not", { ...drafts[3], direction: "through" }],
    ["a part 0", { ...drafts[5], part: 0 }],
    ["a state that only the cloud gives", { ...drafts[6], state: "unheard" }],
    ["a time that is none", { ...drafts[7], utc: "15:00" }],
    ["a place name as read point", { ...drafts[0], readPoint: "Store A" }],
    ["not a number", { ...drafts[11], value: Number.NaN }],
  ];
  it.each(refused)("refuse %s", (_, draft) => {
    expect(Value.Check(Observation, { ...(draft as object), at, config: 1 })).toBe(false);
  });
});
