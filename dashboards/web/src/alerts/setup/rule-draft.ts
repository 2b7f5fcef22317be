import type { AlertCondition, AlertRule, AlertSeverity, SeriesSchema } from "@storeward/contracts";
import { codeOf, rolesOf } from "./codes.js";

type Measured = SeriesSchema["measurements"][number];
type MeasurementCondition = Extract<AlertCondition, { on: "measurement" }>;
export type Watch = (typeof WATCHES)[number];

/** What a rule can watch, as one choice. */
export const WATCHES = [
  "gateway:dark",
  "gateway:troubled",
  "gateway:forked",
  "measurement",
  "items:in",
  "items:outside",
  "items:wrong-place",
  "items:missing",
  "service:parked",
] as const;

export const LENGTHS = { s: 1, min: 60, h: 3600 } as const;
/** A length of time as it is typed. */
export interface Length {
  readonly n: string;
  readonly unit: keyof typeof LENGTHS;
}

/** A rule while it is being written: everything as it is typed. */
export interface RuleDraft {
  /** Null: it is new. */
  readonly id: string | null;
  readonly title: string;
  readonly enabled: boolean;
  readonly severity: AlertSeverity;
  readonly watch: Watch;
  readonly measurement: string;
  readonly field: string;
  readonly per: string;
  /** Tags of which each has a figure of its own; null: all that there are. */
  readonly by: readonly string[] | null;
  readonly side: "above" | "below";
  readonly limit: string;
  readonly minutes: string;
  readonly place: string;
  readonly kind: string;
  readonly lasts: Length;
  readonly tell: string;
  readonly escalate: readonly { readonly after: Length; readonly tell: string }[];
  readonly advice: string;
}

export const NEW_RULE: RuleDraft = {
  id: null,
  title: "",
  enabled: true,
  severity: "warning",
  watch: "measurement",
  measurement: "occupancy",
  field: "items",
  per: "",
  by: null,
  side: "below",
  limit: "",
  minutes: "1",
  place: "",
  kind: "",
  lasts: { n: "5", unit: "min" },
  tell: "",
  escalate: [],
  advice: "",
};

export function ruleDraftOf(rule: AlertRule): RuleDraft {
  const { id, title, enabled = true, severity, when, place = "", kind = "", lasts, tell, escalate, advice = "" } = rule;
  const about = when.on === "measurement" ? ("measurement" as const) : watchOf(when);
  return {
    ...NEW_RULE,
    ...(when.on === "measurement" ? figureDraft(when) : {}),
    ...{ id, title, enabled, severity, watch: about, place, kind, advice },
    lasts: lengthOf(lasts),
    tell: (tell ?? []).join(", "),
    escalate: (escalate ?? []).map((step) => ({ after: lengthOf(step.after), tell: step.tell.join(", ") })),
  };
}

function watchOf(when: Exclude<AlertCondition, MeasurementCondition>): Watch {
  return `${when.on}:${when.on === "items" ? when.are : when.is}` as Watch;
}

function figureDraft({ measurement, field, per = "", by, minutes = 1, above, below }: MeasurementCondition) {
  return {
    ...{ measurement, field, per, by: by ?? null, minutes: String(minutes) },
    side: above === undefined ? ("below" as const) : ("above" as const),
    limit: String(above ?? below ?? ""),
  };
}

/** The rule that is meant. What is still missing the service names. */
export function ruleOf(draft: RuleDraft, taken: ReadonlySet<string>): AlertRule {
  const { title, enabled, severity, place, kind, lasts, tell, escalate, advice } = draft;
  const roles = rolesOf(tell);
  return {
    id: draft.id ?? codeOf(title, taken),
    ...{ title: title.trim(), severity, when: conditionOf(draft), lasts: secondsOf(lasts) },
    ...(enabled ? {} : { enabled }),
    ...(place === "" || !takesPlace(draft.watch) ? {} : { place }),
    ...(kind.trim() === "" || !takesKind(draft.watch) ? {} : { kind: kind.trim() }),
    ...(roles.length === 0 ? {} : { tell: roles }),
    ...(escalate.length === 0
      ? {}
      : { escalate: escalate.map((step) => ({ after: secondsOf(step.after), tell: rolesOf(step.tell) })) }),
    ...(advice.trim() === "" ? {} : { advice: advice.trim() }),
  };
}

function conditionOf(draft: RuleDraft): AlertCondition {
  const { watch, measurement, field, per, by, side, limit, minutes } = draft;
  if (watch !== "measurement") {
    const [on, what] = watch.split(":");
    return (on === "items" ? { on, are: what } : { on, is: what }) as AlertCondition;
  }
  return {
    ...{ on: "measurement", measurement: measurement as Measured["name"], field },
    ...(per === "" ? {} : { per }),
    ...(by === null ? {} : { by: by as NonNullable<MeasurementCondition["by"]> }),
    ...(minutes === "1" || minutes === "" ? {} : { minutes: Number(minutes) }),
    ...(limit.trim() === "" ? {} : { [side]: Number(limit) }),
  } as MeasurementCondition;
}

export const takesPlace = (watch: Watch) => watch !== "service:parked";
export const takesKind = (watch: Watch) => watch === "measurement" || watch.startsWith("items:");
export const needsPlace = (watch: Watch) => watch === "items:in" || watch === "items:outside";

/** In the longest unit in which it is a whole number. */
function lengthOf(seconds: number): Length {
  if (seconds > 0 && seconds % LENGTHS.h === 0) return { n: String(seconds / LENGTHS.h), unit: "h" };
  if (seconds > 0 && seconds % LENGTHS.min === 0) return { n: String(seconds / LENGTHS.min), unit: "min" };
  return { n: String(seconds), unit: "s" };
}

function secondsOf({ n, unit }: Length): number {
  return Math.round(Number(n) * LENGTHS[unit]);
}

/** Another measurement is chosen: what the one before had is of no use to it. */
export function withMeasurement(draft: RuleDraft, { name, fields }: Measured): RuleDraft {
  return { ...draft, measurement: name, field: fields[0]?.name ?? "", per: "", by: null };
}
