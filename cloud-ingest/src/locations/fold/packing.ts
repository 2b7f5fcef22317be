import { decodeBelief, encodeBelief } from "./belief-code.js";
import type { EvidenceKey, Zone } from "./evidence.js";
import {
  type Basis,
  EMPTY,
  type FoldState,
  type Pending,
  type Presence,
  type Sight,
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
/** What was packed, up to thirteen of it: it is as it was written. */
type Part = readonly [never, never, never, never, never, never, never, never, never, never, never, never, never];

/** The texts of states: what opened a stay is kept with the stay and with its item. */
const texts = new WeakMap<FoldState, string>();

/** The text of a state; null of the empty one. */
export function packState(state: FoldState): string | null {
  if (state.key === null) return null;
  const known = texts.get(state);
  if (known !== undefined) return known;
  const text = textOf(state, state.key);
  texts.set(state, text);
  return text;
}

function textOf(state: FoldState, key: EvidenceKey): string {
  const { stay, presences, tombstones, pending, seenAt, movingUntil, basis, belief, level, last } = state;
  const pack = new Packer(key.at);
  const parts = [
    pack.key(key),
    stay && pack.stay(stay),
    presences.map((each) => pack.presence(each)),
    tombstones.map((each) => pack.tombstone(each)),
    pending && pack.pending(pending),
    pack.time(seenAt),
    pack.time(movingUntil),
    basis && pack.basis(basis),
    encodeBelief(belief, (place) => pack.text(place)),
    level,
    last && pack.sight(last),
  ];
  return JSON.stringify([pack.texts, key.at, ...parts]);
}

/** The state of such a text, or of JSON as an older release has stored it; the empty one of null. */
export function unpackState(text: string | null): FoldState {
  if (text === null) return EMPTY;
  const packed = JSON.parse(text) as FoldState | Part;
  if (!isPacked(packed)) return upToDate(packed);
  const [texts, zero, key, stay, presences, tombstones, pending, seenAt, movingUntil, basis, belief, level, last] =
    packed;
  const unpack = new Unpacker(texts, zero);
  return {
    key: unpack.key(key),
    stay: stay && unpack.stay(stay),
    presences: (presences as Part[]).map((each) => unpack.presence(each)),
    tombstones: (tombstones as Part[]).map((each) => unpack.tombstone(each)),
    pending: pending && unpack.pending(pending),
    seenAt: unpack.time(seenAt),
    last: last && unpack.sight(last),
    movingUntil: unpack.time(movingUntil),
    basis: basis && unpack.basis(basis),
    belief: decodeBelief(belief, (number) => unpack.text(number)),
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

  text(text: string): number {
    const known = this.texts.indexOf(text);
    return known >= 0 ? known : this.texts.push(text) - 1;
  }

  time(at: number | null): number | null {
    return at === null ? null : at - this.#zero;
  }

  key({ at, agent, epoch, seq, tag }: EvidenceKey): Packed {
    return [this.text(agent), this.time(at), this.text(epoch), seq, tag];
  }

  zone({ place, watched }: Zone): Packed {
    return [this.text(place), watched];
  }

  word({ tag, epoch, seq }: Word): Packed {
    return [tag, this.text(epoch), seq];
  }

  stay({ opening, place, shelf, state, from, p, sureSince }: Stay): Packed {
    return [this.key(opening), this.text(place), shelf, state, this.time(from), p, this.time(sureSince)];
  }

  presence({ readPoint, place, zone, tags, score, seenAt, overruled }: Presence): Packed {
    const words = tags.map((each) => this.word(each));
    const fixed = [this.text(readPoint), this.text(place), zone && this.zone(zone), words, score, this.time(seenAt)];
    if (overruled !== undefined) fixed.push(this.time(overruled.at), this.text(overruled.to));
    return fixed;
  }

  tombstone({ tag, epoch, seq, readPoint, at, decided }: Tombstone): Packed {
    const fixed = [tag, this.text(epoch), seq, this.text(readPoint), this.time(at)];
    return decided === undefined ? fixed : [...fixed, this.time(decided)];
  }

  pending({ from, to, at, p, basis }: Pending): Packed {
    return [this.zone(from), this.zone(to), this.time(at), p, this.basis(basis)];
  }

  basis({ kind, readPoint, at, rounds, reads, direction }: Basis): Packed {
    const fixed = [kind, this.text(readPoint), this.time(at)];
    if (direction !== undefined) return [...fixed, rounds ?? null, reads ?? null, direction];
    return rounds === undefined && reads === undefined ? fixed : [...fixed, rounds ?? null, reads ?? null];
  }

  sight({ spot, at }: Sight): Packed {
    return [...spot, this.time(at)];
  }
}

/** Reads what {@link Packer} has written. */
class Unpacker {
  readonly #texts: readonly string[];
  readonly #zero: number;

  constructor(texts: readonly string[], zero: number) {
    this.#texts = texts;
    this.#zero = zero;
  }

  text(index: number): string {
    const text = this.#texts[index];
    if (text === undefined) throw new RangeError("a packed state names a text that it does not have");
    return text;
  }

  at(ms: number): number {
    return ms + this.#zero;
  }

  time(ms: number | null): number | null {
    return ms === null ? null : this.at(ms);
  }

  key([agent, at, epoch, seq, tag]: Part): EvidenceKey {
    return { at: this.at(at), agent: this.text(agent), epoch: this.text(epoch), seq, tag };
  }

  zone([place, watched]: Part): Zone {
    return { place: this.text(place), watched };
  }

  word([tag, epoch, seq]: Part): Word {
    return { tag, epoch: this.text(epoch), seq };
  }

  stay([opening, place, shelf, state, from, p, sureSince]: Part): Stay {
    return {
      opening: this.key(opening),
      place: this.text(place),
      shelf,
      state,
      from: this.at(from),
      p,
      sureSince: this.time(sureSince),
    };
  }

  presence([readPoint, place, zone, tags, score, seenAt, at, to]: Part): Presence {
    return {
      readPoint: this.text(readPoint),
      place: this.text(place),
      zone: zone && this.zone(zone),
      tags: (tags as Part[]).map((each) => this.word(each)),
      score,
      seenAt: this.at(seenAt),
      ...(at === undefined ? {} : { overruled: { at: this.at(at), to: this.text(to) } }),
    };
  }

  tombstone([tag, epoch, seq, readPoint, at, decided]: Part): Tombstone {
    const fixed = { tag, epoch: this.text(epoch), seq, readPoint: this.text(readPoint), at: this.at(at) };
    return decided === undefined ? fixed : { ...fixed, decided: this.at(decided) };
  }

  pending([from, to, at, p, basis]: Part): Pending {
    return { from: this.zone(from), to: this.zone(to), at: this.at(at), p, basis: this.basis(basis) };
  }

  basis([kind, readPoint, at, rounds, reads, direction]: Part): Basis {
    return {
      kind,
      readPoint: this.text(readPoint),
      at: this.at(at),
      ...(isThere(rounds) ? { rounds } : {}),
      ...(isThere(reads) ? { reads } : {}),
      ...(isThere(direction) ? { direction } : {}),
    };
  }

  sight([x, y, at]: Part): Sight {
    return { spot: [x, y], at: this.at(at) };
  }
}

function isPacked(stored: FoldState | Part): stored is Part {
  return Array.isArray(stored);
}

function isThere<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
