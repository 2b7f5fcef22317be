import { type Signal, signal } from "@preact/signals";

const TICK_MS = 1_000;
/** The Date header has whole seconds and travels: less is no difference. */
const TOLERANCE_MS = 2_500;

export interface Clock {
  /** The time by the server's clock, once a second: a phone that is minutes off would show times in the future. */
  readonly now: Signal<Date>;
  onServerTime(at: Date): void;
  start(): void;
  stop(): void;
}

export function createClock(): Clock {
  let offset = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const now = signal(new Date());
  const tick = () => {
    now.value = new Date(Date.now() + offset);
  };
  return {
    now,
    onServerTime: (at) => {
      const difference = at.getTime() - Date.now();
      offset = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
    },
    start: () => {
      timer = setInterval(tick, TICK_MS);
    },
    stop: () => clearInterval(timer),
  };
}
