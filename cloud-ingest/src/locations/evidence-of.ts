import type { ItemEvidence } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import { recordedAtOf } from "../journal/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { watchersOf } from "./confidence.js";
import type { EvidenceKey, Fact } from "./fold/evidence.js";
import { unpackState } from "./fold/packing.js";
import type { FoldState } from "./fold/state.js";
import { evidenceBetween } from "./item-evidence.js";
import type { Blindness, WhereAbouts } from "./types.js";
import { type Weighed, weigh } from "./weights.js";

export interface EvidenceOfDeps {
  readonly directory: PlaceDirectory;
  readonly blindness: Blindness;
  readonly whereabouts: WhereAbouts;
}

export interface EvidenceQuery {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly now: number;
  readonly limit: number;
}

/** Evidence that is run over again for one answer, at most. */
const MAX_REPLAY = 10_000;

type Found = Awaited<ReturnType<typeof evidenceBetween>>[number];

/**
 * What the answer "where was it at this moment" rests on, as known today: each observation with what it did to the belief, the latest first, then what
 * was blind since and what that has left of it.
 */
export async function evidenceOf(
  sql: Sql,
  { directory, blindness, whereabouts }: EvidenceOfDeps,
  item: string,
  { at, now, limit }: EvidenceQuery,
): Promise<ItemEvidence> {
  const { from, found } = await replayable(sql, item, at);
  const { state, weighed } = weigh(from, found, null);
  const shown = relevant(weighed, state, limit);
  const recorded = await recordedAtOf(
    sql,
    shown.map(({ evidence }) => evidence),
  );
  const { stay, seenAt } = state;
  const watchers = stay === null ? [] : (watchersOf(directory).get(stay.place) ?? []);
  const blind = await blindBetween(sql, blindness, watchers, seenAt ?? at, Math.min(at, now));
  const current = at >= now ? (await whereabouts.of(sql, [item])).get(item) : undefined;
  return {
    at: isoMs(at),
    place: stay === null ? null : (directory.byId(stay.place) ?? null),
    since: stay === null ? null : isoMs(stay.from),
    seenAt: seenAt === null ? null : isoMs(seenAt),
    p: rounded(stay?.p ?? 0),
    confidence: current?.confidence ?? null,
    watchers: blind,
    blindSeconds: Math.max(0, ...blind.map(({ blindSeconds }) => blindSeconds)),
    evidence: shown.map((each) => ({
      ...refOf(each, recorded),
      ...detailOf(each.evidence.fact),
      before: rounded(each.before),
      after: rounded(each.after),
      place: each.place === null ? null : (directory.byId(each.place) ?? null),
    })),
    more: shown.length < weighed.length,
  };
}

interface Replayable {
  readonly from: FoldState;
  readonly found: readonly Found[];
}

/**
 * The fold's memory from before the stay of that moment, so that what opened it is weighed too, and the evidence since. Where that is very
 * much, from a later memory on.
 */
async function replayable(sql: Sql, item: string, at: number): Promise<Replayable> {
  const stays = await sql.query<{ checkpoint: string }>(
    `SELECT checkpoint FROM item_stay WHERE item = $1 AND opening_at <= $2 AND from_at <= $2 AND NOT withdrawn AND checkpoint IS NOT NULL
     ORDER BY opening_at DESC, from_at DESC LIMIT 2`,
    [item, isoMs(at)],
  );
  const [kept] = await sql.query<{ behind: string | null; state: string | null }>(
    "SELECT behind, state FROM item_location WHERE item = $1",
    [item],
  );
  const since = async (from: FoldState): Promise<Replayable> => {
    const limit = MAX_REPLAY + 1;
    return { from, found: await evidenceBetween(sql, { item, from: from.key?.at ?? null, to: at, limit }) };
  };
  const later = [stays[0]?.checkpoint, kept?.behind, kept?.state].map((text) => unpackState(text ?? null));
  let best = await since(unpackState(stays[1]?.checkpoint ?? null));
  for (const state of later.filter(({ key }) => key !== null && key.at <= at)) {
    if (best.found.length <= MAX_REPLAY) return best;
    best = await since(state);
  }
  return best;
}

/** The latest that changed anything or speaks of the place, and always what opened the stay; the latest first. */
function relevant(weighed: readonly Weighed<Found>[], { stay }: FoldState, limit: number): Weighed<Found>[] {
  const latest = weighed.slice(-limit);
  const opening = stay === null ? undefined : weighed.find(({ evidence }) => isSame(evidence, stay.opening));
  const all = opening === undefined || latest.includes(opening) ? latest : [opening, ...latest.slice(1)];
  return all.toReversed();
}

function isSame(a: EvidenceKey, b: EvidenceKey): boolean {
  return a.at === b.at && a.agent === b.agent && a.epoch === b.epoch && a.seq === b.seq && a.tag === b.tag;
}

/** How long each of these did not watch between two moments: what it has not since the first, without what it has not since the second. */
async function blindBetween(
  sql: Sql,
  blindness: Blindness,
  readPoints: readonly string[],
  from: number,
  to: number,
): Promise<{ readPoint: string; blindSeconds: number }[]> {
  const since = (after: number) =>
    blindness.blindSeconds(
      sql,
      readPoints.map((readPoint) => ({ readPoint, after: new Date(after) })),
    );
  const [all, later] = await Promise.all([since(Math.min(from, to)), since(to)]);
  return readPoints.map((readPoint, index) => ({
    readPoint,
    blindSeconds: Math.round(Math.max(0, (all[index] ?? 0) - (later[index] ?? 0)) * 10) / 10,
  }));
}

function refOf({ evidence }: Weighed<Found>, recorded: ReadonlyMap<string, Date>) {
  const { agent, epoch, seq, type, at, observedAt, fact } = evidence;
  return {
    agent,
    epoch,
    seq,
    type,
    readPoint: fact.readPoint,
    at: isoMs(at),
    observedAt: observedAt.toISOString(),
    recordedAt: recorded.get(`${agent} ${epoch} ${seq}`)?.toISOString() ?? null,
  };
}

function detailOf(fact: Fact): Partial<ItemEvidence["evidence"][number]> & { says: Fact["kind"] } {
  switch (fact.kind) {
    case "present":
      return { says: fact.kind, rounds: fact.rounds, reads: fact.reads, rssi: fact.rssi };
    case "missed":
      return { says: fact.kind, completeness: fact.completeness };
    case "crossed":
      return { says: fact.kind, direction: fact.direction, p: fact.p, rssi: fact.rssi ?? null };
    default:
      return { says: fact.kind };
  }
}

function rounded(p: number): number {
  return Math.round(p * 1000) / 1000;
}
