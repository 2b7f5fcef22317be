import type { Reader } from "@storeward/contracts";
import type { AntennaPort } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import type { AntennaRole, ReaderDriver, ReaderEvent, TagRead } from "../../src/readers/driver.js";
import { loadDriver } from "../../src/readers/index.js";
import { SkippingClock } from "./skipping-clock.js";

interface Device {
  readonly address: { readonly device?: string };
  start(): Promise<void>;
  stop(): Promise<void>;
  tick(now: number): void;
}

/** One tag before each antenna that is plugged in; a test changes what there is. */
export class BenchField implements AntennaPort {
  readonly antennas: readonly number[];
  readonly region = "ETSI";
  readonly tags = new Map<number, string[]>();
  readonly unplugged = new Set<number>();
  /** How long a turn takes, ms. */
  turn = 30;
  /** The power of the last turn, by antenna. */
  readonly powers = new Map<number, number>();

  constructor(antennas: readonly number[]) {
    this.antennas = antennas;
    for (const antenna of antennas) this.tags.set(antenna, ["3034257BF468D480000003EC"]);
  }

  turnMs(): number {
    return this.turn;
  }

  connected(antenna: number): boolean {
    return !this.unplugged.has(antenna);
  }

  read(antenna: number, power: number, from: number) {
    this.powers.set(antenna, power);
    if (!this.connected(antenna)) return [];
    return (this.tags.get(antenna) ?? []).map((epc) => ({ epc, rssi: -50.4, at: from, channel: 1, phase: 0 }));
  }
}

/** A driver of a simulated reader on a serial server, with what it has told. */
export class SerialBench {
  readonly clock = new SkippingClock();
  readonly events: ReaderEvent[] = [];
  driver: ReaderDriver | undefined;
  readonly #device: Device;
  readonly #open: { stop(): unknown }[] = [];

  constructor(device: Device) {
    this.#device = device;
  }

  /** Powers the reader, and makes its driver. */
  async start(
    configure: (device: string) => Reader | Promise<Reader>,
    role: AntennaRole = "shelf",
  ): Promise<ReaderDriver> {
    await this.#device.start();
    const start = systemClock.mono();
    const ticks = systemClock.every(10, () => this.#device.tick(systemClock.mono() - start));
    this.#open.push(this.#device, ticks);
    const reader = await configure(this.#device.address.device ?? "");
    const create = await loadDriver(reader.driver);
    const driver = create({
      reader,
      roles: new Map(reader.antennas.map(({ antenna }) => [antenna, role])),
      clock: this.clock,
      log: createLogger("test", { level: "silent" }),
      onEvent: (event) => this.events.push(event),
    });
    this.driver = driver;
    this.#open.push(driver);
    await driver.start();
    return driver;
  }

  get reads(): TagRead[] {
    return this.events.flatMap((event) => (event.type === "reads" ? event.reads : []));
  }

  /** `watching 1,2`, `round 1`, `reads`, in the order in which they were told. */
  get story(): string[] {
    return this.events.map((event) => {
      if (event.type === "coverage") return `${event.state} ${event.antennas.join(",")}`;
      return event.type === "round" ? `round ${event.antennas.join(",")}` : event.type;
    });
  }

  /** Waits; each 10 ms the driver's clock skips `skipMs`. */
  async until(condition: () => boolean, what: string, skipMs = 0): Promise<void> {
    const limit = performance.now() + 40_000;
    while (!condition()) {
      if (performance.now() > limit) throw new Error(`timed out: ${what}; ${JSON.stringify(this.driver?.health())}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (skipMs > 0) this.clock.skip(skipMs);
    }
  }

  async stop(): Promise<void> {
    for (const part of this.#open.splice(0).reverse()) await part.stop();
  }
}
