import type { Strength, Tag } from "@storeward/contracts";
import type { Entry } from "../journal/journal.js";

/** An inventory is complete enough when a tag that is there has been read with this probability. */
const COMPLETENESS = 0.99;
const MIN_ROUNDS = 6;
const MAX_ROUNDS = 30;
/** Of the text of one part (journals.md); the frame around the tags takes less than the rest. */
const MAX_PART_BYTES = 30 * 1024;
const MAX_PART_TAGS = 500;

export interface Listed {
  readonly tag: Tag;
  readonly strength: Strength;
}

/** How many rounds an inventory takes where a tag is read with probability `rate` in each. */
export function roundsFor(rate: number): number {
  const rounds = Math.ceil(Math.log(1 - COMPLETENESS) / Math.log(1 - Math.min(Math.max(rate, 0.05), 0.95)));
  return Math.min(MAX_ROUNDS, Math.max(MIN_ROUNDS, rounds));
}

/** The probability that a tag read with probability `rate` in each round was read in so many. */
export function completenessOf(rate: number, rounds: number): number {
  return Math.round((1 - (1 - Math.min(Math.max(rate, 0), 1)) ** rounds) * 1000) / 1000;
}

/** An inventory as rows of at most 32 KiB; an empty one is one row, for that nothing is there is worth saying. */
export function inventoryEntries(about: {
  readonly inventory: string;
  readonly readPoint: string;
  readonly from: number;
  readonly to: number;
  readonly rounds: number;
  readonly completeness: number;
  readonly reason: string;
  readonly tags: readonly Listed[];
}): Entry[] {
  const parts: Listed[][] = [];
  let part: Listed[] = [];
  let bytes = 0;
  for (const listed of about.tags) {
    const size = JSON.stringify(listed).length + 1;
    if (part.length > 0 && (bytes + size > MAX_PART_BYTES || part.length >= MAX_PART_TAGS)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(listed);
    bytes += size;
  }
  parts.push(part);
  return parts.map((tags, index) => ({
    draft: { type: "inventoried", ...about, part: index + 1, parts: parts.length, tags },
  }));
}
