import type { TslReader as Configuration } from "@storeward/contracts";
import { TslReader } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { BenchField, SerialBench } from "../../../test/readers/bench.js";
import { Counters } from "../counters.js";
import { TslBlocks } from "./blocks.js";
import { TslDialogue } from "./dialogue.js";
import { transponders } from "./transponders.js";

const EPC = "3034257BF468D480000003EC";
const log = createLogger("test", { level: "silent" });
let bench: SerialBench | undefined;
afterEach(() => bench?.stop());

function rig(changes: Partial<Configuration> = {}) {
  const field = new BenchField([1]);
  const device = new TslReader({ id: "h", port: field, clock: systemClock, log, serial: "1128-EU-001234", tcp: true });
  const made = new SerialBench(device);
  bench = made;
  const start = () =>
    made.start((line) => ({
      id: "h",
      agent: "a",
      region: "ETSI",
      antennas: [{ antenna: 1, power: 20.7 }],
      driver: "tsl",
      device: line,
      ...changes,
    }));
  return { field, device, bench: made, start };
}

describe("TSL driver", () => {
  it("asks for inventories with the power that is configured, and session 0", async () => {
    const { device, field, bench, start } = rig();
    const driver = await start();
    await bench.until(() => bench.story.includes("round 1"), "a round");
    expect(device.status().parameters).toMatchObject({ al: "off", r: "on", e: "on", o: "20", qs: "s0", qt: "a" });
    expect(field.powers.get(1)).toBe(20);
    expect(bench.reads[0]).toMatchObject({ epc: EPC, pc: "3000", antenna: 1, rssi: -50, count: 1 });
    expect(driver.health()).toMatchObject({ model: "TSL 1128-EU-001234", firmware: "2.2.0", battery: 85 });
  });

  it("takes a round without tags for a round", async () => {
    const { field, bench, start } = rig();
    field.tags.set(1, []);
    await start();
    await bench.until(() => bench.story.filter((event) => event === "round 1").length >= 2, "rounds");
    expect(bench.reads).toEqual([]);
  });

  it("with a trigger watches only while it is pulled, and notices a reader that is gone", async () => {
    const { device, bench, start } = rig({ trigger: true });
    const driver = await start();
    await bench.until(() => driver.health().state === "watching", "connected");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bench.story).toEqual([]);
    expect(driver.health().antennas[0]).toMatchObject({ state: "blind", error: "its trigger is not pulled" });
    device.pullTrigger();
    await bench.until(() => bench.story.length === 4, "a pull");
    expect(bench.story).toEqual(["watching 1", "reads", "round 1", "blind 1"]);
    // Nobody pulls for a minute: the reader says that it is there.
    for (let i = 0; i < 60; i++) {
      bench.clock.skip(1_000);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(driver.health().state).toBe("watching");
    device.cut(true);
    await bench.until(() => driver.health().state === "blind", "gone", 500);
  });

  it("takes a pull between its own inventories for what it is", async () => {
    const { device, bench, start } = rig();
    const driver = await start();
    await bench.until(() => bench.story.includes("round 1"), "a round");
    await bench.until(() => {
      device.pullTrigger();
      return (driver.health().counters.triggerPulls ?? 0) > 0;
    }, "a pull");
    const before = bench.events.length;
    await bench.until(() => bench.events.length > before + 4, "more rounds");
    expect(driver.health()).toMatchObject({ state: "watching" });
  });

  it("tells an antenna that is not fitted blind, until it is", async () => {
    const { field, bench, start } = rig();
    await start();
    await bench.until(() => bench.story.includes("round 1"), "a round");
    field.unplugged.add(1);
    await bench.until(() => bench.story.at(-1) === "blind 1", "blind");
    field.unplugged.clear();
    await bench.until(() => bench.story.at(-1) === "round 1", "a round again");
    expect(bench.story.filter((event) => /watching|blind/.test(event))).toEqual([
      "watching 1",
      "blind 1",
      "watching 1",
    ]);
  });

  it("says that a battery is nearly empty, and what the reader does not accept", async () => {
    const { device, bench, start } = rig();
    device.battery = 9;
    const driver = await start();
    await bench.until(() => driver.health().battery === 9, "its charge");
    expect(driver.health().error).toMatch(/battery of the reader is at 9 %: charge it/);
    await bench.stop();
    const strong = rig({ antennas: [{ antenna: 1, power: 33 }] });
    const refused = await strong.start();
    await strong.bench.until(() => refused.health().error !== undefined, "refused");
    expect(refused.health().error).toMatch(/TSL_ERROR: .*-o 33.*Invalid value for -o/);
  });
});

describe("commands on a TSL line", () => {
  it("get their own answers, whatever a trigger pull pushes meanwhile", async () => {
    const unasked: string[] = [];
    const dialogue = new TslDialogue({
      clock: systemClock,
      counters: new Counters(),
      write: () => undefined,
      onUnasked: ({ command }) => unasked.push(command),
    });
    const answer = dialogue.command(".iv -al off");
    dialogue.receive(
      Buffer.from(`CS: .iv\r\nEP: 1111\r\nOK:\r\n\r\n.iv -al off\r\nCS: .iv -al off\r\nEP: ${EPC}\r\nOK:\r\n\r\n`),
    );
    expect((await answer).lines).toMatchObject([{ key: "EP", value: EPC }]);
    expect(unasked).toEqual([".iv"]);
    dialogue.end(new RangeError("over"));
    await expect(dialogue.command(".vr")).rejects.toThrow("over");
  });
});

describe("an inventory block of a TSL reader", () => {
  const blockOf = (lines: readonly string[]) => {
    const blocks = new TslBlocks();
    return lines.map((line) => blocks.push(line, 5)).find((block) => block !== undefined);
  };

  it("is read whatever the order of a transponder's lines", () => {
    const keys = fc.shuffledSubarray(["IX: 0000", "PC: 3000", "CR: 1234", "RI: -61", `EP: ${EPC}`], { minLength: 5 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 5 }), (order, count) => {
        const lines = Array.from({ length: count }, () => order).flat();
        const block = blockOf(["CS: .iv", ...lines, "OK:"]);
        const { reads, bad } = transponders(block?.lines ?? [], 1);
        expect(bad).toBe(0);
        expect(reads).toHaveLength(count);
        for (const read of reads) expect(read).toMatchObject({ epc: EPC, rssi: -61, pc: "3000", first: 5 });
      }),
    );
  });

  it("counts a transponder without a whole EPC, and gives one without RSSI the weakest", () => {
    const block = blockOf(["CS: .iv", "EP: 303", "RI: -61", `EP: ${EPC}`, "EP: XYZ", "OK:"]);
    const { reads, bad } = transponders(block?.lines ?? [], 1);
    expect(bad).toBe(2);
    expect(reads).toMatchObject([{ epc: EPC, rssi: -100 }]);
  });

  it("never throws, and gives only what an EPC can be", () => {
    const line = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom("CS: .iv", "OK:", "ER: 005", `EP: ${EPC}`, "RI: x", "EP:", "RI: -5"),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (lines) => {
        const blocks = new TslBlocks();
        for (const text of lines) {
          const block = blocks.push(text, 1);
          if (block === undefined) continue;
          for (const { epc } of transponders(block.lines, 1).reads) expect(epc).toMatch(/^(?:[0-9A-F]{4})+$/);
        }
      }),
    );
  });
});
