import { effect, type Signal, signal } from "@preact/signals";

/** A text that this browser remembers; without storage (private mode) it lasts as long as the page. */
export function remembered(key: string): Signal<string | null> {
  const value = signal<string | null>(read(key));
  effect(() => write(key, value.value));
  return value;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the page works without a memory.
  }
}
