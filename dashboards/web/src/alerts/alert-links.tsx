import type { Alert } from "@storeward/contracts";
import { useEffect } from "preact/hooks";
import { useApp } from "../app/app.js";
import { alertHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { Icon } from "../ui/icon.js";
import { useSoon } from "../ui/live-hooks.js";
import { useResource } from "../ui/resource.js";

/** The ways from a thing or a gateway to what is open about it; nothing where there is none. */
export function AlertLinks({ about }: { about: { readonly item: string } | { readonly agent: string } }) {
  const { client, world } = useApp();
  const found = useResource(JSON.stringify(about), (signal) => client.alerts({ ...about, limit: 20 }, signal));
  const soon = useSoon(found.reload, 500, 5_000);
  useEffect(() => world.onAlert(soon), [world, soon]);
  const open = (found.data?.alerts ?? []).filter(({ state }: Alert) => state !== "closed");
  if (open.length === 0) return null;
  return (
    <nav class="chips" aria-label={t.alerts.title}>
      {open.map(({ id, title }) => (
        <a key={id} class="chip" href={alertHref(id)}>
          <Icon name="bell" size={16} />
          {title}
        </a>
      ))}
    </nav>
  );
}
