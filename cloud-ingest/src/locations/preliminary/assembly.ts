import type { Snapshot, SnapshotReadPoint } from "@storeward/contracts";

/** A snapshot not complete after so long never will be: a part was lost with its connection. */
const FORGET_MS = 60_000;
/** Of all agents together that are not complete yet, bytes; the oldest give way. */
const MAX_BYTES = 64 * 1024 * 1024;

interface Begun {
  readonly snapshot: string;
  readonly parts: Map<number, readonly SnapshotReadPoint[]>;
  readonly at: number;
  bytes: number;
}

/** Puts the parts of snapshots together, one snapshot an agent, in bounded memory. */
export class Assembly {
  readonly #begun = new Map<string, Begun>();
  #bytes = 0;

  /** Takes a part of `bytes`; gives the whole when it was the last one missing. `now` in milliseconds of any clock. */
  take(
    { agent, snapshot, part, parts, readPoints }: Snapshot,
    bytes: number,
    now: number,
  ): SnapshotReadPoint[] | undefined {
    let begun = this.#begun.get(agent);
    if (begun?.snapshot !== snapshot) {
      this.#drop(agent);
      begun = { snapshot, parts: new Map(), at: now, bytes: 0 };
      this.#begun.set(agent, begun);
    }
    if (!begun.parts.has(part)) {
      begun.parts.set(part, readPoints);
      begun.bytes += bytes;
      this.#bytes += bytes;
    }
    if (begun.parts.size < parts) {
      this.#makeRoom(now);
      return undefined;
    }
    this.#drop(agent);
    return [...begun.parts.values()].flat();
  }

  get bytes(): number {
    return this.#bytes;
  }

  #makeRoom(now: number): void {
    for (const [agent, { at }] of this.#begun) {
      if (this.#bytes <= MAX_BYTES && now - at < FORGET_MS) return;
      this.#drop(agent);
    }
  }

  #drop(agent: string): void {
    this.#bytes -= this.#begun.get(agent)?.bytes ?? 0;
    this.#begun.delete(agent);
  }
}
