import type { Transaction } from "../database/index.js";
import type { TagAssignments, TagSpell } from "../tags/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import type { Sighting } from "./sighting.js";
import { type Attributed, attribute, dropSightings, keepSightings, sightingsOfTags } from "./sightings.js";

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
  const { brought, outdated } = broughtAlong(spells, sightings);
  await keepSightings(tx, brought);
  await dropSightings(tx, outdated);
  const changed: Attributed[] = [];
  const evidence: EvidenceBody[] = brought.map((sighting) => ({ ...sighting }));
  for (const { item, ...sighting } of outdated)
    if (item !== null) evidence.push({ ...sighting, item, withdrawn: true });
  for (const sighting of sightings) {
    if (outdated.includes(sighting)) continue;
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

interface Brought {
  /** To be added. */
  readonly brought: (Attributed & { item: string })[];
  /** Brought along before something later had come, or to where no binding begins; to be removed. */
  readonly outdated: Attributed[];
}

/**
 * What is known of a tag when it is bound is true of the item from then on: its last sighting is said again as of that moment, under its own
 * name, so that what the agent says later still overrules it. A function of all sightings, in whatever order they came.
 */
function broughtAlong(spells: readonly TagSpell[], sightings: readonly Attributed[]): Brought {
  const brought: Brought["brought"] = [];
  const outdated: Attributed[] = [];
  const firsts = new Map<string, number>();
  for (const each of sightings) {
    const name = nameOf(each);
    firsts.set(name, Math.min(firsts.get(name) ?? each.at, each.at));
  }
  const isOriginal = (each: Attributed) => firsts.get(nameOf(each)) === each.at;
  // No binding begins there any more: it was found to have begun at another time, or never to have been.
  const begins = new Set(spells.map(({ tag, from }) => `${tag} ${from.getTime()}`));
  outdated.push(...sightings.filter((each) => !isOriginal(each) && !begins.has(`${each.tag} ${each.at}`)));
  for (const { tag, item, from } of spells) {
    const at = from.getTime();
    const before = sightings.filter(
      (each) => each.tag === tag && isOriginal(each) && decidedAt(each) < at && isBroughtAlong(each),
    );
    const last = before.reduce<Attributed | undefined>((a, b) => (a === undefined || b.at >= a.at ? b : a), undefined);
    const there = sightings.filter((each) => each.tag === tag && each.at === at && !isOriginal(each));
    outdated.push(...there.filter((each) => last === undefined || nameOf(each) !== nameOf(last)));
    if (last !== undefined && !there.some((each) => nameOf(each) === nameOf(last))) brought.push({ ...last, at, item });
  }
  return { brought, outdated };
}

function nameOf({ tag, agent, epoch, seq }: Sighting): string {
  return `${tag} ${agent} ${epoch} ${seq}`;
}

/** Whether a sighting can be what is known of a tag. */
export function isBroughtAlong({ fact }: Sighting): boolean {
  return fact.kind !== "near" && fact.kind !== "missed";
}

function itemAt(spells: readonly TagSpell[], sighting: Sighting): string | null {
  const at = decidedAt(sighting);
  const holds = ({ from, to }: TagSpell) => from.getTime() <= at && (to === null || at < to.getTime());
  return spells.find((spell) => spell.tag === sighting.tag && holds(spell))?.item ?? null;
}
