import { Chance } from "./chance.js";

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A figure of all samples together, with the 95 % interval of the percentile bootstrap over samples (Efron, Tibshirani: An Introduction to the
 * Bootstrap, 1993, §13.3). Samples are whole seeds: what happens within one is not independent. Undefined where the figure is.
 */
export function bootstrap<T>(
  samples: readonly T[],
  figure: (some: readonly T[]) => number | undefined,
  resamples: number,
): Interval | undefined {
  const value = figure(samples);
  if (value === undefined) return undefined;
  const chance = new Chance(20_231);
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const drawn = figure(samples.map(() => chance.of(samples) as T));
    if (drawn !== undefined) values.push(drawn);
  }
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? value;
  return { value, low: at(0.025), high: at(0.975) };
}
