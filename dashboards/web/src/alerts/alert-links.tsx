import type { Alert } from "@storeward/contracts";
import { useEffect } from "preact/hooks";
import { useApp } from "../app/app.js";
import { alertHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";
import { useSoon } from "../ui/live-hooks.js";
import { useResource } from "../ui/resource.js";

const MOST = 200;

/** Alerts that are not over, of one thing or of all; none before they are loaded. */
export function useCurrentAlerts(item?: string): readonly Alert[] {
  const { client, world } = useApp();
  const query = item === undefined ? { limit: MOST } : { item, limit: MOST };
  const found = useResource(item ?? "all", (signal) => client.alerts(query, signal));
  const soon = useSoon(found.reload, 500, 5_000);
  useEffect(() => world.onAlert(soon), [world, soon]);
  return (found.data?.alerts ?? []).filter(({ state }) => state !== "closed");
}

/** The ways to these alerts; nothing where there is none. */
export function AlertLinks({ alerts }: { alerts: readonly Alert[] }) {
  if (alerts.length === 0) return null;
  return (
    <nav class="chips" aria-label={t.alerts.title}>
      {alerts.map(({ id, title }) => (
        <a key={id} class="chip" href={alertHref(id)}>
          <Icon name="bell" size={16} />
          {title}
        </a>
      ))}
    </nav>
  );
}
