import { useEffect, useState } from "preact/hooks";
import type { AlertDocuments, AsRead } from "../../api/client.js";
import { ApiError } from "../../api/problem.js";
import { useApp } from "../../app/app.js";

/** What somebody else has made of a document while it was being written. */
export interface Theirs<D> {
  /** Who did what, as the service says it. */
  readonly says: string;
  readonly before: D | null;
  /** As it is set now; null while it is not read, and where there is none. */
  readonly now: AsRead<D> | null;
}

const OVERTAKEN = 412;

/** Null where `error` is not that somebody else was faster. Else what is there now is read, and `onDone` called, for lists show what was. */
export function useTheirs<L extends keyof AlertDocuments>(
  list: L,
  base: AsRead<AlertDocuments[L]> | null,
  error: unknown,
  onDone: () => void,
): Theirs<AlertDocuments[L]> | null {
  const { client } = useApp();
  const [now, setNow] = useState<AsRead<AlertDocuments[L]> | null>(null);
  const problem = error instanceof ApiError && error.status === OVERTAKEN ? error.problem : null;
  useEffect(() => {
    setNow(null);
    if (problem === null) return;
    onDone();
    if (base === null) return;
    const abort = new AbortController();
    client.alertDocument(list, base.document.id, abort.signal).then(setNow, () => undefined);
    return () => abort.abort();
  }, [problem]);
  return problem === null ? null : { says: problem.detail ?? problem.title, before: base?.document ?? null, now };
}
