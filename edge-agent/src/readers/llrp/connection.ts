import type { Socket } from "node:net";
import {
  ConnectionAttemptStatusType,
  decodeMessage,
  encodeMessage,
  enumerationName,
  LlrpDecodeError,
  LlrpFramer,
  type LlrpMessage,
  type LlrpMessageInput,
  type LlrpMessageOf,
  type LlrpVersion,
  type MessageName,
  StatusCode,
} from "@storeward/codecs/llrp";
import type { Clock, Logger, Timer } from "@storeward/runtime";
import type { Counters } from "../counters.js";
import { E } from "./errors.js";

export const KEEPALIVE_MS = 10_000;
/** No word for two keepalive periods: the other side is gone, whatever TCP believes. */
const SILENCE_MS = 2 * KEEPALIVE_MS;
const CONNECT_MS = 10_000;
const ANSWER_MS = 10_000;
/** A reader that sends but does not read must not fill the memory with acknowledgements. */
const MAX_UNSENT_BYTES = 64 * 1024;
/** Type number of the message that is not decoded here. */
const RO_ACCESS_REPORT = 61;

type WithoutId<M> = M extends unknown ? Omit<M, "id"> : never;
export type Request = WithoutId<LlrpMessageInput>;
type ResponseName = { [N in MessageName]: LlrpMessageOf<N> extends { LLRPStatus: unknown } ? N : never }[MessageName];
export type Greeting = LlrpMessageOf<"READER_EVENT_NOTIFICATION">;

interface Pending {
  readonly request: string;
  readonly response: string;
  readonly timer: Timer;
  readonly resolve: (message: LlrpMessage) => void;
  readonly reject: (error: unknown) => void;
}

/** What a connection hands on. None of it may throw; what does is counted and logged. */
export interface ConnectionHandler {
  /** Everything that is no answer to a request, no keepalive and no report; the greeting is not among it. Arrival in mono ms. */
  onMessage(message: LlrpMessage, arrival: number): void;
  /** A whole RO_ACCESS_REPORT, not decoded. */
  onReport(frame: Uint8Array, arrival: number): void;
  /** All that came at once has been handed on. */
  onDelivered(): void;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  /** What to say of a socket that failed. */
  readonly failure: (cause: Error) => unknown;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
}

/**
 * One connection to a reader, whoever opened it: framing, answers matched to requests by id and type (LLRP 1.1 §6.1), keepalives acknowledged, silence
 * noticed. Nothing that arrives throws; what is wrong is counted, and ends the connection when the stream cannot be trusted any more.
 */
export class LlrpConnection {
  /** What every message says in its header, once agreed. */
  version: LlrpVersion = 1;
  /** Rejects with what ended the connection. */
  readonly ended: Promise<never>;
  /** Who takes what comes; before there is one, it is dropped. */
  handler: ConnectionHandler | undefined;
  /** Where what goes wrong is counted. */
  counters: Counters;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #framer = new LlrpFramer();
  readonly #pending = new Map<number, Pending>();
  readonly #watch: Timer;
  #fail: (error: unknown) => void = () => undefined;
  #greeting: { resolve(greeting: Greeting): void; arrival: number } | undefined;
  #error: unknown;
  #lastHeard: number;
  #nextId = 1;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { socket, clock, failure } = options;
    this.counters = options.counters;
    this.ended = new Promise((_, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for something else learns of the end through it.
    this.ended.catch(() => undefined);
    this.#lastHeard = clock.mono();
    this.#watch = clock.every(KEEPALIVE_MS / 2, () => this.#checkSilence());
    this.#socket = socket;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (cause) => this.end(failure(cause)));
    socket.on("close", () => this.end(E.LLRP_CLOSED({ reason: "the reader closed it" })));
  }

  /** The reader speaks first (LLRP 1.1 §20.1): waits for its connection event. Rejects when it refuses or stays silent. */
  async greeted(): Promise<{ greeting: Greeting; arrival: number }> {
    const { clock } = this.#options;
    const limit = clock.after(CONNECT_MS, () => this.end(E.LLRP_NO_GREETING({ ms: CONNECT_MS })));
    try {
      const waiting = { resolve: (_: Greeting): void => undefined, arrival: 0 };
      const arrived = new Promise<Greeting>((resolve) => {
        waiting.resolve = resolve;
      });
      this.#greeting = waiting;
      const greeting = await Promise.race([arrived, this.ended]);
      const status = greeting.ReaderEventNotificationData.ConnectionAttemptEvent?.Status;
      if (status !== ConnectionAttemptStatusType.Success) {
        this.counters.add("refused");
        throw E.LLRP_REFUSED({ reason: refusal(status) });
      }
      return { greeting, arrival: waiting.arrival };
    } finally {
      limit.stop();
    }
  }

  /** Sends a request and gives its answer. Rejects on a status other than success, after 10 s, or when the connection ends. */
  async request<N extends ResponseName>(request: Request, response: N): Promise<LlrpMessageOf<N>> {
    const id = this.#takeId();
    const answer = await new Promise<LlrpMessage>((resolve, reject) => {
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      const timer = this.#options.clock.after(ANSWER_MS, () => {
        this.#pending.delete(id);
        this.counters.add("timeouts");
        reject(E.LLRP_TIMEOUT({ message: request.type, ms: ANSWER_MS }));
      });
      this.#pending.set(id, { request: request.type, response, timer, resolve, reject });
      this.#write({ ...request, id } as LlrpMessageInput);
    });
    const status = (answer as { LLRPStatus: LlrpMessageOf<"ERROR_MESSAGE">["LLRPStatus"] }).LLRPStatus;
    if (status.StatusCode !== StatusCode.M_Success || answer.type !== response) {
      this.counters.add("refusals");
      throw E.LLRP_STATUS({
        message: request.type,
        status: enumerationName(StatusCode, status.StatusCode) ?? `status ${status.StatusCode}`,
        detail: status.ErrorDescription === "" ? "" : ` (${status.ErrorDescription})`,
        statusCode: status.StatusCode,
      });
    }
    return answer as LlrpMessageOf<N>;
  }

  /** Sends what has no answer of its own. */
  send(message: Request): void {
    this.#write({ ...message, id: this.#takeId() } as LlrpMessageInput);
  }

  /** The connection has ended. */
  get over(): boolean {
    return this.#error !== undefined;
  }

  /** When the reader last said anything, mono ms. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Ends the connection; the first reason given stands. */
  end(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#watch.stop();
    this.#socket.destroy();
    for (const { timer, reject } of this.#pending.values()) {
      timer.stop();
      reject(error);
    }
    this.#pending.clear();
    this.#fail(error);
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = id === 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  #write(message: LlrpMessageInput): void {
    if (this.#error !== undefined) return;
    this.#socket.write(encodeMessage(message, message.version ?? this.version));
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.end(E.LLRP_CLOSED({ reason: "the reader does not read" }));
  }

  #checkSilence(): void {
    const silent = this.#options.clock.mono() - this.#lastHeard;
    if (silent < SILENCE_MS) return;
    this.counters.add("halfOpen");
    this.end(E.LLRP_SILENT({ ms: Math.round(silent) }));
  }

  #receive(chunk: Uint8Array): void {
    const arrival = this.#options.clock.mono();
    this.#lastHeard = arrival;
    const { frames, errors } = this.#framer.push(chunk);
    for (const frame of frames) {
      // What came before the end is still told.
      if (this.#error !== undefined) break;
      this.#take(frame, arrival);
    }
    this.#guarded("what was read", () => this.handler?.onDelivered());
    for (const { code, offset, recovery } of errors) {
      this.counters.add("badFraming");
      // Once out of step, frames may have been lost unseen: a new connection costs less than a doubt.
      if (recovery === "searching") this.end(E.LLRP_GARBAGE({ code, offset }));
    }
  }

  #take(frame: Uint8Array, arrival: number): void {
    if (((((frame[0] ?? 0) & 3) << 8) | (frame[1] ?? 0)) === RO_ACCESS_REPORT) {
      this.#guarded("RO_ACCESS_REPORT", () => this.handler?.onReport(frame, arrival));
      return;
    }
    this.#guarded("a message", () => this.#dispatch(decodeMessage(frame), arrival));
  }

  /** A frame that is no LLRP loses itself alone, and a mistake of ours does not end the connection. */
  #guarded(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      const { log } = this.#options;
      if (error instanceof LlrpDecodeError) {
        this.counters.add("badFrames");
        log.debug({ err: error }, "a frame from the reader cannot be read");
        return;
      }
      this.counters.add("failures");
      log.error({ err: error }, `${what} of the reader could not be handled`);
    }
  }

  #dispatch(message: LlrpMessage, arrival: number): void {
    const { counters } = this;
    if (message.type === "KEEPALIVE") {
      // The standard asks for no particular id; some readers expect their own again.
      this.#write({ type: "KEEPALIVE_ACK", id: message.id });
      return;
    }
    if (message.type === "READER_EVENT_NOTIFICATION" && this.#greeting !== undefined) {
      if (message.ReaderEventNotificationData.ConnectionAttemptEvent !== undefined) {
        this.#greeting.arrival = arrival;
        this.#greeting.resolve(message);
        this.#greeting = undefined;
        return;
      }
    }
    const pending = this.#pending.get(message.id);
    if (pending !== undefined && (message.type === pending.response || message.type === "ERROR_MESSAGE")) {
      this.#pending.delete(message.id);
      pending.timer.stop();
      pending.resolve(message);
      return;
    }
    if (message.type === "UNKNOWN_MESSAGE") counters.add("unknownMessages");
    else if (message.type === "ERROR_MESSAGE") counters.add("errorMessages");
    else if (message.type.endsWith("_RESPONSE")) counters.add("strayResponses");
    else this.handler?.onMessage(message, arrival);
  }
}

function refusal(status: number | undefined): string {
  switch (status) {
    case ConnectionAttemptStatusType.Failed_A_Reader_Initiated_Connection_Already_Exists:
      return "it has itself connected to another client";
    case ConnectionAttemptStatusType.Failed_A_Client_Initiated_Connection_Already_Exists:
      return "another client is connected to it; disconnect that one first";
    case undefined:
      return "it gives no reason";
    default:
      return enumerationName(ConnectionAttemptStatusType, status) ?? `status ${status}`;
  }
}
