import type { Alert } from "@storeward/contracts";
import { useId } from "preact/hooks";
import { alertHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Ago, Moment } from "../ui/ago.js";
import { Badge } from "../ui/badge.js";

const TONES = { critical: "bad", warning: "warn", info: "quiet" } as const;

/** One alert: what and where, since when, on what it rests, and who knows of it. */
export function AlertCard({ alert, onAcknowledge }: { alert: Alert; onAcknowledge: () => void }) {
  const heading = useId();
  const { id, title, what, severity, state, since, openedAt, places, evidence, advice, escalated } = alert;
  const { acknowledged, closed } = alert;
  const words = t.alerts;
  return (
    <article class={`card alert alert-${severity}`} aria-labelledby={heading} data-testid="alert" data-state={state}>
      <header class="alert-head">
        <Badge tone={state === "closed" ? "quiet" : TONES[severity]}>{words.severity[severity]}</Badge>
        <h2 id={heading}>
          <a class="tap" href={alertHref(id)}>
            {title}: {what}
          </a>
        </h2>
        {state === "open" && (
          <button type="button" class="button button-main" onClick={onAcknowledge}>
            {words.acknowledge}
            <span class="unseen">: {what}</span>
          </button>
        )}
      </header>
      <dl class="facts">
        <div>
          <dt>{words.since}</dt>
          <dd>
            <Ago at={since} />
          </dd>
        </div>
        <div>
          <dt>{words.openedAt}</dt>
          <dd>
            <Moment at={openedAt} />
          </dd>
        </div>
        {places.length > 0 && (
          <div>
            <dt>{words.where}</dt>
            <dd>{t.and(places.slice(0, MOST_PLACES).map(({ name }) => name))}</dd>
          </div>
        )}
        {escalated > 0 && (
          <div>
            <dt>{words.escalated}</dt>
            <dd>{words.steps(escalated)}</dd>
          </div>
        )}
        {acknowledged !== null && (
          <div>
            <dt>{words.acknowledgedBy}</dt>
            <dd>
              {acknowledged.by}, <Ago at={acknowledged.at} />
              {acknowledged.note !== "" && <>: {acknowledged.note}</>}
            </dd>
          </div>
        )}
        {closed !== null && (
          <div>
            <dt>{words.closedAt}</dt>
            <dd>
              <Moment at={closed.at} />: {closed.why}
            </dd>
          </div>
        )}
      </dl>
      {advice !== null && state !== "closed" && <p>{advice}</p>}
      <p class="small muted">
        {words.evidence}: {evidence.says}. {words.judged} <Moment at={evidence.judged} />.
        {evidence.unheard !== undefined && <> {words.unheard(evidence.unheard)}</>}
        {evidence.links.map(({ name, href }) => (
          <span key={href}>
            {" "}
            <a class="tap" href={href}>
              {name}
            </a>
          </span>
        ))}
      </p>
    </article>
  );
}

const MOST_PLACES = 4;
