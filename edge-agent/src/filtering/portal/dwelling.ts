import type { PortalReadPoint, Tag } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { TagRead } from "../../readers/driver.js";
import { SeenRule } from "../seen-rule.js";
import { StrengthSum } from "../strength.js";

/** Who crosses is gone sooner; who is still read after so long stays, ms. */
const STAYS_MS = 8_000;
const STAYS_HITS = 10;
const STAYS_RATE = 0.25;
/** Rounds of silence after which a stay that has not been told is forgotten. */
const FORGET_ROUNDS = 12;
/** A tag that was told to stay has left when its silence would be so unlikely, and never before so many rounds. */
const LEFT = 1e-6;
const LEFT_MIN_ROUNDS = 20;
const LEFT_MAX_ROUNDS = 400;

interface StoredDwelling {
  readonly v: 1;
  readonly pc?: string;
  readonly tid?: string;
  readonly rate: number;
}

/** One tag's stay near a portal, told after some seconds as `arrived`, `seen`, `departed` there. */
export class Dwelling {
  readonly #tag: Tag;
  readonly #readPoint: string;
  readonly #first: number;
  #last: number;
  #told = false;
  #readSince = false;
  #misses = 0;
  /** Over the whole stay. */
  #rounds = 0;
  #hits = 0;
  readonly #sum: StrengthSum;
  #seen = new SeenRule(0, { rate: 0 });

  constructor(tag: Tag, readPoint: PortalReadPoint, first: number) {
    this.#tag = tag;
    this.#readPoint = readPoint.id;
    this.#first = first;
    this.#last = first;
    const { inside, outside } = readPoint.antennas;
    this.#sum = StrengthSum.over(inside.length + outside.length, first);
  }

  /** As the journal kept it; undefined where it is no such state. */
  static restore(
    tag: (stored: { pc?: string; tid?: string }) => Tag,
    readPoint: PortalReadPoint,
    text: string,
    lastAlive: number,
  ): Dwelling | undefined {
    const stored = parse(text);
    if (stored === undefined) return undefined;
    const dwelling = new Dwelling(tag(stored), readPoint, lastAlive);
    dwelling.#told = true;
    dwelling.#rounds = LEFT_MIN_ROUNDS;
    dwelling.#hits = LEFT_MIN_ROUNDS * stored.rate;
    dwelling.#seen = new SeenRule(lastAlive, { rate: stored.rate });
    return dwelling;
  }

  get told(): boolean {
    return this.#told;
  }

  /** Nothing to tell and nothing to expect. */
  get over(): boolean {
    return !this.#told && this.#misses >= FORGET_ROUNDS;
  }

  read({ antenna, count, rssi, last }: TagRead): void {
    this.#last = Math.max(this.#last, last);
    this.#readSince = true;
    this.#sum.add(antenna, count, rssi, rssi);
  }

  /** The portal had a chance to read it; gives what follows. */
  round(at: number): Entry | undefined {
    this.#rounds++;
    this.#sum.rounds++;
    if (this.#readSince) {
      this.#hits++;
      this.#sum.hits++;
      this.#misses = 0;
    } else this.#misses++;
    this.#readSince = false;
    if (!this.#told) return this.#stays() ? this.#arrive(at) : undefined;
    return this.#misses >= this.#patience() ? this.#depart(at) : this.#goesOn(at);
  }

  #stays(): boolean {
    return (
      this.#misses < 4 && this.#last - this.#first >= STAYS_MS && this.#hits >= STAYS_HITS && this.#rate() >= STAYS_RATE
    );
  }

  #rate(): number {
    return this.#rounds === 0 ? 0 : Math.min(1, this.#hits / this.#rounds);
  }

  #patience(): number {
    const rate = Math.min(0.9, Math.max(0.02, this.#rate()));
    return Math.min(LEFT_MAX_ROUNDS, Math.max(LEFT_MIN_ROUNDS, Math.ceil(Math.log(LEFT) / Math.log(1 - rate))));
  }

  #arrive(at: number): Entry {
    this.#told = true;
    const sum = this.#sum;
    this.#seen = new SeenRule(at, { rate: sum.rate, rssi: sum.rssiMean });
    const first = this.#first;
    const draft = {
      type: "arrived" as const,
      tag: this.#tag,
      readPoint: this.#readPoint,
      first,
      strength: sum.strength(),
    };
    sum.restart(at);
    return { draft, presence: this.#presence(true) };
  }

  #goesOn(at: number): Entry | undefined {
    const sum = this.#sum;
    const verdict = this.#seen.judge(sum, at);
    if (verdict === undefined) return undefined;
    if (verdict === "over") {
      sum.restart(at);
      return undefined;
    }
    this.#seen.told(sum, at);
    const where = { tag: this.#tag, readPoint: this.#readPoint };
    const draft = { type: "seen" as const, ...where, from: sum.from, to: at, strength: sum.strength() };
    sum.restart(at);
    return { draft, presence: this.#presence(true) };
  }

  #depart(at: number): Entry {
    this.#told = false;
    const expectedRate = Math.round(this.#rate() * 1000) / 1000;
    const where = { tag: this.#tag, readPoint: this.#readPoint };
    const draft = { type: "departed" as const, ...where, last: this.#last, decided: at, expectedRate };
    return { draft, presence: this.#presence(false) };
  }

  #presence(here: boolean): NonNullable<Entry["presence"]> {
    const { epc, pc, tid } = this.#tag;
    const rate = Math.round(this.#rate() * 1000) / 1000;
    const state: StoredDwelling = {
      v: 1,
      ...(pc === undefined ? {} : { pc }),
      ...(tid === undefined ? {} : { tid }),
      rate,
    };
    return { readPoint: this.#readPoint, epc, state: here ? JSON.stringify(state) : null };
  }
}

function parse(text: string): StoredDwelling | undefined {
  try {
    const value = JSON.parse(text) as Partial<StoredDwelling> | null;
    return value?.v === 1 && typeof value.rate === "number" ? (value as StoredDwelling) : undefined;
  } catch {
    return undefined;
  }
}
