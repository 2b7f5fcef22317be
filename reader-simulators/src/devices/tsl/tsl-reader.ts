import type { Reading } from "../../radio/field.js";
import { SerialReader, type SerialReaderOptions } from "../serial/serial-reader.js";
import { factoryParameters, type Parameters, parseRequest } from "./parameters.js";

export interface TslReaderOptions extends SerialReaderOptions {
  /** `1128-EU-01234`. */
  readonly serial: string;
}

/** An inventory that runs: for a command, or for the trigger. */
interface Operation {
  readonly command: string;
  readonly startedAt: number;
}

const OK = "OK:";
/** Two numbers that the manual names; the reader's own message stands before them. */
const UNKNOWN = "ER: 001";
const NO_TRANSPONDER = "ER: 005";
const NO_ANTENNA = "ER: 008";
/** Wrong parameters have a number of their own on each command; this one is ours. */
const WRONG_PARAMETER = "ER: 002";

/** A simulated TSL reader that understands the ASCII 2 protocol, on a pseudo-terminal or TCP. */
export class TslReader extends SerialReader<TslReaderOptions> {
  readonly driver = "tsl";
  battery = 85;
  #parameters: Parameters = factoryParameters();
  #operation: Operation | undefined;
  #echo = false;
  /** Commands that wait for the one that runs. */
  readonly #waiting: string[] = [];

  /** A person pulls the trigger: the block of an inventory comes unasked. */
  pullTrigger(): void {
    if (this.#operation === undefined) this.#operation = { command: ".iv", startedAt: this.now };
  }

  override status(): Readonly<Record<string, unknown>> {
    return { ...super.status(), parameters: this.#parameters, operation: this.#operation?.command };
  }

  protected override advance(): void {
    const operation = this.#operation;
    if (operation === undefined) return;
    const { port } = this.options;
    const antenna = port.antennas[0] ?? 1;
    const end = operation.startedAt + port.turnMs(antenna);
    if (end > this.now) return;
    this.#operation = undefined;
    const power = Number(this.#parameters.o);
    if (!port.connected(antenna)) this.#reply(operation.command, [], NO_ANTENNA);
    else {
      const readings = port.read(antenna, power, operation.startedAt, end);
      const lines = readings.flatMap((reading, index) => this.#transponder(reading, index));
      this.#reply(operation.command, lines, readings.length === 0 ? NO_TRANSPONDER : OK);
    }
    const next = this.#waiting.shift();
    if (next !== undefined) this.execute(next);
  }

  protected override execute(text: string | undefined): void {
    const command = text?.trim() ?? ".";
    const [, name = "", rest = ""] = /^(\.[a-z]{2})\b ?(.*)$/i.exec(command) ?? [];
    if (name.toLowerCase() === ".ab") this.#abort(command);
    else if (this.#operation === undefined) this.#perform(command, name.toLowerCase(), rest);
    else if (this.#waiting.length < 8) this.#waiting.push(command);
  }

  #abort(command: string): void {
    const running = this.#operation;
    this.#operation = undefined;
    this.#waiting.length = 0;
    if (running !== undefined) this.#reply(running.command, [], NO_TRANSPONDER);
    this.#reply(command, [], OK);
  }

  #perform(command: string, name: string, rest: string): void {
    if (this.#echo) this.send(`${command}\r\n`);
    switch (name) {
      case ".iv":
        this.#inventory(command, rest);
        break;
      case ".vr":
        this.#reply(command, this.#version(), OK);
        break;
      case ".bl":
        this.#reply(command, [`BP: ${this.battery}%`, "CH: Off"], OK);
        break;
      case ".ec":
        this.#echo = /-e on/.test(rest) || (this.#echo && !/-e off/.test(rest));
        this.#reply(command, [], OK);
        break;
      case ".da":
        this.#reply(command, ["DA: 261122"], OK);
        break;
      default:
        this.#reply(command, ["ME: Unrecognised command"], UNKNOWN);
    }
  }

  #version(): string[] {
    const { serial } = this.options;
    return [
      "MF: TSL",
      `US: ${serial}`,
      "PV: 2.5",
      "UF: 2.2.0",
      "UB: 1.3.1",
      "RF: 1.3.9",
      "RB: 1.1.0",
      "BA: 000000000000",
    ];
  }

  #inventory(command: string, rest: string): void {
    const request = parseRequest(rest, this.#parameters);
    if (typeof request === "string") {
      this.#reply(command, [`ME: ${request}`], WRONG_PARAMETER);
      return;
    }
    this.#parameters = request.parameters;
    const list = Object.entries(request.parameters).map(([letters, value]) => `-${letters} ${value}`);
    if (request.act) this.#operation = { command, startedAt: this.now };
    else this.#reply(command, request.list ? [`PR: ${list.join(" ")}`] : [], OK);
  }

  #transponder({ epc, rssi }: Reading, index: number): string[] {
    const { ix, ie, e, r } = this.#parameters;
    return [
      ...(ix === "on" ? [`IX: ${index.toString(16).toUpperCase().padStart(4, "0")}`] : []),
      ...(ie === "on" ? [`EP: ${epc}`] : []),
      ...(e === "on" ? [`PC: ${((epc.length / 4) << 11).toString(16).toUpperCase().padStart(4, "0")}`] : []),
      ...(r === "on" ? [`RI: ${Math.round(rssi)}`] : []),
    ];
  }

  #reply(command: string, lines: readonly string[], result: string): void {
    this.send(`${[`CS: ${command}`, ...lines, result, ""].join("\r\n")}\r\n`);
  }
}
