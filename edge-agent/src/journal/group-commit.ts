import type { Clock, Timer } from "@storeward/runtime";
import type { PreparedEntry } from "./row-store.js";

/** One call of `append`, waiting for its commit. */
export interface Pending {
  readonly entries: readonly PreparedEntry[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export interface GroupCommitOptions {
  /** How long a row waits for others to share its sync, ms. */
  readonly waitMs: number;
  /** So many rows do not wait. */
  readonly maxRows: number;
  readonly clock: Pick<Clock, "after">;
  /** Settles every call of the group. */
  readonly commit: (group: readonly Pending[]) => void;
}

/** Space of a row besides its body. */
const ROW_BYTES = 60;

/** Gathers what is appended within a moment, so that one sync keeps it all. Never holds more rows than `maxRows` and one call. */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #group: Pending[] = [];
  #rows = 0;
  #timer: Timer | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** `make` gives the entries; what it throws rejects. */
  add(make: () => readonly PreparedEntry[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const entries = make();
      const { clock, waitMs, maxRows } = this.#options;
      this.#group.push({ entries, resolve, reject });
      this.#rows += entries.length;
      if (this.#rows >= maxRows) this.flush();
      else this.#timer ??= clock.after(waitMs, () => this.flush());
    });
  }

  flush(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    this.#rows = 0;
    this.#options.commit(group);
  }
}

/** What the entries will take in the file. */
export function bytesOf(entries: readonly PreparedEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes + ROW_BYTES, 0);
}
