import { bootstrap, type Interval } from "../../../edge-agent/test/accuracy/intervals.js";
import { CONDITIONS, type Condition, WALKS } from "./conditions.js";
import { BINS, type Score } from "./score.js";
import type { Outcome } from "./trial.js";

const RESAMPLES = 2_000;
const QUANTILE_RESAMPLES = 200;
export const METHODS = ["Storeward", "last read", "EdgeX", "EdgeX, all reads"] as const;
/** What Storeward tells those who keep books: in a table of its own. */
export const BOOKS = "books";

type Some = readonly Outcome[];
type Figure = (some: Some) => number | undefined;

const sum = (some: Some, of: (score: Score) => number) => some.reduce((total, { score }) => total + of(score), 0);
const share =
  (part: (score: Score) => number, whole: (score: Score) => number): Figure =>
  (some) => {
    const all = sum(some, whole);
    return all === 0 ? undefined : sum(some, part) / all;
  };

/** Of all time of all things, in which the place named was the true one. */
export const timeRight = share(
  ({ right }) => right,
  ({ seconds }) => seconds,
);
/** Twice the moves found, of those that were and those that were told. */
export const transitionF1 = share(
  ({ foundMoves }) => 2 * foundMoves,
  ({ trueMoves, toldMoves }) => trueMoves + toldMoves,
);
export const brier = share(
  (score) => score.brier,
  ({ seconds }) => seconds,
);

export function usualBrier(some: Some): number {
  return some.reduce((total, one) => total + one.usualBrier, 0) / some.length;
}

const percent = (value: number) => (100 * value).toFixed(1);
const plain = (value: number) => value.toFixed(2);
const seconds = (value: number) => value.toFixed(1);

interface Measure {
  readonly title: string;
  readonly figure: Figure;
  readonly text: (value: number) => string;
  readonly resamples?: number;
}

const MEASURES: readonly Measure[] = [
  {
    title: "Time right, %: the place named, also as the last one known, is the true one",
    figure: timeRight,
    text: percent,
  },
  {
    title: "Known at the end, %: the same of the history, late observations put in their place",
    figure: share(
      ({ knownRight }) => knownRight,
      ({ knownSeconds }) => knownSeconds,
    ),
    text: percent,
  },
  {
    title: "Claimed and false, % of the time",
    figure: share(
      ({ claimedWrong }) => claimedWrong,
      ({ seconds: all }) => all,
    ),
    text: percent,
  },
  { title: "Transition F1, %: moves in the history within 20 s of a true one", figure: transitionF1, text: percent },
  {
    title: "False moves a thing and day: told of things that were not there within a minute of it",
    figure: share(
      ({ falseMoves }) => falseMoves,
      ({ seconds: all }) => all / 86_400,
    ),
    text: seconds,
  },
  { title: "A move is named after, s: median", figure: latencyAt(0.5), text: seconds, resamples: QUANTILE_RESAMPLES },
  { title: "A move is named after, s: 95 %", figure: latencyAt(0.95), text: seconds, resamples: QUANTILE_RESAMPLES },
  { title: "Brier score over all places (0 to 2, less is better)", figure: brier, text: plain },
];

function latencyAt(part: number): Figure {
  return (some) => {
    const all = some.flatMap(({ score }) => score.latencies).sort((a, b) => a - b);
    return all[Math.min(all.length - 1, Math.floor(part * all.length))];
  };
}

/** The tables of `docs/locations.md`. */
export function tablesOf(outcomes: Some): string {
  const seeds = [...new Set(outcomes.map(({ seed }) => seed))].sort((a, b) => a - b);
  const own = outcomes.filter(({ method }) => method === "Storeward");
  return [
    `${seeds.length} seeds (${seeds.join(", ")}). In brackets: 95 % intervals, percentile bootstrap over whole seeds.`,
    conditionTable(own),
    besideTable(outcomes),
    ...MEASURES.map((measure) => tableOf(measure, outcomes)),
    sureTable(own),
    booksTable(outcomes.filter(({ method }) => method === BOOKS)),
    reliabilityTable(own),
  ].join("\n\n");
}

function conditionsOf(some: Some): readonly Condition[] {
  return [...CONDITIONS, ...WALKS].filter(({ id }) => some.some(({ condition }) => condition === id));
}

function conditionTable(own: Some): string {
  const rows = conditionsOf(own).map(({ id, title, words }) => {
    const some = own.filter(({ condition }) => condition === id);
    const hours = Math.round(sum(some, (score) => score.seconds) / 3600).toLocaleString("en-US");
    const moves = sum(some, ({ trueMoves }) => trueMoves).toLocaleString("en-US");
    const minutes = [...new Set(some.map((one) => one.minutes))].join(", ");
    return [title, `${some.length} × ${minutes}`, hours, moves, words];
  });
  return table(["condition", "runs × minutes", "thing hours", "true moves", "what it is"], rows);
}

/** Whether Storeward is better than EdgeX's rule on the same observations, and than always naming the usual place. */
function besideTable(outcomes: Some): string {
  const rows = conditionsOf(outcomes).map(({ id, title }) => {
    const of = (name: string) => outcomes.filter(({ method, condition }) => method === name && condition === id);
    const [own, edgex] = [of("Storeward"), of("EdgeX")];
    return [
      title,
      ahead(own, edgex, timeRight),
      ahead(own, edgex, transitionF1),
      `${plain(brier(own) ?? 0)} to ${plain(usualBrier(own))}`,
    ];
  });
  const head = ["", "time right", "transition F1", "Brier score, to that of the usual place"];
  const words =
    "The usual place: who always names the usual place of a kind, as sure of it as that is right, which only the truth can tell.";
  return `**Storeward beside EdgeX on the same observations, and beside the usual place**\n\n${table(head, rows)}\n\n${words}`;
}

/** By how many points, and whether the intervals are apart. */
function ahead(own: Some, other: Some, figure: Figure): string {
  const [a, b] = [bootstrap(own, figure, RESAMPLES), bootstrap(other, figure, RESAMPLES)];
  if (a === undefined || b === undefined) return "-";
  const points = 100 * (a.value - b.value);
  const apart = a.low > b.high || b.low > a.high ? "apart" : "overlap";
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)} (intervals ${apart})`;
}

function tableOf({ title, figure, text, resamples = RESAMPLES }: Measure, outcomes: Some): string {
  const rows = conditionsOf(outcomes).map(({ id, title: name }) => [
    name,
    ...METHODS.map((method) => {
      const some = outcomes.filter((one) => one.method === method && one.condition === id);
      return shown(bootstrap(some, figure, resamples), text);
    }),
  ]);
  return `**${title}**\n\n${table(["", ...METHODS], rows)}`;
}

/** How long anything was more than 0.9 sure and wrong. */
function sureTable(own: Some): string {
  const rows = conditionsOf(own).map(({ id, title }) => {
    const some = own.filter(({ condition }) => condition === id);
    const part = sum(some, ({ sureWrong }) => sureWrong) / sum(some, (score) => score.seconds);
    const longest = Math.max(...some.map(({ score }) => score.longestSureWrong));
    return [
      title,
      (100 * part).toFixed(2),
      `${longest} s`,
      String(sum(some, ({ sureWrongTooLong }) => sureWrongTooLong)),
    ];
  });
  const head = ["", "% of the time", "longest without a break", "longer than 5 minutes"];
  return `**More than 0.9 sure, and wrong (Storeward)**\n\n${table(head, rows)}`;
}

/** What books say of where things are. */
function booksTable(books: Some): string {
  const of = (figure: (score: Score) => number) => share(figure, (score) => score.seconds);
  const figures = [of(({ right }) => right), of(({ claimedWrong }) => claimedWrong), of(({ unknown }) => unknown)];
  const rows = conditionsOf(books).map(({ id, title }) => {
    const some = books.filter(({ condition }) => condition === id);
    return [title, ...figures.map((figure) => shown(bootstrap(some, figure, RESAMPLES), percent))];
  });
  const head = ["", "the true place", "another place", "no place"];
  return `**What books say, % of the time (Storeward)**\n\n${table(head, rows)}`;
}

/** How often what was said with so much confidence was right. */
function reliabilityTable(own: Some): string {
  const bins = BINS.map((upper, index) => `${BINS[index - 1] ?? 0}–${Math.min(1, upper)}`);
  const rows = conditionsOf(own).map(({ id, title }) => {
    const some = own.filter(({ condition }) => condition === id);
    const all = sum(some, (score) => score.seconds);
    return [
      title,
      ...bins.map((_, index) => {
        const of = (key: "seconds" | "right") => sum(some, ({ reliability }) => reliability[index]?.[key] ?? 0);
        const part = of("seconds") / all;
        return part < 0.0005 ? "-" : `${percent(of("right") / of("seconds"))} (${percent(part)})`;
      }),
    ];
  });
  return `**Reliability (Storeward): said with a confidence of …, right in %, and in brackets in which % of the time it was said**\n\n${table(["", ...bins], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, ["---", ...head.slice(1).map(() => "---:")], ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function shown(interval: Interval | undefined, text: (value: number) => string): string {
  if (interval === undefined) return "-";
  const [value, low, high] = [interval.value, interval.low, interval.high].map(text);
  return low === value && high === value ? `${value}` : `${value} (${low}–${high})`;
}
