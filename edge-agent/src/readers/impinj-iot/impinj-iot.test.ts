import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, systemClock } from "@storeward/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { hasOpenssl, selfSigned } from "../../../test/certificates.js";
import { Bench, Driven, drive, EPCS, error, open, pass, quiet, started, until } from "../../../test/iot-bench.js";
import { ImpinjRig } from "../../../test/iot-rigs.js";
import { createImpinjIotDriver } from "./index.js";

const dir = mkdtempSync(join(tmpdir(), "storeward-impinj-"));
afterAll(() => rmSync(dir, { recursive: true }));
const secret = (name: string, value: string) => {
  writeFileSync(join(dir, name), value, { mode: 0o600 });
  return join(dir, name);
};

describe("the driver of a reader with Impinj's IoT Device Interface", () => {
  it("has no effect before its start", async () => {
    const rig = new ImpinjRig();
    await rig.start();
    open.push(rig);
    await Driven.of(rig.reader);
    expect(rig.device.status()).toMatchObject({ requests: 0, clients: 0 });
  });

  it("reads: EPC, TID where there is one, antenna, RSSI in dBm, and a time that is never later than its arrival", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("six reads", () => driven.reads.length >= 6);
    const read = driven.reads.find(({ epc, antenna }) => epc === EPCS[1] && antenna === 2);
    expect(read).toMatchObject({ rssi: -53.25, count: 1 });
    expect(driven.coverage).toEqual(["watching 1,2"]);
    for (const { first, last } of driven.reads) {
      expect(first).toBe(last);
      expect(last).toBeLessThanOrEqual(systemClock.mono());
      expect(last).toBeGreaterThan(systemClock.mono() - 5_000);
    }
    expect(driven.driver.health()).toMatchObject({
      state: "watching",
      model: "Impinj Inc. R700",
      firmware: "8.2.0.240",
      antennas: [{ antenna: 1, state: "watching" }, { antenna: 2 }],
    });
    // The nearest quarter of a dB that is not above what is configured.
    expect([...rig.bench.powers]).toEqual([
      [1, 20.5],
      [2, 20.5],
    ]);
  });

  it("tells rounds while nothing is read, by the keep-alives of the stream", async () => {
    const clock = new ManualClock();
    const rig = new ImpinjRig({ clock });
    rig.bench.empty = true;
    const { driven } = await drive(rig, "portal", clock);
    await started(driven);
    await pass(clock, 5_000, () => driven.rounds.length >= 5);
    const ats = driven.rounds.map(({ at }) => at);
    for (const [n, at] of ats.entries()) if (n > 0) expect(at - (ats[n - 1] ?? 0)).toBe(250);
    expect(driven.rounds[0]?.antennas).toEqual([1, 2]);
  });

  it("gives a shelf slices in which each of its antennas had its turn", async () => {
    const clock = new ManualClock();
    const { driven } = await drive(new ImpinjRig({ clock }), "shelf", clock);
    await started(driven);
    await pass(clock, 5_000, () => driven.rounds.length >= 2);
    expect((driven.rounds[1]?.at ?? 0) - (driven.rounds[0]?.at ?? 0)).toBe(500);
  });

  it("is blind from the last sign of life of a stream that falls silent, tells no round of the silence, and comes back", async () => {
    const clock = new ManualClock();
    const { rig, driven } = await drive(new ImpinjRig({ clock }), "portal", clock);
    await started(driven);
    await pass(clock, 3_000);
    rig.silence(true);
    const silentSince = clock.mono();
    await pass(clock, 2_000);
    expect(driven.coverage).toEqual(["watching 1,2"]);
    await pass(clock, 10_000, () => driven.coverage.length === 2);
    expect(error(driven)).toContain("IMPINJ_SILENT");
    // What was on its way still comes: real milliseconds are hundreds of the clock's.
    expect(Math.abs(driven.blindSince - silentSince)).toBeLessThan(2_000);
    expect(Math.max(...driven.rounds.map(({ at }) => at))).toBeLessThanOrEqual(driven.blindSince);
    await pass(clock, 20_000);
    rig.silence(false);
    await pass(clock, 60_000, () => driven.coverage.length === 3);
    expect(driven.coverage).toEqual(["watching 1,2", "blind 1,2", "watching 1,2"]);
    expect(driven.driver.health().counters).toMatchObject({ disconnects: 1 });
    await driven.driver.stop();
    await rig.stop();
    await until("every timer is stopped", () => clock.pending === 0);
  });

  it("starts the inventory again after the reader was restarted, and after somebody else ended it", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 6);
    rig.device.reboot();
    await until("watching again", () => driven.coverage.length === 3);
    expect(rig.running()).toBe(true);
    rig.device.endInventory();
    await until("watching once more", () => driven.coverage.length === 5);
    expect(driven.coverage).toEqual(["watching 1,2", "blind 1,2", "watching 1,2", "blind 1,2", "watching 1,2"]);
  });

  it("counts what it cannot understand and goes on", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 6);
    rig.rubbish();
    rig.device.rubbish(`{"tagInventoryEvent":{"epcHex":"${EPCS[0]}","antennaPort":9}}\n`);
    rig.device.rubbish(`{"tagInventoryEvent":{"epcHex":"${"30".repeat(40_000)}"}}\n{"eventType":"news"}\n`);
    rig.device.rubbish(`${"[".repeat(2_000)}\n`);
    const before = driven.reads.length;
    await until("more reads", () => driven.reads.length > before + 6);
    expect(driven.driver.health().counters).toMatchObject({
      badLines: 4,
      badEpcs: 1,
      foreignAntennas: 1,
      lineTooLong: 1,
      unknownEvents: 1,
    });
    expect(driven.coverage).toEqual(["watching 1,2"]);
  });

  it("takes an EPC in base64, and a TID and a PC word where the reader sends them", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 0);
    rig.device.rubbish(
      '{"eventType":"tagInventory","tagInventoryEvent":{"epc":"MDQle/Ro1IAAAAPs","tid":"4oARwCAAD70dcAM6","pc":"NAA=","antennaPort":1,"peakRssiCdbm":-6200}}\n',
    );
    await until("it", () => driven.reads.some(({ tid }) => tid !== undefined));
    expect(driven.reads.find(({ tid }) => tid !== undefined)).toMatchObject({
      epc: EPCS[0],
      tid: "E28011C020000FBD1D70033A",
      pc: "3400",
      rssi: -62,
    });
  });

  it("dates reads right by a clock that is years off, and goes on when it is set", async () => {
    const rig = new ImpinjRig();
    rig.device.clockOffset = -9 * 365 * 86_400_000;
    const { driven } = await drive(rig);
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

  it("is blind at an antenna that lost its cable, and doubtful for what the reader had to throw away", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 6);
    rig.bench.unplugged.add(2);
    rig.device.antennaChanged(2, false);
    await until("blind", () => driven.coverage.length === 2);
    await until("rounds of the other alone", () => driven.rounds.at(-1)?.antennas.join() === "1");
    rig.bench.unplugged.delete(2);
    rig.device.antennaChanged(2, true);
    await until("watching", () => driven.coverage.length === 3);
    rig.device.rubbish('{"eventType":"overflow","overflowEvent":{"eventsPurged":812}}\n');
    await until("doubtful", () => driven.coverage.length === 5);
    expect(driven.coverage.slice(1)).toEqual(["blind 2", "watching 2", "doubtful 1,2", "watching 1,2"]);
    rig.device.inputChanged(1, true);
    await until("an input", () => driven.events.some((event) => event.type === "input" && event.high));
  });

  it.each([
    ["another region", new ImpinjRig({ bench: new Bench("FCC") }), /IMPINJ_REGION: .*FCC.*ETSI \(865 to 868 MHz\)/],
    [
      "more power than it offers",
      new ImpinjRig({ config: { antennas: [{ antenna: 1, power: 33 }] } }),
      /IMPINJ_POWER: .*33 dBm.*10 to 30/,
    ],
    [
      "an antenna that it has not",
      new ImpinjRig({ config: { antennas: [{ antenna: 7, power: 20 }] } }),
      /IMPINJ_ANTENNA: Antenna 7/,
    ],
    ["a mode that it has not", new ImpinjRig({ config: { rfMode: 1000 } }), /IMPINJ_MODE: .*1000.*4, 5, 11/],
  ])("does not start a reader for %s", async (_, rig, said) => {
    const { driven } = await drive(rig);
    await until("an error", () => error(driven) !== "");
    expect(error(driven)).toMatch(said);
    expect(rig.running()).toBe(false);
  });

  it("does not start a reader that calls the upper ETSI band its own", async () => {
    const rig = new ImpinjRig();
    rig.device.region = "ETSI EN 302-208 (916 MHz band)";
    const { driven } = await drive(rig);
    await until("an error", () => error(driven) !== "");
    expect(error(driven)).toMatch(/IMPINJ_REGION/);
  });

  it("stops a reader at once whose reads tell of another band", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 0);
    rig.device.rubbish(`{"tagInventoryEvent":{"epcHex":"${EPCS[0]}","antennaPort":1,"frequency":915250}}\n`);
    await until("an error", () => error(driven) !== "");
    expect(error(driven)).toMatch(/IMPINJ_REGION: .*915\.25 MHz/);
    await until("stopped", () => !rig.running());
  });

  it("says what it needs when its password cannot be read, for as long as it takes", async () => {
    const clock = new ManualClock();
    const { driven } = await drive(new ImpinjRig({ config: { passwordFile: "/nowhere" } }), "portal", clock);
    await clock.advance(400_000);
    expect(driven.driver.health().counters.failedConnects).toBeGreaterThan(12);
    expect(error(driven)).toMatch(/SECRET_UNREADABLE.*\/nowhere/);
  });

  it("signs in with the password from its file, and says so when it is wrong", async () => {
    const passwordFile = secret("password", "letmein\n");
    const rig = new ImpinjRig({ device: { password: "letmein" }, config: { passwordFile } });
    const { driven } = await drive(rig);
    await until("reads", () => driven.reads.length > 0);
    secret("password", "wrong\n");
    rig.device.reboot();
    await until("refused", () => error(driven).includes("IMPINJ_UNAUTHORIZED"));
    expect(error(driven)).toContain("correct username and passwordFile");
    secret("password", "letmein\n");
    await until("watching", () => driven.driver.health().state === "watching");
  });

  const required = process.env.STOREWARD_REQUIRE_SERVERS === "1";
  describe.skipIf(!hasOpenssl && !required)("over TLS (skipped where openssl is not installed)", () => {
    it("speaks TLS with a reader whose own certificate it was given, whatever address it is reached at", async () => {
      const tls = selfSigned(dir, "impinj-14-46-36");
      const caFile = secret("ca.pem", tls.cert);
      const rig = new ImpinjRig({ device: { tls }, config: { caFile, certificateName: "impinj-14-46-36" } });
      const { driven } = await drive(rig);
      await until("reads", () => driven.reads.length > 0);
      expect(rig.reader.url).toMatch(/^https:/);
    });

    it.each([
      ["no certificate was given for", {}, /self-signed certificate/],
      ["has another name than was told", { certificateName: "impinj-00-00-00" }, /altnames|does not match/i],
    ])("does not read from a reader that %s", async (_, changes, said) => {
      const tls = selfSigned(dir, "impinj-14-46-36");
      const caFile = secret("ca.pem", tls.cert);
      const config = "certificateName" in changes ? { caFile, ...changes } : changes;
      const { rig, driven } = await drive(new ImpinjRig({ device: { tls }, config }));
      await until("an error", () => error(driven) !== "");
      expect(error(driven)).toMatch(said);
      expect(rig.running()).toBe(false);
    });
  });

  it("does not connect in the clear beyond this machine unless told so", async () => {
    const reader = { ...new ImpinjRig().reader, url: "http://10.0.0.4" };
    const driven = await Driven.of(reader);
    await expect(driven.driver.start()).rejects.toMatchObject({ code: "INSECURE_CONNECT" });
  });

  it("stops the inventory that it started, and leaves nothing open", async () => {
    const { rig, driven } = await drive(new ImpinjRig());
    await until("reads", () => driven.reads.length > 6);
    await driven.driver.stop();
    expect(rig.running()).toBe(false);
    expect(driven.driver.health().state).toBe("stopped");
    await until("closed", () => rig.device.status().clients === 0);
    const before = driven.events.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(driven.events).toHaveLength(before);
  });

  it("stops at once while the reader does not answer", async () => {
    const rig = new ImpinjRig();
    rig.silence(true);
    const { driven } = await drive(rig);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = systemClock.mono();
    await driven.driver.stop();
    expect(systemClock.mono() - before).toBeLessThan(2_900);
  });

  it("is made for its own kind of reader only", () => {
    const { reader } = new ImpinjRig();
    const wrong = { ...reader, driver: "metratec" as const, device: "x" };
    expect(() =>
      createImpinjIotDriver({
        reader: wrong,
        roles: new Map(),
        clock: systemClock,
        log: quiet,
        onEvent: () => undefined,
      }),
    ).toThrow(TypeError);
  });
});
