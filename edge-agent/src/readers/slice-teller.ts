import type { AntennaRole, ReaderEvent } from "./driver.js";

/** How long a slice is for the antennas of a role, ms. */
export type SliceLengths = Readonly<Record<AntennaRole, number>>;

interface Group {
  readonly antennas: readonly number[];
  readonly length: number;
  end: number;
}

/** From the read of a tag until a reader has told of it, ms: turns of an antenna, its queue, the network. */
const ON_THE_WAY_MS = 250;
/** After a gap no link survives: a process that was suspended leaves the time out. */
const MAX_GAP_MS = 60_000;

/**
 * Rounds of a reader that tells no cycles: slices of time. A slice in which nothing was read says that nothing was there only if the
 * reader was there, so a slice is not told when it ends but when a sign of life from after its end arrives. What a link that fell
 * silent would have said is never told.
 */
export class SliceTeller {
  readonly #groups: readonly Group[];
  readonly #watching: (antenna: number) => boolean;
  readonly #emit: (event: ReaderEvent) => void;

  constructor(options: {
    readonly roles: ReadonlyMap<number, AntennaRole>;
    readonly lengths: SliceLengths;
    readonly startedAt: number;
    readonly watching: (antenna: number) => boolean;
    readonly emit: (event: ReaderEvent) => void;
  }) {
    const { roles, lengths, startedAt, watching, emit } = options;
    this.#watching = watching;
    this.#emit = emit;
    this.#groups = (["portal", "shelf"] as const)
      .map((role) => ({
        antennas: [...roles].filter(([, antennaRole]) => antennaRole === role).map(([antenna]) => antenna),
        length: lengths[role],
        end: startedAt + lengths[role],
      }))
      .filter(({ antennas }) => antennas.length > 0);
  }

  /** The reader said at `arrival` something that is no read: what it read just before may still be on its way. */
  spoke(arrival: number): void {
    this.alive(arrival - ON_THE_WAY_MS);
  }

  /** The reader has told everything up to `at`, mono ms: tells the slices that ended by then, in order of time. */
  alive(at: number): void {
    for (;;) {
      let next: Group | undefined;
      for (const group of this.#groups) if (next === undefined || group.end < next.end) next = group;
      if (next === undefined || next.end > at) return;
      const end = next.end;
      next.end += next.length;
      if (at - end > MAX_GAP_MS) continue;
      const antennas = next.antennas.filter(this.#watching);
      if (antennas.length > 0) this.#emit({ type: "round", antennas, at: end });
    }
  }
}
