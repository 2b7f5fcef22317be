import { type Clock, describeError, type Logger, type Part, systemClock, type Timer } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { Listener, type Outlet } from "./listener.js";
import { appendEvents, type Frame, framesAfter, headOf, oldestOf, prune } from "./store.js";
import type { ItemNames, LiveFeed, ToldEvent } from "./types.js";

export interface LiveHubOptions {
  readonly db: Database;
  readonly names: ItemNames;
  readonly log: Logger;
  readonly clock?: Clock;
  /** How often to look for events of other processes, ms; default 1000. */
  readonly pollMs?: number;
  readonly heartbeatMs?: number;
  /** A listener is asked to come again after this, so that a session that has ended is noticed; default 10 min. */
  readonly maxAgeMs?: number;
  readonly maxListeners?: number;
}

const PAGE = 500;
const PRUNE_EVERY_MS = 600_000;

/** Takes live events in the transactions of what they tell, and sends them to everyone who listens. */
export class LiveHub implements LiveFeed, Part {
  readonly name = "live";
  readonly #options: LiveHubOptions;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #timers: Timer[] = [];
  /** A listener is in step from here on. */
  #pos = 0;
  #pumping: Promise<void> | undefined;
  #again = false;
  #open = false;

  constructor(options: LiveHubOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  append(tx: Transaction, event: ToldEvent): void {
    this.appendAll(tx, [event]);
  }

  appendAll(tx: Transaction, events: readonly ToldEvent[]): void {
    if (events.length === 0) return;
    appendEvents(tx, this.#clock, events);
    tx.afterCommit(() => this.#wake());
  }

  async start(): Promise<void> {
    const { db, pollMs = 1000, heartbeatMs = 15_000 } = this.#options;
    this.#pos = await headOf(db);
    this.#open = true;
    this.#timers = [
      this.#clock.every(pollMs, () => this.#wake()),
      this.#clock.every(heartbeatMs, () => this.#beat()),
      this.#clock.every(PRUNE_EVERY_MS, () => void prune(db, this.#clock).catch((error) => this.#note(error))),
    ];
  }

  /** Ends every listener's stream. */
  async stop(): Promise<void> {
    this.#open = false;
    for (const timer of this.#timers) timer.stop();
    this.#timers = [];
    this.closeAll();
    await this.#pumping;
  }

  closeAll(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  /** How many listen now. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Whether another one can be taken. */
  get full(): boolean {
    return !this.#open || this.#listeners.size >= (this.#options.maxListeners ?? 1000);
  }

  /**
   * Sends everything after `after`, then what happens. Where that is no longer kept, or `after` is ahead of us, an event `reset` tells the
   * listener to load everything anew; without `after` it begins now.
   */
  async listen(outlet: Outlet, after: number | undefined): Promise<void> {
    const { db, names, maxAgeMs = 600_000 } = this.#options;
    const listener = new Listener(outlet, this.#clock.mono() + maxAgeMs);
    this.#listeners.add(listener);
    outlet.onClose(() => this.#listeners.delete(listener));
    try {
      const head = await headOf(db);
      const kept = after === undefined || (after <= head && after + 1 >= (await oldestOf(db)));
      listener.pos = kept ? (after ?? head) : head;
      // An id without data tells the browser where to resume, before anything happens.
      listener.send(`retry: 1000\nid: ${listener.pos}\n\n`);
      if (!kept) listener.send(`id: ${head}\nevent: reset\ndata: {}\n\n`);
      while (!listener.inStep && !listener.ended) {
        const frames = await framesAfter(db, names, listener.pos, PAGE);
        for (const frame of frames) listener.offer(frame);
        await listener.drained();
        if (frames.length < PAGE && listener.pos >= this.#pos) listener.inStep = true;
        else if (frames.length === 0) await this.#pump();
      }
      // What came since that look may have found nobody in step.
      this.#wake();
    } catch (error) {
      this.#note(error);
      listener.end();
      this.#listeners.delete(listener);
    }
  }

  #wake(): void {
    if (this.#open) void this.#pump();
  }

  #pump(): Promise<void> {
    this.#again = true;
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  async #pumpAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        const after = this.#sentTo();
        if (after === undefined) continue;
        const { db, names } = this.#options;
        const frames = await framesAfter(db, names, after, PAGE);
        if (frames.length === PAGE) this.#again = true;
        this.#send(frames);
      } catch (error) {
        this.#note(error);
      }
    }
  }

  /** Everything up to here was sent to all that are in step; undefined where nobody is, for then nothing needs to be read. */
  #sentTo(): number | undefined {
    let least: number | undefined;
    for (const { inStep, pos } of this.#listeners) if (inStep && pos < (least ?? Number.MAX_SAFE_INTEGER)) least = pos;
    return least;
  }

  #send(frames: readonly Frame[]): void {
    const last = frames.at(-1);
    if (last === undefined) return;
    for (const listener of this.#listeners) {
      if (!listener.inStep) continue;
      for (const frame of frames) listener.offer(frame);
      if (listener.ended) this.#listeners.delete(listener);
    }
    this.#pos = last.pos;
  }

  #beat(): void {
    const now = this.#clock.mono();
    for (const listener of this.#listeners) {
      if (now >= listener.endsAt) listener.end();
      else listener.send(":\n\n");
      if (listener.ended) this.#listeners.delete(listener);
    }
  }

  #note(error: unknown): void {
    this.#options.log.debug({ error: describeError(error) }, "live events cannot be read now");
  }
}
