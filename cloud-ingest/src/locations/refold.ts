import type { Transaction } from "../database/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import { compareKeys, type Evidence, type EvidenceKey, keyOf } from "./fold/evidence.js";
import { type FoldedStay, restartFrom, runOn } from "./fold/fold.js";
import type { FoldState, Stay } from "./fold/state.js";
import { evidenceSince } from "./item-evidence.js";
import { checkpointsBefore, type KeptItem } from "./kept-items.js";
import { dueOf } from "./settle.js";
import { type ItemStay, stayId, staysSince } from "./stays.js";

/** What a batch of evidence has made of its items. */
export interface Refolded {
  readonly items: readonly KeptItem[];
  readonly stays: readonly ItemStay[];
  /** Ids of stays that are no more. */
  readonly withdrawn: readonly string[];
}

interface Work {
  readonly before: KeptItem;
  readonly from: FoldState;
  /** All evidence after `from`, in order. */
  readonly evidence: readonly Evidence[];
}

/** Runs every item on over its new evidence, or again from before it where it comes late. */
export async function refold(
  tx: Transaction,
  kept: ReadonlyMap<string, KeptItem>,
  bodies: readonly EvidenceBody[],
): Promise<Refolded> {
  const byItem = new Map<string, EvidenceBody[]>();
  for (const body of bodies) {
    const news = byItem.get(body.item);
    if (news === undefined) byItem.set(body.item, [body]);
    else news.push(body);
  }
  const onward: Work[] = [];
  const again: { before: KeptItem; first: EvidenceBody }[] = [];
  for (const [item, news] of byItem) {
    const before = kept.get(item);
    const [first] = news.sort(compareKeys);
    if (before === undefined || first === undefined) continue;
    const { key } = before.kept.state;
    const isLate = key !== null && compareKeys(first, key) <= 0;
    if (isLate || news.some(({ withdrawn }) => withdrawn)) again.push({ before, first });
    else onward.push({ before, from: before.kept.state, evidence: news });
  }
  const late = await lateWork(tx, again);
  const works = [...onward, ...late];
  const results = works.map((work) => ({ work, result: runOn(work.before.kept, work.from, work.evidence) }));
  const found = new Set(
    results.slice(onward.length).flatMap(({ work, result }) => {
      return result.stays.map(({ opening }) => stayId(work.before.item, opening));
    }),
  );

  const changed = new Set(again.map(({ before }) => before.item));
  const pending = new Map<string, number>();
  const isPending = (item: string, { at }: EvidenceKey) => pending.set(item, Math.min(at, pending.get(item) ?? at));
  const stays: ItemStay[] = [];
  for (const { work, result } of results) {
    const { item, kept: earlier } = work.before;
    for (const stay of result.stays) {
      if (goesOn(earlier.state.stay, stay)) continue;
      stays.push({ item, stay });
      changed.add(item);
      isPending(item, stay.opening);
    }
  }
  const withdrawn = await withdrawnBy(tx, late, found);
  for (const { item, opening } of withdrawn) isPending(item, opening);
  const shortened = new Map(withdrawn.map(({ item, opening }) => [item, opening.agent]));
  const items = results.map(({ work: { before }, result }): KeptItem => {
    const { item } = before;
    const agent = shortened.get(item);
    // What was told and is no more is taken back at the next look.
    const { stay } = result.state;
    const due = agent !== undefined ? { at: 0, agent } : changed.has(item) ? stay && dueOf(stay) : before.due;
    return { item, kept: result.kept, due, pendingFrom: pending.get(item) ?? null };
  });
  return { items, stays, withdrawn: withdrawn.map(({ id }) => id) };
}

/** Where to run again from, and what to run over, for items whose evidence comes late. */
async function lateWork(tx: Transaction, again: readonly { before: KeptItem; first: EvidenceBody }[]): Promise<Work[]> {
  const checkpoints = await checkpointsBefore(
    tx,
    again.map(({ before, first }) => ({ item: before.item, at: first.at })),
  );
  const starts = again.map(({ before, first }) => ({
    before,
    from: restartFrom(before.kept, checkpoints.get(before.item) ?? [], keyOf(first)),
  }));
  const evidence = await evidenceSince(
    tx,
    starts.map(({ before, from }) => ({ item: before.item, from: from.key?.at ?? null })),
  );
  return starts.map(({ before, from }) => {
    const all = evidence.get(before.item) ?? [];
    const after = all.filter((each) => from.key === null || compareKeys(each, from.key) > 0);
    return { before, from, evidence: after.sort(compareKeys) };
  });
}

async function withdrawnBy(tx: Transaction, late: readonly Work[], found: ReadonlySet<string>) {
  const starts = new Map(late.map(({ before, from }) => [before.item, from.key]));
  const stored = await staysSince(
    tx,
    [...starts].map(([item, key]) => ({ item, from: key?.at ?? null })),
  );
  const isAfter = ({ item, opening }: (typeof stored)[number]): boolean => {
    const key = starts.get(item) ?? null;
    return key === null || compareKeys(opening, key) > 0;
  };
  return stored.filter((stay) => isAfter(stay) && !found.has(stay.id));
}

/** Whether it is the open stay of before, and nothing of it has changed but how sure it is. */
function goesOn(before: Stay | null, stay: FoldedStay): boolean {
  return (
    before !== null &&
    stay.to === null &&
    stay.checkpoint === undefined &&
    compareKeys(before.opening, stay.opening) === 0 &&
    before.place === stay.place &&
    before.shelf === stay.shelf &&
    before.state === stay.state &&
    before.from === stay.from &&
    before.sureSince === stay.sureSince
  );
}
