import {
  type AlertRule,
  figureUnit,
  type Measurement,
  type MeasurementCondition,
  seriesSpec,
} from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { PlaceDirectory } from "../../places/index.js";
import type { Series, TagSet } from "../../time-series/types.js";
import type { Finding, Judgement } from "../types.js";
import { type Figure, figuresOf, isCounted, labelKey, labelsOf, SeriesIndex } from "./figures.js";
import type { Watchers } from "./watchers.js";

export interface MinuteFacts {
  /** The first moment after the minute that is judged, ms since 1970. */
  readonly end: number;
  /** By measurement: series of at least as many minutes up to `end` as any rule asks for. */
  readonly series: ReadonlyMap<Measurement, readonly Series[]>;
  /** By rule: subjects known to hold, which have a figure also where there is no point of them. */
  readonly known: ReadonlyMap<string, readonly string[]>;
  /** By agent: how far it has looked. */
  readonly through: ReadonlyMap<string, Date>;
  readonly watchers: Pick<Watchers, "agentsAt" | "all" | "placesOf" | "placesOfPoint">;
  readonly directory: Pick<PlaceDirectory, "byCode" | "byId" | "within">;
}

type MeasurementRule = AlertRule & { readonly when: MeasurementCondition };

/** A minute that says when something was observed is whole only once gateways have looked further; others once they are over. */
const OBSERVED: ReadonlySet<Measurement> = new Set([
  "detection",
  "passages",
  "arrivals",
  "dwell",
  "occupancy",
  "utilisation",
]);
/** Figures that only fit a whole house are judged when so large a part of its gateways is heard. */
const ENOUGH = 0.5;

/** What holds of rules about measurements at the end of one minute. */
export function judgeMinute(rules: readonly AlertRule[], facts: MinuteFacts): Judgement[] {
  const indexes = new Map([...facts.series].map(([measurement, series]) => [measurement, new SeriesIndex(series)]));
  const whole = new Map<string, Map<string, Figure>>();
  return rules.filter(isMeasurementRule).map((rule) => {
    const { when, place, kind } = rule;
    const index = indexes.get(when.measurement) ?? new SeriesIndex([]);
    if (place !== undefined || kind !== undefined)
      return judgeRule(rule, figuresOf(when, narrowed(rule, index, facts), facts.end), facts);
    // Rules about everything share what they have in common.
    const { measurement, field, per, by, minutes } = when;
    const key = JSON.stringify([measurement, field, per, by, minutes]);
    const figures = whole.get(key) ?? figuresOf(when, index.all, facts.end);
    whole.set(key, figures);
    return judgeRule(rule, figures, facts);
  });
}

/** Series of the rule's kind and place: of very many it looks at few. */
function narrowed({ when, place, kind }: MeasurementRule, index: SeriesIndex, facts: MinuteFacts): readonly Series[] {
  const codes = place === undefined ? undefined : codesWithin(place, facts);
  const isThere = ({ tags }: Series) => codes === undefined || isIn(tags, codes, facts);
  if (kind !== undefined) return index.ofKind(kind).filter(isThere);
  if (codes !== undefined && seriesSpec(when.measurement).tags.includes("place"))
    return [...codes].flatMap((code) => index.inPlace(code));
  return index.all.filter(isThere);
}

export function isMeasurementRule(rule: AlertRule): rule is MeasurementRule {
  return rule.when.on === "measurement";
}

function judgeRule(rule: MeasurementRule, figures: ReadonlyMap<string, Figure>, facts: MinuteFacts): Judgement {
  const excused = new Set<string>();
  const unheard = new Set<string>();
  const findings: Finding[] = [];
  const known = new Set(facts.known.get(rule.id));
  for (const figure of watched(rule, figures, facts)) {
    const isBeyond = holds(rule.when, figure.value);
    const subject = labelKey(figure.labels);
    // Of what is well and always was nobody asks who was heard.
    if (!isBeyond && !known.has(subject)) continue;
    const heard = hearing(rule, figure, facts);
    if (!heard.enough) {
      excused.add(subject);
      for (const agent of heard.missing) unheard.add(agent);
    } else if (isBeyond) findings.push(findingOf(rule, figure, subject, heard.missing, facts));
  }
  return { rule, findings, excused: (subject) => excused.has(subject), unheard };
}

function holds({ above, below }: MeasurementCondition, value: number | undefined): boolean {
  if (value === undefined) return false;
  return (above !== undefined && value > above) || (below !== undefined && value < below);
}

/** The figures it watches: those that there are, those it has found before, and the one it names without anything being there. */
function watched(rule: MeasurementRule, figures: ReadonlyMap<string, Figure>, { known }: MinuteFacts): Figure[] {
  const { when } = rule;
  const empty = isCounted(when) && when.per === undefined ? 0 : undefined;
  const found = [...figures.values()];
  for (const subject of known.get(rule.id) ?? []) {
    if (figures.has(subject)) continue;
    const labels: TagSet = Object.fromEntries(JSON.parse(subject) as [string, string][]);
    found.push({ labels, value: empty });
  }
  const named = namedBy(rule, labelsOf(when));
  if (named !== undefined && found.length === 0 && empty === 0) found.push({ labels: named, value: 0 });
  return found;
}

/** The one figure that the rule itself names, where it names it wholly. */
function namedBy({ place, kind }: AlertRule, labels: readonly string[]): TagSet | undefined {
  const named: Record<string, string> = {};
  for (const label of labels) {
    const value = label === "kind" ? kind : label === "place" ? place : undefined;
    if (value === undefined) return undefined;
    named[label] = value;
  }
  return named;
}

function codesWithin(code: string, { directory }: MinuteFacts): ReadonlySet<string> {
  const place = directory.byCode(code);
  if (place === undefined) return new Set();
  return new Set(directory.within(place.id).flatMap((id) => directory.byId(id)?.code ?? []));
}

function isIn(labels: TagSet, codes: ReadonlySet<string>, facts: MinuteFacts): boolean {
  return placesOf(labels, facts).some((id) => codes.has(facts.directory.byId(id)?.code ?? ""));
}

function placesOf(
  { place, read_point: readPoint, agent }: TagSet,
  { directory, watchers }: MinuteFacts,
): readonly string[] {
  if (place !== undefined) return [directory.byCode(place)?.id ?? []].flat();
  if (readPoint !== undefined) return watchers.placesOfPoint(readPoint);
  return agent === undefined ? [] : watchers.placesOf(agent);
}

interface Hearing {
  readonly enough: boolean;
  readonly missing: readonly string[];
}

/** Whether the gateways on which a figure rests have looked as far as the minute goes. What is there of a minute recorded here needs nobody. */
function hearing({ when, place }: MeasurementRule, { labels, value }: Figure, facts: MinuteFacts): Hearing {
  const { watchers, through, end, directory } = facts;
  const isThere = value !== undefined && value !== 0;
  if (isThere && !OBSERVED.has(when.measurement)) return { enough: true, missing: [] };
  const own = labels.agent === undefined ? placesOf(labels, facts) : [];
  const named = place === undefined ? undefined : directory.byCode(place)?.id;
  const bound = own.length > 0 ? own : named === undefined ? [] : [named];
  const agents =
    labels.agent !== undefined ? [labels.agent] : bound.length > 0 ? watchers.agentsAt(bound) : watchers.all();
  const missing = agents.filter((agent) => (through.get(agent)?.getTime() ?? 0) < end);
  const whole = labels.agent !== undefined || bound.length > 0;
  const enough = whole ? missing.length === 0 : agents.length - missing.length >= agents.length * ENOUGH;
  return { enough, missing };
}

function findingOf(
  rule: MeasurementRule,
  { labels, value = 0 }: Figure,
  subject: string,
  missing: readonly string[],
  facts: MinuteFacts,
): Finding {
  const { measurement, field, per, minutes = 1, above, below } = rule.when;
  const { end } = facts;
  const limit = above ?? below ?? 0;
  const unit = figureUnit(measurement, field, per);
  const name = per === undefined ? field : `${field} / ${per}`;
  const inUnit = (figure: number) => `${Math.round(figure * 1000) / 1000} ${unit}`.trimEnd();
  const from = isoMs(end - minutes * 60_000);
  const query = new URLSearchParams({ measurement, from, to: isoMs(end) });
  return {
    subject,
    since: end - 60_000,
    judged: end,
    what: inWords(labels, facts) || "The whole house",
    places: placesOf(labels, facts),
    evidence: {
      says: `${measurement}: ${name} is ${inUnit(value)}, ${above === undefined ? "below" : "above"} ${inUnit(limit)}, from ${from} to ${isoMs(end)}`,
      value,
      limit,
      ...(unit === "" ? {} : { unit }),
      about: { ...labels },
      ...(missing.length === 0 ? {} : { unheard: [...missing] }),
      links: [{ name: "The time series", href: `/api/v1/series?${query}` }, ...pagesOf(labels)],
    },
  };
}

function inWords(labels: TagSet, { directory }: MinuteFacts): string {
  return Object.entries(labels)
    .map(([tag, value]) =>
      tag === "place" ? (directory.byCode(value)?.name ?? value) : tag === "antenna" ? `antenna ${value}` : value,
    )
    .join(", ");
}

function pagesOf({ agent, kind }: TagSet): { name: string; href: string }[] {
  if (agent !== undefined) return [{ name: "Gateways", href: "/gateways" }];
  return kind === undefined ? [] : [{ name: kind, href: `/?q=${encodeURIComponent(kind)}` }];
}
