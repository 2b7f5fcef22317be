import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Resource<T> {
  /** What was loaded last; kept while it is loaded again, and when that fails. */
  readonly data: T | null;
  readonly error: unknown;
  readonly loading: boolean;
  reload(): void;
  change(how: (data: T) => T): void;
}

/**
 * Loads when `key` changes, and again on `reload`. An answer that has been overtaken is dropped. `key` null: nothing to load. A new
 * key forgets the data unless `keep`.
 */
export function useResource<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  { keep = false }: { keep?: boolean } = {},
): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; error: unknown; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: key !== null,
  });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;

  useEffect(() => {
    void round;
    if (key === null) {
      setState({ key, data: null, error: null, loading: false });
      return;
    }
    const abort = new AbortController();
    setState((was) => ({ key, data: was.key === key || keep ? was.data : null, error: null, loading: true }));
    loader.current(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setState({ key, data, error: null, loading: false });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setState((was) => ({ ...was, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [key, round, keep]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const change = useCallback(
    (how: (data: T) => T) => setState((was) => (was.data === null ? was : { ...was, data: how(was.data) })),
    [],
  );
  const fresh = state.key === key || keep;
  return {
    data: fresh ? state.data : null,
    error: fresh ? state.error : null,
    loading: state.loading || state.key !== key,
    reload,
    change,
  };
}
