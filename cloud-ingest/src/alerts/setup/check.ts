import { type AlertRule, type AlertWindow, type MeasurementCondition, seriesSpec } from "@storeward/contracts";
import { checkConnect } from "@storeward/runtime";
import type { StoredSetup } from "../types.js";

export interface SetupProblem {
  /** Such as `body.rules[2].when.field`. */
  readonly where: string;
  readonly message: string;
}

/** What the schema of a setup cannot see. @param hasPlace whether there is a place of this code today */
export function checkSetup(setup: StoredSetup, hasPlace: (code: string) => boolean): SetupProblem[] {
  const problems: SetupProblem[] = [];
  for (const list of ["rules", "receivers", "windows"] as const) {
    const ids = new Set<string>();
    for (const [index, { id }] of setup[list].entries()) {
      if (ids.has(id)) problems.push({ where: `body.${list}[${index}].id`, message: `there are two of ${id}` });
      ids.add(id);
    }
  }
  const check = (where: string, found: Iterable<readonly [path: string, message: string]>): void => {
    for (const [path, message] of found) problems.push({ where: `${where}.${path}`, message });
  };
  const rules = new Set(setup.rules.map(({ id }) => id));
  for (const [index, rule] of setup.rules.entries()) check(`body.rules[${index}]`, ruleProblems(rule, hasPlace));
  for (const [index, { places, by }] of setup.receivers.entries()) {
    const where = `body.receivers[${index}]`;
    check(where, unknownPlaces(places, hasPlace));
    if (by.kind === "webhook") check(where, urlProblems(by));
  }
  for (const [index, window] of setup.windows.entries())
    check(`body.windows[${index}]`, windowProblems(window, rules, hasPlace));
  return problems;
}

type Problems = Generator<readonly [path: string, message: string]>;

function* ruleProblems(rule: AlertRule, hasPlace: (code: string) => boolean): Problems {
  const { when, place, kind, escalate = [] } = rule;
  if (place !== undefined && !hasPlace(place)) yield ["place", `there is no place ${place}`];
  if (when.on === "measurement") yield* measurementProblems(when, rule);
  if (when.on === "items" && (when.are === "in" || when.are === "outside") && place === undefined)
    yield ["place", `is needed: ${when.are} which place?`];
  if (kind !== undefined && (when.on === "gateway" || when.on === "service"))
    yield ["kind", `a ${when.on} is of no kind`];
  if (place !== undefined && when.on === "service") yield ["place", "the service is in no place"];
  for (const [index, { after }] of escalate.entries())
    if (index > 0 && after <= (escalate[index - 1]?.after ?? 0))
      yield [`escalate[${index}].after`, "must be later than the step before"];
}

function* measurementProblems(when: MeasurementCondition, { place, kind }: AlertRule): Problems {
  const { measurement, field, per, by, above, below } = when;
  const { fields, tags } = seriesSpec(measurement);
  for (const [path, name] of [
    ["when.field", field],
    ["when.per", per],
  ] as const)
    if (name !== undefined && fields[name] === undefined)
      yield [path, `${measurement} has no ${name}: it has ${Object.keys(fields).join(", ")}`];
  for (const [index, tag] of (by ?? []).entries())
    if (!tags.includes(tag)) yield [`when.by[${index}]`, `${measurement} has no ${tag}: it has ${tags.join(", ")}`];
  if ((above === undefined) === (below === undefined)) yield ["when", "needs one of above and below"];
  if (kind !== undefined && !tags.includes("kind")) yield ["kind", `${measurement} knows of no kinds`];
  const placed = tags.some((tag) => tag === "place" || tag === "read_point" || tag === "agent");
  if (place !== undefined && !placed) yield ["place", `${measurement} knows of no places`];
}

function* windowProblems(
  window: AlertWindow,
  rules: ReadonlySet<string>,
  hasPlace: (code: string) => boolean,
): Problems {
  yield* unknownPlaces(window.places, hasPlace);
  for (const [index, id] of (window.rules ?? []).entries())
    if (!rules.has(id)) yield [`rules[${index}]`, `there is no rule ${id}`];
  const { when } = window;
  if ("begins" in when && Date.parse(when.ends) <= Date.parse(when.begins))
    yield ["when.ends", "is not after it begins"];
  if ("from" in when && when.from === when.to)
    yield ["when.to", "is when it begins: for whole days write 00:00 and 23:59"];
}

function* unknownPlaces(places: readonly string[] | undefined, hasPlace: (code: string) => boolean): Problems {
  for (const [index, code] of (places ?? []).entries())
    if (!hasPlace(code)) yield [`places[${index}]`, `there is no place ${code}`];
}

function* urlProblems({ url, insecure }: { readonly url: string; readonly insecure?: boolean | undefined }): Problems {
  if (!URL.canParse(url)) return yield ["by.url", "is no URL"];
  const { hostname: host, protocol, username, password } = new URL(url);
  if (username !== "" || password !== "") yield ["by.url", "must hold no password: messages are signed"];
  try {
    checkConnect({ host, tls: protocol === "https:", insecure, what: "The webhook" });
  } catch (error) {
    yield ["by.url", error instanceof Error ? error.message : String(error)];
  }
}
