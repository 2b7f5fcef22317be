import {
  type ImpinjIotReader as ImpinjConfig,
  type ZebraIotReader as ZebraConfig,
  zebraTopics,
} from "@storeward/contracts";
import { ImpinjIotReader, ZebraIotReader } from "@storeward/reader-simulators";
import type { Clock } from "@storeward/runtime";
import { AedesBroker, type Broker } from "./brokers.js";
import { Bench, quiet, type ReaderRig, RunningTime, until } from "./iot-bench.js";

export class ImpinjRig implements ReaderRig {
  readonly bench: Bench;
  readonly device: ImpinjIotReader;
  readonly #time: RunningTime;
  readonly #config: Partial<ImpinjConfig>;

  constructor(
    options: {
      readonly clock?: Clock;
      readonly bench?: Bench;
      readonly config?: Partial<ImpinjConfig>;
      readonly device?: { readonly password?: string; readonly tls?: { key: string; cert: string } };
    } = {},
  ) {
    this.bench = options.bench ?? new Bench();
    this.#time = new RunningTime(options.clock);
    this.#config = options.config ?? {};
    this.device = new ImpinjIotReader({
      id: "r",
      port: this.bench,
      time: this.#time,
      clock: this.#time.clock,
      log: quiet,
      serial: "37021340047",
      firmware: "8.2.0.240",
      tcpPort: 0,
      ...options.device,
    });
  }

  get reader(): ImpinjConfig {
    return {
      id: "r",
      agent: "a",
      region: "ETSI",
      driver: "impinj-iot",
      url: this.device.address.url ?? "",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20.6 })),
      ...this.#config,
    };
  }

  async start(): Promise<void> {
    await this.device.start();
    this.#time.run(this.device);
  }

  async stop(): Promise<void> {
    this.#time.stop();
    await this.device.stop();
  }

  async takeDown(): Promise<void> {
    this.device.refusing = true;
    this.device.reboot();
  }

  async bringUp(): Promise<void> {
    this.device.refusing = false;
  }

  silence(on: boolean): void {
    this.device.cut(on);
  }

  rubbish(): void {
    this.device.rubbish('{"eventType":"tagInven\nnonsense\n{"tagInventoryEvent":{"epcHex":"xyz"}}\n[[[]]]\n');
  }

  running(): boolean {
    return this.device.status().running !== undefined;
  }
}

export class ZebraRig implements ReaderRig {
  readonly bench: Bench;
  readonly broker: Broker;
  readonly #time: RunningTime;
  readonly #config: Partial<ZebraConfig>;
  readonly #heartbeatSeconds: number;
  #device: ZebraIotReader | undefined;

  constructor(
    options: {
      readonly clock?: Clock;
      readonly bench?: Bench;
      readonly broker?: Broker;
      readonly config?: Partial<ZebraConfig>;
      readonly heartbeatSeconds?: number;
    } = {},
  ) {
    this.bench = options.bench ?? new Bench();
    this.#time = new RunningTime(options.clock);
    this.broker = options.broker ?? new AedesBroker();
    this.#config = options.config ?? {};
    this.#heartbeatSeconds = options.heartbeatSeconds ?? 0;
  }

  get device(): ZebraIotReader {
    if (this.#device === undefined) throw new Error("the rig is not started");
    return this.#device;
  }

  get reader(): ZebraConfig {
    return {
      id: "r",
      agent: "a",
      region: "ETSI",
      driver: "zebra-iot",
      url: `mqtt://127.0.0.1:${this.broker.port}`,
      serial: "FX9600F0F4B5",
      antennas: [1, 2].map((antenna) => ({ antenna, power: 20.55 })),
      ...this.#config,
    };
  }

  async start(): Promise<void> {
    await this.broker.start();
    this.#device = new ZebraIotReader({
      id: "r",
      port: this.bench,
      time: this.#time,
      clock: this.#time.clock,
      log: quiet,
      serial: "84248dee5721",
      firmware: "3.28.18.0",
      broker: this.reader.url,
      topics: zebraTopics(this.reader),
      heartbeatSeconds: this.#heartbeatSeconds,
    });
    await this.#device.start();
    this.#time.run(this.#device);
    await until("the reader is at the broker", () => this.device.status().connected === true);
  }

  async stop(): Promise<void> {
    this.#time.stop();
    await this.#device?.stop();
    this.#device = undefined;
    await this.broker.kill();
  }

  async takeDown(): Promise<void> {
    this.device.reboot();
    await this.device.stop();
  }

  async bringUp(): Promise<void> {
    await this.device.start();
  }

  silence(on: boolean): void {
    this.device.cut(on);
  }

  rubbish(): void {
    for (const payload of ['{"data":{"idH', "nonsense", "", '{"data":{"idHex":"xyz"}}', "[[[]]]", "42"])
      this.device.rubbish(payload);
  }

  running(): boolean {
    return this.device.status().running !== undefined;
  }
}
