import { SerialReader, type SerialReaderOptions } from "../serial/serial-reader.js";
import { type AlienSettings, applySetting, factorySettings, nameOf, UNKNOWN } from "./settings.js";
import { type ListedTag, tagLine } from "./tag-list.js";

export interface AlienReaderOptions extends SerialReaderOptions {
  /** Asked for over TCP; none: nobody is asked. Without a password any will do. */
  readonly login?: { readonly username: string; readonly password?: string | undefined } | undefined;
}

const NUL = "\0";
/** Before a command: neither echo nor prompt. */
const QUIET = "\x01";
const NOTIFY_MS = 1_000;

/** An acquisition over the antenna sequence, until its end in simulated ms. */
interface Acquisition {
  readonly quiet: boolean;
  readonly startedAt: number;
  readonly endsAt: number;
}

/** A simulated reader that understands the Alien Reader Protocol, on a pseudo-terminal or TCP. */
export class AlienReader extends SerialReader<AlienReaderOptions> {
  readonly driver = "alien";
  readonly #settings: AlienSettings;
  #asks: "username" | "password" | undefined;
  #username = "";
  #acquisition: Acquisition | undefined;
  #notifiedAt = 0;

  constructor(options: AlienReaderOptions) {
    super(options);
    this.#settings = factorySettings(Math.max(...options.port.antennas));
  }

  override status(): Readonly<Record<string, unknown>> {
    const acquiring = this.#acquisition !== undefined;
    return {
      ...super.status(),
      acquiring,
      settings: Object.fromEntries(this.#settings.values),
      levels: this.#settings.levels,
    };
  }

  /** As an earlier client may have left it: acquires and pushes by itself. */
  notify(): void {
    applySetting(this.#settings, "AutoMode", "ON");
    applySetting(this.#settings, "NotifyMode", "ON");
  }

  protected override connected(): void {
    const { login } = this.options;
    this.#asks = login === undefined ? undefined : "username";
    this.#acquisition = undefined;
    if (login !== undefined) this.send(`\r\n${this.#value("ReaderType")}\r\n\r\nUsername>${NUL}`);
  }

  protected override advance(): void {
    const acquisition = this.#acquisition;
    if (acquisition !== undefined && acquisition.endsAt <= this.now) {
      this.#acquisition = undefined;
      this.#reply(this.#list(acquisition.startedAt, acquisition.endsAt), acquisition.quiet);
    }
    const pushes = this.#value("AutoMode") === "ON" && this.#value("NotifyMode") === "ON";
    if (!pushes || this.now - this.#notifiedAt < NOTIFY_MS) return;
    const lines = this.#list(this.now - NOTIFY_MS, this.now);
    this.#notifiedAt = this.now;
    this.#reply(["#Alien RFID Reader Auto Notification Message", ...lines, "#End of Notification Message"], true);
  }

  protected override execute(text: string | undefined): void {
    if (this.#asks !== undefined) {
      this.#login(text ?? "");
      return;
    }
    const quiet = text?.startsWith(QUIET) ?? false;
    const command = (text ?? "").slice(quiet ? 1 : 0).trim();
    if (/^(get TagList|t)( \d+)?$/i.test(command)) this.#acquire(quiet);
    else this.#reply(this.#perform(command), quiet);
  }

  #login(text: string): void {
    if (this.#asks === "username") {
      this.#username = text;
      this.#asks = "password";
      this.send(`Password>${NUL}`);
      return;
    }
    const { username, password = text } = this.options.login ?? {};
    const right = username === this.#username && password === text;
    this.#asks = right ? undefined : "username";
    this.send(right ? `\r\nAlien>${NUL}` : `\r\nError: Invalid Username and/or Password\r\nUsername>${NUL}`);
  }

  #perform(command: string): string[] {
    const [, getName] = /^get (\w+)$/i.exec(command) ?? [];
    if (getName !== undefined) return [this.#get(getName)];
    const [, setName, value] = /^(?:set )?(\w+) *= *(.*)$/i.exec(command) ?? [];
    if (setName !== undefined && value !== undefined) return [applySetting(this.#settings, setName, value.trim())];
    if (/^clear TagList$/i.test(command)) return ["Tag List has been cleared!"];
    return [UNKNOWN];
  }

  #get(name: string): string {
    if (name.toLowerCase() === "rflevel") return `RFLevel = ${this.#settings.levels[0]}`;
    const known = nameOf(this.#settings, name);
    if (known === undefined) return UNKNOWN;
    return `${known} = ${known === "AntennaStatus" ? this.#connectedPorts().join(", ") : this.#value(known)}`;
  }

  #connectedPorts(): number[] {
    const { port } = this.options;
    return port.antennas.filter((antenna) => port.connected(antenna)).map((antenna) => antenna - 1);
  }

  #acquire(quiet: boolean): void {
    const duration = this.#sequence().reduce((sum, antenna) => sum + this.options.port.turnMs(antenna), 0);
    this.#acquisition ??= { quiet, startedAt: this.now, endsAt: this.now + duration };
  }

  /** What the antennas of the sequence read, one after the other; as many turns as fit in the time. */
  #list(from: number, to: number): string[] {
    const { port } = this.options;
    const tags = new Map<string, ListedTag>();
    const combine = this.#value("TagListAntennaCombine") === "ON";
    let at = from;
    for (const antenna of this.#sequence()) {
      const end = Math.min(to, at + port.turnMs(antenna));
      const power = (this.#settings.levels[antenna - 1] ?? 0) / 10;
      for (const reading of port.read(antenna, power, at, end)) {
        const key = combine ? reading.epc : `${reading.epc} ${antenna}`;
        tags.set(key, { reading, port: antenna - 1, count: (tags.get(key)?.count ?? 0) + 1 });
      }
      at = end;
    }
    const custom = this.#value("TagListFormat") === "Custom" ? this.#value("TagListCustomFormat") : undefined;
    return tags.size === 0 ? ["(No Tags)"] : [...tags.values()].map((tag) => tagLine(tag, custom));
  }

  #sequence(): number[] {
    return this.#value("AntennaSequence")
      .split(/[\s,]+/)
      .map((port) => Number(port) + 1);
  }

  #value(name: string): string {
    return this.#settings.values.get(name) ?? "";
  }

  #reply(lines: readonly string[], quiet: boolean): void {
    this.send(`${lines.join("\r\n")}\r\n${quiet ? "" : "\r\nAlien>"}${NUL}`);
  }
}
