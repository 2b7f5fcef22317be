import type { Clock } from "./clock.js";
import { isStorewardError } from "./errors.js";

/** How long to wait before each next try: `firstMs`, then times `factor`, never above `maxMs`. */
export interface RetrySchedule {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  /** 0..1: each delay is shortened at random by up to this share, so that many clients do not come back at once. */
  readonly jitter: number;
}

/** The one schedule of every reconnect. */
export const RECONNECT: RetrySchedule = { firstMs: 500, factor: 2, maxMs: 30_000, jitter: 0.3 };

/** The next delay in ms at each call; `reset()` after a success. */
export interface Delays {
  (): number;
  reset(): void;
}

/** Walks through a schedule. `random` gives numbers in [0, 1). */
export function delays(schedule: RetrySchedule, random: () => number = Math.random): Delays {
  let base = schedule.firstMs;
  const next = (): number => {
    const delay = Math.min(base, schedule.maxMs);
    base = Math.min(base * schedule.factor, schedule.maxMs);
    return delay * (1 - schedule.jitter * random());
  };
  return Object.assign(next, {
    reset: (): void => {
      base = schedule.firstMs;
    },
  });
}

export interface RetryOptions {
  readonly schedule: RetrySchedule;
  readonly clock: Clock;
  /** Ends the waiting; `retry` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How often to try at all; without it, for ever. */
  readonly attempts?: number | undefined;
  readonly onRetry?: ((failure: { attempt: number; delayMs: number; error: unknown }) => void) | undefined;
  readonly random?: (() => number) | undefined;
}

/**
 * Calls `fn` (with the attempt, from 1) until it succeeds. The last error is thrown when the attempts are used up, and
 * at once when it is an error of a catalogue that says it is not retryable.
 */
export async function retry<T>(fn: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const next = delays(options.schedule, options.random);
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await fn(attempt);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isStorewardError(error) && !error.retryable) throw error;
      if (options.attempts !== undefined && attempt >= options.attempts) throw error;
      const delayMs = next();
      options.onRetry?.({ attempt, delayMs, error });
      await options.clock.sleep(delayMs, options.signal);
    }
  }
}
