import { quantile } from "../../src/evaluate/scores/quantile.js";
import { CONDITIONS } from "./conditions.js";
import { bootstrap, type Interval } from "./intervals.js";
import type { Outcome } from "./trial.js";

const RESAMPLES = 2_000;
/** Sorting all latencies again and again takes longer. */
const QUANTILE_RESAMPLES = 300;

/** One table: a figure of every method under every condition. */
interface Measure {
  readonly title: string;
  readonly cell: (outcomes: readonly Outcome[]) => string;
}

const percentOf = (part: (one: Outcome) => number, whole: (one: Outcome) => number) => (outcomes: readonly Outcome[]) =>
  withInterval(
    bootstrap(outcomes, (some) => ratio(some, part, whole), RESAMPLES),
    (value) => (100 * value).toFixed(1),
  );

const HOUR_MS = 3_600_000;

const SHELVES: readonly Measure[] = [
  {
    title: "Precision of presence, %: of the tag time told, how much is true",
    cell: percentOf(
      ({ presence }) => presence.bothMs,
      ({ presence }) => presence.toldMs,
    ),
  },
  {
    title: "Recall of presence, %: of the true tag time, how much is told",
    cell: percentOf(
      ({ presence }) => presence.bothMs,
      ({ presence }) => presence.trueMs,
    ),
  },
  {
    title: "False departures per 1,000 tag hours",
    cell: eventsPer(
      ({ presence }) => presence.falseDepartures,
      ({ presence }) => presence.trueMs / HOUR_MS / 1_000,
    ),
  },
  {
    title: "Departures told while an antenna of the read point was blind, in all runs",
    cell: (outcomes) => String(sum(outcomes, ({ presence }) => presence.blindDepartures)),
  },
  { title: "Arrivals told after, s: median / 95 %", cell: latency(({ presence }) => presence.arrivedAfter) },
  { title: "Departures told after, s: median / 95 %", cell: latency(({ presence }) => presence.departedAfter) },
];

const PORTALS: readonly Measure[] = [
  {
    title: "Recall of passages, %: of all true ones, also those at a door that was off, how many are told",
    cell: percentOf(
      ({ passages }) => passages.found,
      ({ passages }) => passages.passages,
    ),
  },
  {
    title: "Recall of passages while every antenna of the door watched, %",
    cell: percentOf(
      ({ passages }) => passages.watchedFound,
      ({ passages }) => passages.watched,
    ),
  },
  {
    title: "Precision of passages, %: of those told, how many are true",
    cell: percentOf(
      ({ passages }) => passages.found,
      ({ passages }) => passages.told,
    ),
  },
  {
    title: "Direction accuracy, %: of those found, how many in the right direction",
    cell: percentOf(
      ({ passages }) => passages.rightDirection,
      ({ passages }) => passages.found,
    ),
  },
  {
    title: "False passages a portal and hour",
    cell: eventsPer(
      ({ passages }) => passages.told - passages.found,
      ({ portalHours }) => portalHours,
    ),
  },
  { title: "Passages told after, s: median / 95 %", cell: latency(({ passages }) => passages.toldAfter) },
];

/** The tables of `docs/accuracy.md`: what was measured, and each figure of every method under every condition. */
export function tablesOf(outcomes: readonly Outcome[], minutes: number): string {
  const seeds = [...new Set(outcomes.map(({ seed }) => seed))].sort((a, b) => a - b);
  const clean = outcomes.filter(({ condition, method }) => condition === "clean" && method === outcomes[0]?.method);
  const hours = sum(clean, ({ presence }) => presence.trueMs) / HOUR_MS;
  const passages = sum(clean, (one) => one.passages.passages);
  const stays = sum(clean, ({ presence }) => presence.stays);
  const portalHours = sum(clean, (one) => one.portalHours);
  return [
    `${seeds.length} seeds (${seeds[0]} to ${seeds.at(-1)}), ${minutes} simulated minutes each: ${round(hours)} tag hours on shelves with ${round(stays)} stays that began, ${round(portalHours)} portal hours with ${round(passages)} passages. The same hospital, minute by minute, under every condition. In brackets: 95 % intervals.`,
    [
      "| condition | what it is |",
      "|---|---|",
      ...CONDITIONS.map(({ title, words }) => `| ${title} | ${words} |`),
    ].join("\n"),
    "### Shelves",
    ...SHELVES.map((measure) => tableOf(measure, outcomes)),
    "### Portals",
    ...PORTALS.map((measure) => tableOf(measure, outcomes)),
  ].join("\n\n");
}

function tableOf({ title, cell }: Measure, outcomes: readonly Outcome[]): string {
  const methods = [...new Set(outcomes.map(({ method }) => method))];
  const rows = CONDITIONS.map(({ id, title: name }) => [
    name,
    ...methods.map((method) => cell(outcomes.filter((one) => one.method === method && one.condition === id))),
  ]);
  const lines = [["", ...methods], ["---", ...methods.map(() => "---:")], ...rows].map(
    (row) => `| ${row.join(" | ")} |`,
  );
  return `**${title}**\n\n${lines.join("\n")}`;
}

function eventsPer(events: (one: Outcome) => number, exposure: (one: Outcome) => number) {
  return (outcomes: readonly Outcome[]): string => {
    const whole = sum(outcomes, exposure);
    if (whole === 0) return "-";
    // No event in so much exposure: the rate is under 3 by it with 95 % (the rule of three).
    if (sum(outcomes, events) === 0) return `0 (under ${short(3 / whole)})`;
    return withInterval(
      bootstrap(outcomes, (some) => ratio(some, events, exposure), RESAMPLES),
      short,
    );
  };
}

function latency(values: (one: Outcome) => readonly number[]) {
  return (outcomes: readonly Outcome[]): string => {
    const at = (share: number) =>
      withInterval(
        bootstrap(outcomes, (some) => quantile(some.flatMap(values), share), QUANTILE_RESAMPLES),
        (ms) => (ms / 1_000).toFixed(1),
      );
    return `${at(0.5)} / ${at(0.95)}`;
  };
}

function withInterval(interval: Interval | undefined, text: (value: number) => string): string {
  if (interval === undefined) return "-";
  const [value, low, high] = [interval.value, interval.low, interval.high].map(text);
  return low === value && high === value ? `${value}` : `${value} (${low}–${high})`;
}

function ratio(some: readonly Outcome[], part: (one: Outcome) => number, whole: (one: Outcome) => number) {
  const all = sum(some, whole);
  return all === 0 ? undefined : sum(some, part) / all;
}

function sum(outcomes: readonly Outcome[], figure: (one: Outcome) => number): number {
  return outcomes.reduce((total, one) => total + figure(one), 0);
}

function short(value: number): string {
  return value >= 100 ? round(value) : value.toFixed(1);
}

function round(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
