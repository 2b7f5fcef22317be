import { connect, type Socket } from "node:net";
import { createLogger, ManualClock } from "@storeward/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AlienReader } from "../src/devices/alien/alien-reader.js";
import type { AntennaPort } from "../src/devices/antenna-port.js";
import { EPCS } from "./bench-reader.js";

const tags = new Map<number, string[]>();
const powers: number[] = [];
let unplugged: number | undefined;
let now = 0;
let reader: AlienReader;
let line: Socket;
let received = "";

const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 100,
  connected: (antenna) => antenna !== unplugged,
  read: (antenna, power, from) => {
    powers.push(power);
    const epcs = antenna === unplugged ? [] : (tags.get(antenna) ?? []);
    return epcs.map((epc, index) => ({ epc, rssi: -50.4 - index, at: from, channel: 1, phase: 0 }));
  },
};

beforeEach(async () => {
  now = 0;
  unplugged = undefined;
  received = "";
  powers.length = 0;
  tags.set(1, [EPCS[0]!]).set(2, []);
  const log = createLogger("test", { level: "silent" });
  const login = { username: "alien", password: "secret" };
  reader = new AlienReader({ id: "a", port, clock: new ManualClock(), log, tcp: true, login });
  await reader.start();
  line = connect(Number(reader.address.device?.split(":").at(-1)), "127.0.0.1");
  line.on("data", (data) => {
    received += data.toString("latin1");
  });
  await until("Username>\0");
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
/** Waits for this end, and takes what came up to it. */
const until = async (end: string) => {
  await expect.poll(() => received.includes(end), { interval: 2 }).toBe(true);
  const at = received.indexOf(end) + end.length;
  const taken = received.slice(0, at);
  received = received.slice(at);
  return taken;
};
const login = async () => {
  line.write("alien\r\n");
  await until("Password>\0");
  line.write("secret\r\n");
  await until("Alien>\0");
};
/** Without echo and prompt, as programs ask. */
const command = async (text: string) => {
  line.write(`\x01${text}\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  pass(200);
  return until("\0");
};

describe("the protocol of a simulated Alien reader", () => {
  it("lets in over TCP whoever knows its password", async () => {
    line.write("alien\r\n");
    await until("Password>\0");
    line.write("wrong\r\n");
    expect(await until("Username>\0")).toContain("Error: Invalid Username and/or Password");
    await login();
    expect(await command("get ReaderType")).toMatch(/^ReaderType = Alien RFID Tag Reader.*\r\n\0$/);
  });

  it("ends each reply with a NUL, with a prompt before it unless the command begins with 0x01", async () => {
    await login();
    line.write("get MaxAntenna\r\n");
    expect(await until("\0")).toBe("MaxAntenna = 1\r\n\r\nAlien>\0");
    expect(await command("get MaxAntenna")).toBe("MaxAntenna = 1\r\n\0");
    expect(await command("nonsense")).toBe("Error 1: Command not understood.\r\n\0");
  });

  it("acquires over its antenna sequence with the power of each port, and lists in the format that is set", async () => {
    await login();
    expect(await command("set AntennaSequence = 0, 1")).toBe("AntennaSequence = 0, 1\r\n\0");
    expect(await command("set AntennaSequence = 7")).toMatch(/^Error/);
    expect(await command("set RFLevel = 1 200")).toBe("RFLevel = 1 200\r\n\0");
    expect(await command("set RFLevel = 1 999")).toMatch(/^Error/);
    const spaced = EPCS[0]!.replace(/(.{4})(?=.)/g, "$1 ");
    expect(await command("get TagList")).toMatch(
      new RegExp(`^Tag:${spaced}, Disc:.+, Count:1, Ant:0, Proto:2\\r\\n\\0$`),
    );
    expect(powers).toEqual([31.6, 20]);
    await command("set TagListCustomFormat = Tag:%k, Ant:%a, RSSI:%m");
    await command("set TagListFormat = Custom");
    expect(await command("get TagList")).toBe(`Tag:${EPCS[0]}, Ant:0, RSSI:-50.4\r\n\0`);
    tags.set(1, []);
    expect(await command("get TagList")).toBe("(No Tags)\r\n\0");
  });

  it("tells which ports have an antenna", async () => {
    await login();
    expect(await command("get AntennaStatus")).toBe("AntennaStatus = 0, 1\r\n\0");
    unplugged = 1;
    expect(await command("get AntennaStatus")).toBe("AntennaStatus = 1\r\n\0");
  });

  it("pushes by itself in autonomous mode, until told not to", async () => {
    await login();
    reader.notify();
    pass(1_000);
    expect(await until("\0")).toMatch(
      /^#Alien RFID Reader Auto Notification Message\r\nTag:.*\r\n#End of Notification Message\r\n\0$/,
    );
    await command("set AutoMode = OFF");
    pass(5_000);
    expect(await command("get AutoMode")).toBe("AutoMode = OFF\r\n\0");
  });
});
