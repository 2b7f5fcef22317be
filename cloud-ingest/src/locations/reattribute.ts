import type { Transaction } from "../database/index.js";
import type { TagAssignments, TagSpell } from "../tags/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import type { Sighting } from "./sighting.js";
import { type Attributed, attribute, keepSightings, sightingsOfTags } from "./sightings.js";

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
  const sightings = await sightingsOfTags(tx, numbers);
  const brought = broughtAlong(spells, sightings);
  await keepSightings(tx, brought);
  const changed: Attributed[] = [];
  const evidence: EvidenceBody[] = brought.map((sighting) => ({ ...sighting }));
  for (const sighting of sightings) {
    const item = itemAt(spells, sighting);
    if (item === sighting.item) continue;
    changed.push({ ...sighting, item });
    if (sighting.item !== null) evidence.push({ ...sighting, item: sighting.item, withdrawn: true });
    if (item !== null) evidence.push({ ...sighting, item });
  }
  await attribute(tx, changed);
  return evidence;
}

/**
 * When a sighting counts for the item its tag is on: when it was decided, so that the departure of something bound a moment after its last read
 * is not lost.
 */
export function decidedAt({ at, observedAt }: Sighting): number {
  return Math.max(at, observedAt);
}

/**
 * What is known of a tag when it is bound is true of the item from then on: its last sighting is said again as of that moment, under its own
 * name, so that what the agent says later still overrules it.
 */
function broughtAlong(
  spells: readonly TagSpell[],
  sightings: readonly Attributed[],
): (Attributed & { item: string })[] {
  return spells.flatMap(({ tag, item, from }) => {
    const at = from.getTime();
    const before = sightings.filter(
      ({ fact, ...sighting }) =>
        sighting.tag === tag && decidedAt({ ...sighting, fact }) < at && fact.kind !== "near" && fact.kind !== "missed",
    );
    const last = before.reduce<Attributed | undefined>((a, b) => (a === undefined || b.at >= a.at ? b : a), undefined);
    if (last === undefined) return [];
    const isThere = sightings.some(
      ({ tag: of, agent, epoch, seq, at: when }) =>
        of === tag && when === at && agent === last.agent && epoch === last.epoch && seq === last.seq,
    );
    return isThere ? [] : [{ ...last, at, item }];
  });
}

function itemAt(spells: readonly TagSpell[], sighting: Sighting): string | null {
  const at = decidedAt(sighting);
  const holds = ({ from, to }: TagSpell) => from.getTime() <= at && (to === null || at < to.getTime());
  return spells.find((spell) => spell.tag === sighting.tag && holds(spell))?.item ?? null;
}
