import type { Tag } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";
import type { Side } from "../site-plan.js";
import { type Crossing, describeCrossing, dominanceOf, type SideRead } from "./crossing.js";

/** Silence after which a burst is judged, ms. The event must be on a page within a second of the last read. */
const SILENCE_MS = 400;
/** Silence after which the next read begins another story, ms. */
const EPISODE_MS = 4_000;
/** Longest burst that is judged as one, ms: a bed pushed slowly. */
const WINDOW_MS = 10_000;
const MAX_READS = 400;
/** While it is still heard, the other side alone must have had it for so long, ms. */
const SETTLED_MS = 1_000;
const SETTLED_READS = 5;
const SETTLED_DOMINANCE = 0.6;

/** Reads of one tag, and what they may mean. */
export interface Burst {
  readonly crossing: Crossing;
  readonly reads: readonly SideRead[];
  /** The tag has fallen silent. */
  readonly silent: boolean;
  /** It crossed the other way a moment ago. */
  readonly turnsBack: boolean;
}

/** What one portal has read of one tag: judged when the tag falls silent, or has clearly settled on the other side. */
export class PortalTag {
  readonly tag: Tag;
  #reads: SideRead[] = [];
  /** Up to when reads have been judged. */
  #judgedAt = Number.NEGATIVE_INFINITY;

  /** Direction of the last crossing in this episode. */
  #crossed: Crossing["direction"] | undefined;

  constructor(tag: Tag) {
    this.tag = tag;
  }

  get lastRead(): number {
    return this.#reads.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** First read of a burst that has not been judged. */
  get undecidedSince(): number | undefined {
    return this.lastRead > this.#judgedAt ? this.#reads[0]?.at : undefined;
  }

  /** When the burst is to be judged; undefined once it has been. */
  get due(): number | undefined {
    return this.lastRead > this.#judgedAt ? this.lastRead + SILENCE_MS : undefined;
  }

  /** Takes a read, after `judge` was asked for the time before it. */
  add(read: TagRead, side: Side): void {
    if (read.last - this.lastRead > EPISODE_MS) {
      this.#reads = [];
      this.#crossed = undefined;
    }
    this.#insert({ at: read.last, side, rssi: read.rssi });
  }

  /** What the burst may mean, if it is over at `now`. */
  judge(now: number): Burst | undefined {
    if (this.due === undefined || now < this.due) return undefined;
    this.#judgedAt = this.lastRead;
    return this.#burst(true);
  }

  /** What the burst may mean while it goes on, if the tag has settled on one side. */
  judgeWhileHeard(): Burst | undefined {
    const recent = this.#reads.filter((read) => read.at > this.lastRead - SETTLED_MS);
    if (recent.length === this.#reads.length || recent.length < SETTLED_READS) return undefined;
    return Math.abs(dominanceOf(recent)) < SETTLED_DOMINANCE ? undefined : this.#burst(false);
  }

  /** A crossing at `at` was told: what is left is the beginning of the way back, should there be one. */
  crossed(direction: Crossing["direction"], at: number): void {
    const side = direction === "in" ? "inside" : "outside";
    this.#reads = this.#reads.filter((read) => read.side === side && read.at >= at);
    this.#crossed = direction;
  }

  #burst(silent: boolean): Burst | undefined {
    const crossing = describeCrossing(this.#reads);
    // A pass that a gap has split, or whose last reads trail behind, is not another one.
    if (crossing === undefined || crossing.direction === this.#crossed) return undefined;
    return { crossing, reads: [...this.#reads], silent, turnsBack: this.#crossed !== undefined };
  }

  #insert(read: SideRead): void {
    const reads = this.#reads;
    let index = reads.length;
    while (index > 0 && (reads[index - 1]?.at ?? 0) > read.at) index--;
    reads.splice(index, 0, read);
    const oldest = this.lastRead - WINDOW_MS;
    let gone = Math.max(0, reads.length - MAX_READS);
    while ((reads[gone]?.at ?? oldest) < oldest) gone++;
    if (gone > 0) reads.splice(0, gone);
  }
}
