import type { AntennaRef, CoverageState, ObservationOf } from "@storeward/contracts";
import type { Entry } from "../journal/journal.js";
import { keyOf, type PlannedReadPoint, type SitePlan } from "./site-plan.js";

interface AntennaState {
  state: CoverageState;
  since: number;
  why: string;
}

type CoverageDraft = Omit<ObservationOf<"coverage">, "at" | "config">;

/**
 * Whether one read point watches: all its antennas do (watching), none does (blind), or it may miss something (doubtful). A door with one
 * of two antennas dark is doubtful: it can tell no direction.
 */
export class ReadPointCoverage {
  readonly #point: PlannedReadPoint;
  readonly #plan: SitePlan;
  readonly #antennas = new Map<string, AntennaState>();
  /** No reader says so, but what its antennas read is not to be trusted. */
  #doubt: AntennaState | undefined;
  #state: CoverageState = "blind";
  #since: number;
  #why: string;

  /** Blind since `since`, until a reader says otherwise. */
  constructor(point: PlannedReadPoint, plan: SitePlan, since: number, why: string) {
    this.#point = point;
    this.#plan = plan;
    this.#since = since;
    this.#why = why;
    for (const { reader, antenna } of point.antennas)
      this.#antennas.set(keyOf(reader, antenna), { state: "blind", since, why });
  }

  get state(): CoverageState {
    return this.#state;
  }

  /** Since when it is in this state, mono ms. */
  get since(): number {
    return this.#since;
  }

  /** No antenna is blind. */
  get wholly(): boolean {
    return [...this.#antennas.values()].every(({ state }) => state !== "blind");
  }

  antennaWatches(reader: string, antenna: number): boolean {
    return this.#antennas.get(keyOf(reader, antenna))?.state === "watching";
  }

  /** Takes what a reader says of one antenna; true when the state of the whole read point changed. */
  set(reader: string, antenna: number, state: CoverageState, since: number, why: string): boolean {
    const known = this.#antennas.get(keyOf(reader, antenna));
    if (known === undefined) return false;
    // What was told before stands: a reader vouches for no time before it was last lost.
    Object.assign(known, { state, since: Math.max(since, known.since), why });
    return this.#combine();
  }

  /** True when the state changed. */
  doubt(since: number, why: string): boolean {
    this.#doubt = { state: "doubtful", since, why };
    return this.#combine();
  }

  get isDoubted(): boolean {
    return this.#doubt !== undefined;
  }

  /** The doubt is over, since then. */
  trust(since: number, why: string): boolean {
    this.#doubt = undefined;
    for (const antenna of this.#antennas.values())
      if (antenna.state === "watching" && antenna.since < since) Object.assign(antenna, { since, why });
    return this.#combine();
  }

  #combine(): boolean {
    const next = this.#combined();
    if (next.state === this.#state) return false;
    this.#state = next.state;
    this.#since = next.since;
    this.#why = next.why;
    return true;
  }

  entry(): Entry {
    const { readPoint } = this.#point;
    const watching = this.#point.antennas.filter(({ reader, antenna }) => this.antennaWatches(reader, antenna));
    const powers = watching.map((ref: AntennaRef) => this.#plan.power(ref));
    const draft: CoverageDraft & { type: "coverage" } = {
      type: "coverage",
      readPoint: readPoint.id,
      state: this.#state,
      since: this.#since,
      why: this.#why.slice(0, 500),
      antennas: watching.map(({ antenna }) => antenna),
      ...(powers.length > 0 && powers.every((power) => power !== undefined) ? { power: powers } : {}),
    };
    return { draft };
  }

  #combined(): AntennaState {
    const all = [...this.#antennas.values()];
    const worst = all.find(({ state }) => state !== "watching") ?? this.#doubt;
    if (worst === undefined) {
      const latest = all.reduce((a, b) => (b.since > a.since ? b : a));
      return { state: "watching", since: latest.since, why: latest.why };
    }
    if (all.every(({ state }) => state === "blind"))
      return { state: "blind", since: all.reduce((a, b) => Math.max(a, b.since), worst.since), why: worst.why };
    return { state: "doubtful", since: worst.since, why: worst.why };
  }
}
