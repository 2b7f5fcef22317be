import type { Item, TroubleKind } from "@storeward/contracts";
import { useEffect } from "preact/hooks";
import { useApp } from "../app/app.js";
import { troubleHref } from "../app/routing.js";
import { t } from "../messages/index.js";
import { duration } from "../time/words.js";
import { Ago } from "../ui/ago.js";
import { Badge } from "../ui/badge.js";
import { Icon } from "../ui/icon.js";
import { useMoves, useSoon } from "../ui/live-hooks.js";
import { useResource } from "../ui/resource.js";

export const TROUBLES: readonly TroubleKind[] = ["wrong-place", "missing"];
const LOOK_MS = 60_000;

/** How many things are in trouble, each a way to them; nothing where none is. */
export function TroubleChips() {
  const { client } = useApp();
  const { data, reload } = useResource("troubles", (signal) => client.troubles(signal), { keep: true });
  const soon = useSoon(reload, 5_000, 20_000);
  useMoves(() => soon());
  useEffect(() => {
    // Time alone makes trouble too.
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  if (data === null || data.wrongPlace + data.missing === 0) return null;
  const counts = { "wrong-place": data.wrongPlace, missing: data.missing };
  return (
    <nav class="chips" aria-label={t.trouble.title} data-testid="troubles">
      {TROUBLES.filter((kind) => counts[kind] > 0).map((kind) => (
        <a key={kind} class="chip" href={troubleHref(kind)}>
          <Icon name="warning" size={16} />
          {t.trouble.chips[kind](counts[kind])}
        </a>
      ))}
    </nav>
  );
}

/** The mark at a thing in a list. */
export function TroubleBadge({ trouble }: { trouble: Item["trouble"] }) {
  if (trouble === undefined) return null;
  return <Badge tone="bad">{t.trouble.kinds[trouble.missing === undefined ? "wrong-place" : "missing"]}</Badge>;
}

/** The same in a sentence, with where it belongs. */
export function TroubleNote({ trouble }: { trouble: Item["trouble"] }) {
  if (trouble === undefined) return null;
  const { wrongPlace, missing } = trouble;
  const words = t.trouble;
  const belongs = words.belongs((wrongPlace ?? missing)?.expected.map(({ name }) => name) ?? []);
  return (
    <div class="note note-warn" data-testid="trouble">
      <Icon name="warning" />
      <p class="note-body">
        {wrongPlace !== undefined && (
          <>
            {words.wrong} <Ago at={wrongPlace.since} />.
          </>
        )}
        {missing !== undefined && (
          <>
            {words.missing(duration(missing.watchedSeconds * 1000, t.time))} <Ago at={missing.since} />.
          </>
        )}
        {belongs}
      </p>
    </div>
  );
}
