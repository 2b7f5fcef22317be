import type { PortalReadPoint } from "@storeward/contracts";
import type { Entry } from "../../journal/journal.js";
import type { Side } from "../site-plan.js";
import type { Crossing, PortalTag, SideRead } from "./portal-tag.js";
import { UsualLevel } from "./usual-level.js";
import type { Whereabouts } from "./whereabouts.js";

/* How likely a crossing must be. */

const SURE = 0.96;
/** When the tag has fallen silent, and no more is to be expected. */
const SURE_WHEN_SILENT = 0.92;
/** Less sure, it still crossed if something that surely crossed was with it. */
const WITH_OTHERS = 0.6;
/** Silence after which a pass is told by what is known. The event must be on a page within a second of the last read, ms. */
const SILENT_MS = 500;
/** What crosses the same way within this time went together, ms: a trolley is two metres long. */
const TOGETHER_MS = 1_500;
const GROUP_MS = 1_250;
/** How likely a tag is where it last crossed to. */
const STILL_THERE = 0.97;

type Direction = Crossing["direction"];

interface Group {
  readonly pass: string;
  readonly direction: Direction;
  readonly at: number;
  /** When the last of it that was sure by itself was told. */
  sureAt: number;
}

/** Decides which crossings are passes through one portal, and which passes went together. */
export class Passes {
  readonly #readPoint: PortalReadPoint;
  readonly #newId: () => string;
  readonly #whereabouts: Whereabouts;
  readonly #usual = new UsualLevel();
  #groups: Group[] = [];

  constructor(readPoint: PortalReadPoint, whereabouts: Whereabouts, newId: () => string) {
    this.#readPoint = readPoint;
    this.#whereabouts = whereabouts;
    this.#newId = newId;
  }

  /** How much stronger than a usual door this one reads, dB. */
  get louder(): number {
    return this.#usual.louder;
  }

  /** How likely a tag is inside, before it is read here. */
  inside({ tag: { epc } }: PortalTag, at: number): number {
    const place = this.#whereabouts.placeOf(epc, at);
    if (place === undefined) return 0.5;
    return place === this.#readPoint.inside ? STILL_THERE : 1 - STILL_THERE;
  }

  /** Adds the pass that the tag has made, if it has. */
  consider(tag: PortalTag, now: number, entries: Entry[]): void {
    const crossing = tag.crossing(now, WITH_OTHERS);
    if (crossing === undefined) return;
    const { direction, p, at, silent } = crossing;
    this.#groups = this.#groups.filter((group) => Math.abs(now - group.sureAt) <= GROUP_MS + TOGETHER_MS);
    const sure = p >= (silent >= SILENT_MS ? SURE_WHEN_SILENT : SURE);
    const group = this.#groups.find((other) => other.direction === direction && Math.abs(other.at - at) <= TOGETHER_MS);
    const along = group !== undefined && now - group.sureAt <= GROUP_MS;
    if (sure || along) entries.push(this.#pass(tag, crossing, { group, sure, now }));
  }

  #pass(
    tag: PortalTag,
    crossing: Crossing,
    { group, sure, now }: { group: Group | undefined; sure: boolean; now: number },
  ): Entry {
    const { direction, at, reads, peak, p } = crossing;
    const { id, inside: inner, outside: outer } = this.#readPoint;
    if (sure) this.#usual.learn(peak);
    tag.told(crossing);
    this.#whereabouts.crossed(tag.tag.epc, direction === "in" ? inner : outer, at);
    const known = group ?? { pass: this.#newId(), direction, at, sureAt: now };
    if (sure) known.sureAt = now;
    if (group === undefined) this.#groups.push(known);
    const inside = sideOf(reads, "inside");
    const outside = sideOf(reads, "outside");
    const sides = { ...(inside === undefined ? {} : { inside }), ...(outside === undefined ? {} : { outside }) };
    const readPoint = id;
    const rounded = Math.round(1000 * Math.min(0.999, p)) / 1000;
    return { draft: { type: "passed", pass: known.pass, tag: tag.tag, readPoint, direction, p: rounded, sides } };
  }
}

function sideOf(reads: readonly SideRead[], side: Side) {
  const own = reads.filter((read) => read.side === side);
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { reads: own.length, first: first.at, last: last.at, rssiMax: Math.max(...own.map(({ rssi }) => rssi)) };
}
