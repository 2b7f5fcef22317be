import type { EvidenceKey } from "./fold/evidence.js";
import { SETTLED_MS } from "./fold/state.js";

/*
 * What those who keep books are told of an item's stays. A stay counts once it was sure for half a minute; what came and went quicker was a
 * walk and is told to nobody. A stay's end is told once a later stay counts, or after half a minute: where the item is then may not be sure for a
 * long time, but that it is no longer there is. If that turns out otherwise, it is told as any other correction.
 */

/** What was told of a stay. */
export interface Told {
  readonly place: string;
  readonly from: number;
  readonly to: number | null;
  readonly p: number;
}

/** A stay as it is known, with what was told of it. */
export interface KnownStay {
  readonly id: string;
  readonly opening: EvidenceKey;
  readonly place: string;
  readonly from: number;
  readonly to: number | null;
  readonly p: number;
  readonly sureSince: number | null;
  readonly revision: number;
  readonly told: Told | null;
  /** Later evidence took it away. */
  readonly withdrawn: boolean;
}

export interface StayChange {
  readonly stay: string;
  readonly revision: number;
  readonly op: "open" | "close" | "amend" | "retract";
  readonly told: Told;
}

/** When something may have settled, by the `through` of the agent whose evidence it rests on. */
export interface Due {
  readonly at: number;
  readonly agent: string;
}

export interface Settled {
  readonly changes: readonly StayChange[];
  /** Stays of which nothing more is to be told, unless they change. */
  readonly done: readonly string[];
  readonly due: Due | null;
}

/** @param stays those of one item of which something may be to be told, and its open one; `now` is how far their agents have looked, ms since 1970 */
export function settle(stays: readonly KnownStay[], now: number): Settled {
  const counting = stays.filter((stay) => counts(stay, now));
  const lastFrom = Math.max(Number.NEGATIVE_INFINITY, ...counting.map(({ from }) => from));
  const changes: StayChange[] = [];
  const done: string[] = [];
  let due: Due | null = null;
  for (const stay of [...stays].sort((a, b) => a.from - b.from)) {
    const over = stay.to !== null && (lastFrom >= stay.to || now - stay.to >= SETTLED_MS);
    const known = counts(stay, now)
      ? { place: stay.place, from: stay.from, to: over ? stay.to : null, p: stay.p }
      : undefined;
    const change = changeOf(stay, known, over || stay.withdrawn);
    if (change !== undefined) changes.push(change);
    if (over || stay.withdrawn) done.push(stay.id);
    else if (stay.to === null && known !== undefined) done.push(stay.id);
    else if (stay.to === null) due = dueOf(stay, now);
  }
  // What never was goes before what takes its place.
  const first = (change: StayChange) => (change.op === "retract" ? 0 : 1);
  return { changes: changes.sort((a, b) => first(a) - first(b)), done, due };
}

/**
 * When there may be something to tell because of an open stay: it counts, or the one before it has ended for long enough.
 * @param now how far its agent has looked; absent: nobody has looked at it yet
 */
export function dueOf(
  { from, sureSince, opening }: Pick<KnownStay, "from" | "sureSince" | "opening">,
  now = Number.NEGATIVE_INFINITY,
): Due | null {
  const at = (sureSince ?? from) + SETTLED_MS;
  return sureSince === null && at <= now ? null : { at, agent: opening.agent };
}

function counts({ sureSince, to, withdrawn }: KnownStay, now: number): boolean {
  if (withdrawn || sureSince === null) return false;
  return Math.min(to ?? now, now) - sureSince >= SETTLED_MS;
}

function changeOf(stay: KnownStay, known: Told | undefined, final: boolean): StayChange | undefined {
  const { id, told } = stay;
  const revision = stay.revision + 1;
  if (told === null) return known && { stay: id, revision, op: "open", told: known };
  // What counted and, by what came late, does not now, may recover while it is open: it is taken back only when it is over.
  if (known === undefined) return final ? { stay: id, revision, op: "retract", told } : undefined;
  if (known.place === told.place && known.from === told.from && known.to === told.to) return undefined;
  const closes = told.to === null && known.to !== null && known.place === told.place && known.from === told.from;
  return { stay: id, revision, op: closes ? "close" : "amend", told: known };
}
