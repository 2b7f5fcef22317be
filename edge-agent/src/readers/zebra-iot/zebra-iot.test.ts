import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { ManualClock, systemClock } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { hasOpenssl, selfSigned } from "../../../test/certificates.js";
import { Bench, Driven, drive, EPCS, error, open, pass, quiet, started, until } from "../../../test/iot-bench.js";
import { ZebraRig } from "../../../test/iot-rigs.js";
import { createZebraIotDriver } from "./index.js";

describe("the driver of a reader with Zebra's IoT Connector", () => {
  it("has no effect before its start", async () => {
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    await Driven.of(rig.reader);
    expect(rig.running()).toBe(false);
  });

  it("reads every read at a door: EPC, antenna, RSSI, and a time that is never later than its arrival", async () => {
    const { rig, driven } = await drive(new ZebraRig());
    await until("reads", () => driven.reads.length >= 12);
    expect(driven.reads.find(({ epc, antenna }) => epc === EPCS[1] && antenna === 2)).toMatchObject({
      rssi: -53,
      pc: "3000",
      count: 1,
    });
    expect(driven.coverage).toEqual(["watching 1,2"]);
    for (const { last } of driven.reads) {
      expect(last).toBeLessThanOrEqual(systemClock.mono());
      expect(last).toBeGreaterThan(systemClock.mono() - 5_000);
    }
    expect(driven.driver.health()).toMatchObject({
      state: "watching",
      model: "Zebra FX9600",
      firmware: "3.28.18.0",
      counters: {},
    });
    expect([...rig.bench.powers]).toEqual([
      [1, 20.5],
      [2, 20.5],
    ]);
  });

  it("is told of a tag on a shelf once a second, with how often it was read, and counts rounds of two seconds", async () => {
    const clock = new ManualClock();
    const { driven } = await drive(new ZebraRig({ clock }), "shelf", clock);
    await started(driven);
    await pass(clock, 5_000, () => driven.reads.some(({ count }) => count > 5));
    // Three tags at two antennas, twice; each read told by itself would be 60.
    expect(driven.reads.length).toBeLessThanOrEqual(18);
    await pass(clock, 10_000, () => driven.rounds.length >= 2);
    const [first, second] = driven.rounds;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(2_000);
  });

  it("tells rounds while nothing is read, because the reader says that it reads", async () => {
    const clock = new ManualClock();
    const rig = new ZebraRig({ clock });
    rig.bench.empty = true;
    const { driven } = await drive(rig, "portal", clock);
    await started(driven);
    await pass(clock, 10_000, () => driven.rounds.length >= 4);
    expect(driven.rounds.slice(0, 4).map(({ antennas }) => antennas.join())).toEqual(["1,2", "1,2", "1,2", "1,2"]);
    expect((driven.rounds[1]?.at ?? 0) - (driven.rounds[0]?.at ?? 0)).toBe(500);
  });

  it("is blind from the last sign of life of a reader that falls silent at a living broker, and comes back", async () => {
    const clock = new ManualClock();
    const { rig, driven } = await drive(new ZebraRig({ clock }), "portal", clock);
    await started(driven);
    await pass(clock, 5_000);
    rig.silence(true);
    const silentSince = clock.mono();
    await pass(clock, 10_000);
    expect(driven.coverage).toEqual(["watching 1,2"]);
    await pass(clock, 7_000);
    expect(error(driven)).toContain("ZEBRA_SILENT");
    // What was on its way still comes: real milliseconds are hundreds of the clock's.
    expect(Math.abs(driven.blindSince - silentSince)).toBeLessThan(4_000);
    expect(Math.max(...driven.rounds.map(({ at }) => at))).toBeLessThanOrEqual(driven.blindSince);
    await pass(clock, 30_000);
    rig.silence(false);
    await pass(clock, 60_000, () => driven.coverage.length === 3);
    expect(driven.coverage).toEqual(["watching 1,2", "blind 1,2", "watching 1,2"]);
    await driven.driver.stop();
    await rig.stop();
    expect(clock.pending).toBe(0);
  });

  it("is blind while the broker is away, and reads again when it is back", async () => {
    const { rig, driven } = await drive(new ZebraRig());
    await until("reads", () => driven.reads.length > 0);
    await rig.broker.kill();
    await until("blind", () => driven.coverage.includes("blind 1,2"));
    await rig.broker.start();
    await until("watching", () => driven.coverage.at(-1) === "watching 1,2");
    const before = driven.reads.length;
    await until("reads again", () => driven.reads.length > before);
  }, 30_000);

  it("starts the inventory again after the reader was restarted; blind since it surely read last", async () => {
    const clock = new ManualClock();
    const { rig, driven } = await drive(new ZebraRig({ clock }), "portal", clock);
    await started(driven);
    await pass(clock, 5_000);
    rig.device.reboot();
    const rebooted = clock.mono();
    await pass(clock, 60_000, () => driven.coverage.length === 3);
    expect(driven.coverage).toEqual(["watching 1,2", "blind 1,2", "watching 1,2"]);
    expect(Math.abs(driven.blindSince - rebooted)).toBeLessThan(4_000);
    expect(rig.running()).toBe(true);
  });

  it("counts what it cannot understand, and messages that were lost, and goes on", async () => {
    const { rig, driven } = await drive(new ZebraRig());
    await until("reads", () => driven.reads.length > 0);
    rig.rubbish();
    rig.device.rubbish(`{"data":{"idHex":"${EPCS[0]}","antenna":9}}`);
    rig.device.rubbish(`[${"{}, ".repeat(50_000)}{}]`);
    rig.device.rubbish(`{"x":${"[".repeat(1_100)}${"]".repeat(1_100)}}`);
    const before = driven.reads.length;
    await until("more reads", () => driven.reads.length > before + 12);
    expect(driven.driver.health().counters).toMatchObject({ badEpcs: 1, foreignAntennas: 1 });
    expect(driven.driver.health().counters.badMessages).toBeGreaterThanOrEqual(5);
    rig.device.rubbish(JSON.stringify({ data: { idHex: EPCS[0], antenna: 1, eventNum: 50_000 } }));
    await until("lost ones", () => (driven.driver.health().counters.lostEvents ?? 0) > 40_000);
    expect(driven.coverage).toEqual(["watching 1,2"]);
  });

  it("takes several tags in one message, as batching readers and sleds send them, and a TID", async () => {
    const rig = new ZebraRig();
    rig.bench.empty = true;
    const { driven } = await drive(rig);
    await started(driven);
    const tag = (n: number) => ({ idHex: EPCS[n], antenna: 1, peakRssi: "-61", TID: "e28011c020000fbd1d70033a" });
    const timestamp = "2026-03-01T08:15:30.250+0100";
    for (const message of [
      { type: "INVENTORY", timestamp, data: { tagData: [tag(0)] } },
      { type: "CUSTOM", timestamp, data: [tag(1)] },
      [{ type: "CUSTOM", timestamp, data: tag(2) }],
    ])
      rig.device.rubbish(JSON.stringify(message));
    await until("three", () => driven.reads.length === 3);
    expect(driven.reads.map(({ epc }) => epc)).toEqual(EPCS);
    expect(driven.reads[0]).toMatchObject({ rssi: -61, tid: "E28011C020000FBD1D70033A", antenna: 1 });
  });

  it("dates reads right by a clock that is years off, and goes on when it is set", async () => {
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    rig.device.clockOffset = 5 * 365 * 86_400_000;
    const driven = await Driven.of(rig.reader);
    open.push(driven.driver);
    await driven.driver.start();
    await until("reads", () => driven.reads.length > 12);
    rig.device.clockOffset += 3_600_000;
    const before = driven.reads.length;
    await until("more reads", () => driven.reads.length > before + 12);
    const now = systemClock.mono();
    for (const { last } of driven.reads) {
      expect(last).toBeLessThanOrEqual(now);
      expect(last).toBeGreaterThan(now - 2_000);
    }
  });

  it("is blind at an antenna that has nothing connected, told by a heartbeat, and takes inputs", async () => {
    const rig = new ZebraRig({ heartbeatSeconds: 1 });
    const { driven } = await drive(rig);
    await until("reads", () => driven.reads.length > 0);
    rig.bench.unplugged.add(2);
    await until("blind", () => driven.coverage.length === 2);
    rig.bench.unplugged.delete(2);
    await until("watching", () => driven.coverage.length === 3);
    expect(driven.coverage.slice(1)).toEqual(["blind 2", "watching 2"]);
    rig.device.inputChanged(1, true);
    await until("an input", () => driven.events.some((event) => event.type === "input" && event.high));
  });

  it.each([
    ["another region", new ZebraRig({ bench: new Bench("FCC") }), /ZEBRA_REGION: .*FCC.*ETSI \(865 to 868 MHz\)/],
    [
      "more power than it offers",
      new ZebraRig({ config: { antennas: [{ antenna: 1, power: 33 }] } }),
      /ZEBRA_POWER: .*33 dBm.*10 to 30/,
    ],
    [
      "an antenna that it has not",
      new ZebraRig({ config: { antennas: [{ antenna: 7, power: 20 }] } }),
      /ZEBRA_ANTENNA: Antenna 7 .* 1, 2/,
    ],
  ])("does not start a reader for %s", async (_, rig, said) => {
    const { driven } = await drive(rig);
    await until("an error", () => error(driven) !== "");
    expect(error(driven)).toMatch(said);
    expect(rig.running()).toBe(false);
  });

  it("does not start a reader that drops the power it was told without a word", async () => {
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    rig.device.dropsPower = true;
    const driven = await Driven.of(rig.reader);
    open.push(driven.driver);
    await driven.driver.start();
    await until("an error", () => error(driven) !== "");
    expect(error(driven)).toMatch(/ZEBRA_MODE: .*transmitPower.* 30 .*20\.5/);
    expect(rig.running()).toBe(false);
  });

  it("reads with an older firmware that does not tell its region, and counts that", async () => {
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    for (const command of ["get_region", "get_mode"]) rig.device.unknown.add(command);
    const driven = await Driven.of(rig.reader);
    open.push(driven.driver);
    await driven.driver.start();
    await until("reads", () => driven.reads.length > 0);
    expect(driven.driver.health().counters).toMatchObject({ regionUntold: 1 });
  });

  it("says what to look at when the reader is not at the broker", async () => {
    const clock = new ManualClock();
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    const driven = await Driven.of({ ...rig.reader, serial: "another" }, "portal", clock);
    open.push(driven.driver);
    await driven.driver.start();
    for (let n = 0; n < 200 && error(driven) === ""; n++) await pass(clock, 100);
    expect(error(driven)).toMatch(/ZEBRA_TIMEOUT: .*get_version on storeward\/MGMT\/clients\/cmnd\/another/);
  });

  const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";
  it.skipIf(!hasOpenssl && !required)(
    "reaches its broker over TLS (skipped where openssl is not installed)",
    async () => {
      const dir = mkdtempSync(join(tmpdir(), "storeward-zebra-tls-"));
      const rig = new ZebraRig();
      await rig.start();
      const server = createServer(selfSigned(dir, "localhost"), (socket) => {
        const plain = connect(rig.broker.port, "127.0.0.1");
        for (const end of [socket, plain]) end.on("error", () => undefined);
        socket.pipe(plain).pipe(socket);
      });
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
      open.push({ stop: async () => void server.close() }, rig, { stop: async () => rmSync(dir, { recursive: true }) });
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const reader = { ...rig.reader, url: `mqtts://localhost:${port}` };
      const trusting = await Driven.of({ ...reader, caFile: join(dir, "localhost.pem") });
      open.push(trusting.driver);
      await trusting.driver.start();
      await started(trusting);
      const doubting = await Driven.of({ ...reader, id: "other" });
      open.push(doubting.driver);
      await doubting.driver.start();
      await until("an error", () => error(doubting) !== "");
      expect(error(doubting)).toMatch(/ZEBRA_BROKER: .*self-signed/);
    },
  );

  it("does not connect in the clear beyond this machine unless told so", async () => {
    const driven = await Driven.of({ ...new ZebraRig().reader, url: "mqtt://10.0.0.4" });
    await expect(driven.driver.start()).rejects.toMatchObject({ code: "INSECURE_CONNECT" });
  });

  it("stops the inventory that it started, and leaves nothing open", async () => {
    const { rig, driven } = await drive(new ZebraRig());
    await until("reads", () => driven.reads.length > 0);
    await driven.driver.stop();
    expect(rig.running()).toBe(false);
    const before = driven.events.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(driven.events).toHaveLength(before);
  });

  it("stops within two seconds while the reader does not answer", async () => {
    const rig = new ZebraRig();
    await rig.start();
    open.push(rig);
    rig.silence(true);
    const driven = await Driven.of(rig.reader);
    await driven.driver.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = systemClock.mono();
    await driven.driver.stop();
    expect(systemClock.mono() - before).toBeLessThan(2_000);
  });

  it("is made for its own kind of reader only", () => {
    const wrong = { ...new ZebraRig().reader, driver: "metratec" as const, device: "x" };
    expect(() =>
      createZebraIotDriver({
        reader: wrong,
        roles: new Map(),
        clock: systemClock,
        log: quiet,
        onEvent: () => undefined,
      }),
    ).toThrow(TypeError);
  });
});
