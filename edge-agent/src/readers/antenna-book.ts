import type { Antenna, CoverageState } from "@storeward/contracts";
import type { ReaderEvent, ReaderHealth, TagRead } from "./driver.js";

/** Over how long reads and tags are counted: about one telemetry period. */
const WINDOW_MS = 10_000;
/** More different tags than this in one window are not told apart. */
const MAX_TAGS = 10_000;

interface Count {
  reads: number;
  /** Of the reads' RSSI, dBm. */
  rssiSum: number;
  rssiMax: number;
  readonly tags: Set<string>;
}

interface Line {
  readonly power: number;
  state: CoverageState;
  why: string;
  current: Count;
  complete: Count;
  lastRead?: number;
}

/** What one reader's antennas are doing: tells coverage only when it changes, and counts reads for the health. */
export class AntennaBook {
  readonly #lines: ReadonlyMap<number, Line>;
  readonly #emit: (event: ReaderEvent) => void;
  #windowStart: number;

  constructor(antennas: readonly Antenna[], emit: (event: ReaderEvent) => void, now: number) {
    this.#emit = emit;
    this.#windowStart = now;
    this.#lines = new Map(
      antennas.map(({ antenna, power }) => [
        antenna,
        { power, state: "blind", why: "not connected yet", current: emptyCount(), complete: emptyCount() },
      ]),
    );
  }

  get numbers(): number[] {
    return [...this.#lines.keys()];
  }

  has(antenna: number): boolean {
    return this.#lines.has(antenna);
  }

  state(antenna: number): CoverageState | undefined {
    return this.#lines.get(antenna)?.state;
  }

  inState(state: CoverageState): number[] {
    return this.numbers.filter((antenna) => this.state(antenna) === state);
  }

  /** Sets the state of some antennas and tells those for which it is new. */
  set(antennas: readonly number[], state: CoverageState, since: number, why: string): void {
    const changed: number[] = [];
    for (const antenna of antennas) {
      const line = this.#lines.get(antenna);
      if (line === undefined || (line.state === state && line.why === why)) continue;
      if (line.state !== state) changed.push(antenna);
      line.state = state;
      line.why = why;
    }
    if (changed.length > 0) this.#emit({ type: "coverage", antennas: changed, state, since, why });
  }

  note(reads: readonly TagRead[], now: number): void {
    this.#turn(now);
    for (const read of reads) {
      const line = this.#lines.get(read.antenna);
      if (line === undefined) continue;
      line.current.reads += read.count;
      line.current.rssiSum += read.rssi * read.count;
      line.current.rssiMax = Math.max(line.current.rssiMax, read.rssi);
      if (line.current.tags.size < MAX_TAGS) line.current.tags.add(read.epc);
      line.lastRead = Math.max(line.lastRead ?? read.last, read.last);
    }
  }

  health(now: number): ReaderHealth["antennas"] {
    this.#turn(now);
    return [...this.#lines].map(([antenna, { power, state, why, complete, lastRead }]) => ({
      antenna,
      state,
      reads: complete.reads,
      tags: complete.tags.size,
      power,
      ...rssiOf(complete),
      ...(lastRead === undefined ? {} : { lastRead }),
      ...(state === "watching" ? {} : { error: why.slice(0, 200) }),
    }));
  }

  #turn(now: number): void {
    const passed = now - this.#windowStart;
    if (passed < WINDOW_MS) return;
    for (const line of this.#lines.values()) {
      line.complete = passed < 2 * WINDOW_MS ? line.current : emptyCount();
      line.current = emptyCount();
    }
    this.#windowStart = now - (passed % WINDOW_MS);
  }
}

function emptyCount(): Count {
  return { reads: 0, rssiSum: 0, rssiMax: Number.NEGATIVE_INFINITY, tags: new Set() };
}

/** To a tenth of a dB: more is noise, and every ten seconds is sent and kept. */
function rssiOf({ reads, rssiSum, rssiMax }: Count): { rssiMean?: number; rssiMax?: number } {
  return reads === 0
    ? {}
    : { rssiMean: Math.round((rssiSum / reads) * 10) / 10, rssiMax: Math.round(rssiMax * 10) / 10 };
}
