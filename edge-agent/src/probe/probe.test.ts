import { connect, createServer, type Server } from "node:net";
import { zebraTopics } from "@storeward/contracts";
import {
  AlienReader,
  type AntennaPort,
  ImpinjIotReader,
  LlrpReader,
  MetratecReader,
  TslReader,
  ZebraIotReader,
} from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { AedesBroker } from "../../test/brokers.js";
import { TestAuthority } from "../../test/llrp/certificates.js";
import { type ProbeOptions, probeReader } from "./probe-reader.js";
import { candidates, parseTarget } from "./target.js";
import { reportText } from "./text.js";

const log = createLogger("test", { level: "silent" });
const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 50,
  connected: (antenna) => antenna !== 2,
  read: () => [],
};
const base = { id: "r", port, clock: systemClock, log };
const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0)) await part.stop();
});

async function started<D extends { start(): Promise<void>; stop(): Promise<void> }>(device: D): Promise<D> {
  await device.start();
  open.push(device);
  return device;
}

function ask(name: string, options: Partial<ProbeOptions> = {}) {
  return probeReader({ target: parseTarget(name), name, limitMs: 2_000, clock: systemClock, log, ...options });
}

const serialNumber = "2020090817420000";
const login = { username: "alien", password: "secret" };

describe("storeward-edge probe", () => {
  it("knows an LLRP reader by its greeting, at any port, and asks without taking anything from it", async () => {
    const time = { now: () => 0, utc: (at: number) => BigInt(at) };
    const reader = await started(
      new LlrpReader({ ...base, time, identity: new Uint8Array(8), firmware: "7.1", tcpPort: 0 }),
    );
    const before = reader.status();
    const found = await ask(`127.0.0.1:${reader.address.port}`);
    expect(found).toMatchObject({ driver: "llrp", firmware: "7.1", antennas: [1, 2], connected: [1] });
    expect(found.region).toMatch(/^ETSI_302_208, 865\.7 to 867\.5 MHz$/);
    expect(found.power).toMatch(/^\d+ to [\d.]+ dBm$/);
    expect(found.features).toContain("holds reports while nobody is connected");
    expect({ ...reader.status(), clients: 0 }).toEqual(before);
  });

  it("asks over TLS, of LLRP and of the web, and trusts only who signed the certificate", async () => {
    const authority = new TestAuthority();
    open.push({ stop: async () => authority.stop() });
    const tls = authority.issue("127.0.0.1");
    const time = { now: () => 0, utc: (at: number) => BigInt(at) };
    const llrp = await started(
      new LlrpReader({ ...base, time, identity: new Uint8Array(8), firmware: "7.1", tcpPort: 0, tls }),
    );
    const web = await started(
      new ImpinjIotReader({ ...base, time, serial: "37021340047", firmware: "8.2.0.240", tcpPort: 0, tls }),
    );
    const targets = [
      { host: "127.0.0.1", port: llrp.address.port ?? 0, tls: true },
      parseTarget(web.address.url ?? ""),
    ];
    const { caFile } = authority;
    const [first, second] = await Promise.all(targets.map((target) => ask("it", { target: { ...target, caFile } })));
    expect(first).toMatchObject({ driver: "llrp", firmware: "7.1", connected: [1] });
    expect(second).toMatchObject({
      driver: "impinj-iot",
      serial: "37021340047",
      firmware: "8.2.0.240",
      antennas: [1, 2],
    });
    expect(second?.power).toMatch(/^\d+ to [\d.]+ dBm$/);
    expect(web.status().running).toBeUndefined();
    for (const target of targets) await expect(ask("it", { target })).rejects.toThrow(/certificate/);
  });

  for (const tcp of [true, false])
    it(`finds the driver of a reader on ${tcp ? "a serial server" : "a serial line"}, and changes none of its settings`, async () => {
      const readers = [
        await started(new MetratecReader({ ...base, serial: serialNumber, tcp })),
        await started(new TslReader({ ...base, serial: "1128-EU-001234", tcp })),
        await started(new AlienReader({ ...base, tcp, login: tcp ? login : undefined })),
      ];
      for (const reader of readers) {
        const settings = () => ({ ...reader.status(), received: 0 });
        const before = settings();
        const { device = "" } = reader.address;
        const found = await ask(device, { login, driver: tcp ? undefined : reader.driver });
        expect(found.driver).toBe(reader.driver);
        expect(found.model).toMatch(/PLRM|1128|ALR/);
        expect(settings()).toEqual(before);
      }
    });

  it("asks a reader by its broker, and changes none of its settings", async () => {
    const broker = new AedesBroker();
    await broker.start();
    open.push({ stop: () => broker.kill() });
    const time = { now: () => 0, utc: (at: number) => BigInt(at) };
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const topics = zebraTopics({ tenant: "ward", serial: "FX96" });
    const options = { ...base, time, serial: "84248dee5721", firmware: "3.28.18.0", heartbeatSeconds: 0 };
    const reader = await started(new ZebraIotReader({ ...options, broker: url, topics }));
    await expect.poll(() => reader.status().connected).toBe(true);
    const before = reader.status();
    const found = await ask(`${url}/ward/FX96`, { limitMs: 10_000 });
    expect(found).toMatchObject({
      driver: "zebra-iot",
      model: "Zebra FX9600",
      firmware: "3.28.18.0",
      serial: "84248dee5721",
      antennas: [1, 2],
      connected: [1],
      power: "10 to 30 dBm",
      features: ["inventory, now inactive"],
    });
    expect(found.region).toMatch(/ETSI/);
    expect(reader.status()).toEqual(before);
    await expect(ask(`${url}/FX96`, { limitMs: 300 })).rejects.toThrow(/zebra-iot: no answer within \d+ ms/);
    await expect(ask("mqtt://127.0.0.1:1/ward/FX96")).rejects.toThrow(/ECONNREFUSED/);
    await expect(ask("mqtt://10.1.2.3/FX96")).rejects.toThrow(/add --insecure/);
    await expect(ask(`${url}/FX96`, { driver: "llrp" })).rejects.toThrow(/does not read over/);
    await expect(ask("127.0.0.1", { driver: "zebra-iot" })).rejects.toThrow(/does not read over/);
  });

  it("asks a reader that is taking inventory, and lets it go on", async () => {
    const reader = await started(new MetratecReader({ ...base, serial: serialNumber, tcp: true }));
    const { device = "" } = reader.address;
    const start = systemClock.mono();
    const timer = systemClock.every(10, () => reader.tick(systemClock.mono() - start));
    open.push({ stop: async () => timer.stop() });
    await new Promise<void>((resolve, reject) => {
      const socket = createConnectionTo(device);
      socket.on("error", reject);
      socket.write("AT+CMINV\r");
      socket.on("data", (data) => {
        if (String(data).includes("+CMINV")) resolve(void socket.destroy());
      });
    });
    expect(await ask(device)).toMatchObject({ driver: "metratec", serial: serialNumber });
    expect(reader.status().operation).toBe("CMINV");
  });

  it("says what each driver met where nothing understands it, within its time", async () => {
    const server: Server = createServer((socket) => void socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ stop: () => new Promise((resolve) => server.close(resolve)) });
    const address = server.address();
    const name = `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const start = performance.now();
    const error = await ask(name, { limitMs: 800 }).catch((thrown: unknown) => String(thrown));
    expect(performance.now() - start).toBeLessThan(2_000);
    for (const driver of ["llrp", "metratec", "tsl", "alien"])
      expect(error).toMatch(new RegExp(`\\n {2}${driver}: no answer within \\d+ ms`));
  });

  it("says so when a login is refused, a port is missing, or a driver cannot read over that line", async () => {
    const reader = await started(new AlienReader({ ...base, tcp: true, login }));
    const { device = "" } = reader.address;
    await expect(ask(device, { driver: "alien" })).rejects.toThrow(/refuses the user alien/);
    await expect(ask("/dev/does-not-exist")).rejects.toThrow(/Cannot open \/dev\/does-not-exist/);
    await expect(ask("127.0.0.1", { driver: "tsl" })).rejects.toThrow(/does not read over 127\.0\.0\.1/);
    await expect(ask(device, { driver: "llpr" })).rejects.toThrow(/no reader driver llpr; there are: llrp/);
    await expect(ask("10.1.2.3")).rejects.toThrow(/add --insecure/);
    for (const wrong of [
      "",
      "http://x/path",
      "https://root:secret@x",
      "a b",
      "x/y",
      "tcp://host",
      "mqtt://x",
      "mqtts://u:p@x/s",
      "mqtt://x/+/s",
    ])
      expect(() => parseTarget(wrong)).toThrow(/names no reader|tcp:\/\/host:port/);
  });

  it("tries the likeliest drivers of a target", () => {
    expect(candidates(parseTarget("reader.example"))).toEqual(["llrp", "alien"]);
    expect(candidates(parseTarget("[::1]:5084"))).toEqual(["llrp"]);
    expect(candidates(parseTarget("10.0.0.1:23"))[0]).toBe("alien");
    expect(candidates(parseTarget("https://10.0.0.1"))).toEqual(["impinj-iot"]);
    expect(parseTarget("10.0.0.1:5085")).toEqual({ host: "10.0.0.1", port: 5085, tls: true });
    for (const device of ["COM3", "/dev/ttyUSB0", "tcp://10.0.0.1:4001"])
      expect(candidates(parseTarget(device))).toEqual(["metratec", "tsl", "alien"]);
  });

  it("prints nothing that steers a terminal", () => {
    const text = reportText({ driver: "tsl", model: "TSL\x1b[2J", features: ["a\nb"], notes: [] });
    expect(text).toMatch(/^driver +tsl\nmodel +TSL\?\[2J\nfeatures +a\?b\n$/);
  });
});

function createConnectionTo(device: string) {
  const { hostname, port: tcpPort } = new URL(device);
  return connect({ host: hostname, port: Number(tcpPort) });
}
