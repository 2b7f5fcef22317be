import type { Reader } from "@storeward/contracts";
import type { Clock, Logger } from "@storeward/runtime";
import type { AntennaPort, Device, DeviceAddress } from "../antenna-port.js";
import { CommandSplitter } from "./command-splitter.js";
import { openSerialLine, type SerialLine } from "./serial-line.js";

export interface SerialReaderOptions {
  readonly id: string;
  readonly port: AntennaPort;
  readonly clock: Clock;
  readonly log: Logger;
  /** TCP even where there are pseudo-terminals. */
  readonly tcp?: boolean | undefined;
  /** Of TCP; 0: any that is free. */
  readonly tcpPort?: number | undefined;
}

/** What simulated readers on a serial line have in common: the line, and commands that come over it. */
export abstract class SerialReader<O extends SerialReaderOptions = SerialReaderOptions> implements Device {
  abstract readonly driver: Reader["driver"];
  readonly id: string;
  protected readonly options: O;
  /** Simulated ms. */
  protected now = 0;
  #commands = new CommandSplitter();
  #line: SerialLine | undefined;
  #dead = false;
  #received = 0;

  constructor(options: O) {
    this.id = options.id;
    this.options = options;
  }

  get address(): DeviceAddress {
    return { driver: this.driver, device: this.#line?.device ?? "" };
  }

  async start(): Promise<void> {
    const { log, tcp, tcpPort } = this.options;
    const onConnect = (): void => {
      this.#commands = new CommandSplitter();
      if (!this.#dead) this.connected();
    };
    this.#line = await openSerialLine((data) => this.#take(data), log, { tcp, port: tcpPort, onConnect });
  }

  /** The line is closed as by a plug that is pulled; `start()` plugs it in again. */
  async stop(): Promise<void> {
    await this.#line?.close();
  }

  tick(now: number): void {
    this.now = now;
    this.advance();
  }

  cut(dead: boolean): void {
    this.#dead = dead;
  }

  /** No reader on a serial line has an event for it: the next round says so. */
  antennaChanged(): void {}

  status(): Readonly<Record<string, unknown>> {
    return { received: this.#received, dead: this.#dead };
  }

  /** A client has connected over TCP. */
  protected connected(): void {}

  /** Simulated time has moved on to `now`. */
  protected abstract advance(): void;

  /** A command, without its line end; undefined: one that is too long. */
  protected abstract execute(command: string | undefined): void;

  protected send(text: string): void {
    if (!this.#dead) this.#line?.write(text);
  }

  #take(data: Buffer): void {
    if (this.#dead) return;
    this.#received += data.length;
    for (const command of this.#commands.push(data)) this.execute(command);
  }
}
