import type { ChaosSchedule, Toxic } from "@storeward/contracts";
import { randomStream } from "../random.js";

/** One thing that happens to the connections, in ms from the start. */
export interface Step {
  readonly from: number;
  /** Infinity: it never ends. */
  readonly to: number;
  readonly toxic: Toxic;
}

/** The steps of a schedule, with its weather drawn: the same for the same seed. */
export function stepsOf({ seed, steps, weather }: ChaosSchedule): Step[] {
  const fixed = steps.map(({ after, for: lasts, toxic }) => ({ from: after, to: after + (lasts ?? Infinity), toxic }));
  return weather === undefined ? fixed : [...fixed, ...weatherOf(seed, weather)];
}

type Weather = NonNullable<ChaosSchedule["weather"]>;

function weatherOf(seed: number, { lengthMs, onlineMs, offlineMs, toxics }: Weather): Step[] {
  const random = randomStream(seed, "weather");
  const within = ([low = 0, high = low]: readonly number[]) => random.between(low, high);
  const steps: Step[] = [];
  // Time must go on even where both spans are nothing.
  for (let at = within(onlineMs); at < lengthMs; at += Math.max(1, within(onlineMs))) {
    const toxic = random.pick(toxics);
    const to = Math.min(lengthMs, at + Math.max(1, within(offlineMs)));
    if (toxic !== undefined) steps.push({ from: at, to, toxic });
    at = to;
  }
  return steps;
}

/** What is on at `ms`, in the order of the steps. */
export function toxicsAt(steps: readonly Step[], ms: number): Toxic[] {
  return steps.filter(({ from, to }) => from <= ms && ms < to).map(({ toxic }) => toxic);
}

/** When something begins or ends next after `ms`; undefined: never again. */
export function nextChange(steps: readonly Step[], ms: number): number | undefined {
  const moments = steps.flatMap(({ from, to }) => [from, to]).filter((moment) => moment > ms && moment < Infinity);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
