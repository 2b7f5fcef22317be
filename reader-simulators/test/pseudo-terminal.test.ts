import { constants, openSync } from "node:fs";
import { ReadStream } from "node:tty";
import { createLogger } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import { openPseudoTerminal } from "../src/devices/serial/pseudo-terminal.js";
import { openSerialLine, type SerialLine } from "../src/devices/serial/serial-line.js";

const available = await openPseudoTerminal(() => undefined).then(
  (terminal) => {
    terminal.close();
    return true;
  },
  () => false,
);

let line: SerialLine;
afterEach(() => line.close());

/** Opens the client's end as a serial library does. */
function openClient(path: string) {
  const stream = new ReadStream(openSync(path, constants.O_RDWR | constants.O_NOCTTY));
  const client = { received: "", stream };
  stream.on("data", (data) => {
    client.received += data.toString("latin1");
  });
  return client;
}

describe.skipIf(!available)("a serial line on a pseudo-terminal (skipped where node-pty cannot open one)", () => {
  it("carries bytes both ways unchanged, without echo, and again after the client has closed it", async () => {
    let heard = "";
    line = await openSerialLine(
      (data) => {
        heard += data.toString("latin1");
      },
      createLogger("test", { level: "silent" }),
    );
    expect(line.device).toMatch(/^\/dev\//);
    for (const round of [1, 2]) {
      const client = openClient(line.device);
      heard = "";
      client.stream.write?.call(client.stream, `AT+${round}\r`);
      await expect.poll(() => heard).toBe(`AT+${round}\r`);
      line.write(`+ONE\r+TWO ${round}\r\n`);
      await expect.poll(() => client.received).toBe(`+ONE\r+TWO ${round}\r\n`);
      client.stream.destroy();
      await new Promise((resolve) => client.stream.once("close", resolve));
    }
  });

  it("loses what nobody reads, and goes on", async () => {
    line = await openSerialLine(() => undefined, createLogger("test", { level: "silent" }));
    for (let block = 0; block < 2000; block++) line.write(`${"x".repeat(100)}\r\n`);
    const client = openClient(line.device);
    await expect.poll(() => client.received.length).toBeGreaterThan(4000);
    await expect
      .poll(() => {
        line.write("END\r\n");
        return client.received.endsWith("END\r\n");
      })
      .toBe(true);
    expect(client.received.length).toBeLessThan(200_000);
    client.stream.destroy();
  });
});

describe("a serial line over TCP", () => {
  it("is there where pseudo-terminals are not wanted", async () => {
    line = await openSerialLine(() => undefined, createLogger("test", { level: "silent" }), { tcp: true });
    expect(line.device).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  });
});
