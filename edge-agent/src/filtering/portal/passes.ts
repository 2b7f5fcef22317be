import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { Side } from "../site-plan.js";
import type { Crossing, SideRead } from "./crossing.js";
import { oddsOf } from "./odds.js";
import type { Burst, PortalTag } from "./portal-tag.js";
import { LearntPeaks } from "./usual-peaks.js";
import type { Whereabouts } from "./whereabouts.js";

/* How sure a crossing must be, as log of the odds. */

/** When the tag has fallen silent, and while it is still heard. */
const SURE = 0.5;
const SURE_WHILE_HEARD = 5;
/** Less sure, it still crossed if something that surely crossed was with it. */
const WITH_OTHERS = -1.5;
const BEYOND_DOUBT = 2;

/** What crosses the same way within this time went together, ms: a trolley is two metres long. */
const TOGETHER_MS = 1_200;
/** For so long a burst waits for something that makes it sure, ms. */
const UNSURE_MS = 5_000;
const MAX_UNSURE = 200;

type Direction = Crossing["direction"];

interface Group {
  readonly pass: string;
  readonly direction: Direction;
  readonly at: number;
  sure: boolean;
}

interface Unsure {
  readonly tag: PortalTag;
  readonly burst: Burst;
}

/** Decides which bursts are passes through one portal, and which passes went together. */
export class Passes {
  readonly #readPoint: PortalReadPoint;
  readonly #newId: () => string;
  readonly #whereabouts: Whereabouts;
  readonly #usual = new LearntPeaks();
  #groups: Group[] = [];
  #unsure: Unsure[] = [];

  constructor(readPoint: PortalReadPoint, whereabouts: Whereabouts, newId: () => string) {
    this.#readPoint = readPoint;
    this.#whereabouts = whereabouts;
    this.#newId = newId;
  }

  /** Gives the passes that a burst completes. */
  consider(tag: PortalTag, burst: Burst | undefined): Entry[] {
    if (burst === undefined) return [];
    const { crossing, silent, turnsBack } = burst;
    const last = this.#lastCrossing(tag, crossing);
    const logit = oddsOf(crossing, { usual: this.#usual, last, turnsBack });
    if (logit >= (silent ? SURE : SURE_WHILE_HEARD)) return this.#pass(tag, burst, logit);
    if (!silent || logit < WITH_OTHERS) return [];
    const { direction, at } = crossing;
    if (this.#groups.some((group) => group.sure && together(group, direction, at))) return this.#pass(tag, burst, SURE);
    this.#unsure = this.#unsure.filter((other) => other.tag !== tag && at - other.burst.crossing.at < UNSURE_MS);
    if (this.#unsure.length < MAX_UNSURE) this.#unsure.push({ tag, burst });
    return [];
  }

  /** Where the tag last crossed to: the side that it would come to now, or the one that it would leave. */
  #lastCrossing(tag: PortalTag, { direction, at }: Crossing): "there" | "here" | undefined {
    const place = this.#whereabouts.placeOf(tag.tag.epc, at);
    const { inside, outside } = this.#readPoint;
    if (place === inside) return direction === "in" ? "there" : "here";
    return place === outside ? (direction === "in" ? "here" : "there") : undefined;
  }

  #pass(tag: PortalTag, { crossing, reads }: Burst, logit: number): Entry[] {
    const { direction, at, centres } = crossing;
    const { id, inside: inner, outside: outer } = this.#readPoint;
    const sure = logit >= BEYOND_DOUBT;
    if (sure) this.#usual.learn(crossing);
    tag.crossed(direction, direction === "in" ? centres.inside : centres.outside);
    this.#unsure = this.#unsure.filter((other) => other.tag !== tag);
    this.#whereabouts.crossed(tag.tag.epc, direction === "in" ? inner : outer, at);
    const group = this.#groups.find((other) => together(other, direction, at)) ?? {
      pass: this.#newId(),
      direction,
      at,
      sure,
    };
    group.sure ||= sure;
    this.#groups = [...this.#groups.filter((other) => other !== group && at - other.at < UNSURE_MS), group];
    const inside = sideOf(reads, "inside");
    const outside = sideOf(reads, "outside");
    const sides = { ...(inside === undefined ? {} : { inside }), ...(outside === undefined ? {} : { outside }) };
    const p = Math.round(1000 / (1 + Math.exp(-logit))) / 1000;
    const draft = { type: "passed" as const, pass: group.pass, tag: tag.tag, readPoint: id, direction, p, sides };
    return [{ draft }, ...(sure ? this.#takeAlong(group) : [])];
  }

  /** What was not sure by itself went with what is. */
  #takeAlong(group: Group): Entry[] {
    const along = this.#unsure.filter(({ burst: { crossing } }) => together(group, crossing.direction, crossing.at));
    this.#unsure = this.#unsure.filter((unsure) => !along.includes(unsure));
    return along.flatMap(({ tag, burst }) => this.#pass(tag, burst, SURE));
  }
}

function together(group: Group, direction: Direction, at: number): boolean {
  return group.direction === direction && Math.abs(group.at - at) <= TOGETHER_MS;
}

function sideOf(reads: readonly SideRead[], side: Side) {
  const own = reads.filter((read) => read.side === side);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { reads: own.length, first: first.at, last: last.at, rssiMax: Math.max(...own.map(({ rssi }) => rssi)) };
}
