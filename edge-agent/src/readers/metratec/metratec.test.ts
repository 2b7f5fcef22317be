import { createServer, type Server, type Socket } from "node:net";
import type { MetratecReader } from "@storeward/contracts";
import { type Clock, createLogger, ManualClock, systemClock } from "@storeward/runtime";
import { afterEach, describe, expect, it } from "vitest";
import type { ReaderDriver, ReaderEvent, TagRead } from "../driver.js";
import { createMetratecDriver } from "./index.js";

/** A reader by the letter of its AT protocol behind a serial server, that does what a test tells it. */
class ScriptedReader {
  readonly asked: string[] = [];
  readonly server: Server;
  socket: Socket | undefined;
  echo = true;
  running = false;
  region = "ETSI_LOWER";
  inventoryFields = "0,0,1,1,1";
  deaf = false;
  #input = "";

  constructor() {
    this.server = createServer((socket) => {
      this.socket = socket;
      this.#input = "";
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => this.receive(chunk.toString("latin1")));
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    const address = this.server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    this.socket?.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  block(...lines: string[]): void {
    this.socket?.write(`${lines.join("\r")}\r\n`, "latin1");
  }

  receive(text: string): void {
    this.#input += text;
    for (let end = this.#input.indexOf("\r"); end >= 0; end = this.#input.indexOf("\r")) {
      const command = this.#input.slice(0, end);
      this.#input = this.#input.slice(end + 1);
      this.asked.push(command);
      if (this.deaf) continue;
      if (this.echo) this.block(command);
      // What may come between a command and its answer.
      this.block("+HBT");
      this.answer(command);
    }
  }

  answer(command: string): void {
    if (command === "ATE0") this.echo = false;
    if (command === "ATI") this.block("+SW: PLRM 0113", "+HW: PLRM 0100", "+SERIAL: 2020090817420000");
    if (command === "AT+REG?") this.block(`+REG: ${this.region}`);
    if (command === "AT+INVS?") this.block(`+INVS: ${this.inventoryFields}`);
    if (command === "AT+PWR?") this.block("+PWR: 12,12,12,12");
    if (command === "AT+CMINV") this.running = true;
    if (command === "AT+BINV" && !this.running) {
      this.block("is not running");
      this.block("ERROR");
      return;
    }
    if (command === "AT+BINV") this.running = false;
    this.block("OK");
  }
}

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
});

async function rig(clock: Clock = systemClock): Promise<{
  fake: ScriptedReader;
  driver: ReaderDriver;
  events: ReaderEvent[];
  reads(): TagRead[];
  coverage(): string[];
}> {
  const fake = new ScriptedReader();
  const port = await fake.listen();
  open.push(fake);
  const events: ReaderEvent[] = [];
  const reader: MetratecReader = {
    id: "m1",
    agent: "a1",
    region: "ETSI",
    driver: "metratec",
    device: `tcp://127.0.0.1:${port}`,
    antennas: [
      { antenna: 1, power: 12 },
      { antenna: 2, power: 15.5 },
    ],
  };
  const driver = createMetratecDriver({
    reader,
    roles: new Map([
      [1, "shelf"],
      [2, "shelf"],
    ]),
    clock,
    log: createLogger("test", { level: "silent" }),
    onEvent: (event) => events.push(event),
  });
  open.push(driver);
  return {
    fake,
    driver,
    events,
    reads: () => events.flatMap((event) => (event.type === "reads" ? event.reads : [])),
    coverage: () => events.flatMap((event) => (event.type === "coverage" ? [`${event.state} ${event.antennas}`] : [])),
  };
}

async function until(condition: () => boolean, what: string, ms = 40_000): Promise<void> {
  const limit = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`timed out: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("metraTec driver", () => {
  it("sets the reader up, with as many inventory fields as its firmware has", async () => {
    const { fake, driver, coverage } = await rig();
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    expect(fake.asked).toEqual([
      "AT+BINV",
      "ATE0",
      "ATI",
      "AT+REG?",
      "AT+MUX=1,2",
      "AT+PWR?",
      "AT+PWR=12,15,12,12",
      "AT+INVS?",
      "AT+INVS=0,1,0,1,0",
      "AT+HBT=10",
      "AT+CMINV",
    ]);
    expect(coverage()).toEqual(["watching 1,2"]);
    expect(driver.health()).toMatchObject({ state: "watching", model: "PLRM 0100", firmware: "PLRM 0113" });
  });

  it("gives each round's tags to the antenna that finished it", async () => {
    const { fake, driver, events, coverage } = await rig();
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    fake.block(
      "+CMINV: 3034257BF468D480000003EC,-61",
      "+CMINV: 3034257BF468D480000003ED,-70",
      "+CMINV: <ROUND FINISHED, ANT=1>",
    );
    fake.block("+HBT");
    fake.block("+CMINV: <NO TAGS FOUND>", "+CMINV: <ROUND FINISHED, ANT=2>");
    fake.block("+IEV: 1,HIGH");
    await until(() => events.at(-1)?.type === "input", "an input");
    const [, reads, first, second] = events;
    expect(reads?.type === "reads" && reads.reads.map(({ epc, antenna, rssi }) => [epc, antenna, rssi])).toEqual([
      ["3034257BF468D480000003EC", 1, -61],
      ["3034257BF468D480000003ED", 1, -70],
    ]);
    expect([first, second]).toMatchObject([
      { type: "round", antennas: [1] },
      { type: "round", antennas: [2] },
    ]);
  });

  it("counts what it cannot read and goes on", async () => {
    const { fake, driver, reads, coverage } = await rig();
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    fake.block("+CMINV: ", "+CMINV: XYZ,-60", "+CMINV: 3034,abc", "+CMINV: <SOMETHING>", "nonsense", "x".repeat(3_000));
    fake.block(
      "+CMINV: 3034,-60",
      "+CMINV: <ROUND FINISHED, ANT=9>",
      "+CMINV: 3035,-60",
      "+CMINV: <ROUND FINISHED, ANT=2>",
    );
    await until(() => reads().length === 1, "a read");
    expect(reads()[0]).toMatchObject({ epc: "3035", antenna: 2 });
    expect(driver.health().counters).toMatchObject({ badLines: 4, strayLines: 1, foreignAntennas: 1 });
  });

  it("tells an antenna with an error blind until it finishes a round without one", async () => {
    const { fake, driver, coverage } = await rig();
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    fake.block("+CMINV: <Antenna Error>", "+CMINV: <ROUND FINISHED, ANT=2>");
    fake.block("+CMINV: <NO TAGS FOUND>", "+CMINV: <ROUND FINISHED, ANT=2>");
    await until(() => coverage().length === 3, "watching again");
    expect(coverage()).toEqual(["watching 1,2", "blind 2", "watching 2"]);
  });

  it("does not read under the rules of another region", async () => {
    const { fake, driver } = await rig();
    fake.region = "FCC";
    await driver.start();
    await until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/METRATEC_REGION: .*FCC.*ETSI/);
    expect(fake.running).toBe(false);
  });

  it("is blind while the line is gone, and sets the reader up again when it is back", async () => {
    const { fake, driver, coverage } = await rig();
    await driver.start();
    await until(() => coverage().length === 1, "watching");
    fake.socket?.destroy();
    await until(() => coverage().length === 3, "watching again");
    expect(coverage()).toEqual(["watching 1,2", "blind 1,2", "watching 1,2"]);
  });

  it("is blind since the last word of a reader whose heartbeat stops for two periods", async () => {
    const clock = new ManualClock();
    const { fake, driver, events, coverage } = await rig(clock);
    await driver.start();
    await until(() => fake.asked.length === 1, "stopped first");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(100);
    await until(() => coverage().length === 1, "watching");
    await clock.advance(12_400);
    fake.block("+HBT", "+CMINV: <ROUND FINISHED, ANT=2>");
    await until(() => events.at(-1)?.type === "round", "a round");
    await clock.advance(12_500);
    expect(coverage()).toHaveLength(1);
    fake.block("+HBT");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(2_500);
    expect(coverage()).toEqual(["watching 1,2", "blind 1,2"]);
    expect(driver.health().error).toMatch(/METRATEC_NOT_READING/);
  });

  it("says that it hears nothing of a reader whose line is dead", async () => {
    const clock = new ManualClock();
    const { fake, driver, events, coverage } = await rig(clock);
    await driver.start();
    await until(() => fake.asked.length === 1, "stopped first");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(100);
    await until(() => coverage().length === 1, "watching");
    const since = clock.mono();
    await clock.advance(17_500);
    expect(driver.health().error).toMatch(/SERIAL_SILENT: Nothing heard from the reader for 1\d+ ms/);
    expect(events.at(-1)).toMatchObject({ type: "coverage", state: "blind", since });
  });

  it("reports a reader that does not answer, and tries again", async () => {
    const clock = new ManualClock();
    const { fake, driver } = await rig(clock);
    fake.deaf = true;
    await driver.start();
    await until(() => fake.asked.length === 1, "asked");
    await clock.advance(3_000);
    expect(driver.health().error).toMatch(/METRATEC_TIMEOUT: .*AT\+BINV/);
    await until(() => clock.pending === 1, "closed");
    fake.deaf = false;
    await clock.advance(1_000);
    await until(() => fake.asked.length === 2, "asked again");
  });

  it("says which device it cannot open", async () => {
    const driver = createMetratecDriver({
      reader: {
        id: "m1",
        agent: "a1",
        region: "ETSI",
        driver: "metratec",
        device: "/dev/does-not-exist",
        antennas: [{ antenna: 1, power: 12 }],
      },
      roles: new Map([[1, "shelf"]]),
      clock: systemClock,
      log: createLogger("test", { level: "silent" }),
      onEvent: () => undefined,
    });
    open.push(driver);
    await driver.start();
    await until(() => driver.health().error !== undefined, "an error");
    expect(driver.health().error).toMatch(/SERIAL_OPEN: .*\/dev\/does-not-exist/);
  });

  it("stops the inventory when it stops, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const { fake, driver, coverage } = await rig(clock);
    await driver.start();
    await until(() => fake.asked.length === 1, "stopped first");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await clock.advance(100);
    await until(() => coverage().length === 1, "watching");
    await driver.stop();
    expect(fake.running).toBe(false);
    expect(clock.pending).toBe(0);
  });
});
