import type { KeyObject } from "node:crypto";
import { type Command, type CommandAnswer, CommandDocument } from "@storeward/contracts";
import { describeError, isStorewardError, type Logger, type Part, validator } from "@storeward/runtime";
import { E } from "./errors.js";
import { assertFresh, readSigned, type SignedReader } from "./signed-message.js";

export interface CommandsOptions {
  readonly agent: string;
  readonly key: KeyObject | undefined;
  /** Does what is asked and says what was done. */
  readonly perform: (command: Command) => Promise<Omit<CommandAnswer, "id" | "ok">>;
  /** UTC, ms; undefined before the cloud has told. */
  readonly utc: () => number | undefined;
  /** There is an answer to send. */
  readonly onAnswer: () => void;
  readonly log: Logger;
}

const isDocument = validator(CommandDocument);

const MAX_WAITING = 8;
/** Answers that the broker has not taken yet; the oldest goes first. */
const MAX_ANSWERS = 8;
/** Of the answers in one telemetry; a packet takes 256 KiB. */
const MAX_BYTES = 128 * 1024;
/** Ids remembered, so that a message that comes twice is done once. Commands expire long before so many have come. */
const MAX_SEEN = 256;

/** What the cloud asks for, one after the other, each once. */
export class Commands implements Part {
  readonly name = "commands";
  readonly #options: CommandsOptions;
  readonly #reader: SignedReader<CommandDocument>;
  readonly #seen = new Set<string>();
  #answers: CommandAnswer[] = [];
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#reader = { kind: "command", agent: options.agent, key: options.key, check: isDocument };
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#last;
  }

  /** Answers that are to be sent next, the oldest first: as many as one telemetry carries. */
  answers(): readonly CommandAnswer[] {
    let bytes = 0;
    return this.#answers.filter((answer, n) => {
      bytes += Buffer.byteLength(JSON.stringify(answer));
      return n === 0 || bytes <= MAX_BYTES;
    });
  }

  sent(answers: readonly CommandAnswer[]): void {
    this.#answers = this.#answers.filter((answer) => !answers.includes(answer));
  }

  receive(payload: Buffer): void {
    const { utc, log } = this.#options;
    let document: CommandDocument;
    try {
      document = readSigned(payload.toString("utf8"), this.#reader);
    } catch (error) {
      // Whoever wrote it was not the cloud: there is nobody to answer.
      log.warn({ err: error }, "a command is not taken");
      return;
    }
    const { id, command } = document;
    if (this.#seen.has(id)) return;
    this.#remember(id);
    try {
      const now = utc();
      if (now === undefined) throw E.COMMAND_CLOCK_UNKNOWN();
      assertFresh("command", document, now);
      if (this.#waiting >= MAX_WAITING) throw E.COMMAND_TOO_MANY({ count: MAX_WAITING });
    } catch (error) {
      this.#answer({ id, ok: false, text: wordsOf(error) });
      return;
    }
    this.#waiting++;
    this.#last = this.#last.then(() => this.#perform(id, command));
  }

  async #perform(id: string, command: Command): Promise<void> {
    const { perform, log } = this.#options;
    this.#waiting--;
    if (this.#stopped) return;
    try {
      log.info({ command, id }, "the cloud asks for something");
      this.#answer({ id, ok: true, ...(await perform(command)) });
    } catch (error) {
      log.warn({ err: error, id }, "what the cloud asked for could not be done");
      this.#answer({ id, ok: false, text: wordsOf(error) });
    }
  }

  #answer(answer: CommandAnswer): void {
    this.#answers = [...this.#answers, answer].slice(-MAX_ANSWERS);
    this.#options.onAnswer();
  }

  #remember(id: string): void {
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= MAX_SEEN) return;
      this.#seen.delete(oldest);
    }
  }
}

function wordsOf(error: unknown): string {
  return (isStorewardError(error) ? error.message : describeError(error)).slice(0, 500);
}
