import type { ImpinjIotReader, ZebraIotReader } from "@storeward/contracts";
import { ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EPCS, quiet } from "../../test/iot-bench.js";
import type { AntennaRole, ReaderEvent, TagRead } from "./driver.js";
import { DriverCore } from "./driver-core.js";
import { ImpinjSession } from "./impinj-iot/session.js";
import { ZebraSession } from "./zebra-iot/session.js";

const base = { id: "r", agent: "a", region: "ETSI" as const, antennas: [{ antenna: 1, power: 20 }] };
const impinj: ImpinjIotReader = { ...base, driver: "impinj-iot", url: "http://127.0.0.1" };
const zebra: ZebraIotReader = { ...base, driver: "zebra-iot", url: "mqtt://127.0.0.1", serial: "FX" };
const roles = new Map<number, AntennaRole>([[1, "portal"]]);

function rig(reader: ImpinjIotReader | ZebraIotReader) {
  const events: ReaderEvent[] = [];
  const core = new DriverCore({
    reader,
    roles,
    clock: new ManualClock(),
    log: quiet,
    onEvent: (event) => events.push(event),
  });
  core.book.set([1], "watching", 0, "connected");
  const reads = (): TagRead[] => events.flatMap((event) => (event.type === "reads" ? event.reads : []));
  return { core, events, reads };
}

/** Messages as a reader writes them, and what could stand in their places. */
const value = fc.oneof(
  fc.constantFrom<unknown>(EPCS[0], "", "xyz", -5_425, 1, 2, null, "2026-03-01T00:00:00Z", 867_500, 915.25, true),
  fc.jsonValue(),
);
const record = (names: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 6 }).map(Object.fromEntries);
const impinjTag = record(["epcHex", "epc", "tidHex", "pc", "antennaPort", "peakRssiCdbm", "frequency", "lastSeenTime"]);
const impinjEvent = fc
  .tuple(
    fc.constantFrom("tagInventoryEvent", "inventoryStatusEvent", "overflowEvent", "antennaDisconnectedEvent"),
    impinjTag,
  )
  .map(([name, event]) => ({ timestamp: "2026-03-01T00:00:00Z", [name]: event }));
const zebraTag = record(["idHex", "antenna", "peakRssi", "reads", "eventNum", "channel", "TID", "PC", "timestamp"]);
const zebraMessage = fc.oneof(
  zebraTag.map((data) => ({ type: "CUSTOM", timestamp: "2026-03-01T00:00:00.000+0000", data })),
  fc.array(zebraTag, { maxLength: 3 }).map((tagData) => ({ data: { tagData } })),
  record(["radio_control", "antennas", "type", "data", "pin", "state"]),
);

function expectSound(reads: readonly TagRead[], arrival: number): void {
  for (const { epc, antenna, rssi, first, last, count } of reads) {
    expect(epc).toMatch(/^([0-9A-F]{4}){1,31}$/);
    expect(antenna).toBe(1);
    expect(rssi).toBeGreaterThanOrEqual(-130);
    expect(rssi).toBeLessThanOrEqual(30);
    expect(first).toBeLessThanOrEqual(last);
    expect(last).toBeLessThanOrEqual(arrival);
    expect(count).toBeGreaterThanOrEqual(1);
    expect(Number.isInteger(count)).toBe(true);
  }
}

describe("whatever a reader with an IoT interface sends", () => {
  it("over HTTP, no read is told that is not one, and the next good line is", () => {
    const line = fc.oneof(
      impinjEvent.map((event) => JSON.stringify(event)),
      fc.string(),
      fc.jsonValue().map((any) => JSON.stringify(any)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 200 }), (lines, size) => {
        const { core, reads } = rig(impinj);
        const session = new ImpinjSession({
          reader: impinj,
          roles,
          core,
          startedAt: 0,
          readerTime: { at: Number.NaN, arrival: 0 },
          end: () => undefined,
        });
        const good = `{"tagInventoryEvent":{"epcHex":"${EPCS[1]}","antennaPort":1,"peakRssiCdbm":-5000}}\n`;
        const bytes = Buffer.from(`${lines.join("\n")}\n${good}`);
        for (let at = 0; at < bytes.length; at += size) session.take(bytes.subarray(at, at + size), 20_000);
        expectSound(reads(), 20_000);
        expect(reads().at(-1)).toMatchObject({ epc: EPCS[1], rssi: -50 });
      }),
      { numRuns: 300 },
    );
  });

  it("over MQTT, no read is told that is not one, and the next good message is", () => {
    const payload = fc.oneof(
      zebraMessage.map((message) => JSON.stringify(message)),
      fc.string(),
      fc.jsonValue().map((any) => JSON.stringify(any)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), payload), { maxLength: 12 }), (messages) => {
        const { core, reads } = rig(zebra);
        const session = new ZebraSession({
          reader: zebra,
          roles,
          core,
          startedAt: 0,
          readerTime: { at: Number.NaN, arrival: 0 },
          end: () => undefined,
        });
        for (const [isData, text] of messages)
          if (isData) session.takeData(Buffer.from(text), 20_000);
          else session.takeEvent(Buffer.from(text), 20_000);
        session.takeData(Buffer.from(JSON.stringify({ data: { idHex: EPCS[1], antenna: 1, peakRssi: -50 } })), 20_000);
        expectSound(reads(), 20_000);
        expect(reads().at(-1)).toMatchObject({ epc: EPCS[1], rssi: -50 });
      }),
      { numRuns: 300 },
    );
  });
});
