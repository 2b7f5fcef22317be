import type { LlrpParameter } from "@storeward/codecs/llrp";
import type { LlrpReader } from "@storeward/contracts";
import { systemClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { reader, rig, until } from "../../../test/llrp/rig.js";
import type { Behaviour } from "../../../test/llrp/scripted-reader.js";
import { simulated } from "../../../test/llrp/simulated-reader.js";

const enabled = (asked: readonly string[]) => asked.includes("ENABLE_EVENTS_AND_REPORTS");

async function connected(behaviour: Behaviour, roles: Parameters<typeof rig>[1], changes: Partial<LlrpReader> = {}) {
  const { fake, port } = await reader(behaviour);
  const made = rig(port, roles, undefined, 20, changes);
  await made.driver.start();
  await until(() => enabled(fake.asked) || made.driver.health().error !== undefined, "a result");
  return { fake, ...made };
}
const aiSpecOf = (rospec: LlrpParameter<"ROSpec"> | undefined) => {
  const [first] = rospec?.SpecParameter ?? [];
  if (first?.type !== "AISpec") throw new Error("no AISpec");
  return first;
};
const inventoryOf = (rospec: LlrpParameter<"ROSpec"> | undefined) =>
  (aiSpecOf(rospec).InventoryParameterSpec[0]?.AntennaConfiguration ?? []).map((one) => one.C1G2InventoryCommand?.[0]);

describe("the version", () => {
  it("is the lower of both: 1.1 with a reader of 1.1 or 2.0, set once", async () => {
    for (const newest of [2, 3]) {
      const { fake } = await connected({ newest }, { 1: "shelf" });
      expect(fake.asked.filter((name) => name === "SET_PROTOCOL_VERSION")).toHaveLength(1);
      expect([...new Set(fake.versions)]).toEqual([2]);
    }
  });

  it("is not set to what it is already, and 1.0.1 is spoken from the first message after the negotiation", async () => {
    const { fake } = await connected({ newest: 1 }, { 1: "shelf" });
    expect(fake.asked).not.toContain("SET_PROTOCOL_VERSION");
    expect(fake.versions[0]).toBe(2);
    expect([...new Set(fake.versions.slice(1))]).toEqual([1]);
  });

  it("in which a keepalive is answered during the negotiation is the one that both know", async () => {
    // The scripted reader sends a keepalive before each answer, so also before that to GET_SUPPORTED_VERSION.
    const { fake } = await connected({ version101: true }, { 1: "shelf" });
    expect(fake.ackVersions.length).toBeGreaterThan(3);
    expect([...new Set(fake.ackVersions)]).toEqual([1]);
  });

  it.each([
    ["a simulated reader of 1.0.1", { newestVersion: 1 }, { version101: 1, refusals: 1 }],
    ["a simulated reader of 1.1", {}, {}],
  ] as const)("is found out with %s, which then reads", async (_, flavour, counters) => {
    const { address } = await simulated({ flavour });
    const { driver, reads, events } = rig(address.port ?? 0, { 1: "shelf", 2: "shelf" }, undefined, 20);
    await driver.start();
    await until(() => reads().length >= 4 && events.some(({ type }) => type === "round"), "reads and rounds");
    expect(driver.health().counters).toEqual({ provisioned: 1, ...counters });
  });
});

describe("a vendor's extensions", () => {
  it("are used with a reader of Impinj: link monitor, search mode, strength in 0.01 dBm, after asking once more what it can", async () => {
    const { fake } = await connected({ impinj: true }, { 1: "portal", 2: "shelf" });
    expect(fake.asked.slice(2, 6)).toEqual([
      "GET_READER_CAPABILITIES",
      "IMPINJ_ENABLE_EXTENSIONS",
      "GET_READER_CAPABILITIES",
      "GET_READER_CONFIG",
    ]);
    expect(fake.custom).toMatchObject([{ type: "ImpinjLinkMonitorConfiguration", LinkMonitorMode: 1 }]);
    expect(fake.rospec?.ROReportSpec?.Custom).toMatchObject([{ type: "ImpinjTagReportContentSelector" }]);
    expect(inventoryOf(fake.rospec).map((one) => one?.Custom)).toMatchObject([
      [{ type: "ImpinjInventorySearchMode", InventorySearchMode: 2 }],
      [{ type: "ImpinjInventorySearchMode", InventorySearchMode: 2 }],
    ]);
  });

  it("are sent to no other reader, and to none of Impinj where the configuration says so", async () => {
    const off = { reading: { vendorExtensions: false } };
    for (const { fake } of [
      await connected({}, { 1: "shelf" }),
      await connected({ impinj: true }, { 1: "shelf" }, off),
    ]) {
      expect(fake.asked).not.toContain("IMPINJ_ENABLE_EXTENSIONS");
      expect(JSON.stringify([fake.custom, fake.rospec])).not.toContain("Impinj");
    }
  });

  it("make a simulated reader of Impinj tell strength finer than whole dBm, and leave it alone when we come back", async () => {
    const device = await simulated({ flavour: { vendor: "impinj" } });
    const { driver, reads, coverage } = rig(device.address.port ?? 0, { 1: "portal", 2: "portal" }, undefined, 20);
    await driver.start();
    // Two tags before two antennas, each a whole dBm weaker than the one before.
    await until(() => reads().length >= 8, "reads");
    expect([...new Set(reads().map(({ rssi }) => rssi))].sort()).toEqual([-51.25, -52.25, -53.25]);
    device.cut(true);
    await until(() => coverage().length === 2, "blind");
    device.cut(false);
    await until(() => coverage().length === 3, "watching");
    expect(driver.health().counters).toMatchObject({ provisioned: 1 });
  });
});

describe("what the configuration says of reading", () => {
  it("is what each role's antennas are told, with our defaults where it says nothing", async () => {
    const reading = { portal: { session: 0, population: 3, mode: 0 }, report: "tag", contents: ["pc"] } as const;
    const roles = { 1: "portal", 2: "shelf" } as const;
    const { fake } = await connected({}, roles, { reading: { ...reading, contents: [...reading.contents] } });
    const [portal, shelf] = inventoryOf(fake.rospec);
    expect(portal).toMatchObject({
      C1G2SingulationControl: { Session: 0, TagPopulation: 3 },
      C1G2RFControl: { ModeIndex: 0 },
    });
    expect(shelf).toMatchObject({ C1G2SingulationControl: { Session: 2, TagPopulation: 64 } });
    expect(shelf?.C1G2RFControl).toBeUndefined();
    expect(fake.rospec?.ROReportSpec?.TagReportContentSelector).toMatchObject({
      EnableAntennaID: true,
      EnablePeakRSSI: true,
      EnableTagSeenCount: false,
      C1G2EPCMemorySelector: [{ EnablePCBits: true }],
    });
  });

  it("about the report: a door that reports by cycles gets cycles that end", async () => {
    const { fake } = await connected({}, { 1: "portal" }, { reading: { report: "cycle" } });
    expect(fake.rospec?.ROReportSpec?.N).toBe(0);
    expect(aiSpecOf(fake.rospec).AISpecStopTrigger.AISpecStopTriggerType).not.toBe(0);
  });

  it("is an error where the reader cannot do it, and nothing is transmitted", async () => {
    const cases: [Behaviour, Partial<LlrpReader>, RegExp][] = [
      [{}, { reading: { shelf: { mode: 1002 } } }, /LLRP_MODE: .*1002.*offers 0:/],
      [{}, { reading: { shelf: { search: "single-target" } } }, /LLRP_SEARCH: .*only for Impinj/],
      [{}, { identity: "1234" }, /LLRP_IDENTITY: .*ABCD.*1234/],
      [
        { impinj: true },
        { reading: { vendorExtensions: false, portal: { search: "dual-target" } } },
        /LLRP_SEARCH: .*extensions are off/,
      ],
    ];
    for (const [behaviour, changes, error] of cases) {
      const { fake, driver } = await connected(behaviour, { 1: "shelf" }, changes);
      expect(driver.health().error).toMatch(error);
      expect(fake.asked).not.toContain("ADD_ROSPEC");
      await driver.stop();
    }
  });

  it("that changes provisions the reader anew on the next connection; one that does not leaves it as it is", async () => {
    const { fake, port } = await reader();
    for (const [population, provisioned] of [
      [10, 1],
      [10, 1],
      [20, 2],
    ] as const) {
      const { driver, coverage } = rig(port, { 1: "shelf" }, undefined, 20, { reading: { shelf: { population } } });
      await driver.start();
      await until(() => coverage().length > 0, "watching");
      await driver.stop();
      expect(fake.asked.filter((name) => name === "ADD_ROSPEC")).toHaveLength(provisioned);
    }
  });

  it("is heeded also by a reader that finds fault with deleting nothing", async () => {
    const { fake, coverage } = await connected({ faultyDelete: true }, { 1: "shelf" });
    await until(() => coverage().length > 0, "watching");
    expect(fake.rospec?.CurrentState).toBe(2);
  });
});

describe("a reader's own clock", () => {
  it("that tells UTC shows in the health how far it is ahead; one without is read all the same", async () => {
    const ahead = 90_000;
    const utc = () => BigInt(Math.round((Date.now() + ahead) * 1000));
    const device = await simulated({ time: { now: () => performance.now(), utc } });
    const { driver, reads } = rig(device.address.port ?? 0, { 1: "portal" }, undefined, 20);
    await driver.start();
    await until(() => reads().length > 0, "reads");
    expect(Math.abs((driver.health().clockOffsetMs ?? 0) - ahead)).toBeLessThan(2_000);
    await driver.stop();
    const without = await simulated({ flavour: { utc: false } });
    const other = rig(without.address.port ?? 0, { 1: "portal" }, undefined, 20);
    await other.driver.start();
    await until(() => other.reads().length > 0, "reads");
    expect(other.driver.health()).not.toHaveProperty("clockOffsetMs");
    const { last } = other.reads().at(-1)!;
    expect(Math.abs(last - systemClock.mono())).toBeLessThan(2_000);
  });
});
