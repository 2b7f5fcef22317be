import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlienReader as Configuration } from "@storeward/contracts";
import { AlienReader, type AlienReaderOptions } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { BenchField, SerialBench } from "../../../test/readers/bench.js";
import { TamperedLine } from "../../../test/readers/tampered-line.js";
import { parseTagLine } from "./tag-line.js";

const EPC = "3034257BF468D480000003EC";
const log = createLogger("test", { level: "silent" });
let bench: SerialBench | undefined;
afterEach(() => bench?.stop());

function rig(changes: Partial<Configuration> = {}, options: Partial<AlienReaderOptions> = {}) {
  const field = new BenchField([1, 2]);
  const device = new AlienReader({ id: "x", port: field, clock: systemClock, log, tcp: true, ...options });
  const made = new SerialBench(device);
  bench = made;
  const start = (through = async (address: string) => address) =>
    made.start(
      async (address) => ({
        id: "x",
        agent: "a",
        region: "ETSI",
        antennas: [
          { antenna: 1, power: 20 },
          { antenna: 2, power: 24.57 },
        ],
        driver: "alien",
        device: await through(address),
        ...changes,
      }),
      "portal",
    );
  return { field, device, bench: made, start };
}

describe("Alien driver", () => {
  it("asks for tag lists over its antennas, each with its power, and each antenna's reads as its own", async () => {
    const { device, field, bench, start } = rig();
    const driver = await start();
    await bench.until(() => bench.story.includes("round 1,2"), "a round");
    expect(device.status()).toMatchObject({
      levels: [200, 245],
      settings: { AntennaSequence: "0, 1", AcqG2Session: "0", TagListAntennaCombine: "OFF", AutoMode: "OFF" },
    });
    expect([...field.powers.values()]).toEqual([20, 24.5]);
    const [, reads, round] = bench.events;
    expect(reads?.type === "reads" && reads.reads.map(({ epc, antenna, rssi }) => [epc, antenna, rssi])).toEqual([
      [EPC, 1, -50.4],
      [EPC, 2, -50.4],
    ]);
    expect(round).toMatchObject({ type: "round", antennas: [1, 2] });
    expect(driver.health().model).toContain("ALR-F800");
  });

  it("logs in where it is asked to, with the maker's password unless a file has another", async () => {
    const folder = await mkdtemp(join(tmpdir(), "storeward-alien-"));
    const passwordFile = join(folder, "password");
    await writeFile(passwordFile, "secret\n");
    try {
      for (const [changes, password] of [
        [{}, "password"],
        [{ passwordFile }, "secret"],
      ] as const) {
        const { bench, start } = rig(changes, { login: { username: "alien", password } });
        await start();
        await bench.until(() => bench.story.includes("round 1,2"), "a round");
        await bench.stop();
      }
      const refused = rig({}, { login: { username: "alien", password: "other" } });
      const driver = await refused.start();
      await refused.bench.until(() => driver.health().error !== undefined, "refused");
      expect(driver.health().error).toMatch(/ALIEN_LOGIN: The reader refuses the user alien: correct username/);
      await refused.bench.stop();
      const missing = rig({ passwordFile: join(folder, "none") });
      const lost = await missing.start();
      await missing.bench.until(() => lost.health().error !== undefined, "no file");
      expect(lost.health().error).toMatch(/SECRET_UNREADABLE/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("is not confused by what an earlier client made the reader push", async () => {
    const { device, bench, start } = rig();
    device.notify();
    const driver = await start();
    await bench.until(() => bench.story.filter((event) => event === "round 1,2").length >= 3, "rounds");
    expect(device.status()).toMatchObject({ settings: { AutoMode: "OFF", NotifyMode: "OFF" } });
    expect(driver.health()).toMatchObject({ state: "watching" });
  });

  it("tells an antenna blind that has nothing connected, and reads with the other", async () => {
    const { field, bench, start } = rig();
    field.unplugged.add(2);
    const driver = await start();
    await bench.until(() => bench.story.includes("round 1"), "a round");
    expect(bench.story).not.toContain("watching 2");
    expect(driver.health().antennas[1]).toMatchObject({ state: "blind", error: "antenna not connected" });
    field.unplugged.clear();
    await bench.until(() => bench.story.includes("round 1,2"), "both", 100);
    expect(bench.story).toContain("watching 2");
  });

  it("does not take what comes late for the answer to what it asked next", async () => {
    const { device, field, bench, start } = rig();
    field.turn = 150;
    let line: TamperedLine | undefined;
    const driver = await start(async (address) => {
      line = new TamperedLine(Number(address.split(":").at(-1)));
      await line.start();
      return `tcp://127.0.0.1:${line.port}`;
    });
    await bench.until(() => bench.story.includes("round 1,2"), "a round");
    await bench.until(() => (device.status().acquiring as boolean) === true, "asked");
    // A reply that is none: the true one comes after it.
    await line?.say(Buffer.from("noise\r\n\0"));
    await bench.until(() => (driver.health().counters.badLines ?? 0) > 0, "noise");
    const rounds = bench.story.length;
    await bench.until(() => bench.story.length > rounds + 2, "rounds again");
    expect(driver.health().counters).toMatchObject({ badLines: 1, strayLines: 2 });
    await bench.stop();
    await line?.stop();
  });

  it("names an antenna that the reader does not have", async () => {
    const { bench, start } = rig({ antennas: [{ antenna: 3, power: 20 }] });
    const driver = await start();
    await bench.until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/ALIEN_ANTENNA: Antenna 3 is configured, but the reader has 2/);
  });
});

describe("a line of an Alien tag list", () => {
  it("is read in the Text format, and in the one that is asked for", () => {
    // Reader Interface Guide 8101938-000, "TagListFormat".
    const text =
      "Tag:3000 2141 60C0 0400 0000 6013, Disc:2003/01/21 09:00:51, Last:2003/01/21 09:00:52, Count:4, Ant:0, Proto:2";
    expect(parseTagLine(text)).toEqual({ epc: "3000214160C0040000006013", port: 0, count: 4, rssi: undefined });
    expect(parseTagLine(`Tag:${EPC}, Ant:3, Count:1, RSSI:-61.5`)).toEqual({
      epc: EPC,
      port: 3,
      count: 1,
      rssi: -61.5,
    });
  });

  it("gives no RSSI where the reader has a scale of its own", () => {
    expect(parseTagLine(`Tag:${EPC}, Ant:0, RSSI:1543.2`)?.rssi).toBeUndefined();
    expect(parseTagLine(`Tag:${EPC}, Ant:0, RSSI:%m`)?.rssi).toBeUndefined();
  });

  it("never throws, and gives only what an EPC can be", () => {
    const part = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(`Tag:${EPC}`, "Ant:1", "Ant:-1", "RSSI:", "Count:x", ","),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const tag = parseTagLine(parts.join(", "));
        if (tag !== undefined) expect(tag.epc).toMatch(/^(?:[0-9A-F]{4})+$/);
      }),
    );
  });
});
