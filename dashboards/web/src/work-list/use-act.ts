import { useState } from "preact/hooks";
import { useApp } from "../app/app.js";

/** Does something once at a time and says that it was done; keeps what went wrong until it is tried again or forgotten. */
export function useAct(onDone: () => void, onClose: () => void) {
  const { notice } = useApp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function act(what: () => Promise<unknown>, done: string) {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await what();
      notice.value = done;
      onDone();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  }
  return { busy, error, act, forget: () => setError(null) };
}
