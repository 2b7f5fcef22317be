import { type MeasurementCondition, seriesSpec, type TagName } from "@storeward/contracts";
import type { Fields, Series, TagSet } from "../../time-series/types.js";

/*
 * The figures of one minute, as rules ask for them. Series can be found by kind and by place, so that five hundred rules do not each look
 * through everything, and only what a rule is about is put together.
 */

export interface Figure {
  readonly labels: TagSet;
  /** Undefined: there is none, such as a rate of nothing. */
  readonly value: number | undefined;
}

/** Series of one measurement, also by kind and by place. */
export class SeriesIndex {
  readonly all: readonly Series[];
  readonly #byKind = new Map<string, Series[]>();
  readonly #byPlace = new Map<string, Series[]>();

  constructor(series: readonly Series[]) {
    this.all = series;
    for (const one of series) {
      const { kind, place } = one.tags;
      if (kind !== undefined) put(this.#byKind, kindKeyOf(kind), one);
      if (place !== undefined) put(this.#byPlace, place, one);
    }
  }

  ofKind(kind: string): readonly Series[] {
    return this.#byKind.get(kindKeyOf(kind)) ?? [];
  }

  /** In the place of this code, not in what is in it. */
  inPlace(code: string): readonly Series[] {
    return this.#byPlace.get(code) ?? [];
  }
}

function put(index: Map<string, Series[]>, key: string, series: Series): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [series]);
  else list.push(series);
}

export type Asked = Pick<MeasurementCondition, "measurement" | "field" | "per" | "by" | "minutes">;

/** The tags by which it has figures, in the measurement's order. */
export function labelsOf({ measurement, by }: Pick<MeasurementCondition, "measurement" | "by">): TagName[] {
  const { tags } = seriesSpec(measurement);
  return tags.filter((tag) => by === undefined || by.includes(tag));
}

/** Same labels, same key. */
export function labelKey(labels: TagSet): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Kinds are compared without regard to case. */
export function kindKeyOf(kind: string): string {
  return kind.trim().toLowerCase();
}

/** Whether what has no point has the figure 0: counts do, and how many there are of something. */
export function isCounted({ measurement, field }: Pick<Asked, "measurement" | "field">): boolean {
  const { over, unit } = seriesSpec(measurement).fields[field] ?? {};
  return over === "sum" || (over === "mean" && unit === "1" && measurement !== "antenna");
}

/** Puts series together to figures of the last `minutes` up to `end` (ms since 1970), by {@link labelKey}. */
export function figuresOf(asked: Asked, series: readonly Series[], end: number): Map<string, Figure> {
  const labels = labelsOf(asked);
  const from = end - (asked.minutes ?? 1) * 60_000;
  const groups = new Map<string, { labels: TagSet; members: Fields[][] }>();
  for (const { tags, points } of series) {
    const within = points.flatMap(({ at, fields }) => (at.getTime() >= from && at.getTime() < end ? [fields] : []));
    const own = Object.fromEntries(labels.map((tag) => [tag, tags[tag] ?? ""]));
    const key = labelKey(own);
    const group = groups.get(key) ?? { labels: own, members: [] };
    group.members.push(within);
    groups.set(key, group);
  }
  return new Map(
    [...groups].map(([key, { labels: own, members }]) => [key, { labels: own, value: figureOf(asked, members) }]),
  );
}

function figureOf(asked: Asked, members: readonly Fields[][]): number | undefined {
  const { measurement, field, per } = asked;
  const value = together(measurement, field, members);
  if (per === undefined) return value ?? (isCounted(asked) ? 0 : undefined);
  const whole = together(measurement, per, members);
  return value === undefined || whole === undefined || whole === 0 ? undefined : value / whole;
}

/** Minutes as the measurement says it is put together, and then the members: what can be counted is added up. */
function together(measurement: Asked["measurement"], field: string, members: readonly Fields[][]): number | undefined {
  const over = seriesSpec(measurement).fields[field]?.over ?? "max";
  const values = members.flatMap((minutes) => {
    const known = minutes.flatMap((fields) => fields[field] ?? []);
    return known.length === 0 ? [] : [combined(known, over)];
  });
  if (values.length === 0) return undefined;
  return combined(values, over === "mean" && isCounted({ measurement, field }) ? "sum" : over);
}

function combined(values: readonly number[], over: "sum" | "max" | "mean"): number {
  if (over === "max") return values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((a, b) => a + b, 0);
  return over === "sum" ? sum : sum / values.length;
}
