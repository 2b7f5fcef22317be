/*
 * Evidence is what an observation says about one item. The places of its read point are written into it when it is made, so that the fold
 * needs nothing else and a later change of the site leaves history alone. All times are milliseconds since 1970.
 */

/** Names one piece of evidence of an item, and orders it: by when it happened, then by which observation said so. */
export interface EvidenceKey {
  readonly at: number;
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** An inventory names several tags, of which an item may have two. */
  readonly tag: number;
}

/** Floor between portals, as far as read points can tell it apart. */
export interface Zone {
  readonly place: string;
  /** Whether it is the inside of a portal: what is in it is accounted for. */
  readonly watched: boolean;
}

/** On the plan of the site: whole metres to the east and to the north. */
export type Spot = readonly [x: number, y: number];

/** What observed it. */
interface At {
  readonly readPoint: string;
  /** Where the site says that. */
  readonly spot?: Spot;
}

export interface AtShelf extends At {
  readonly place: string;
  /** Where a tag is that has left this shelf; null where the shelf stands in nothing. */
  readonly zone: Zone | null;
}

/** Read at a shelf: arrived, seen, or in an inventory. */
export interface Present extends AtShelf {
  readonly kind: "present";
  readonly seenAt: number;
  readonly rounds: number;
  readonly reads: number;
  /** dBm, mean at the strongest antenna; null where the reader gives none. */
  readonly rssi: number | null;
  /** The points of {@link pointsOf} of what lies on this shelf, as a site walk has shown; absent where there was none. */
  readonly usual?: number;
  /** How strongly, as the same walk has shown, dBm. */
  readonly usualRssi?: number;
}

/** No longer read at a shelf; `at` is its last read there. */
export interface Gone extends AtShelf {
  readonly kind: "gone";
  /** When that was found out, where it took so long that it would be forgotten before. */
  readonly decided?: number;
}

/** Known to be at a shelf, and not in an inventory of it. */
export interface Missed extends AtShelf {
  readonly kind: "missed";
  /** 0 to 1: how much of what is there such an inventory finds. */
  readonly completeness: number;
}

/** Went through a portal; `at` is the moment of crossing. */
export interface Crossed extends At {
  readonly kind: "crossed";
  readonly inside: Zone;
  readonly outside: Zone;
  readonly direction: "in" | "out" | "unknown";
  readonly p: number;
  readonly seenAt: number;
  /** Its strongest read on either side, dBm; absent where an older release has not noted it. */
  readonly rssi?: number;
}

/** Read at a portal without going through. */
export interface Near extends At {
  readonly kind: "near";
  readonly seenAt: number;
  /** Where the agent tells how strongly the antennas of which side read it. */
  readonly inside?: Zone;
  readonly outside?: Zone;
  /** By how much the inside reads it more strongly, dB. */
  readonly lean?: number;
  /** dBm, mean at the strongest antenna. */
  readonly rssi?: number;
}

export type Fact = Present | Gone | Missed | Crossed | Near;

export interface Evidence extends EvidenceKey {
  readonly fact: Fact;
}

/** Negative where `a` is before `b`. A total order: 0 only for the same evidence. */
export function compareKeys(a: EvidenceKey, b: EvidenceKey): number {
  if (a === b) return 0;
  return (
    a.at - b.at || compareText(a.agent, b.agent) || compareText(a.epoch, b.epoch) || a.seq - b.seq || a.tag - b.tag
  );
}

export function keyOf({ at, agent, epoch, seq, tag }: EvidenceKey): EvidenceKey {
  return { at, agent, epoch, seq, tag };
}

/** By code units, whatever the locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
