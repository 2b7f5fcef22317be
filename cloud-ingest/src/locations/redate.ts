import type { Transaction } from "../database/index.js";
import type { JournalLog, JournalRow, Redated } from "../journal/index.js";
import type { PlaceHistory } from "../places/index.js";
import type { TagAssignments } from "../tags/index.js";
import type { EvidenceBody } from "./evidence-log.js";
import type { Fact } from "./fold/evidence.js";
import { decidedAt, reattribute } from "./reattribute.js";
import { DatedZones, type Sighting, sightingsOf } from "./sighting.js";
import {
  type Attributed,
  dropSightings,
  keepSightings,
  lastWordsBefore,
  sightingsOfRows,
  wordsAfter,
} from "./sightings.js";

export interface RedateDeps {
  readonly journal: JournalLog;
  readonly directory: PlaceHistory;
  readonly tags: TagAssignments;
}

/**
 * Moves what rows of the journal say of tags to where a clock has put it: the sightings are kept with their new times and count for whatever
 * their tags were on then. Idempotent. Returns what changes for the items: what is withdrawn, and what takes its place.
 */
export async function redate(
  tx: Transaction,
  { journal, directory, tags }: RedateDeps,
  redated: Redated,
  horizon: number,
): Promise<EvidenceBody[]> {
  const rows = await journal.redatedRows(tx, redated);
  const before = await sightingsOfRows(tx, redated, tagsIn(rows));
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  const wrong = before.filter(({ seq, observedAt }) => {
    const row = bySeq.get(seq);
    return row !== undefined && row.observedAt.getTime() !== observedAt;
  });
  const unkept = unkeptOf(rows, before, new DatedZones(directory)).filter(({ observedAt }) => observedAt >= horizon);
  if (wrong.length + unkept.length === 0) return [];
  await dropSightings(tx, wrong);
  const numbers = [...new Set([...wrong, ...unkept].map(({ tag }) => tag))];
  const words = await lastWordsBefore(tx, redated, numbers);
  // What was said again when its tag was bound is said again from its new time on, where it still is to be.
  const originals = [...wrong.filter((sighting) => !isCopy(sighting)), ...unkept];
  const moved = originals.sort((a, b) => a.seq - b.seq || a.tag - b.tag).map((each) => movedTo(each, bySeq, words));
  const right = await attributed(tx, tags, moved);
  const kept = right.filter(({ at }) => at >= horizon);
  await keepSightings(tx, kept);
  const { dropped, instead } = await arrivalsAfter(tx, journal, redated, numbers, words);
  await dropSightings(tx, dropped);
  await keepSightings(tx, instead);
  const [gone, come] = [
    [...wrong, ...dropped],
    [...kept, ...instead],
  ];
  const earliest = Math.min(...[...gone, ...come].map(({ at }) => at));
  const rebound = (await tags.spellsOf(tx, numbers)).filter(({ from }) => from.getTime() > earliest);
  const judged = rebound.length === 0 ? [] : await reattribute(tx, tags, [...new Set(rebound.map(({ tag }) => tag))]);
  return [
    ...gone.flatMap((each) => (each.item === null ? [] : [{ ...each, item: each.item, withdrawn: true as const }])),
    ...come.flatMap((each) => (each.item === null ? [] : [{ ...each, item: each.item }])),
    ...judged,
  ];
}

function tagsIn(rows: readonly JournalRow[]): number[] {
  const tags = rows.flatMap(({ body }) =>
    "tags" in body ? body.tags.map(({ tag }) => tag) : "tag" in body ? [body.tag] : [],
  );
  return [...new Set(tags)];
}

/**
 * What rows say of tags of which no sighting was kept: a device that begins years behind has observed everything before there was a journal, so it
 * was thought. What they missed is not known any more.
 */
function unkeptOf(rows: readonly JournalRow[], kept: readonly Sighting[], zones: DatedZones): Attributed[] {
  const nameOf = ({ tag, seq }: Sighting) => `${tag} ${seq}`;
  const known = new Set(kept.filter((each) => !isCopy(each)).map(nameOf));
  const said = rows.flatMap((row) => sightingsOf(row, zones.of(row)));
  const unkept = new Map(said.filter((each) => !known.has(nameOf(each))).map((each) => [nameOf(each), each]));
  return [...unkept.values()].map((each) => ({ ...each, item: null }));
}

/** A sighting stands after its own observation only where a binding has brought it along; times are rounded to the millisecond. */
function isCopy({ at, observedAt }: Sighting): boolean {
  return at > observedAt + 1;
}

/** The sighting by its row's new date. `words`, the last of each tag so far, come along: in the order of the rows. */
function movedTo(sighting: Attributed, rows: ReadonlyMap<number, JournalRow>, words: Map<number, number>): Attributed {
  const row = rows.get(sighting.seq);
  if (row === undefined) return sighting;
  const observedAt = row.observedAt.getTime();
  const shift = observedAt - sighting.observedAt;
  const { body } = row;
  const last = words.get(sighting.tag) ?? Number.NEGATIVE_INFINITY;
  const isShelf = sighting.fact.kind === "present" || sighting.fact.kind === "gone";
  const at =
    body.type === "arrived" && isShelf ? arrivalAt(body.first + row.monoOffset, last, observedAt) : sighting.at + shift;
  if (isShelf) words.set(sighting.tag, Math.max(last, at));
  return { ...sighting, at, observedAt, fact: shifted(sighting.fact, shift) };
}

function shifted(fact: Fact, ms: number): Fact {
  if (fact.kind === "gone" && fact.decided !== undefined) return { ...fact, decided: fact.decided + ms };
  return "seenAt" in fact ? { ...fact, seenAt: fact.seenAt + ms } : fact;
}

/**
 * Arrivals that were told after these rows and dated right, but in the order of words that were not: which of them move, and to where.
 * @param words the last of each tag up to these rows
 */
async function arrivalsAfter(
  tx: Transaction,
  journal: JournalLog,
  redated: Redated,
  tags: readonly number[],
  words: ReadonlyMap<number, number>,
): Promise<{ dropped: Attributed[]; instead: Attributed[] }> {
  // The steps still to come look after theirs.
  const later = await wordsAfter(tx, { ...redated, from: redated.until }, tags);
  const arrivals = later.filter(({ type }) => type === "arrived");
  const rows = new Map(
    (await journal.rowsAt(tx, redated, [...new Set(arrivals.map(({ seq }) => seq))])).map((row) => [row.seq, row]),
  );
  const last = new Map(words);
  const dropped: Attributed[] = [];
  const instead: Attributed[] = [];
  for (const word of later) {
    const { tag, seq, observedAt } = word;
    const before = last.get(tag) ?? Number.NEGATIVE_INFINITY;
    const body = rows.get(seq)?.body;
    const first = body?.type === "arrived" ? observedAt - (body.at.mono - body.first) : word.at;
    const at = body?.type === "arrived" ? arrivalAt(first, before, observedAt) : word.at;
    if (at !== word.at) {
      dropped.push(word);
      instead.push({ ...word, at });
    }
    last.set(tag, Math.max(before, at));
  }
  return { dropped, instead };
}

/** An arrival counts from its first read, but not from before what the agent said of the tag before. */
function arrivalAt(first: number, before: number, observedAt: number): number {
  return Math.max(Math.round(Math.min(first, observedAt)), Math.min(before, observedAt));
}

async function attributed(
  tx: Transaction,
  tags: TagAssignments,
  sightings: readonly Attributed[],
): Promise<Attributed[]> {
  const items = await tags.itemsAt(
    tx,
    sightings.map((sighting) => ({ tag: sighting.tag, at: new Date(decidedAt(sighting)) })),
  );
  return sightings.map((sighting, index) => ({ ...sighting, item: items[index] ?? null }));
}
