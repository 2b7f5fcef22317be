import type { Likely } from "./belief.js";
import type { EvidenceKey, Zone } from "./evidence.js";
import {
  type Basis,
  EMPTY,
  type FoldState,
  type Pending,
  type Presence,
  type Stay,
  type Tombstone,
  upToDate,
  type Word,
} from "./state.js";

/*
 * A state as text. It is stored again with nearly every piece of evidence, so it is short: JSON without names, every text once, times as
 * milliseconds after those of the state's key. What is optional in a part stands last in it, and is left out.
 */

type Packed = readonly unknown[];
/** What was packed, up to twelve of it: it is as it was written. */
type Part = readonly [never, never, never, never, never, never, never, never, never, never, never, never];

/** The text of a state; null of the empty one. */
export function packState(state: FoldState): string | null {
  const { key, stay, presences, tombstones, pending, seenAt, movingUntil, basis, belief, level } = state;
  if (key === null) return null;
  const pack = new Packer(key.at);
  const parts = [
    pack.key(key),
    orNull(stay, pack.stay),
    presences.map(pack.presence),
    tombstones.map(pack.tombstone),
    orNull(pending, pack.pending),
    orNull(seenAt, pack.time),
    orNull(movingUntil, pack.time),
    orNull(basis, pack.basis),
    belief.map(pack.likely),
    level,
  ];
  return JSON.stringify([pack.texts, key.at, ...parts]);
}

/** The state of such a text, or of JSON as an older release has stored it; the empty one of null. */
export function unpackState(text: string | null): FoldState {
  if (text === null) return EMPTY;
  const packed = JSON.parse(text) as FoldState | Part;
  if (!isPacked(packed)) return upToDate(packed);
  const [texts, zero, key, stay, presences, tombstones, pending, seenAt, movingUntil, basis, belief, level] = packed;
  const unpack = new Unpacker(texts, zero);
  return {
    key: unpack.key(key),
    stay: orNull(stay, unpack.stay),
    presences: (presences as Part[]).map(unpack.presence),
    tombstones: (tombstones as Part[]).map(unpack.tombstone),
    pending: orNull(pending, unpack.pending),
    seenAt: orNull(seenAt, unpack.time),
    movingUntil: orNull(movingUntil, unpack.time),
    basis: orNull(basis, unpack.basis),
    belief: (belief as Part[]).map(unpack.likely),
    level,
  };
}

/** SQL of the agent whose evidence came last into a state that is stored in `column`. */
export function agentInState(column: string): string {
  return `CASE WHEN starts_with(${column}, '[') THEN ${column}::jsonb #>> '{0,0}' ELSE ${column}::jsonb #>> '{key,agent}' END`;
}

/** Writes the parts of one state. The agent of its key is the first of its texts. */
class Packer {
  readonly texts: string[] = [];
  readonly #zero: number;

  constructor(zero: number) {
    this.#zero = zero;
  }

  readonly text = (text: string): number => {
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  };
  readonly time = (at: number): number => at - this.#zero;
  readonly key = ({ at, agent, epoch, seq, tag }: EvidenceKey): Packed => [
    this.text(agent),
    this.time(at),
    this.text(epoch),
    seq,
    tag,
  ];
  readonly zone = ({ place, watched }: Zone): Packed => [this.text(place), watched];
  readonly word = ({ tag, epoch, seq }: Word): Packed => [tag, this.text(epoch), seq];
  readonly stay = ({ opening, place, shelf, state, from, p, sureSince }: Stay): Packed => [
    this.key(opening),
    this.text(place),
    shelf,
    state,
    this.time(from),
    p,
    orNull(sureSince, this.time),
  ];
  readonly presence = ({ readPoint, place, zone, tags, score, seenAt, overruled }: Presence): Packed => [
    this.text(readPoint),
    this.text(place),
    orNull(zone, this.zone),
    tags.map(this.word),
    score,
    this.time(seenAt),
    ...(overruled === undefined ? [] : [this.time(overruled.at), this.text(overruled.to)]),
  ];
  readonly tombstone = (tombstone: Tombstone): Packed => [
    ...this.word(tombstone),
    this.text(tombstone.readPoint),
    this.time(tombstone.at),
  ];
  readonly pending = ({ from, to, at, p, basis }: Pending): Packed => [
    this.zone(from),
    this.zone(to),
    this.time(at),
    p,
    this.basis(basis),
  ];
  readonly basis = ({ kind, readPoint, at, rounds, reads, direction }: Basis): Packed => {
    const fixed = [kind, this.text(readPoint), this.time(at)];
    if (direction !== undefined) return [...fixed, rounds ?? null, reads ?? null, direction];
    return rounds === undefined && reads === undefined ? fixed : [...fixed, rounds ?? null, reads ?? null];
  };
  readonly likely = ({ place, floor, open, p }: Likely): Packed => {
    const fixed = [this.text(place), p];
    if (open === true) return [...fixed, floor === undefined ? null : this.text(floor), 1];
    return floor === undefined ? fixed : [...fixed, this.text(floor)];
  };
}

/** Reads what {@link Packer} has written. */
class Unpacker {
  readonly #texts: readonly string[];
  readonly #zero: number;

  constructor(texts: readonly string[], zero: number) {
    this.#texts = texts;
    this.#zero = zero;
  }

  readonly text = (index: number): string => {
    const text = this.#texts[index];
    if (text === undefined) throw new RangeError("a packed state names a text that it does not have");
    return text;
  };
  readonly time = (ms: number): number => ms + this.#zero;
  readonly key = ([agent, at, epoch, seq, tag]: Part): EvidenceKey => ({
    at: this.time(at),
    agent: this.text(agent),
    epoch: this.text(epoch),
    seq,
    tag,
  });
  readonly zone = ([place, watched]: Part): Zone => ({ place: this.text(place), watched });
  readonly word = ([tag, epoch, seq]: Part): Word => ({ tag, epoch: this.text(epoch), seq });
  readonly stay = ([opening, place, shelf, state, from, p, sureSince]: Part): Stay => ({
    opening: this.key(opening),
    place: this.text(place),
    shelf,
    state,
    from: this.time(from),
    p,
    sureSince: orNull(sureSince, this.time),
  });
  readonly presence = ([readPoint, place, zone, tags, score, seenAt, at, to]: Part): Presence => ({
    readPoint: this.text(readPoint),
    place: this.text(place),
    zone: orNull(zone, this.zone),
    tags: (tags as Part[]).map(this.word),
    score,
    seenAt: this.time(seenAt),
    ...(at === undefined ? {} : { overruled: { at: this.time(at), to: this.text(to) } }),
  });
  readonly tombstone = ([tag, epoch, seq, readPoint, at]: Part): Tombstone => ({
    tag,
    epoch: this.text(epoch),
    seq,
    readPoint: this.text(readPoint),
    at: this.time(at),
  });
  readonly pending = ([from, to, at, p, basis]: Part): Pending => ({
    from: this.zone(from),
    to: this.zone(to),
    at: this.time(at),
    p,
    basis: this.basis(basis),
  });
  readonly basis = ([kind, readPoint, at, rounds, reads, direction]: Part): Basis => ({
    kind,
    readPoint: this.text(readPoint),
    at: this.time(at),
    ...(isThere(rounds) ? { rounds } : {}),
    ...(isThere(reads) ? { reads } : {}),
    ...(isThere(direction) ? { direction } : {}),
  });
  readonly likely = ([place, p, floor, open]: Part): Likely => ({
    place: this.text(place),
    p,
    ...(isThere(floor) ? { floor: this.text(floor) } : {}),
    ...(isThere(open) ? { open: true } : {}),
  });
}

function orNull<T, U>(value: T | null, pack: (value: T) => U): U | null {
  return value === null ? null : pack(value);
}

function isPacked(stored: FoldState | Part): stored is Part {
  return Array.isArray(stored);
}

function isThere<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
