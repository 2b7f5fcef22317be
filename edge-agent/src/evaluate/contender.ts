import type { ReadPoint } from "@storeward/contracts";
import { keyOf } from "../filtering/site-plan.js";
import type { ReaderEvent } from "../readers/driver.js";
import type { Claim, Fact, Method } from "./claims.js";
import { PassageScore } from "./scores/passages.js";
import { PresenceScore, type PresenceScoreOptions } from "./scores/presence.js";

type Note = { readonly at: number } & (
  | { readonly claim: Claim }
  | { readonly fact: Fact }
  | { readonly readPoint: string; readonly watches: boolean }
);

export interface Counts {
  arrivals: number;
  departures: number;
  in: number;
  out: number;
}

/** One method with what it has told, beside the truth where that is known. */
export class Contender {
  readonly method: Method;
  readonly presence: PresenceScore;
  readonly passages: PassageScore;
  readonly counts: Counts = { arrivals: 0, departures: 0, in: 0, out: 0 };
  readonly #coverage: Coverage;
  readonly #knows: (epc: string) => boolean;
  readonly #onClaim: (claim: Claim) => void;
  #notes: Note[] = [];
  #shelvesAreOver = false;

  /** `knows`: whether the truth tells of a tag; what is told of others is counted only. */
  constructor(
    method: Method,
    readPoints: readonly ReadPoint[],
    options: PresenceScoreOptions & {
      readonly knows: (epc: string) => boolean;
      readonly onClaim?: (claim: Claim) => void;
    },
  ) {
    this.method = method;
    this.presence = new PresenceScore(options);
    this.passages = new PassageScore(options.from);
    this.#coverage = new Coverage(readPoints);
    this.#knows = options.knows;
    this.#onClaim = options.onClaim ?? (() => {});
  }

  handle(reader: string, event: ReaderEvent, now: number): void {
    if (event.type === "coverage")
      for (const { readPoint, watches } of this.#coverage.set(reader, event.antennas, event.state === "watching"))
        this.#notes.push({ at: now, readPoint, watches });
    this.#take(this.method.handle(reader, event));
  }

  tick(now: number): void {
    this.#take(this.method.tick(now));
  }

  /** `facts`, in order of time, are what has become true since the last time, until `now`. */
  settle(facts: readonly Fact[], now: number): void {
    const notes: Note[] = [...facts.map((fact) => ({ at: fact.at, fact })), ...this.#notes];
    this.#notes = [];
    for (const note of notes.sort((a, b) => a.at - b.at)) {
      if ("readPoint" in note) this.presence.cover(note.readPoint, note.watches);
      else if ("fact" in note) {
        const { fact } = note;
        if (fact.type === "passed") this.passages.fact(fact, this.presence.watches(fact.readPoint));
        else this.presence.fact(fact);
      } else if (note.claim.type === "passed") this.passages.told(note.claim);
      else this.presence.told(note.claim);
    }
    this.passages.settle(now);
  }

  /** Nobody reads any more: what is told of shelves from now on is told of the end of the recording. */
  endShelves(): void {
    this.#shelvesAreOver = true;
  }

  end(now: number): void {
    this.presence.end(now);
    this.passages.settle(Number.POSITIVE_INFINITY);
  }

  #take(claims: readonly Claim[]): void {
    for (const claim of claims) {
      if (claim.type !== "passed" && this.#shelvesAreOver) continue;
      this.#onClaim(claim);
      if (claim.type === "passed") this.counts[claim.direction]++;
      else this.counts[claim.type === "present" ? "arrivals" : "departures"]++;
      if (this.#knows(claim.epc)) this.#notes.push({ at: claim.told, claim });
    }
  }
}

/** Which read points have an antenna that does not watch. */
class Coverage {
  readonly #points: readonly { readonly readPoint: string; readonly antennas: readonly string[] }[];
  readonly #dark = new Set<string>();

  constructor(readPoints: readonly ReadPoint[]) {
    this.#points = readPoints.map((point) => {
      const refs = point.role === "shelf" ? point.antennas : [...point.antennas.inside, ...point.antennas.outside];
      return { readPoint: point.id, antennas: refs.map(({ reader, antenna }) => keyOf(reader, antenna)) };
    });
  }

  set(reader: string, antennas: readonly number[], watches: boolean): { readPoint: string; watches: boolean }[] {
    const keys = antennas.map((antenna) => keyOf(reader, antenna));
    for (const key of keys) {
      if (watches) this.#dark.delete(key);
      else this.#dark.add(key);
    }
    return this.#points
      .filter((point) => point.antennas.some((key) => keys.includes(key)))
      .map((point) => ({
        readPoint: point.readPoint,
        watches: !point.antennas.some((key) => this.#dark.has(key)),
      }));
  }
}
