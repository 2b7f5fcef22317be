import type { Sql } from "../database/index.js";
import type { TagAssignments, TagSpell } from "./types.js";

interface Sighting {
  readonly tag: number;
  readonly at: Date;
}

/**
 * Assignments remembered, for those who ask of the same tags again and again. Whoever assigns a tag journals an act in the same transaction: as long
 * as the number of acts is what it was, nothing has been assigned. So an answer is never older than the question.
 */
export class KnownAssignments implements TagAssignments {
  readonly #tags: TagAssignments;
  readonly #most: number;
  #spells = new Map<number, readonly TagSpell[]>();
  /** The number of acts when the first of these spells was read. */
  #acts = -1;

  /** @param most when so many tags are remembered, all are forgotten */
  constructor(tags: TagAssignments, most = 100_000) {
    this.#tags = tags;
    this.#most = most;
  }

  itemsOf(sql: Sql, tags: readonly number[], at: Date): Promise<Map<number, string>> {
    return this.#tags.itemsOf(sql, tags, at);
  }

  spellsOf(sql: Sql, tags: readonly number[]): Promise<TagSpell[]> {
    return this.#tags.spellsOf(sql, tags);
  }

  async itemsAt(sql: Sql, sightings: readonly Sighting[]): Promise<(string | undefined)[]> {
    const spells = await this.#of(sql, sightings);
    return sightings.map(({ tag, at }) => spells.get(tag)?.find((spell) => holds(spell, at.getTime()))?.item);
  }

  async boundAfter(sql: Sql, sightings: readonly Sighting[]): Promise<number[]> {
    const spells = await this.#of(sql, sightings);
    const later = sightings.filter(({ tag, at }) => spells.get(tag)?.some(({ from }) => from.getTime() > at.getTime()));
    return [...new Set(later.map(({ tag }) => tag))].sort((a, b) => a - b);
  }

  async #of(sql: Sql, sightings: readonly Sighting[]): Promise<ReadonlyMap<number, readonly TagSpell[]>> {
    if (sightings.length === 0) return new Map();
    const [row] = await sql.query<{ acts: number }>("select coalesce(sum(seq), 0)::int8 as acts from act_head");
    const acts = row?.acts ?? 0;
    if (acts !== this.#acts || this.#spells.size > this.#most) {
      this.#acts = acts;
      this.#spells = new Map();
    }
    // Should another begin anew meanwhile, this one is ours alone.
    const spells = this.#spells;
    const strange = [...new Set(sightings.map(({ tag }) => tag))].filter((tag) => !spells.has(tag));
    if (strange.length === 0) return spells;
    const read = new Map<number, TagSpell[]>(strange.map((tag) => [tag, []]));
    for (const spell of await this.#tags.spellsOf(sql, strange)) read.get(spell.tag)?.push(spell);
    for (const [tag, found] of read) spells.set(tag, found);
    return spells;
  }
}

/** By milliseconds: to compare two Dates takes hundreds of times as long. */
function holds({ from, to }: TagSpell, at: number): boolean {
  return from.getTime() <= at && (to === null || to.getTime() > at);
}
