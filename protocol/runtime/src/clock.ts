/** A timer that its owner must stop. Stopping twice, or after it fired, does nothing. */
export interface Timer {
  stop(): void;
}

/** Time as a parameter: everything that waits or dates takes one, so that tests never sleep. */
export interface Clock {
  /** Milliseconds since 1970 by the wall clock; may step in either direction. */
  wall(): number;
  /** Milliseconds with fractions since some fixed moment; never goes back within one process. */
  mono(): number;
  after(ms: number, fn: () => void): Timer;
  /** Fires every `ms` (at least 1) until stopped. */
  every(ms: number, fn: () => void): Timer;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal | undefined): Promise<void>;
}

/** The machine's own clocks. `mono` is the system's monotonic clock, so processes of one machine can compare it. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  mono: () => Number(process.hrtime.bigint()) / 1e6,
  after(ms, fn) {
    return longTimer(ms, fn);
  },
  every(ms, fn) {
    const period = Math.max(1, ms);
    if (period <= MAX_TIMEOUT) {
      const handle = setInterval(fn, period);
      return { stop: () => clearInterval(handle) };
    }
    let timer: Timer;
    const again = (): void => {
      timer = longTimer(period, again);
      fn();
    };
    timer = longTimer(period, again);
    return { stop: () => timer.stop() };
  },
  sleep(ms, signal) {
    return sleepOn(systemClock, ms, signal);
  },
};

/** Node fires a longer timeout after 1 ms instead. */
const MAX_TIMEOUT = 2 ** 31 - 1;

function longTimer(ms: number, fn: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (left: number): void => {
    handle = left <= MAX_TIMEOUT ? setTimeout(fn, left) : setTimeout(() => arm(left - MAX_TIMEOUT), MAX_TIMEOUT);
  };
  arm(Math.max(0, ms));
  return { stop: () => clearTimeout(handle) };
}

/** `Clock.sleep` for any clock that has `after`. */
export function sleepOn(clock: Pick<Clock, "after">, ms: number, signal?: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.stop();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** ISO 8601 in UTC with milliseconds, as everywhere in JSON: `2026-03-01T08:15:30.250Z`. RangeError when not a date. */
export function isoMs(ms: number): string {
  return new Date(ms).toISOString();
}
