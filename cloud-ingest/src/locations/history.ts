import type { Correction, ObservationRef, RetractedStay, Stay, StayPage } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { openingIn } from "./stays.js";
import { believedAt, retractedStays, type Word, wordsOn } from "./told.js";

/** Most observations named for a stay: the one that opened it, and the latest. */
const MAX_OBSERVATIONS = 20;

interface StayRow {
  readonly id: string;
  readonly place: string;
  readonly from_at: Date;
  readonly to_at: Date | null;
  readonly recorded_at: Date;
  readonly p: number;
  readonly opening: string;
  readonly revision: number;
}

interface EvidenceRow {
  readonly stay: string;
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  readonly type: ObservationRef["type"];
  readonly read_point: string;
  readonly observed_at: Date;
}

export interface HistoryQuery {
  readonly limit: number;
  /** Begin of the last stay of the page before: ISO 8601. */
  readonly cursor?: string | undefined;
}

/** Where an item has been as known now, newest first, with the observations that say so and what was said otherwise before. */
export async function historyOf(
  sql: Sql,
  directory: PlaceDirectory,
  item: string,
  { limit, cursor }: HistoryQuery,
): Promise<StayPage> {
  // What was shorter than a millisecond has been nowhere.
  const found = await sql.query<StayRow>(
    `SELECT s.id, s.place, s.from_at, s.to_at, s.recorded_at, coalesce(s.p, l.p, 0) AS p, s.opening, s.revision
     FROM item_stay s LEFT JOIN item_location l ON l.item = s.item
     WHERE s.item = $1 AND NOT s.withdrawn AND (s.to_at IS NULL OR s.to_at > s.from_at) AND s.from_at < coalesce($2::timestamptz, 'infinity')
     ORDER BY s.from_at DESC LIMIT $3`,
    [item, cursor ?? null, limit + 1],
  );
  const rows = found.slice(0, limit);
  const until = cursor === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(cursor);
  const begins = found.length > limit ? (rows.at(-1)?.from_at.getTime() ?? 0) : 0;
  const retracted = await retractedStays(sql, item, begins, until);
  const [observations, words] = await Promise.all([
    observationsOf(sql, item, rows),
    wordsOn(sql, item, [...rows.map(({ id }) => id), ...retracted]),
  ]);
  const stays = rows.map(
    (row): Stay => ({
      place: directory.byId(row.place) ?? null,
      from: row.from_at.toISOString(),
      to: row.to_at?.toISOString() ?? null,
      recordedAt: row.recorded_at.toISOString(),
      confidence: Math.round(row.p * 1000) / 1000,
      observations: observations.get(row.id) ?? [],
      revision: row.revision,
      corrections: correctionsOf(words.get(row.id) ?? [], directory),
    }),
  );
  return {
    stays,
    retracted: retracted.flatMap((id) => retractedOf(words.get(id) ?? [], directory)),
    next: found.length > limit ? (stays.at(-1)?.from ?? null) : null,
  };
}

/** Where an item was believed to have been at some moment, by what had been told of its stays by then. */
export async function historyAsOf(
  sql: Sql,
  directory: PlaceDirectory,
  item: string,
  { limit, cursor, asOf }: HistoryQuery & { readonly asOf: string },
): Promise<StayPage> {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(cursor);
  const found = await believedAt(sql, item, { asOf: new Date(asOf), before, limit: limit + 1 });
  const stays = found.slice(0, limit).map((word): Stay => {
    const { recordedAt, p, revision } = word;
    return {
      ...saidBy(word, directory),
      recordedAt: recordedAt.toISOString(),
      confidence: Math.round(p * 1000) / 1000,
      observations: [],
      revision,
      corrections: [],
    };
  });
  return { stays, retracted: [], next: found.length > limit ? (stays.at(-1)?.from ?? null) : null };
}

function saidBy({ place, from, to }: Pick<Word, "place" | "from" | "to">, directory: PlaceDirectory) {
  return { place: directory.byId(place) ?? null, from: isoMs(from), to: to === null ? null : isoMs(to) };
}

/** What was said and was not so. That a stay has ended corrects nothing. */
function correctionsOf(words: readonly Word[], directory: PlaceDirectory): Correction[] {
  return words.flatMap(({ op, recordedAt }, index) => {
    const before = words[index - 1];
    if (before === undefined || op === "close" || (op !== "retract" && before.op === "retract")) return [];
    return [{ recordedAt: recordedAt.toISOString(), was: saidBy(before, directory) }];
  });
}

function retractedOf(words: readonly Word[], directory: PlaceDirectory): RetractedStay[] {
  const [first] = words;
  const last = words.at(-1);
  if (first === undefined || last?.op !== "retract") return [];
  const times = { toldAt: first.recordedAt.toISOString(), retractedAt: last.recordedAt.toISOString() };
  return [{ ...saidBy(last, directory), ...times }];
}

/** By stay, in the order in which they were observed. */
async function observationsOf(
  sql: Sql,
  item: string,
  stays: readonly StayRow[],
): Promise<Map<string, ObservationRef[]>> {
  const openings = stays.map(({ opening }) => openingIn(opening));
  const rows = await sql.query<EvidenceRow>(
    `SELECT s.id AS stay, e.agent, e.epoch, e.seq, e.type, e.read_point, e.observed_at
     FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS s(id, since, until)
     CROSS JOIN LATERAL (
       SELECT * FROM tag_sighting WHERE item = $1 AND at >= s.since AND at < coalesce(s.until, 'infinity')
       ORDER BY at DESC LIMIT $5
     ) e
     UNION
     SELECT s.id, e.agent, e.epoch, e.seq, e.type, e.read_point, e.observed_at
     FROM unnest($2::uuid[], $6::timestamptz[], $7::text[], $8::text[], $9::int8[]) AS s(id, at, agent, epoch, seq)
     JOIN tag_sighting e ON e.item = $1 AND e.at = s.at AND e.agent = s.agent AND e.epoch = s.epoch AND e.seq = s.seq
     ORDER BY observed_at, agent, seq`,
    [
      item,
      stays.map(({ id }) => id),
      stays.map(({ from_at }) => from_at.toISOString()),
      stays.map(({ to_at }) => to_at?.toISOString() ?? null),
      MAX_OBSERVATIONS - 1,
      openings.map(({ at }) => new Date(at).toISOString()),
      openings.map(({ agent }) => agent),
      openings.map(({ epoch }) => epoch),
      openings.map(({ seq }) => seq),
    ],
  );
  const found = new Map<string, ObservationRef[]>();
  for (const { stay, agent, epoch, seq, type, read_point, observed_at } of rows) {
    const ref = { agent, epoch, seq, type, readPoint: read_point, observedAt: observed_at.toISOString() };
    found.set(stay, [...(found.get(stay) ?? []), ref]);
  }
  return found;
}
