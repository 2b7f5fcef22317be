import { randomBytes } from "node:crypto";
import type { ZebraTopics } from "@storeward/contracts";
import type { Clock, Timer } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { isRecord, type JsonRecord, textOf } from "../json-values.js";
import { E } from "./errors.js";

/** Setting a mode takes a reader a second or two. */
const ANSWER_MS = 5_000;
const REPEAT_MS = 1_000;

/** Commands of the two interfaces (IoT Connector, "RAW MQTT Payloads"): what a reader is, and what its radio does. */
const MANAGEMENT = ["get_version", "get_region", "get_status"] as const;
const CONTROL = ["get_mode", "set_mode", "start", "stop"] as const;
export type ZebraCommand = (typeof MANAGEMENT)[number] | (typeof CONTROL)[number];

interface Asked {
  readonly id: string;
  readonly command: ZebraCommand;
  readonly timers: readonly Timer[];
  resolve(payload: JsonRecord): void;
  reject(error: unknown): void;
}

/** Asks a reader one thing after the other; an answer is told by its `command_id`. */
export class Dialogue {
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #topics: ZebraTopics;
  readonly #publish: (topic: string, payload: string) => void;
  /** Of this connection: what an earlier one asked is not answered to this one. */
  readonly #session = randomBytes(6).toString("hex");
  #number = 0;
  #asked: Asked | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #ended: unknown;

  constructor(options: {
    readonly clock: Clock;
    readonly counters: Counters;
    readonly topics: ZebraTopics;
    readonly publish: (topic: string, payload: string) => void;
  }) {
    this.#clock = options.clock;
    this.#counters = options.counters;
    this.#topics = options.topics;
    this.#publish = options.publish;
  }

  /** Whether an answer is waited for. */
  get busy(): boolean {
    return this.#asked !== undefined;
  }

  /** The payload of the answer. Rejects with ZEBRA_TIMEOUT, ZEBRA_REFUSED, or what ended the connection. */
  ask(command: ZebraCommand, payload: JsonRecord = {}): Promise<JsonRecord> {
    return this.#inTurn(() => this.#send(command, payload, undefined));
  }

  /**
   * As `ask`, of a reader that may come to the broker later than this device: what is said to nobody is lost, so it is said again, as
   * the same question. Only for what changes nothing.
   */
  call(command: ZebraCommand): Promise<JsonRecord> {
    return this.#inTurn(() => this.#send(command, {}, REPEAT_MS));
  }

  #inTurn(send: () => Promise<JsonRecord>): Promise<JsonRecord> {
    const next = this.#last.then(send);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** A message of a response topic. */
  answer(message: JsonRecord): void {
    const asked = this.#asked;
    if (asked === undefined || String(message.command_id) !== asked.id) {
      this.#counters.add("strayAnswers");
      return;
    }
    this.#settle();
    const payload = isRecord(message.payload) ? message.payload : {};
    if (textOf(message.response)?.toLowerCase() === "success") asked.resolve(payload);
    else {
      const reason =
        textOf(payload.message, 200) ??
        textOf(message.message, 200) ??
        textOf(message.response) ??
        "it does not say why";
      asked.reject(E.ZEBRA_REFUSED({ command: asked.command, reason }));
    }
  }

  end(error: unknown): void {
    this.#ended = error;
    const asked = this.#asked;
    this.#settle();
    asked?.reject(error);
  }

  #send(command: ZebraCommand, payload: JsonRecord, repeatMs: number | undefined): Promise<JsonRecord> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      const id = `${this.#session}-${++this.#number}`;
      const topic = (MANAGEMENT as readonly string[]).includes(command)
        ? this.#topics.managementCommand
        : this.#topics.controlCommand;
      const message = JSON.stringify({ command, command_id: id, payload });
      const limit = this.#clock.after(ANSWER_MS, () => {
        this.#settle();
        reject(E.ZEBRA_TIMEOUT({ command, topic, ms: ANSWER_MS }));
      });
      const again =
        repeatMs === undefined ? undefined : this.#clock.every(repeatMs, () => this.#publish(topic, message));
      this.#asked = { id, command, timers: again === undefined ? [limit] : [limit, again], resolve, reject };
      this.#publish(topic, message);
    });
  }

  #settle(): void {
    for (const timer of this.#asked?.timers ?? []) timer.stop();
    this.#asked = undefined;
  }
}
