import { useCurrentAlerts } from "../alerts/alert-links.js";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { Page } from "../ui/page.js";
import { needsLook } from "./advice.js";
import { GatewayCard } from "./gateway-card.js";
import { PutAside } from "./put-aside.js";
import { Storage } from "./storage.js";
import "./gateways.css";

/** The fleet: who is heard, what it reads, how far it is behind, and what to do where something is wrong. */
export function GatewaysPage({ administrator }: { administrator: boolean }) {
  const { world } = useApp();
  const list = world.gateways.value;
  const alerts = useCurrentAlerts();
  const gateways = (list?.gateways ?? []).toSorted(
    (a, b) => Number(needsLook(b)) - Number(needsLook(a)) || a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
  const well = gateways.filter((gateway) => !needsLook(gateway)).length;
  return (
    <Page title={t.gateways.title} heading={t.gateways.title} className="gateways">
      <p class="lead">
        {t.gateways.lead}
        {gateways.length > 0 && <strong class="gateways-summary"> {t.gateways.summary(well, gateways.length)}.</strong>}
      </p>
      {list === null && world.failure.value === null && <p class="muted">{t.loading}</p>}
      {list !== null && gateways.length === 0 && <p class="card empty">{t.gateways.empty}</p>}
      {list !== null && <Storage storage={list.storage} />}
      <PutAside administrator={administrator} />
      {gateways.map((gateway) => (
        <GatewayCard
          key={gateway.agent}
          gateway={gateway}
          alerts={alerts.filter(({ evidence }) => evidence.about.agent === gateway.agent)}
        />
      ))}
    </Page>
  );
}
