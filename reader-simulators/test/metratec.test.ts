import { connect, type Socket } from "node:net";
import { createLogger, ManualClock } from "@storeward/runtime";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AntennaPort } from "../src/devices/antenna-port.js";
import { MetratecReader } from "../src/devices/metratec/metratec-reader.js";
import { EPCS } from "./bench-reader.js";

const clock = new ManualClock();
const tags = new Map<number, string[]>();
let unplugged: number | undefined;
let now = 0;
let reader: MetratecReader;
let line: Socket;
let received = "";

const port: AntennaPort = {
  antennas: [1, 2],
  region: "ETSI",
  turnMs: () => 100,
  connected: (antenna) => antenna !== unplugged,
  read: (antenna, power, from) => {
    const epcs = antenna === unplugged ? [] : (tags.get(antenna) ?? []);
    return epcs.map((epc, index) => ({ epc, rssi: power - 70.4 - index, at: from + index, channel: 1, phase: 90 }));
  },
};

beforeEach(async () => {
  now = 0;
  unplugged = undefined;
  received = "";
  tags.set(1, [EPCS[0]!]).set(2, []);
  const log = createLogger("test", { level: "silent" });
  reader = new MetratecReader({ id: "cabinet", port, clock, log, serial: "2020090817420000", tcp: true });
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
  expect(clock.pending).toBe(0);
});

const pass = (ms: number) => {
  for (const end = now + ms; now < end; ) {
    now += 50;
    reader.tick(now);
  }
};
/** Waits for a block, whole blocks before it included, and takes them. */
const until = async (end: string) => {
  await expect.poll(() => received.includes(`${end}\r\n`), { interval: 2 }).toBe(true);
  const at = received.indexOf(`${end}\r\n`) + end.length + 2;
  const taken = received.slice(0, at);
  received = received.slice(at);
  return taken;
};
const command = async (text: string, end = "OK") => {
  line.write(`${text}\r`);
  return await until(end);
};

describe("the AT protocol of a simulated metraTec reader", () => {
  it("echoes until told not to, as a block of its own", async () => {
    expect(await command("ATI")).toBe("ATI\r\n+SW: PLRM 0113\r+HW: PLRM 0100\r+SERIAL: 2020090817420000\r\nOK\r\n");
    expect(await command("ATE0")).toBe("ATE0\r\nOK\r\n");
    expect(await command("AT+REG?")).toBe("+REG: ETSI_LOWER\r\nOK\r\n");
    expect(await command("ATE1")).toBe("OK\r\n");
    expect(await command("AT")).toBe("AT\r\nOK\r\n");
  });

  it("keeps what is set and refuses what cannot be", async () => {
    await command("ATE0");
    for (const [setting, value, wrong] of [
      ["MUX", "2,1", "3"],
      ["PWR", "12,20", "12,31"],
      ["INVS", "0,1,1,0,1", "0,1"],
      ["IEV", "1", "2"],
      ["REG", "FCC", "MOON"],
      ["HBT", "0", "x"],
    ]) {
      expect(await command(`AT+${setting}=${value}`)).toBe("OK\r\n");
      expect(await command(`AT+${setting}?`)).toBe(`+${setting}: ${value}\r\nOK\r\n`);
      expect(await command(`AT+${setting}=${wrong}`, "ERROR")).toMatch(/^<Wrong parameter \(.+\)>\r\nERROR\r\n$/);
      expect(await command(`AT+${setting}?`)).toBe(`+${setting}: ${value}\r\nOK\r\n`);
    }
    expect(await command("AT+NONSENSE", "ERROR")).toBe("<Unknown command>\r\nERROR\r\n");
    expect(await command("hello", "ERROR")).toBe("<Unknown command>\r\nERROR\r\n");
  });

  it("takes one inventory, of one antenna or over all of them, and says OK after it", async () => {
    await command("ATE0");
    await command("AT+MUX=1,2");
    await command("AT+INVS=0,1,0,0,0");
    await command("AT+PWR=20");
    line.write("AT+INV\r");
    await expect.poll(() => reader.status().operation).toBe("INV");
    pass(100);
    expect(await until("OK")).toBe(`+INV: ${EPCS[0]},-50\r+INV: <ROUND FINISHED, ANT=1>\r\nOK\r\n`);
    line.write("AT+MINV\r");
    await expect.poll(() => reader.status().operation).toBe("MINV");
    pass(200);
    expect(await until("OK")).toBe(
      `+MINV: ${EPCS[0]},-50\r+MINV: <ROUND FINISHED, ANT=1>\r+MINV: <NO TAGS FOUND>\r+MINV: <ROUND FINISHED, ANT=2>\r\nOK\r\n`,
    );
  });

  it("goes on round after round until stopped, and tells of an antenna that fails", async () => {
    await command("ATE0");
    await command("AT+MUX=1,2");
    await command("AT+CMINV");
    pass(200);
    expect(await until("+CMINV: <ROUND FINISHED, ANT=2>")).toBe(
      `+CMINV: ${EPCS[0]}\r+CMINV: <ROUND FINISHED, ANT=1>\r\n+CMINV: <NO TAGS FOUND>\r+CMINV: <ROUND FINISHED, ANT=2>\r\n`,
    );
    unplugged = 1;
    pass(100);
    expect(await until("ANT=1>")).toBe("+CMINV: <Antenna Error>\r+CMINV: <ROUND FINISHED, ANT=1>\r\n");
    expect(await command("AT+INV", "ERROR")).toBe("<Operation Error (inventory is running)>\r\nERROR\r\n");
    expect(await command("AT+BINV")).toBe("OK\r\n");
    pass(500);
    expect(await command("AT+BINV", "ERROR")).toBe("is not running\r\nERROR\r\n");
  });

  it("shows the fields that are asked for, and a tag only once with ONT", async () => {
    await command("ATE0");
    await command("AT+INVS=0,1,1,0,1");
    await command("AT+CINV");
    pass(100);
    expect(await until("ANT=1>")).toMatch(new RegExp(`^\\+CINV: ${EPCS[0]},E2[0-9A-F]{22},-43,90,94\r`));
    await command("AT+BINV");
    await command("AT+INVS=1,0,0,0,0");
    await command("AT+CINV");
    pass(200);
    expect(await until("ANT=1>")).toContain(EPCS[0]);
    expect(await until("ANT=1>")).toContain("<NO TAGS FOUND>");
  });

  it("counts how often a tag was seen in a period", async () => {
    await command("ATE0");
    expect(await command("AT+CINVR=5", "ERROR")).toContain("<Wrong parameter (period)>");
    await command("AT+CINVR=1000");
    pass(1000);
    expect(await until(`${EPCS[0]},10`)).toBe(`+CINVR: ${EPCS[0]},10\r\n`);
    expect(await command("AT+BINVR")).toBe("OK\r\n");
  });

  it("sends its heartbeat as asked, also between a command and its answer", async () => {
    await command("ATE0");
    await command("AT+HBT=10");
    await clock.advance(20_000);
    expect(await until("+HBT\r\n+HBT")).toBe("+HBT\r\n+HBT\r\n");
    await command("AT+HBT=0");
    await clock.advance(20_000);
    expect(await command("AT")).toBe("OK\r\n");
  });

  it("takes commands cut and glued, and survives anything else", async () => {
    await command("ATE0");
    for (const char of "AT+REG?\r\nAT\r") line.write(char);
    expect(await until("OK\r\nOK")).toBe("+REG: ETSI_LOWER\r\nOK\r\nOK\r\n");
    expect(await command("A".repeat(2000), "ERROR")).toBe("<Command too long>\r\nERROR\r\n");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        line.write(bytes);
        line.write("\rAT+BINV\rATE0\r");
        await until("OK");
      }),
      { numRuns: 30 },
    );
    expect(await command("AT+REG?")).toContain("OK");
  });

  it("loses what comes while the line is cut", async () => {
    await command("ATE0");
    reader.cut(true);
    line.write("ATI\r");
    await new Promise((resolve) => setTimeout(resolve, 20));
    reader.cut(false);
    expect(await command("AT")).toBe("OK\r\n");
  });
});
