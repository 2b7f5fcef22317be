import type { RetractedStay, Stay } from "@storeward/contracts";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "../app/app.js";
import { t } from "../messages/index.js";
import { useSoon } from "../ui/live-hooks.js";
import { ProblemNote } from "../ui/problem-note.js";
import { useResource } from "../ui/resource.js";
import { Retracted } from "./retracted.js";
import { StayRow } from "./stay-row.js";

interface Older {
  readonly stays: readonly Stay[];
  readonly retracted: readonly RetractedStay[];
  readonly next: string | null;
}

/** Where it has been, newest first, with the observations that say so. */
export function History({ id, changes }: { id: string; changes: number }) {
  const { client } = useApp();
  const newest = useResource(id, (signal) => client.history(id, undefined, signal));
  const [older, setOlder] = useState<Older | null>(null);
  const [error, setError] = useState<unknown>(null);
  // Stays are written with the place: there is nothing to wait for but that more of it comes at once.
  const soon = useSoon(newest.reload, 100, 1_000);
  useEffect(() => {
    if (changes > 0) soon();
  }, [changes, soon]);

  const first = newest.data?.stays ?? [];
  const known = new Set(first.map(keyOf));
  const stays = [...first, ...(older?.stays ?? []).filter((stay) => !known.has(keyOf(stay)))];
  const next = older === null ? (newest.data?.next ?? null) : older.next;
  async function more() {
    if (next === null) return;
    setError(null);
    try {
      const page = await client.history(id, next);
      setOlder({
        stays: [...(older?.stays ?? []), ...page.stays],
        retracted: [...(older?.retracted ?? []), ...page.retracted],
        next: page.next,
      });
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <section class="card history" aria-labelledby="history-heading">
      <h2 id="history-heading">{t.item.history}</h2>
      <ProblemNote error={newest.error} retry={newest.reload} />
      {newest.data === null && newest.loading && <p class="muted">{t.loading}</p>}
      {newest.data !== null && stays.length === 0 && <p class="muted">{t.item.noHistory}</p>}
      <ol class="stays" data-testid="history">
        {stays.map((stay) => (
          <StayRow key={keyOf(stay)} stay={stay} />
        ))}
      </ol>
      <Retracted stays={[...(newest.data?.retracted ?? []), ...(older?.retracted ?? [])]} />
      <ProblemNote error={error} />
      {next !== null && (
        <button type="button" class="button button-wide" onClick={() => void more()}>
          {t.item.older}
        </button>
      )}
    </section>
  );
}

/** A stay is told by when it began and where: its end is still to come. */
const keyOf = (stay: Stay) => `${stay.from} ${stay.place?.id}`;
