import type { Timer } from "@storeward/runtime";
import type { Reading } from "../../radio/field.js";
import { SerialReader, type SerialReaderOptions } from "../serial/serial-reader.js";
import { roundBlock, SeenCounts } from "./inventory.js";
import { type Answer, applySetting, factorySettings, type Settings } from "./settings.js";

export interface MetratecReaderOptions extends SerialReaderOptions {
  /** Of 16 digits. */
  readonly serial: string;
}

/** What it is doing: single rounds end by themselves and then say OK. */
interface Operation {
  readonly command: "INV" | "MINV" | "CINV" | "CMINV" | "CINVR";
  readonly antennas: readonly number[];
  readonly once: boolean;
  /** Of `CINVR`, ms. */
  readonly period: number;
  index: number;
  turnStartedAt: number;
  reportedAt: number;
  /** Lines of a single operation, which are one block. */
  readonly lines: string[];
}

/** A simulated metraTec reader that understands the AT protocol, on a pseudo-terminal or TCP. */
export class MetratecReader extends SerialReader<MetratecReaderOptions> {
  readonly driver = "metratec";
  readonly #settings: Settings;
  readonly #counts = new SeenCounts();
  /** For ONT: what has been told of since the inventory began. */
  readonly #told = new Set<string>();
  #operation: Operation | undefined;
  #heartbeat: Timer | undefined;

  constructor(options: MetratecReaderOptions) {
    super(options);
    this.#settings = factorySettings(options.port.antennas, options.port.region);
  }

  override async stop(): Promise<void> {
    this.#heartbeat?.stop();
    await super.stop();
  }

  protected override advance(): void {
    const { now } = this;
    const operation = this.#operation;
    if (operation === undefined) return;
    for (;;) {
      const antenna = operation.antennas[operation.index % operation.antennas.length] ?? 1;
      const end = operation.turnStartedAt + this.options.port.turnMs(antenna);
      if (end > now || this.#operation !== operation) return;
      this.#round(operation, antenna, end);
      operation.turnStartedAt = end;
      operation.index++;
      if (operation.once && operation.index >= operation.antennas.length) {
        this.#operation = undefined;
        this.#block(operation.lines);
        this.#block(["OK"]);
      }
    }
  }

  override status(): Readonly<Record<string, unknown>> {
    const { mux, power } = this.#settings;
    return { ...super.status(), operation: this.#operation?.command, mux, power };
  }

  protected override execute(command: string | undefined): void {
    if (command === undefined) this.#answer({ refused: "<Command too long>" });
    else this.#execute(command.trim());
  }

  #execute(command: string): void {
    if (this.#settings.echo) this.#block([command]);
    const answer = this.#perform(command.toUpperCase());
    if (answer !== "later") this.#answer(answer);
  }

  #perform(command: string): Answer | "later" {
    if (command === "AT") return { lines: [] };
    if (command === "ATE0" || command === "ATE1") {
      this.#settings.echo = command === "ATE1";
      return { lines: [] };
    }
    if (command === "ATI") {
      return { lines: ["+SW: PLRM 0113", "+HW: PLRM 0100", `+SERIAL: ${this.options.serial}`] };
    }
    const [, name = "", query, value] = /^AT\+([A-Z]+)(?:(\?)|=(.*))?$/.exec(command) ?? [];
    if (query !== undefined || value !== undefined) {
      if (name === "CINVR" && value !== undefined) return this.#begin("CINVR", Number(value));
      const answer = applySetting(this.#settings, this.options.port.antennas, name, value);
      if (name === "HBT" && value !== undefined) this.#startHeartbeat();
      return answer ?? { refused: "<Unknown command>" };
    }
    switch (name) {
      case "INV":
      case "MINV":
      case "CINV":
      case "CMINV":
        return this.#begin(name);
      case "BINV":
      case "BINVR":
        if (this.#operation === undefined) return { refused: "is not running" };
        this.#operation = undefined;
        return { lines: [] };
      default:
        return { refused: "<Unknown command>" };
    }
  }

  #begin(command: Operation["command"], period = 0): Answer | "later" {
    if (this.#operation !== undefined) return { refused: "<Operation Error (inventory is running)>" };
    if (command === "CINVR" && !(period >= 100 && period <= 60_000)) return { refused: "<Wrong parameter (period)>" };
    const { mux } = this.#settings;
    const many = command === "MINV" || command === "CMINV";
    const once = command === "INV" || command === "MINV";
    this.#told.clear();
    this.#counts.take(this.#settings.inventory);
    this.#operation = {
      command,
      antennas: many ? mux : mux.slice(0, 1),
      once,
      period,
      index: 0,
      turnStartedAt: this.now,
      reportedAt: this.now,
      lines: [],
    };
    return once ? "later" : { lines: [] };
  }

  #round(operation: Operation, antenna: number, end: number): void {
    const { port } = this.options;
    const { inventory, power } = this.#settings;
    const strength = power[port.antennas.indexOf(antenna)] ?? 0;
    const readings = port.read(antenna, strength, operation.turnStartedAt, end);
    if (operation.command === "CINVR") {
      for (const reading of readings) this.#counts.add(reading);
      if (end - operation.reportedAt < operation.period) return;
      operation.reportedAt = end;
      const lines = this.#counts.take(inventory);
      this.#block(lines.length > 0 ? lines : ["+CINVR: <NO TAGS FOUND>"]);
      return;
    }
    const { command } = operation;
    const lines = roundBlock(command, antenna, port.connected(antenna), this.#newOnes(readings), inventory);
    if (operation.once) operation.lines.push(...lines);
    else this.#block(lines);
  }

  /** With ONT a tag is told of once in an inventory. */
  #newOnes(readings: readonly Reading[]): readonly Reading[] {
    if (!this.#settings.inventory[0]) return readings;
    const fresh = readings.filter(({ epc }) => !this.#told.has(epc));
    for (const { epc } of fresh) this.#told.add(epc);
    return fresh;
  }

  #startHeartbeat(): void {
    this.#heartbeat?.stop();
    const { heartbeatSeconds } = this.#settings;
    this.#heartbeat =
      heartbeatSeconds === 0
        ? undefined
        : this.options.clock.every(heartbeatSeconds * 1000, () => this.#block(["+HBT"]));
  }

  #answer(answer: Answer): void {
    if ("refused" in answer) {
      this.#block([answer.refused]);
      this.#block(["ERROR"]);
      return;
    }
    if (answer.lines.length > 0) this.#block(answer.lines);
    this.#block(["OK"]);
  }

  /** Lines are parted by CR, the block ends with CR LF. */
  #block(lines: readonly string[]): void {
    this.send(`${lines.join("\r")}\r\n`);
  }
}
