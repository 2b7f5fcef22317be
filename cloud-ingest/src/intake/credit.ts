import { MAX_BATCH_BYTES } from "@storeward/contracts";
import type { Clock } from "@storeward/runtime";

/** Bytes of batches on their way to the cloud from all agents together: each process gives out its share. */
export const TOTAL_CREDIT = 64 * 1024 * 1024;
const MOST = 2 * 1024 * 1024;
/** An agent not heard for so long has nothing on its way. */
const FORGET_MS = 120_000;
const LOOK_MS = 1_000;
/** Rows that followers are behind: above, credit shrinks in proportion; at ten times this, every agent sends one batch at a time. */
const LAG_ROWS = 5_000;

/**
 * How much each agent may have outstanding: one batch at first, twice as much after every batch that was taken, up to its share of the
 * whole; less while followers lag.
 */
export class Credit {
  readonly #clock: Clock;
  readonly #lag: () => number;
  readonly #share: () => number;
  readonly #agents = new Map<string, { bytes: number; heard: number }>();
  #forgotAt = 0;

  /** `share`: this process's part of the whole, 0 to 1. */
  constructor({ clock, lag, share = () => 1 }: { clock: Clock; lag: () => number; share?: () => number }) {
    this.#clock = clock;
    this.#lag = lag;
    this.#share = share;
  }

  /** A new connection starts with one batch. */
  begin(agent: string): void {
    this.#agents.set(agent, { bytes: MAX_BATCH_BYTES, heard: this.#clock.mono() });
  }

  taken(agent: string): void {
    const entry = this.#entry(agent);
    entry.bytes = Math.min(MOST, entry.bytes * 2);
  }

  /** Bytes the agent may have outstanding from now on. */
  of(agent: string): number {
    const { bytes } = this.#entry(agent);
    this.#forget();
    const share = Math.floor((TOTAL_CREDIT * this.#share()) / this.#agents.size);
    const behind = this.#lag() / LAG_ROWS;
    const slowed = behind <= 1 ? bytes : Math.max(MAX_BATCH_BYTES, bytes / behind);
    return Math.floor(Math.min(slowed, share, behind >= 10 ? MAX_BATCH_BYTES : MOST));
  }

  #entry(agent: string): { bytes: number; heard: number } {
    const now = this.#clock.mono();
    const entry = this.#agents.get(agent) ?? { bytes: MAX_BATCH_BYTES, heard: now };
    entry.heard = now;
    this.#agents.set(agent, entry);
    return entry;
  }

  #forget(): void {
    const now = this.#clock.mono();
    if (now - this.#forgotAt < LOOK_MS) return;
    this.#forgotAt = now;
    const limit = now - FORGET_MS;
    for (const [agent, { heard }] of this.#agents) if (heard < limit) this.#agents.delete(agent);
  }
}
