import { useState } from "preact/hooks";
import { useApp } from "../../app/app.js";

/** Changes something of a list at once, and says that it was done; keeps what went wrong. */
export function useChange(onDone: () => void) {
  const { notice } = useApp();
  const [error, setError] = useState<unknown>(null);
  async function tried(what: () => Promise<unknown>, done: string) {
    setError(null);
    try {
      await what();
      notice.value = done;
    } catch (failure) {
      setError(failure);
    }
    // Also after a failure: a box that was ticked shows what holds.
    onDone();
  }
  const change = (what: () => Promise<unknown>, done: string) => void tried(what, done);
  return { error, setError, change };
}
