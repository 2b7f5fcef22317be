import { type Clock, delays, type RetrySchedule } from "@storeward/runtime";
import type { GiveWay } from "./give-way.js";

const LOOK_MS = 25;
const MOST_AHEAD_MS = 1000;
const RETRY: RetrySchedule = { firstMs: 50, factor: 2, maxMs: 2000, jitter: 0.2 };

/** What a round has left. */
export interface Round {
  /** Whether there may be more that can be done now. */
  readonly more: boolean;
  /** Whether all there was is done, and there was something. */
  readonly keptUp: boolean;
  /** When the next one is due if nothing wakes it before, by the clock's `mono`. */
  readonly due: number;
}

export interface RoundsOptions {
  readonly clock: Clock;
  readonly gatherMs?: number | undefined;
  /** Whether others are so far behind that it waits for them. */
  readonly isAhead: () => boolean;
  readonly way?: GiveWay | undefined;
  round(signal: AbortSignal): Promise<Round>;
  /** Told of an error of a round; it is done again, ever later. */
  failed(error: unknown): void;
}

/** Does rounds of some work again and again: at once while there is more, and when it is woken or due. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #clock: Clock;
  readonly #delay = delays(RETRY);
  #wake: () => void = () => undefined;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Waits for the round that is going on. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  wake(): void {
    this.#wake();
  }

  /** Waits after something has failed, longer each time; not for long once it is to stop. */
  async pause(): Promise<void> {
    await this.#clock.sleep(this.#delay(), this.#stopping.signal).catch(() => undefined);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let woken = false;
      const idle = new Promise<void>((resolve) => {
        this.#wake = () => {
          woken = true;
          resolve();
        };
      });
      await this.#others(signal);
      const { gatherMs = 0, way } = this.#options;
      const next = this.#clock.mono() + gatherMs;
      try {
        const work = (): Promise<Round> => this.#options.round(signal);
        const { more, keptUp, due } = await (way?.turn(work) ?? work());
        this.#delay.reset();
        if (gatherMs > 0 && keptUp) await this.#clock.sleep(next - this.#clock.mono(), signal).catch(() => undefined);
        if (more || woken || signal.aborted) continue;
        const timer = this.#clock.after(Math.max(0, due - this.#clock.mono()), this.#wake);
        await idle;
        timer.stop();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.failed(error);
        await this.pause();
      }
    }
  }

  async #others(signal: AbortSignal): Promise<void> {
    const { isAhead } = this.#options;
    const until = this.#clock.mono() + MOST_AHEAD_MS;
    while (isAhead() && !signal.aborted && this.#clock.mono() < until)
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined);
  }
}
