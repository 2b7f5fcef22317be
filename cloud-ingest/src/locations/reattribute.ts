import type { Transaction } from "../database/index.js";
import type { TagAssignments, TagSpell } from "../tags/types.js";
import type { EvidenceBody } from "./evidence-log.js";
import { type Attributed, attribute, sightingsOfTags } from "./sightings.js";

/**
 * Judges all sightings of tags again by the assignments known now: what was seen before a tag was bound counts for the item since the binding
 * holds, and no longer for the one it was taken from. Idempotent. Returns what changes for the items.
 */
export async function reattribute(
  tx: Transaction,
  tags: TagAssignments,
  numbers: readonly number[],
): Promise<EvidenceBody[]> {
  const spells = await tags.spellsOf(tx, numbers);
  const changed: Attributed[] = [];
  const evidence: EvidenceBody[] = [];
  for (const sighting of await sightingsOfTags(tx, numbers)) {
    const item = itemAt(spells, sighting.tag, sighting.at);
    if (item === sighting.item) continue;
    changed.push({ ...sighting, item });
    if (sighting.item !== null) evidence.push({ ...sighting, item: sighting.item, withdrawn: true });
    if (item !== null) evidence.push({ ...sighting, item });
  }
  await attribute(tx, changed);
  return evidence;
}

function itemAt(spells: readonly TagSpell[], tag: number, at: number): string | null {
  const holds = ({ from, to }: TagSpell) => from.getTime() <= at && (to === null || at < to.getTime());
  return spells.find((spell) => spell.tag === tag && holds(spell))?.item ?? null;
}
