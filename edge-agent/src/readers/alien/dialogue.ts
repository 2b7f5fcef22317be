import { type Clock, isStorewardError } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { Exchange } from "../serial/exchange.js";
import { LineReader } from "../serial/line-reader.js";
import { E } from "./errors.js";

const MAX_LINE = 1_024;
/** Lines of one reply: more than tags a reader keeps. */
const MAX_LINES = 20_000;
const ANSWER_MS = 3_000;
/** A reader that wants a login says so as soon as it is connected. */
const LOGIN_MS = 500;
/** Ends every reply, and every prompt. */
const NUL = "\0";
/** What a reader in autonomous mode pushes begins so, also between a command and its reply (Reader Interface Guide, "NotifyFormat"). */
const NOTIFICATION = /^#Alien RFID Reader/i;
const USERNAME = /Username>$/;
const PASSWORD = /Password>$/;

export interface AlienDialogueOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Commands and their replies on an Alien line, one at a time. A reply is lines that end with CR LF, and then a NUL; a command that begins
 * with 0x01 is neither echoed nor followed by a prompt (Reader Interface Guide 8101938-000, "Alien Reader Protocol").
 */
export class AlienDialogue {
  readonly #options: AlienDialogueOptions;
  readonly #exchange: Exchange<readonly string[]>;
  readonly #reader = new LineReader({ maxLine: MAX_LINE, nulEnds: true }, (line) => this.#take(line));
  #lines: string[] = [];
  #greeted: ((lines: readonly string[]) => void) | undefined;

  constructor(options: AlienDialogueOptions) {
    this.#options = options;
    const { clock, counters, write } = options;
    const timeout = (command: string, ms: number) => E.ALIEN_TIMEOUT({ command, ms });
    this.#exchange = new Exchange({ clock, counters, write, timeout });
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#reader.counters;
  }

  receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  /** The lines of the reply. Rejects with ALIEN_ERROR, ALIEN_TIMEOUT, or with what ended the line. */
  async command(command: string, ms = ANSWER_MS): Promise<readonly string[]> {
    const lines = await this.#exchange.ask(command, `\x01${command}\r\n`, ms);
    const reason = lines.find((line) => /^Error\b/i.test(line));
    if (reason !== undefined) throw E.ALIEN_ERROR({ command, reason: reason.slice(0, 200) });
    return lines;
  }

  /** What a reader answers to `get NAME`, behind `NAME = `; undefined where it does not know the name. */
  async get(name: string): Promise<string | undefined> {
    const lines = await this.command(`get ${name}`).catch((error: unknown) => {
      if (isStorewardError(error, "ALIEN_ERROR")) return [];
      throw error;
    });
    return lines
      .map((line) => new RegExp(`^${name}(?: \\d+)? *= *(.*)$`, "i").exec(line)?.[1]?.trim())
      .find((value) => value !== undefined);
  }

  set(name: string, value: string | number): Promise<unknown> {
    return this.command(`set ${name} = ${value}`);
  }

  /** Logs in where the reader asks for it, as it does over TCP. Rejects with ALIEN_LOGIN. */
  async login({ username, password }: Login): Promise<void> {
    if (!asks(await this.#greeting(), USERNAME)) return;
    const first = await this.#exchange.ask("the user name", `${username}\r\n`, ANSWER_MS);
    if (!asks(first, PASSWORD)) throw E.ALIEN_LOGIN({ username });
    const second = await this.#exchange.ask("the password", `${password}\r\n`, ANSWER_MS);
    if (second.some((line) => /^Error|Invalid/i.test(line)) || asks(second, USERNAME))
      throw E.ALIEN_LOGIN({ username });
  }

  end(error: unknown): void {
    this.#exchange.end(error);
    this.#reader.close();
  }

  /** What the reader says of itself; nothing over a serial line. */
  async #greeting(): Promise<readonly string[]> {
    const { clock, signal } = this.#options;
    const said = new AbortController();
    let greeting: readonly string[] = [];
    this.#greeted = (lines) => {
      greeting = lines;
      said.abort();
    };
    await clock.sleep(LOGIN_MS, AbortSignal.any([said.signal, signal])).catch(() => undefined);
    this.#greeted = undefined;
    return greeting;
  }

  #take(line: string): void {
    if (line !== NUL) {
      if (this.#lines.length < MAX_LINES) this.#lines.push(line);
      else this.#options.counters.add("strayLines");
      return;
    }
    const lines = this.#lines;
    this.#lines = [];
    if (NOTIFICATION.test(lines[0] ?? "")) this.#options.counters.add("notifications");
    else if (this.#exchange.command !== undefined) this.#exchange.done(lines);
    else if (this.#greeted !== undefined) this.#greeted(lines);
    else this.#options.counters.add("strayLines", Math.max(1, lines.length));
  }
}

function asks(lines: readonly string[], prompt: RegExp): boolean {
  return lines.some((line) => prompt.test(line));
}
