import type { ShelfReadPoint } from "@storeward/contracts";
import type { TagRead } from "../../readers/driver.js";
import { Rows } from "../rows.js";
import { Evidence, lengthOfEvidence } from "./evidence.js";
import { NOWHERE } from "./places.js";
import { lengthOfReads, RoundReads } from "./round-reads.js";
import type { ShelfTag } from "./shelf-tag.js";

/** RSSI at which a shelf antenna reads what lies before it, dBm, until its own tags have told. */
const USUAL_LEVEL = -60;
const LEVEL_MEMORY = 300;
const LEVEL_PRIOR = 10;
/** Silent for fewer rounds it may be a person before it. */
const SILENT_ROUNDS = 3;

/** One shelf read point: a board or bin that its own antennas tell apart from its neighbours. */
export class Board {
  readonly readPoint: ShelfReadPoint;
  readonly #number: number;
  readonly #rows: Rows;
  readonly #readRows: Rows;
  /** By when the device met the tag, which makes a round the same whatever was forgotten before it. */
  #evidence: Evidence[] = [];
  #added: Evidence[] = [];
  #dropped = 0;
  /** Reads since the last round, in the order of the tags' first reads: `#pending` of `#reads` are in use. */
  readonly #reads: RoundReads[] = [];
  #pending = 0;
  /** None of its antennas looks. */
  isBlind = true;
  /** Rounds in a row that read nothing at all. */
  silentRounds = 0;
  /** When anything was read here last, mono ms. */
  lastRead = Number.NEGATIVE_INFINITY;
  /** Somebody asked whether it is, and nothing was read. */
  isKnownEmpty = false;
  #level = USUAL_LEVEL;
  #levelReads = LEVEL_PRIOR;

  /** The `number` of a board tells it from the others of its device. */
  constructor(readPoint: ShelfReadPoint, number: number) {
    this.readPoint = readPoint;
    this.#number = number;
    this.#rows = new Rows(lengthOfEvidence(readPoint.antennas.length));
    this.#readRows = new Rows(lengthOfReads(readPoint.antennas.length));
  }

  /** Mean RSSI of the tags that are here, dBm. */
  get level(): number {
    return this.#level;
  }

  /** It has had some chances in a row, and has read nothing at all. */
  get isSilent(): boolean {
    return this.silentRounds >= SILENT_ROUNDS;
  }

  /** Of late it has read something: only then does it say something of its tags that others read them better. */
  get hears(): boolean {
    return !this.isBlind && !this.isSilent;
  }

  sharesReader(other: Board): boolean {
    const { antennas } = other.readPoint;
    return this.readPoint.antennas.some(({ reader }) => antennas.some((antenna) => antenna.reader === reader));
  }

  /** A tag that surely is here was read so strongly. */
  learnLevel(rssi: number): void {
    this.#levelReads = Math.min(LEVEL_MEMORY, this.#levelReads + 1);
    this.#level += (rssi - this.#level) / this.#levelReads;
  }

  /** Keeps a read for the round that it belongs to. */
  add(tag: ShelfTag, read: TagRead): void {
    let reads = tag.pending;
    while (reads !== undefined && reads.board !== this.#number) reads = reads.next;
    if (reads === undefined) {
      reads = this.#begin(tag, read.first);
      reads.next = tag.pending;
      tag.pending = reads;
    }
    reads.add(read);
  }

  /** The reads since the last round, each once; then there are none. */
  takeReads(each: (reads: RoundReads) => void): void {
    for (let index = 0; index < this.#pending; index++) {
      const reads = this.#reads[index];
      if (reads === undefined) continue;
      reads.tag.isNoLongerPending(reads);
      each(reads);
    }
    this.#pending = 0;
  }

  /** Something was read here. */
  heard(at: number): void {
    this.silentRounds = 0;
    this.lastRead = Math.max(this.lastRead, at);
    this.isKnownEmpty = false;
  }

  /** New evidence of a tag that was read here at `now`, and has `place` for it. */
  about(tag: ShelfTag, place: number, now: number): Evidence {
    const evidence = new Evidence(tag, this, this.#rows.take(), place, now);
    this.#added.push(evidence);
    return evidence;
  }

  drop(evidence: Evidence): void {
    evidence.place = NOWHERE;
    this.#dropped++;
  }

  /** All that this board has to say, in the order in which the device met the tags. */
  get evidence(): readonly Evidence[] {
    if (this.#dropped > 0) this.#sweep();
    if (this.#added.length > 0) this.#merge();
    return this.#evidence;
  }

  #begin(tag: ShelfTag, at: number): RoundReads {
    const reads = this.#reads[this.#pending];
    this.#pending++;
    if (reads !== undefined) {
      reads.begin(tag, at);
      return reads;
    }
    const made = new RoundReads(this.#number, this.#readRows.take(), tag, at);
    this.#reads.push(made);
    return made;
  }

  #sweep(): void {
    this.#dropped = 0;
    this.#evidence = this.#kept(this.#evidence);
    this.#added = this.#kept(this.#added);
  }

  #kept(list: Evidence[]): Evidence[] {
    for (const evidence of list) if (evidence.dropped) this.#rows.give(evidence.row);
    return list.filter(({ dropped }) => !dropped);
  }

  #merge(): void {
    const all = this.#evidence;
    const added = this.#added.sort((a, b) => a.tag.serial - b.tag.serial);
    let from = all.length - 1;
    let next = added.length - 1;
    for (const evidence of added) all.push(evidence);
    for (let to = all.length - 1; next >= 0; to--) {
      const known = all[from];
      const fresh = added[next];
      if (fresh === undefined) break;
      const later = known !== undefined && known.tag.serial > fresh.tag.serial;
      all[to] = later ? known : fresh;
      if (later) from--;
      else next--;
    }
    this.#added = [];
  }
}
