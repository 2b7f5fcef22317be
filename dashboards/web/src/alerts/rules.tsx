import type { AlertRule, AlertRules, AlertSetupChange, AlertStatus } from "@storeward/contracts";
import { useId } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { duration } from "../time/words.js";
import { Badge } from "../ui/badge.js";
import { ProblemNote } from "../ui/problem-note.js";
import { type Resource, useResource } from "../ui/resource.js";
import { RuleDialog } from "./setup/rule-dialog.js";
import { Switch } from "./setup/switch.js";
import { useChange } from "./setup/use-change.js";
import { useEditing } from "./setup/use-editing.js";

/** What is watched, in words; for administrators to make, edit and switch off, to take out as a file and to bring in. */
export function Rules({
  rules,
  unjudged,
  setup,
  onDone,
}: {
  rules: Resource<AlertRules>;
  unjudged: AlertStatus["unjudged"];
  /** For administrators: the tag of all that is set. */
  setup: string | null;
  onDone: () => void;
}) {
  const { client } = useApp();
  const schema = useResource(setup !== null ? "schema" : null, (signal) => client.seriesSchema(signal));
  const { error, change, setError } = useChange(onDone);
  const { editing, edit, make, close } = useEditing("rules", setError);
  const words = t.alerts;
  const why = new Map(unjudged.map(({ rule, why: reason }) => [rule, reason]));
  return (
    <section class="card" aria-labelledby="rules-heading">
      <h2 id="rules-heading">{words.rules}</h2>
      <ProblemNote error={error ?? rules.error ?? schema.error} />
      <ul class="rows" data-testid="rules">
        {(rules.data?.rules ?? []).map((rule) => (
          <RuleRow
            key={rule.id}
            rule={rule}
            unit={rules.data?.units[rule.id] ?? ""}
            why={why.get(rule.id)}
            onSwitch={
              setup !== null
                ? (enabled) =>
                    change(() => client.switchAlertDocument("rules", rule.id, enabled), words.ruleSet(rule.title))
                : null
            }
            onEdit={() => edit(rule.id)}
          />
        ))}
      </ul>
      {setup !== null && (
        <Transfer
          onNew={make}
          onSetup={(wanted) => change(() => client.setAlertSetup(wanted, setup), words.imported)}
          onError={setError}
        />
      )}
      {editing !== null && schema.data !== null && (
        <RuleDialog
          read={editing === "new" ? null : editing}
          schema={schema.data}
          taken={new Set(rules.data?.rules.map(({ id }) => id))}
          onDone={onDone}
          onClose={close}
        />
      )}
    </section>
  );
}

function RuleRow({
  rule,
  unit,
  why,
  onSwitch,
  onEdit,
}: {
  rule: AlertRule;
  unit: string;
  why: string | undefined;
  onSwitch: ((enabled: boolean) => void) | null;
  onEdit: () => void;
}) {
  const { title, severity, lasts, enabled = true, place, kind } = rule;
  const words = t.alerts;
  const about = [place, kind].flatMap((one) => one ?? []);
  return (
    <li class="alert-rule">
      <span>
        <strong>{title}</strong>{" "}
        <span class="muted">
          {words.severity[severity]} · {whenWords(rule, unit)}
          {lasts > 0 && <>, {words.lasts(duration(lasts * 1000, t.time))}</>}
          {about.length > 0 && <> · {t.and(about)}</>}
        </span>
      </span>
      {why !== undefined && <p class="small text-bad alert-rule-why">{why}</p>}
      {onSwitch === null ? (
        <Badge tone={enabled ? "good" : "quiet"}>{enabled ? words.on : words.off}</Badge>
      ) : (
        <>
          <Switch name={title} on={enabled} onSwitch={onSwitch} />
          <button type="button" class="button button-small" onClick={onEdit}>
            {t.alertSetup.edit}
            <span class="unseen">: {title}</span>
          </button>
        </>
      )}
    </li>
  );
}

function whenWords({ when }: AlertRule, unit: string): string {
  const words = t.alerts.when;
  switch (when.on) {
    case "gateway":
      return words.gateway[when.is];
    case "items":
      return words.items[when.are];
    case "service":
      return words.parked;
    case "measurement": {
      const figure = when.per === undefined ? when.field : `${when.field} / ${when.per}`;
      return words.measurement(`${when.measurement} ${figure}`, when.above, when.below, unit);
    }
  }
}

/** A new rule; and rules, receivers and windows as a file. */
function Transfer({
  onNew,
  onSetup,
  onError,
}: {
  onNew: () => void;
  onSetup: (setup: AlertSetupChange) => void;
  onError: (error: unknown) => void;
}) {
  const field = useId();
  const words = t.alerts;
  async function read(file: File | undefined) {
    if (file === undefined) return;
    try {
      onSetup(JSON.parse(await file.text()) as AlertSetupChange);
    } catch (failure) {
      onError(failure);
    }
  }
  return (
    <p class="alert-transfer">
      <button type="button" class="button button-small" onClick={onNew}>
        {t.alertSetup.newRule}
      </button>
      <a class="button button-small" href="/api/v1/alerts/setup" download="storeward-alerts.json">
        {words.export}
      </a>
      <label class="button button-small" for={field}>
        {words.import}
      </label>
      <input
        id={field}
        class="unseen"
        type="file"
        accept="application/json"
        onChange={(event) => {
          void read(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
    </p>
  );
}
