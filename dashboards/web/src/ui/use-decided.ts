import { useEffect, useState } from "preact/hooks";
import { useResource } from "./resource.js";

const LOOK_MS = 30_000;

/** What waits for somebody's decision, looked at now and then; what the last decision came to, in words, or why it failed. */
export function useDecided<T>(key: string, load: (signal: AbortSignal) => Promise<T>) {
  const { data, reload } = useResource(key, load, { keep: true });
  const [said, say] = useState("");
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const timer = setInterval(reload, LOOK_MS);
    return () => clearInterval(timer);
  }, [reload]);
  async function decide(work: () => Promise<string>): Promise<void> {
    setError(null);
    try {
      say(await work());
    } catch (failure) {
      setError(failure);
    }
    reload();
  }
  return { data, said, error, decide };
}
