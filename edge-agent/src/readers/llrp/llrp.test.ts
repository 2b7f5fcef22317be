import { ConnectionAttemptStatusType } from "@storeward/codecs/llrp";
import { createLogger, ManualClock, systemClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { open, reader, rig, until } from "../../../test/llrp/rig.js";
import { OK, ScriptedReader } from "../../../test/llrp/scripted-reader.js";
import { createLlrpDriver } from "./index.js";

const ORDER = [
  "GET_SUPPORTED_VERSION",
  "SET_PROTOCOL_VERSION",
  "GET_READER_CAPABILITIES",
  "GET_READER_CONFIG",
  "SET_READER_CONFIG",
  "GET_ROSPECS",
  "DELETE_ACCESSSPEC",
  "DELETE_ROSPEC",
  "ADD_ROSPEC",
  "ENABLE_ROSPEC",
  "ENABLE_EVENTS_AND_REPORTS",
];

describe("LLRP driver", () => {
  it("asks in the order of the design, and reads", async () => {
    const { fake, port } = await reader();
    const { driver, reads, coverage, events } = rig(port, { 1: "shelf", 2: "shelf" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    expect(fake.asked).toEqual(ORDER);
    expect(coverage()).toEqual(["watching 1,2"]);
    expect(fake.rospec?.ROReportSpec).toMatchObject({ ROReportTrigger: 1, N: 0 });
    fake.report(fake.tag(1, -61), fake.tag(2, -72));
    fake.cycle();
    await until(() => events.some(({ type }) => type === "round"), "a round");
    expect(reads().map(({ antenna, rssi, count }) => [antenna, rssi, count])).toEqual([
      [1, -61, 1],
      [2, -72, 1],
    ]);
    expect(reads()[0]?.epc).toBe("01".repeat(12));
    expect(Math.abs(reads()[0]!.last - systemClock.mono())).toBeLessThan(1_000);
    expect(events.map(({ type }) => type)).toEqual(["coverage", "reads", "round"]);
    expect(fake.acks).toBeGreaterThan(5);
    expect(driver.health()).toMatchObject({ state: "watching", model: "vendor 32473 2001002", firmware: "5.14" });
  });

  it("reads a door at once (N = 1), without end, and counts slices of time as rounds", async () => {
    const { fake, port } = await reader();
    const { driver, events } = rig(port, { 1: "portal", 2: "portal" });
    await driver.start();
    await until(() => events.some(({ type }) => type === "round"), "a round");
    expect(fake.rospec?.ROReportSpec).toMatchObject({ N: 1 });
    expect(fake.rospec?.SpecParameter).toHaveLength(1);
    expect(fake.rospec?.SpecParameter[0]).toMatchObject({ AISpecStopTrigger: { AISpecStopTriggerType: 0 } });
  });

  it("takes doors and shelves at one reader: every read at once, every cycle told", async () => {
    const { fake, port } = await reader();
    const { driver, events, coverage } = rig(port, { 1: "portal", 2: "shelf" });
    await driver.start();
    await until(() => coverage().length > 0, "watching");
    expect(fake.rospec?.CurrentState).toBe(2);
    expect(fake.rospec?.ROReportSpec?.N).toBe(1);
    expect(fake.rospec?.SpecParameter.map(({ type }) => type)).toEqual(["AISpec", "LoopSpec"]);
    fake.cycle();
    await until(() => events.some((event) => event.type === "round" && event.antennas.length === 2), "a round");
  });

  it("speaks 1.0.1 to a reader that knows no other version, without a loop", async () => {
    const { fake, port } = await reader({ version101: true });
    const { driver, coverage } = rig(port, { 1: "shelf" });
    await driver.start();
    await until(() => coverage().length > 0, "watching");
    expect(fake.asked).not.toContain("SET_PROTOCOL_VERSION");
    expect(fake.rospec?.SpecParameter.map(({ type }) => type)).toEqual(["AISpec"]);
  });

  it("asks for the cycle in another way when the reader refuses one", async () => {
    const { fake, port } = await reader({ refuseLoop: true });
    const { driver, coverage } = rig(port, { 1: "shelf" });
    await driver.start();
    await until(() => coverage().length > 0, "watching");
    expect(fake.asked.filter((name) => name === "ADD_ROSPEC")).toHaveLength(2);
    expect(fake.rospec?.SpecParameter).toHaveLength(1);
  });

  it("does not transmit where region, power or antenna are not what is configured, and says so", async () => {
    const { fake, port } = await reader({ standard: 1 });
    const fcc = rig(port, { 1: "shelf" });
    await fcc.driver.start();
    await until(() => fcc.driver.health().error !== undefined, "an error");
    expect(fcc.driver.health().error).toMatch(/LLRP_REGION: .*US_FCC_Part_15.*ETSI/);
    expect(fake.asked).not.toContain("ADD_ROSPEC");

    const { port: ettsi } = await reader();
    const strong = rig(ettsi, { 1: "shelf" }, systemClock, 33);
    const many = rig(ettsi, { 7: "shelf" });
    await strong.driver.start();
    await until(() => strong.driver.health().error !== undefined, "an error");
    expect(strong.driver.health().error).toMatch(/LLRP_POWER: .*33 dBm.*10 to 30 dBm/);
    await strong.driver.stop();
    await many.driver.start();
    await until(() => many.driver.health().error !== undefined, "an error");
    expect(many.driver.health().error).toMatch(/LLRP_ANTENNA: .*7/);
  });

  it("never chooses more power than configured", async () => {
    const { fake, port } = await reader();
    const { driver, coverage } = rig(port, { 1: "shelf" }, systemClock, 24);
    await driver.start();
    await until(() => coverage().length > 0, "watching");
    const [spec] = fake.rospec!.SpecParameter;
    if (spec?.type !== "AISpec") throw new Error("no AISpec");
    expect(spec.InventoryParameterSpec[0]?.AntennaConfiguration?.[0]?.RFTransmitter?.TransmitPower).toBe(2);
  });

  it("reads the same whatever way the stream is split", async () => {
    for (const split of [1, 2, 3, 7, 10, 11, 64]) {
      const { fake, port } = await reader({ split });
      const { driver, reads } = rig(port, { 1: "shelf" });
      await driver.start();
      await until(() => fake.asked.length === ORDER.length, `handshake in pieces of ${split}`);
      for (let i = 0; i < 20; i++) fake.report(fake.tag(1, -50 - i));
      await until(() => reads().length === 20, `20 reads in pieces of ${split}`);
      expect(reads().map(({ rssi }) => rssi)).toEqual(Array.from({ length: 20 }, (_, i) => -50 - i));
      await driver.stop();
      await fake.close();
    }
  });

  it("survives whatever else a reader says: unknown messages, broken frames, stray answers, tags without EPC", async () => {
    const { fake, port } = await reader();
    const { driver, reads } = rig(port, { 1: "shelf" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    const header = (type: number, length: number) => {
      const bytes = new Uint8Array(length);
      new DataView(bytes.buffer).setUint16(0, (2 << 10) | type);
      new DataView(bytes.buffer).setUint32(2, length);
      return bytes;
    };
    fake.write(header(999, 200));
    fake.write(header(63, 14));
    fake.send({ type: "ADD_ROSPEC_RESPONSE", id: 4711, LLRPStatus: OK });
    fake.send({ type: "ERROR_MESSAGE", id: 4712, LLRPStatus: OK });
    fake.send({ type: "RO_ACCESS_REPORT", id: 1 });
    const { EPC_96: _, ...nameless } = fake.tag(1);
    fake.report(nameless, fake.tag(9), { ...nameless, EPCData: { EPC: { bitCount: 24, bytes: new Uint8Array(3) } } });
    fake.report(fake.tag(1, -44));
    await until(() => reads().length === 1, "the read after it all");
    expect(driver.health().counters).toMatchObject({
      unknownMessages: 1,
      badFrames: 1,
      strayResponses: 1,
      errorMessages: 1,
      badEpcs: 2,
      foreignAntennas: 1,
    });
    expect(fake.connections).toBe(1);
  });

  it("leaves a stream that is out of step, and connects anew", async () => {
    const { fake, port } = await reader();
    const { driver, coverage } = rig(port, { 1: "shelf" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    fake.write(new Uint8Array(64).fill(0xff));
    await until(() => coverage().length === 3, "blind and watching again");
    expect(coverage()).toEqual(["watching 1", "blind 1", "watching 1"]);
    expect(driver.health().counters).toMatchObject({ badFraming: 1, disconnects: 1 });
  });

  it("fills in what a report leaves out from the one before", async () => {
    const { fake, port } = await reader();
    const { driver, reads } = rig(port, { 1: "shelf", 2: "shelf" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    const whole = fake.tag(2, -47);
    fake.report(whole, { EPC_96: { EPC: new Uint8Array(12).fill(9) } });
    await until(() => reads().length === 2, "two reads");
    expect(reads()[1]).toMatchObject({ antenna: 2, rssi: -47, epc: "09".repeat(12) });
  });

  it("tells an antenna blind while it is disconnected, and a full reader buffer doubtful", async () => {
    const { fake, port } = await reader();
    const { driver, coverage } = rig(port, { 1: "shelf", 2: "shelf", 4: "shelf" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    fake.event({ AntennaEvent: { EventType: 0, AntennaID: 1 } });
    fake.event({ AntennaEvent: { EventType: 1, AntennaID: 1 } });
    fake.event({ ReportBufferOverflowErrorEvent: {} });
    fake.event({ ReportBufferLevelWarningEvent: { ReportBufferPercentageFull: 90 } });
    await until(() => fake.asked.includes("GET_REPORT"), "GET_REPORT");
    expect(coverage()).toEqual(["watching 1,2", "blind 1", "watching 1", "doubtful 1,2", "watching 1,2"]);
    const antennas = driver.health().antennas;
    expect(antennas.find(({ antenna }) => antenna === 4)).toMatchObject({
      state: "blind",
      error: "antenna not connected",
    });
    fake.report(fake.tag(4));
    await until(() => coverage().at(-1) === "watching 4", "an antenna that reads is connected");
  });

  it("asks again for ever when a reader is not there or refuses, and connects once it lets us", async () => {
    const { fake, port } = await reader({
      refuse: ConnectionAttemptStatusType.Failed_A_Client_Initiated_Connection_Already_Exists,
    });
    const { driver, coverage } = rig(port, { 1: "shelf" });
    await driver.start();
    await until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/another client is connected/);
    await fake.close();
    await until(() => /ECONNREFUSED/.test(driver.health().error ?? ""), "refused by the system");
    expect(driver.health().state).toBe("blind");
    const again = new ScriptedReader();
    await again.listen(port);
    open.push({ stop: () => again.close() });
    await until(() => coverage().length === 1, "watching");
    expect(driver.health().error).toBeUndefined();
  });

  it("turns the time of a cut into watched time when the reader held its reports", async () => {
    const { fake, port } = await reader();
    const { driver, events, coverage } = rig(port, { 1: "portal", 2: "portal" });
    await driver.start();
    await until(() => fake.asked.length === ORDER.length, "handshake");
    fake.report(fake.tag(1));
    await until(() => events.some(({ type }) => type === "reads"), "a read");
    fake.socket?.destroy();
    await until(() => coverage().length === 2, "blind");
    const readAt = systemClock.mono() + 50;
    await until(
      () => fake.asked.filter((name) => name === "ENABLE_EVENTS_AND_REPORTS").length === 2,
      "connected again",
    );
    expect(fake.asked.filter((name) => name === "ADD_ROSPEC")).toHaveLength(1);
    fake.report(fake.tag(1, -55, readAt, 5));
    fake.report(fake.tag(2, -66, systemClock.mono(), 6));
    await until(() => coverage().length === 3, "watching");
    const after = events.slice(events.findIndex((event) => event.type === "coverage" && event.state === "blind"));
    expect(after.filter(({ type }) => type !== "round").map(({ type }) => type)).toEqual([
      "coverage",
      "reads",
      "coverage",
      "reads",
    ]);
    const [blind, held, watching] = after.filter(({ type }) => type !== "round");
    expect(held).toMatchObject({ held: true });
    expect(watching).toMatchObject({ state: "watching", since: blind?.type === "coverage" ? blind.since : -1 });
  });

  it("leaves the time of a cut blind when the reader was restarted, or its buffer ran over", async () => {
    for (const trouble of ["restart", "overflow"]) {
      const { fake, port } = await reader();
      const { driver, events, coverage } = rig(port, { 1: "portal" });
      await driver.start();
      await until(() => fake.asked.length === ORDER.length, "handshake");
      if (trouble === "restart") fake.bootedAt = systemClock.mono() + 100;
      fake.socket?.destroy();
      await until(
        () => fake.asked.filter((name) => name === "ENABLE_EVENTS_AND_REPORTS").length === 2,
        "connected again",
      );
      if (trouble === "overflow") fake.event({ ReportBufferOverflowErrorEvent: {} }, systemClock.mono() - 400);
      await until(() => coverage().length === 3, "watching");
      const [blind, watching] = events.filter(({ type }) => type === "coverage").slice(1);
      if (blind?.type !== "coverage" || watching?.type !== "coverage") throw new Error("no coverage");
      expect(watching.since).toBeGreaterThan(blind.since + 200);
      await driver.stop();
      await fake.close();
    }
  });

  it("tells the reader goodbye when it stops, and leaves no timer behind", async () => {
    const { fake, port } = await reader();
    const clock = new ManualClock();
    const { driver, coverage } = rig(port, { 1: "shelf" }, clock);
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    await driver.stop();
    expect(fake.asked.at(-1)).toBe("CLOSE_CONNECTION");
    expect(driver.health().state).toBe("stopped");
    expect(clock.pending).toBe(0);
  });

  it("leaves a reader that has said nothing for two keepalive periods", async () => {
    const { fake, port } = await reader();
    const clock = new ManualClock();
    const { driver, events, coverage } = rig(port, { 1: "portal" }, clock);
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    await clock.advance(15_000);
    fake.send({ type: "KEEPALIVE", id: 1 });
    const { acks } = fake;
    await until(() => fake.acks > acks, "an acknowledgement");
    await clock.advance(15_000);
    expect(coverage()).toHaveLength(1);
    await clock.advance(10_000);
    expect(coverage()).toEqual(["watching 1", "blind 1"]);
    // Blind since it was last heard, not since that was noticed.
    expect(events.at(-1)).toMatchObject({ since: 15_000 });
    expect(driver.health().error).toMatch(/LLRP_SILENT/);
  });

  it("gives up on a reader that accepts but never greets", async () => {
    const { port } = await reader({ silent: true });
    const clock = new ManualClock();
    const { driver } = rig(port, { 1: "portal" }, clock);
    await driver.start();
    await clock.advance(10_000);
    await until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/LLRP_NO_GREETING|LLRP_SILENT/);
  });

  it("provisions anew when the reader ends no cycle any more", async () => {
    const { fake, port } = await reader();
    const clock = new ManualClock();
    const { driver, coverage } = rig(port, { 1: "shelf" }, clock);
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    await clock.advance(15_000);
    await until(() => coverage().length === 2, "blind");
    expect(driver.health().error).toMatch(/LLRP_NOT_READING/);
    await clock.advance(1_000);
    await until(() => fake.asked.filter((name) => name === "ADD_ROSPEC").length === 2, "provisioned again");
  });

  it("refuses plain LLRP to another machine unless told", async () => {
    const make = (insecure: boolean) =>
      createLlrpDriver({
        reader: {
          id: "r1",
          agent: "a1",
          region: "ETSI",
          driver: "llrp",
          host: "192.0.2.1",
          insecure,
          antennas: [{ antenna: 1, power: 20 }],
        },
        roles: new Map([[1, "shelf"]]),
        clock: new ManualClock(),
        log: createLogger("test", { level: "silent" }),
        onEvent: () => undefined,
      });
    await expect(make(false).start()).rejects.toMatchObject({ code: "INSECURE_CONNECT" });
    const allowed = make(true);
    await allowed.start();
    await allowed.stop();
  });
});
