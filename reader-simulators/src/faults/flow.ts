import type { Socket } from "node:net";
import type { Clock, Timer } from "@storeward/runtime";
import type { Pacer, Piece } from "./pacer.js";
import type { Pacing } from "./toxics.js";

/** Bytes of one direction, over all connections. */
export interface FlowCounters {
  received: number;
  delivered: number;
  swallowed: number;
  /** The most that one connection held. */
  heldPeak: number;
}

export interface FlowOptions {
  readonly from: Socket;
  readonly to: Socket;
  readonly pacer: Pacer;
  readonly pacing: () => readonly Pacing[];
  readonly isSwallowed: () => boolean;
  readonly counters: FlowCounters;
  readonly clock: Pick<Clock, "mono" | "after">;
  /** Told of each piece as soon as it is handed on, or waits for its time. */
  readonly onTaken?: ((chunk: Buffer) => void) | undefined;
  /** A stream from which something is missing must not go on. */
  readonly onHole: () => void;
}

/** So much is held; then the sender waits, as TCP makes it. One chunk of a socket may come on top. */
export const HELD_BYTES = 256 * 1024;

/** One direction of one connection: holds bytes until they are due, in order, within a bound. */
export class Flow {
  readonly #options: FlowOptions;
  #pieces: Piece[] = [];
  #held = 0;
  #ended = false;
  #endPassed = false;
  #timer: Timer | undefined;
  #endLost = false;
  /** Something was sent here and is not, and never will be, on the other side. */
  #hasHole = false;

  constructor(options: FlowOptions) {
    this.#options = options;
    const { from, to } = options;
    from.on("data", (chunk) => this.#receive(chunk));
    from.on("end", () => this.#onEnd());
    to.on("drain", () => this.#pump());
  }

  /** The sender has ended, and the receiver will never be told. */
  get hasLostItsEnd(): boolean {
    return this.#endLost;
  }

  /** Other toxics hold from now on, also for what is already held. */
  changed(): void {
    if (this.#options.isSwallowed()) {
      this.#swallow(this.#held);
      this.#pieces = [];
      this.#held = 0;
    }
    const held = Buffer.concat(this.#pieces.map(({ bytes }) => bytes));
    const { pacer, pacing, clock } = this.#options;
    pacer.forget();
    this.#pieces = pacer.plan(held, clock.mono(), pacing());
    this.#pump();
  }

  stop(): void {
    this.#timer?.stop();
    this.#pieces = [];
    this.#held = 0;
  }

  #receive(chunk: Buffer): void {
    const { counters, isSwallowed, onHole, onTaken } = this.#options;
    counters.received += chunk.length;
    if (isSwallowed()) this.#swallow(chunk.length);
    else if (this.#hasHole) onHole();
    else {
      this.#hold(chunk);
      onTaken?.(chunk);
    }
  }

  #hold(chunk: Buffer): void {
    const { counters, pacer, pacing, clock } = this.#options;
    this.#pieces.push(...pacer.plan(chunk, clock.mono(), pacing()));
    this.#held += chunk.length;
    counters.heldPeak = Math.max(counters.heldPeak, this.#held);
    this.#pump();
  }

  #swallow(bytes: number): void {
    this.#options.counters.swallowed += bytes;
    if (bytes > 0) this.#hasHole = true;
  }

  #onEnd(): void {
    if (this.#options.isSwallowed()) this.#endLost = true;
    else if (this.#hasHole) this.#options.onHole();
    else {
      this.#ended = true;
      this.#pump();
    }
  }

  #pump(): void {
    const { from, to, clock, counters } = this.#options;
    this.#timer?.stop();
    const now = clock.mono();
    let next = this.#pieces[0];
    let gone = 0;
    while (next !== undefined && next.due <= now && !to.writableNeedDrain && to.writable) {
      gone++;
      this.#held -= next.bytes.length;
      counters.delivered += next.bytes.length;
      to.write(next.bytes);
      next = this.#pieces[gone];
    }
    if (gone > 0) this.#pieces.splice(0, gone);
    if (next !== undefined && !to.writableNeedDrain)
      this.#timer = clock.after(Math.max(1, next.due - now), () => this.#pump());
    if (next === undefined && this.#ended && !this.#endPassed) {
      this.#endPassed = true;
      to.end();
    }
    if (this.#held >= HELD_BYTES) from.pause();
    else if (from.isPaused()) from.resume();
  }
}
