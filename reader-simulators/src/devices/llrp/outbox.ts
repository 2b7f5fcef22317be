import { encodeMessage, type LlrpMessageInput, type LlrpParameter, type LlrpVersion } from "@storeward/codecs/llrp";

type Tag = LlrpParameter<"TagReportData">;
export type ReaderEvent = LlrpParameter<"ReaderEventNotificationData">;

/** The line to a client, as the outbox needs it. */
export interface Line {
  readonly version: LlrpVersion;
  /** Whether more may be written now: what is written is bounded. */
  readonly ready: boolean;
  write(frame: Uint8Array): void;
}

interface Options {
  /** TagReportData that are kept at most. */
  readonly capacity: number;
  nextId(): number;
  /** Three quarters full, or overflown: an event to send. */
  onLevel(event: ReaderEvent): void;
}

const EVENTS_KEPT = 1000;
const TAGS_A_MESSAGE = 250;
const WARN_AT = 0.75;
const CALM_AT = 0.5;

/**
 * Reports and events on their way to the client, in order. They wait while the client does not read or has not yet
 * enabled them; they are kept without a client only while `keeps` (LLRP 1.1 §13.2.6.4). What does not fit is lost, and said so.
 */
export class Outbox {
  readonly #options: Options;
  /** In the order in which it happened. */
  #waiting: (Tag[] | ReaderEvent)[] = [];
  #events = 0;
  #tags = 0;
  #warned = false;
  #overflown = false;
  /** What did not fit since the start. */
  readonly lost = { tags: 0, events: 0 };
  line: Line | undefined;
  /** Reports and events stay until the client enables them. */
  holding = false;
  /** Whether reports are kept while there is no client. */
  keeps = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** TagReportData waiting. */
  get waiting(): number {
    return this.#tags;
  }

  report(tags: Tag[]): void {
    if (this.line === undefined && !this.keeps) return;
    const { capacity, onLevel } = this.#options;
    if (this.#tags + tags.length > capacity) {
      this.lost.tags += tags.length;
      if (this.#overflown) return;
      this.#overflown = true;
      onLevel({ ReportBufferOverflowErrorEvent: {} });
      return;
    }
    for (let at = 0; at < tags.length; at += TAGS_A_MESSAGE) this.#waiting.push(tags.slice(at, at + TAGS_A_MESSAGE));
    this.#tags += tags.length;
    this.flush();
    const level = this.#tags / capacity;
    if (level < CALM_AT) {
      this.#warned = false;
      this.#overflown = false;
    } else if (level >= WARN_AT && !this.#warned) {
      this.#warned = true;
      onLevel({ ReportBufferLevelWarningEvent: { ReportBufferPercentageFull: Math.floor(level * 100) } });
    }
  }

  event(event: ReaderEvent): void {
    if (this.line === undefined && !this.keeps) return;
    if (this.#events >= EVENTS_KEPT) {
      this.#waiting.splice(
        this.#waiting.findIndex((one) => !Array.isArray(one)),
        1,
      );
      this.#events--;
      this.lost.events++;
    }
    this.#waiting.push(event);
    this.#events++;
    this.flush();
  }

  /** A response, or what may never wait: the connection event, keepalives. */
  send(message: LlrpMessageInput): void {
    const { line } = this;
    line?.write(encodeMessage(message, message.version ?? line.version));
  }

  /** Sends what can be sent now; `all` also what is held back (GET_REPORT). */
  flush(all = false): void {
    const { line } = this;
    if (line === undefined || (this.holding && !all)) return;
    while (line.ready) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      const id = this.#options.nextId();
      if (Array.isArray(next)) {
        this.#tags -= next.length;
        this.send({ type: "RO_ACCESS_REPORT", id, TagReportData: next });
      } else {
        this.#events--;
        this.send(notification(id, next));
      }
    }
    if (this.#tags / this.#options.capacity < CALM_AT) {
      this.#warned = false;
      this.#overflown = false;
    }
  }

  /** Forgets everything that waits. */
  clear(): void {
    this.#waiting = [];
    this.#events = 0;
    this.#tags = 0;
    this.#warned = false;
    this.#overflown = false;
  }
}

export function notification(id: number, event: ReaderEvent): LlrpMessageInput {
  return { type: "READER_EVENT_NOTIFICATION", id, ReaderEventNotificationData: event };
}
