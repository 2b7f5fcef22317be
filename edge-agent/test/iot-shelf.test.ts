import type { ReadPoint } from "@storeward/contracts";
import { ManualClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { createFilter } from "../src/filtering/index.js";
import { Driven, EPCS, open, pass, type ReaderRig, until } from "./iot-bench.js";
import { ImpinjRig, ZebraRig } from "./iot-rigs.js";

const board: ReadPoint = {
  id: "board",
  role: "shelf",
  place: "board",
  antennas: [
    { reader: "r", antenna: 1 },
    { reader: "r", antenna: 2 },
  ],
};
type Bench = { readonly bench: { empty: boolean } };
const kinds: [string, (clock: ManualClock) => ReaderRig & Bench][] = [
  ["Impinj's IoT Device Interface", (clock) => new ImpinjRig({ clock })],
  ["Zebra's IoT Connector", (clock) => new ZebraRig({ clock })],
];

describe.each(kinds)("a shelf read over %s", (_, make) => {
  it("keeps what lies on it through an outage of the reader, and lets go of what is taken away though nothing else is read", async () => {
    const clock = new ManualClock({ mono: 1_000 });
    const rig = make(clock);
    await rig.start();
    open.push(rig);
    const driven = await Driven.of(rig.reader, "shelf", clock);
    open.push(driven.driver);
    const filter = createFilter({
      readers: [rig.reader],
      readPoints: [board],
      clock,
      stored: [],
      boot: "b".repeat(32),
    });
    let taken = 0;
    const told: Record<string, number> = {};
    const listen = () => {
      const entries = driven.events.slice(taken).flatMap((event) => filter.handle("r", event));
      taken = driven.events.length;
      for (const { draft } of [...entries, ...filter.tick(clock.mono())])
        told[draft.type] = (told[draft.type] ?? 0) + 1;
    };
    const letPass = (ms: number, holds: () => boolean = () => false) =>
      pass(clock, ms, () => {
        listen();
        return holds();
      });
    await driven.driver.start();
    await until("it reads", () => driven.driver.health().state === "watching");
    await letPass(30_000, () => told.arrived === EPCS.length);
    expect(told).toMatchObject({ arrived: EPCS.length });
    rig.silence(true);
    await letPass(25_000);
    expect(driven.coverage).toEqual(["watching 1,2", "blind 1,2"]);
    rig.silence(false);
    await letPass(120_000, () => driven.coverage.length === 3);
    await letPass(10_000);
    expect(told).not.toHaveProperty("departed");
    rig.bench.empty = true;
    await letPass(120_000, () => (told.departed ?? 0) === EPCS.length);
    expect(told).toMatchObject({ arrived: EPCS.length, departed: EPCS.length });
  }, 30_000);
});
