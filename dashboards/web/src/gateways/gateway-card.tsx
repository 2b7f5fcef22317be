import type { Alert, Gateway } from "@storeward/contracts";
import { useId } from "preact/hooks";
import { AlertLinks } from "../alerts/alert-links.js";
import { t } from "../messages/index.js";
import { Ago } from "../ui/ago.js";
import { GatewayBadge } from "../ui/badge.js";
import { Icon } from "../ui/icon.js";
import { BEHIND_ROWS, needsLook, troubles } from "./advice.js";
import { DeviceFacts } from "./device-facts.js";
import { ReaderBlock } from "./reader-block.js";

export function GatewayCard({ gateway, alerts }: { gateway: Gateway; alerts: readonly Alert[] }) {
  const heading = useId();
  const { agent, name, state, telemetry } = gateway;
  return (
    <section
      class={`card gateway ${needsLook(gateway) ? "gateway-look" : ""}`}
      aria-labelledby={heading}
      data-testid="gateway"
      data-agent={agent}
      data-state={state}
    >
      <header class="gateway-head">
        <h2 id={heading}>{name}</h2>
        <span class="code small muted">{agent}</span>
        <GatewayBadge state={state} />
      </header>
      <Figures gateway={gateway} />
      <AlertLinks alerts={alerts} />
      <Troubles gateway={gateway} />
      {telemetry === null ? (
        <p class="muted small">{t.gateways.noTelemetry}</p>
      ) : (
        <>
          <div class="readers">
            {telemetry.readers.map((reader) => (
              <ReaderBlock key={reader.reader} reader={reader} at={telemetry.at} heard={state === "online"} />
            ))}
          </div>
          <DeviceFacts telemetry={telemetry} />
        </>
      )}
    </section>
  );
}

function Figures({ gateway }: { gateway: Gateway }) {
  const { state, since, heardAt, through, committed, behind, quarantined, lost, configuration } = gateway;
  const words = t.gateways;
  // What it has written since it was last heard is known to nobody.
  const left = state === "online" ? behind : null;
  const when = (at: string | null) => (at === null ? words.never : <Ago at={at} />);
  return (
    <dl class="facts figures">
      <Figure name={words.since}>{when(since)}</Figure>
      <Figure name={words.heard}>{when(heardAt)}</Figure>
      <Figure name={words.through} hint={words.throughHint}>
        {when(through)}
      </Figure>
      <Figure name={words.behind} tone={(left ?? 0) > BEHIND_ROWS ? "warn" : undefined}>
        {left === null ? <span class="muted">{words.behindUnknown}</span> : words.rows(left)}
      </Figure>
      <Figure name={words.committed}>{words.rows(committed)}</Figure>
      {configuration != null && configuration.applied !== null && <Configuration configuration={configuration} />}
      {quarantined > 0 && (
        <Figure name={words.quarantined} tone="warn">
          {words.rows(quarantined)}
        </Figure>
      )}
      {lost > 0 && (
        <Figure name={words.lost} tone="bad">
          {words.rows(lost)}
        </Figure>
      )}
    </dl>
  );
}

/** What it runs with, and where what was set here does not hold. */
function Configuration({ configuration }: { configuration: NonNullable<Gateway["configuration"]> }) {
  const { applied, wanted, refused } = configuration;
  const words = t.gateways;
  const awaited = wanted !== null && wanted > (applied ?? 0) ? wanted : null;
  return (
    <Figure name={words.configuration} hint={words.configurationHint} tone={refused === null ? undefined : "warn"}>
      {words.configurationOf(applied ?? 0)}
      {awaited !== null && (
        <span class="muted">
          {", "}
          {refused === null ? words.configurationAwaited(awaited) : words.configurationRefused(awaited)}
        </span>
      )}
    </Figure>
  );
}

function Figure({
  name,
  hint,
  tone,
  children,
}: {
  name: string;
  hint?: string;
  tone?: "warn" | "bad" | undefined;
  children: preact.ComponentChildren;
}) {
  return (
    <div title={hint}>
      <dt>{name}</dt>
      <dd class={`num ${tone === undefined ? "" : `text-${tone}`}`}>{children}</dd>
    </div>
  );
}

/** What it says itself, then what its figures say and what to do. */
function Troubles({ gateway }: { gateway: Gateway }) {
  const found = troubles(gateway, t);
  if (found.length === 0 && gateway.trouble.length === 0)
    return (
      <p class="gateway-well small">
        <Icon name="check" size={16} />
        {t.gateways.well}
      </p>
    );
  return (
    <div class="note note-warn">
      <Icon name="warning" />
      <div class="note-body">
        {gateway.trouble.length > 0 && (
          <ul class="trouble-said">
            {gateway.trouble.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        <dl class="trouble-todo">
          {found.map(({ what, todo }) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>{todo}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  );
}
