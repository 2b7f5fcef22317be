import { useMemo } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { useResource } from "../ui/resource.js";

/** How many things are nowhere on the plan, so that its numbers are not taken for all there is. */
export function NeverSeen() {
  const { client } = useApp();
  const kinds = useResource("all", (signal) => client.kinds("", signal));
  const soon = useSoon(kinds.reload, 5_000, 20_000);
  useMoves(({ from }) => {
    if (from === null) soon();
  });
  const nowhere = useMemo(
    () =>
      (kinds.data?.kinds ?? [])
        .flatMap(({ places }) => places)
        .reduce((sum, { place, count }) => sum + (place === null ? count : 0), 0),
    [kinds.data],
  );
  return nowhere === 0 ? null : <p class="small muted plan-never">{t.plan.notLocated(nowhere)}</p>;
}
