import { EpcGate } from "../filtering/epc-gate.js";
import { keyOf } from "../filtering/site-plan.js";
import type { ReaderEvent } from "../readers/driver.js";
import type { Site } from "./antenna-map.js";
import type { Recorded } from "./recording/recorded.js";

/** What a read without RSSI is taken for, dBm: strong, so that no rule leaves it out as faint. */
const NO_RSSI = -50;
/** After the last read portals go on for so long: a pass is told once the tag is silent. */
const AFTERMATH_MS = 10_000;
/** Time passes in steps of this at most, ms. */
const STEP_MS = 250;

/** Silence that no quiet site explains; the clock of a line may be wrong by years, ms. */
const HOLE_MS = 86_400_000;
/** Of a hole so much is played, ms: by then every method has told what silence makes it tell. */
const HOLE_PLAYED_MS = 1_200_000;

type Role = "portal" | "shelf";

export interface PlaybackOptions {
  readonly site: Site;
  /** Slices of time that stand for rounds; unused where the recording tells its own, ms. */
  readonly portalRoundMs: number;
  readonly shelfRoundMs: number;
  /** Silence of all readers for so long means that nobody recorded, ms; undefined: nobody came by. */
  readonly holeMs: number | undefined;
  readonly onStart: (at: number) => void;
  readonly onEvent: (reader: string, event: ReaderEvent, now: number) => void;
  readonly onTick: (now: number) => void;
}

export interface PlaybackCounts {
  reads: number;
  withoutRssi: number;
  /** Reads at antennas that the map does not have, by name. */
  readonly unmapped: Map<string, number>;
  /** Of the site's EPC filter. */
  filtered: number;
  holes: number;
  holesMs: number;
}

/** Antennas that are named when they are not in the map. */
const MAX_NAMED = 100;

/** Plays a recording to the methods as a driver would tell it: reads, rounds, coverage, and time that passes. */
export class Playback {
  readonly counts: PlaybackCounts = {
    reads: 0,
    withoutRssi: 0,
    unmapped: new Map(),
    filtered: 0,
    holes: 0,
    holesMs: 0,
  };
  readonly #options: PlaybackOptions;
  readonly #gate: EpcGate;
  #slices: { readonly reader: string; readonly role: Role; readonly antennas: number[]; readonly ms: number }[] = [];
  /** Readers that tell their own rounds. */
  readonly #tellsRounds = new Set<string>();
  /** Antennas of which the recording itself says that they do not watch. */
  readonly #dark = new Set<string>();
  readonly #persons: boolean;
  #first: number | undefined;
  #now = 0;
  #last = 0;

  constructor(options: PlaybackOptions) {
    this.#options = options;
    this.#gate = new EpcGate(options.site.epcFilter);
    this.#persons = options.site.readPoints.some(({ persons }) => persons);
    for (const { id } of options.site.readers)
      for (const role of ["portal", "shelf"] as const) {
        const antennas = antennasOf(options.site, id, role);
        const ms = role === "portal" ? options.portalRoundMs : options.shelfRoundMs;
        if (antennas.length > 0) this.#slices.push({ reader: id, role, antennas, ms });
      }
  }

  /** Times of the first and the last line, ms. */
  get span(): { readonly from: number; readonly to: number } | undefined {
    return this.#first === undefined ? undefined : { from: this.#first, to: this.#last };
  }

  take(recorded: Recorded): void {
    const { at, kind } = recorded;
    if (this.#first === undefined) this.#start(at);
    else this.#advance(at);
    this.#last = at;
    if (kind === "read") this.#read(recorded);
    else this.#told(recorded);
  }

  end(): void {
    if (this.#first === undefined) return;
    // Nobody knows who is on a shelf after the last read.
    this.#slices = this.#slices.filter(({ role }) => role === "portal");
    this.#pass(this.#last + AFTERMATH_MS);
  }

  #start(at: number): void {
    this.#first = at;
    this.#now = at;
    this.#options.onStart(at);
    this.#cover("watching", at, "the recording begins");
  }

  #advance(at: number): void {
    const { holeMs = HOLE_MS } = this.#options;
    if (at - this.#last < Math.min(holeMs, HOLE_MS)) {
      this.#pass(at);
      return;
    }
    this.counts.holes++;
    this.counts.holesMs += at - this.#last;
    this.#cover("blind", this.#last, "nothing was recorded");
    this.#pass(Math.min(at, this.#last + HOLE_PLAYED_MS), false);
    this.#now = at;
    this.#cover("watching", at, "the recording goes on");
  }

  /** Time passes until `at`: rounds end where no reader tells them, and methods look at their clocks. */
  #pass(at: number, watched = true): void {
    const { onEvent, onTick } = this.#options;
    for (;;) {
      const next = (Math.floor(this.#now / STEP_MS) + 1) * STEP_MS;
      if (next > at) break;
      const before = this.#now;
      this.#now = next;
      for (const { reader, antennas, ms } of this.#slices)
        if (watched && !this.#tellsRounds.has(reader) && Math.floor(next / ms) > Math.floor(before / ms))
          onEvent(reader, { type: "round", antennas, at: next }, next);
      onTick(next);
    }
    this.#now = Math.max(this.#now, at);
  }

  #read({ reader, antenna, epc, at, rssi }: Recorded): void {
    const ref = this.#options.site.locate(reader, antenna);
    if (ref === undefined) {
      const { unmapped } = this.counts;
      const name = reader === "" ? `antenna ${antenna}` : `antenna ${antenna} of ${reader}`;
      const key = unmapped.has(name) || unmapped.size < MAX_NAMED ? name : "others";
      unmapped.set(key, (unmapped.get(key) ?? 0) + 1);
      return;
    }
    if (!this.#gate.passes(epc, this.#persons, 1)) {
      this.counts.filtered++;
      return;
    }
    this.counts.reads++;
    if (rssi === undefined) this.counts.withoutRssi++;
    const read = { epc, antenna: ref.antenna, rssi: rssi ?? NO_RSSI, first: at, last: at, count: 1 };
    this.#options.onEvent(ref.reader, { type: "reads", reads: [read] }, at);
  }

  /** A line that is no read: a round, or whether antennas watch. */
  #told({ kind, reader, antenna, at }: Recorded): void {
    const { site, onEvent } = this.#options;
    const one = antenna === "" ? undefined : site.locate(reader, antenna);
    const refs = antenna === "" ? site.antennasOf(reader) : one === undefined ? [] : [one];
    for (const id of new Set(refs.map((ref) => ref.reader))) {
      const antennas = refs.filter((ref) => ref.reader === id).map((ref) => ref.antenna);
      if (kind === "round") {
        this.#tellsRounds.add(id);
        onEvent(id, { type: "round", antennas, at }, at);
      } else if (kind !== "read") {
        for (const antenna of antennas) {
          if (kind === "watching") this.#dark.delete(keyOf(id, antenna));
          else this.#dark.add(keyOf(id, antenna));
        }
        onEvent(id, { type: "coverage", antennas, state: kind, since: at, why: "recorded" }, at);
      }
    }
  }

  #cover(state: "watching" | "blind", since: number, why: string): void {
    for (const { id } of this.#options.site.readers) {
      const antennas = [
        ...antennasOf(this.#options.site, id, "portal"),
        ...antennasOf(this.#options.site, id, "shelf"),
      ].filter((antenna) => !this.#dark.has(keyOf(id, antenna)));
      if (antennas.length > 0)
        this.#options.onEvent(id, { type: "coverage", antennas, state, since, why }, Math.max(since, this.#now));
    }
  }
}

/** The antennas of a reader that serve read points of a role. */
function antennasOf({ readPoints }: Site, reader: string, role: Role): number[] {
  return readPoints
    .filter((point) => point.role === role)
    .flatMap((point) =>
      point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside],
    )
    .filter((ref) => ref.reader === reader)
    .map(({ antenna }) => antenna);
}
