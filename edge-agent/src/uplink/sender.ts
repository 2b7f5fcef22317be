import { type Ack, type Downward, MAX_BATCH_BYTES, MAX_COPY_BYTES, THROUGH_EVERY_MS } from "@storeward/contracts";
import { crashPoint, delays, isStorewardError, type RetrySchedule, type StorewardError } from "@storeward/runtime";
import type { Position } from "../journal/lost.js";
import { E } from "./errors.js";
import { type Flight, Flights } from "./flights.js";
import { Forks } from "./forks.js";
import { payloadHash, writtenEpoch } from "./messages.js";
import { type Outgoing, OutgoingMessages, type OutgoingOptions } from "./outgoing.js";
import { nextPiece } from "./piece.js";
import { Unreadable } from "./unreadable.js";

export interface SenderOptions extends OutgoingOptions {
  readonly random?: (() => number) | undefined;
}

/** The cloud's clock, and between which two moments of ours (mono ms) it was read. */
export interface ClockSample {
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly utc: string;
}

/** When no answer comes. */
const RESEND: RetrySchedule = { firstMs: 2_000, factor: 2, maxMs: 60_000, jitter: 0.2 };
/** A batch that is on its way for longer has been missed, when the cloud says that it is waiting for it. */
const UNHEARD_MS = 1_000;
/** Room in a batch for its envelope, and for the LF of every row. */
const ENVELOPE_BYTES = 2_048;
/** How often a fork under way is looked at. */
const FORKING_MS = 200;

/**
 * The agent's side of the delivery of one journal (journals.md, "Hello and ack"), without a socket: it is told of connections and
 * messages and gives the payloads to publish, in order. All moments are mono ms.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #delays;
  readonly #flights = new Flights();
  readonly #outgoing: OutgoingMessages;
  #session: string | undefined;
  /** The cloud has answered the hello of this session. */
  #greeted = false;
  #committed: Position = { seq: 0, chain: "" };
  /** The last row sent in this session. */
  #sent: Position = { seq: 0, chain: "" };
  #credit = 0;
  #lastSentAt = 0;
  #resendAt: number | undefined;
  /** No answer came: one batch at a time until one does. */
  #careful = false;
  #unreadable = new Unreadable();
  #problem: StorewardError | undefined;
  readonly #forks = new Forks();
  /** The epoch of the last hello. */
  #epoch = "";
  #lastUtc = "";
  #resends = 0;
  #rejects = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#outgoing = new OutgoingMessages(options);
    this.#delays = delays(RESEND, options.random);
  }

  /** A connection is there; `session` is new with each. */
  connected(session: string): void {
    this.#session = session;
    this.#begin();
    this.#credit = 0;
    this.#lastUtc = "";
  }

  disconnected(): void {
    this.#session = undefined;
    this.#greeted = false;
    this.#flights.clear();
    this.#resendAt = undefined;
  }

  /** The cloud has answered in this session and takes this journal. */
  get greeted(): boolean {
    return this.#greeted;
  }

  /** What keeps the journal from being handed over, until it is over. */
  get problem(): StorewardError | undefined {
    return this.#problem;
  }

  stats() {
    const outstandingBytes = this.#flights.outstandingBytes;
    return { outstandingBytes, credit: this.#credit, resends: this.#resends, rejects: this.#rejects };
  }

  /** What the cloud said. Returns a reading of its clock when this was one. */
  received(message: Downward): ClockSample | undefined {
    const { ledger: pinned } = this.#options.identity;
    if (message.ledger !== pinned) {
      this.#problem = E.UPLINK_FOREIGN_LEDGER({ ledger: message.ledger, pinned });
      return undefined;
    }
    if (message.kind === "ack") return this.#onAck(message);
    const flight = this.#flights.find(message.hash);
    if (flight !== undefined) this.#onReject(flight, message);
    return undefined;
  }

  /** The next payload to publish on `…/batch`; undefined when there is none now. */
  next(): string | undefined {
    const now = this.#options.clock.mono();
    if (this.#session === undefined || this.#options.journal.forking) return undefined;
    if (this.#epoch !== this.#options.journal.epoch || this.#forks.isDue(now)) this.#begin();
    if (!this.#greeted) return this.#isDue(now) ? this.#hello(this.#session, now) : undefined;
    if (this.#forks.isOpen) return undefined;
    if (this.#flights.open > 0 && this.#isDue(now)) {
      this.#resends++;
      this.#careful = true;
      this.#goBack(true);
    }
    return this.#rows(this.#session, now) ?? this.#quiet(this.#session, now);
  }

  /** When `next` may have something by time alone; undefined: only after an append, a message or a connection. */
  nextDue(): number | undefined {
    if (this.#session === undefined) return undefined;
    if (this.#options.journal.forking) return this.#options.clock.mono() + FORKING_MS;
    if (this.#forks.isOpen) return this.#forks.againAt;
    if (!this.#greeted || this.#flights.open > 0) return this.#resendAt ?? this.#options.clock.mono();
    return this.#lastSentAt + THROUGH_EVERY_MS;
  }

  /** Says hello again: on a new connection, and when the journal has a new epoch. */
  #begin(): void {
    this.#epoch = this.#options.journal.epoch;
    this.#greeted = false;
    this.#forks.over();
    if (this.#problem?.code === "JOURNAL_FORKED") this.#problem = undefined;
    this.#flights.clear();
    this.#unreadable = new Unreadable();
    this.#resendAt = undefined;
    this.#delays.reset();
  }

  #isDue(now: number): boolean {
    return this.#resendAt === undefined || now >= this.#resendAt;
  }

  #onAck(ack: Ack): ClockSample | undefined {
    const { journal, clock } = this.#options;
    if (ack.session !== this.#session || ack.epoch !== journal.epoch || journal.forking) return undefined;
    crashPoint("before-ack");
    try {
      journal.acknowledge(ack.epoch, ack.committed, ack.chain, ack.released);
    } catch (error) {
      if (!isStorewardError(error, "JOURNAL_FORKED")) throw error;
      this.#onFork(error, ack.committed);
      return undefined;
    }
    const sentAt = this.#flights.answerSentAt;
    this.#advance(ack);
    this.#problem = undefined;
    this.#credit = ack.credit;
    // A repeated or overtaken ack tells an old time.
    if (sentAt === undefined || ack.utc <= this.#lastUtc) return undefined;
    this.#lastUtc = ack.utc;
    return { sentAt, receivedAt: clock.mono(), utc: ack.utc };
  }

  #onFork(error: StorewardError, committed: number): void {
    this.#problem = error;
    this.#greeted = true;
    this.#flights.clear();
    if (this.#forks.found(this.#options.clock.mono())) this.#options.journal.fork(committed);
  }

  #advance(ack: Ack): void {
    const now = this.#options.clock.mono();
    const position = { seq: ack.committed, chain: ack.chain };
    const first = !this.#greeted || this.#forks.isOpen;
    this.#greeted = true;
    this.#forks.over();
    if (first) this.#options.journal.sent(ack.committed);
    if (first || ack.committed < this.#committed.seq) {
      // A session begins where the cloud is. Later, less than before means that it went back: to a backup, or in a message overtaken.
      this.#committed = position;
      this.#flights.answer();
      this.#goBack(first);
    } else if (ack.committed > this.#committed.seq) {
      this.#committed = position;
      if (this.#sent.seq < ack.committed) this.#sent = position;
      this.#flights.progress(ack.committed);
      this.#careful = false;
    } else {
      const waiting = this.#flights.onlyBehind(ack.committed);
      if (waiting !== undefined) {
        this.#unasked(waiting, now);
        return;
      }
      const answered = this.#flights.answer();
      // It came, and the cloud could not take it: something before it is missing there.
      if (answered !== undefined && answered.kind !== "hello" && answered.last > ack.committed) {
        this.#resends++;
        this.#goBack(false);
      }
      return;
    }
    this.#unreadable.committed(ack.committed);
    this.#delays.reset();
    this.#resendAt = this.#flights.open > 0 ? now + this.#delays() : undefined;
  }

  /**
   * The cloud takes whatever continues what it has, so this is no answer to `waiting`, which does: it is a word to another message again, or
   * from a process that has begun to hear us. That one never heard what waits for long.
   */
  #unasked(waiting: Flight, now: number): void {
    const missedAt = waiting.sentAt + UNHEARD_MS;
    if (now < missedAt) {
      // It was sent again itself, for want of an answer: perhaps a moment before somebody heard us.
      if (this.#careful) this.#resendAt = Math.min(this.#resendAt ?? missedAt, missedAt);
      return;
    }
    this.#resends++;
    this.#goBack(true);
  }

  #goBack(silent: boolean): void {
    this.#sent = this.#committed;
    this.#flights.goBack(silent);
    this.#resendAt = undefined;
  }

  #onReject(flight: Flight, { code, detail }: { readonly code: string; readonly detail: string }): void {
    this.#rejects++;
    this.#problem = E.UPLINK_REJECTED({ code, detail });
    // A hello, or a batch that is nothing but an envelope, cannot be made smaller: it is said again when its time comes.
    if (flight.kind !== "rows" || flight.rows === 0) return;
    this.#flights.refused(flight);
    this.#sent = { seq: flight.first - 1, chain: flight.prev };
    this.#resendAt = undefined;
    this.#unreadable.refused(flight);
  }

  #hello(session: string, now: number): string {
    const hello = this.#outgoing.hello(session);
    this.#flights.goBack(true);
    return this.#send(hello, now);
  }

  #rows(session: string, now: number): string | undefined {
    const { journal } = this.#options;
    const { head, oldest } = writtenEpoch(journal);
    const { maxRows } = this.#unreadable;
    const waiting = head - this.#sent.seq;
    const oneAtATime = this.#careful || this.#unreadable.isSearching;
    if (waiting <= 0 || (this.#flights.open > 0 && oneAtATime)) return undefined;
    const budget = this.#budget();
    if (budget <= 0) return undefined;

    const limits = { maxRows, maxBytes: budget, before: this.#unreadable.row };
    const piece = nextPiece(journal, this.#sent, oldest - 1, limits);
    const { rows, end } = piece;
    if (end.seq <= this.#sent.seq) return this.#opaque(session, now);
    // While an answer is awaited, what trickles in goes together in the next batch; so does what the credit would cut into crumbs.
    const isFull = rows.length === maxRows || (end.seq < head && budget === MAX_BATCH_BYTES - ENVELOPE_BYTES);
    if (!isFull && this.#flights.open > 0) return undefined;
    const outgoing = this.#outgoing.rows(session, this.#sent, piece, end.seq === head);
    this.#moveTo(end);
    return this.#send(outgoing, now);
  }

  /** The row that no batch may hold. */
  #opaque(session: string, now: number): string | undefined {
    const [row] = this.#options.journal.read(this.#sent.seq, 1, MAX_COPY_BYTES);
    if (row === undefined || row.seq !== this.#unreadable.row || row.seq !== this.#sent.seq + 1) return undefined;
    const outgoing = this.#outgoing.opaque(session, this.#sent, row);
    this.#moveTo(row);
    return this.#send(outgoing, now);
  }

  /** Nothing to say, but said now and then. */
  #quiet(session: string, now: number): string | undefined {
    if (now < this.#lastSentAt + THROUGH_EVERY_MS) return undefined;
    return this.#send(this.#outgoing.quiet(session, this.#sent), now);
  }

  #moveTo({ seq, chain }: Position): void {
    this.#sent = { seq, chain };
    this.#options.journal.sent(seq);
  }

  /** Bytes of bodies that may be sent now. With nothing outstanding any credit lets one row go, or a large row would never. */
  #budget(): number {
    const outstanding = this.#flights.outstandingBytes;
    const left = Math.min(this.#credit - outstanding, MAX_BATCH_BYTES) - ENVELOPE_BYTES;
    return outstanding === 0 && this.#credit > 0 ? Math.max(left, MAX_COPY_BYTES) : left;
  }

  #send({ payload, at }: Outgoing, now: number): string {
    this.#flights.sent({ ...at, bytes: Buffer.byteLength(payload), sentAt: now, hash: payloadHash(payload) });
    this.#lastSentAt = now;
    if (at.kind !== "empty") this.#resendAt ??= now + this.#delays();
    if (at.kind === "hello" && now >= (this.#resendAt ?? 0)) this.#resendAt = now + this.#delays();
    return payload;
  }
}
