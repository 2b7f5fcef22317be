import { connect, type Socket } from "node:net";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AntennaPort } from "../src/devices/antenna-port.js";
import { TslReader } from "../src/devices/tsl/tsl-reader.js";
import { EPCS } from "./bench-reader.js";

let tags: string[] = [];
let unplugged = false;
let now = 0;
let reader: TslReader;
let line: Socket;
let received = "";

const port: AntennaPort = {
  antennas: [1],
  region: "ETSI",
  turnMs: () => 100,
  connected: () => !unplugged,
  read: (_antenna, power, from) =>
    tags.map((epc, index) => ({ epc, rssi: power - 80.4 - index, at: from, channel: 1, phase: 0 })),
};

beforeEach(async () => {
  now = 0;
  unplugged = false;
  received = "";
  tags = [EPCS[0]!];
  const log = createLogger("test", { level: "silent" });
  reader = new TslReader({ id: "h", port, clock: new ManualClock(), log, serial: "1128-EU-001234", tcp: true });
  await reader.start();
  line = connect(Number(reader.address.device?.split(":").at(-1)), "127.0.0.1");
  line.on("data", (data) => {
    received += data.toString("latin1");
  });
  await new Promise((resolve) => line.once("connect", resolve));
});
afterEach(async () => {
  line.destroy();
  await reader.stop();
});

const pass = (ms: number) => {
  for (const end = now + ms; now < end; ) {
    now += 50;
    reader.tick(now);
  }
};
/** Waits for a whole block and takes it. */
const block = async () => {
  await expect.poll(() => /(OK:|ER: \d{3})\r\n\r\n/.test(received), { interval: 2 }).toBe(true);
  const end = received.indexOf("\r\n\r\n") + 4;
  const taken = received.slice(0, end);
  received = received.slice(end);
  return taken;
};
const command = async (text: string) => {
  line.write(`${text}\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  pass(100);
  return block();
};

describe("the ASCII 2 protocol of a simulated TSL reader", () => {
  it("answers with the command, its lines, and how it went", async () => {
    expect(await command(".vr")).toMatch(/^CS: \.vr\r\nMF: TSL\r\nUS: 1128-EU-001234\r\n(\w\w: .+\r\n)+OK:\r\n\r\n$/);
    expect(await command(".bl")).toBe("CS: .bl\r\nBP: 85%\r\nCH: Off\r\nOK:\r\n\r\n");
    expect(await command(".zz")).toBe("CS: .zz\r\nME: Unrecognised command\r\nER: 001\r\n\r\n");
  });

  it("takes an inventory with the fields that were asked for, and keeps the parameters", async () => {
    expect(await command(".iv -x -n -al off -e on -r on -o 25")).toBe(
      "CS: .iv -x -n -al off -e on -r on -o 25\r\nOK:\r\n\r\n",
    );
    expect(await command(".iv")).toBe(`CS: .iv\r\nEP: ${EPCS[0]}\r\nPC: 3000\r\nRI: -55\r\nOK:\r\n\r\n`);
    expect(await command(".iv -n -p")).toContain("-o 25");
    expect(await command(".iv -o 40")).toContain("ME: Invalid value for -o\r\nER: 002");
    tags = [];
    expect(await command(".iv")).toBe("CS: .iv\r\nER: 005\r\n\r\n");
    unplugged = true;
    expect(await command(".iv")).toBe("CS: .iv\r\nER: 008\r\n\r\n");
  });

  it("pushes a block when its trigger is pulled", async () => {
    reader.pullTrigger();
    pass(100);
    expect(await block()).toBe(`CS: .iv\r\nEP: ${EPCS[0]}\r\nOK:\r\n\r\n`);
  });

  it("ends what runs when told to, and takes commands one after the other", async () => {
    line.write(".iv\r\n.vr\r\n");
    await expect.poll(() => reader.status().operation).toBe(".iv");
    pass(100);
    expect(await block()).toMatch(/^CS: \.iv/);
    expect(await block()).toMatch(/^CS: \.vr/);
    line.write(".iv\r\n");
    await expect.poll(() => reader.status().operation).toBe(".iv");
    line.write(".ab\r\n");
    expect(await block()).toBe("CS: .iv\r\nER: 005\r\n\r\n");
    expect(await block()).toBe("CS: .ab\r\nOK:\r\n\r\n");
  });
});
