import { type MeasurementCondition, seriesSpec, type TagName } from "@storeward/contracts";
import type { Fields, Series, TagSet } from "../../time-series/types.js";

/*
 * The figures of one minute, as rules ask for them. What rules share is made once: points are put together by the tags asked for, and can
 * be found by kind and by place, so that five hundred rules do not each look through everything.
 */

export interface Figure {
  readonly labels: TagSet;
  /** Undefined: there is none, such as a rate of nothing. */
  readonly value: number | undefined;
}

export interface Figures {
  /** By {@link labelKey}. */
  readonly all: ReadonlyMap<string, Figure>;
  readonly byKind: ReadonlyMap<string, readonly Figure[]>;
  readonly byPlace: ReadonlyMap<string, readonly Figure[]>;
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

/** Puts series together to figures of the last `minutes` up to `end` (ms since 1970). */
export function figuresOf(asked: Asked, series: readonly Series[], end: number): Figures {
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
  const all = new Map(
    [...groups].map(([key, group]) => [key, { labels: group.labels, value: figureOf(asked, group.members) }]),
  );
  return { all, byKind: indexed(all, "kind", kindKeyOf), byPlace: indexed(all, "place", (code) => code) };
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
    return known.length === 0 ? [] : [put(known, over)];
  });
  if (values.length === 0) return undefined;
  return put(values, over === "mean" && isCounted({ measurement, field }) ? "sum" : over);
}

function put(values: readonly number[], over: "sum" | "max" | "mean"): number {
  if (over === "max") return values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((a, b) => a + b, 0);
  return over === "sum" ? sum : sum / values.length;
}

function indexed(
  all: ReadonlyMap<string, Figure>,
  tag: TagName,
  keyOf: (value: string) => string,
): Map<string, Figure[]> {
  const index = new Map<string, Figure[]>();
  for (const figure of all.values()) {
    const value = figure.labels[tag];
    if (value === undefined) continue;
    const list = index.get(keyOf(value));
    if (list === undefined) index.set(keyOf(value), [figure]);
    else list.push(figure);
  }
  return index;
}
