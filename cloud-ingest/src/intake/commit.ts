import { type Instant, type Observation, type Origin, partitionOf } from "@storeward/contracts";
import { type Clock, crashPoint, describeError } from "@storeward/runtime";
import { type Database, isTransient, type Transaction } from "../database/index.js";
import type { Journal, NewJournalRow } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import { ClockBook, type Place } from "./clock-book.js";
import { cursorKey, type IntakeCursor, lockCursors, type Move, moveCursors, unknownEpoch } from "./cursor.js";
import { observedAt } from "./dating.js";
import { originOf, rowsHereAlready } from "./origins.js";
import type { Entry, Piece } from "./sequence.js";
import { writeGaps, writeQuarantine } from "./setbacks.js";
import { tagsOf, type Understood, understand, withTagNumbers } from "./understand.js";

export interface CommitDeps {
  readonly db: Database;
  readonly journal: Pick<Journal, "appendAll">;
  readonly tags: TagRegister;
  readonly clock: Clock;
  /** Told in the transaction that something was declared lost, at this moment. */
  readonly onLost?: ((tx: Transaction, at: Date) => Promise<void>) | undefined;
}

/**
 * appended: it is in the journal now. duplicate: it was. gap: something before it is missing. fork: it continues another life of the journal
 * than the one that is here.
 */
export type Outcome = "appended" | "duplicate" | "gap" | "fork";

export interface Committed {
  readonly outcome: Outcome;
  /** Where the agent's journal stands now: what the ack says. */
  readonly cursor: IntakeCursor;
}

export interface CommitOptions {
  readonly through?: Instant | undefined;
  /** Why every row goes to quarantine unread: it came as `opaque`. */
  readonly opaque?: boolean;
  /** Each row in a savepoint of its own, so that one that cannot be stored does not keep the others out. */
  readonly careful?: boolean;
}

/** A piece of an agent's sequence, as it came. */
export interface Submission {
  readonly agent: string;
  readonly piece: Piece;
  readonly options: CommitOptions;
}

/**
 * Appends each piece of an agent's sequence that continues its chain, under the locks of the agents' cursors; says of each where the agent stands
 * after it. Pieces of one agent come in their order. What was taken when an error is thrown is a duplicate the next time.
 */
export async function commitPieces(deps: CommitDeps, submissions: readonly Submission[]): Promise<Committed[]> {
  const committed: Committed[] = [];
  for (const run of runsOf(submissions.map(readRows)))
    committed.push(...(await deps.db.transaction((tx) => commitRun(tx, deps, run))));
  return committed;
}

/** Parts that are one transaction each: a piece with copies is one by itself, for it looks into the journal for what came before. */
function runsOf(submissions: readonly ReadSubmission[]): ReadSubmission[][] {
  const runs: ReadSubmission[][] = [];
  let isOpen = false;
  for (const submission of submissions) {
    const hasCopies = submission.rows.some(({ origin }) => origin !== undefined);
    if (isOpen && !hasCopies) runs.at(-1)?.push(submission);
    else runs.push([submission]);
    isOpen = !hasCopies;
  }
  return runs;
}

async function commitRun(tx: Transaction, deps: CommitDeps, run: readonly ReadSubmission[]): Promise<Committed[]> {
  const now = deps.clock.wall();
  const wanted = run.map(({ agent, piece: { epoch, first } }) => ({ agent, epoch, first }));
  const cursors = await lockCursors(tx, wanted, new Date(now));
  const works: Work[] = [];
  const committed = run.map((submission): Committed => {
    const { agent, piece } = submission;
    const key = cursorKey(agent, piece.epoch);
    const { outcome, cursor } = judge(cursors.get(key), piece);
    if (outcome !== "appended") return { outcome, cursor };
    works.push({ ...submission, copied: cursor.copied });
    const next = { ...cursor, committed: piece.last, chain: piece.chain };
    cursors.set(key, next);
    return { outcome, cursor: next };
  });
  if (works.length > 0) {
    await store(tx, deps, works, now);
    crashPoint("before-intake-commit");
  }
  return committed;
}

function judge(cursor: IntakeCursor | undefined, { epoch, first, prev }: Piece): Committed {
  const stands = cursor ?? unknownEpoch(epoch);
  if (cursor === undefined || first > cursor.committed + 1) return { outcome: "gap", cursor: stands };
  if (first <= cursor.committed) return { outcome: "duplicate", cursor };
  return { outcome: prev === cursor.chain ? "appended" : "fork", cursor };
}

interface ReadRow {
  readonly seq: number;
  readonly chain: string;
  readonly body: Buffer;
  readonly understood: Understood;
  readonly origin: Origin | undefined;
}

interface ReadSubmission extends Submission {
  readonly rows: readonly ReadRow[];
}

function readRows(submission: Submission): ReadSubmission {
  const { piece, options } = submission;
  const rows = piece.entries.filter(isRow).map(({ seq, chain, body }): ReadRow => {
    const understood = options.opaque ? ({ ok: false, error: "sent as opaque" } as const) : understand(body);
    return { seq, chain, body, understood, origin: understood.ok ? understood.observation.origin : originOf(body) };
  });
  return { ...submission, rows };
}

interface Work extends ReadSubmission {
  /** Rows of this epoch may be here as copies. */
  readonly copied: boolean;
}

export interface GoodRow {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** Absent of rows that stood aside since before there were chains. */
  readonly chain: string | undefined;
  readonly body: Buffer;
  readonly observation: Observation;
}

/** The rows of a piece, told apart. */
interface Sorted {
  readonly work: Work;
  readonly good: readonly GoodRow[];
  readonly bad: BadRow[];
  /** Rows that are here already, by another place. */
  readonly skipped: number;
}

interface BadRow {
  readonly seq: number;
  readonly chain: string | undefined;
  readonly body: Buffer;
  readonly error: string;
}

async function store(tx: Transaction, deps: CommitDeps, works: readonly Work[], now: number): Promise<void> {
  const sorted: Sorted[] = [];
  for (const work of works) sorted.push(await sortRows(tx, work, now));
  const clocks = await ClockBook.of(tx, sorted.flatMap(bootsOf));
  const carefully = sorted.filter(({ work }) => work.options.careful);
  const good = sorted.flatMap((each) => (each.work.options.careful ? [] : each.good));
  if (good.length > 0) await appendRows(tx, deps, { clocks, now }, good);
  for (const { good: rows, bad } of carefully)
    for (const one of rows) {
      const error = await inSavepoint(tx, () => appendRows(tx, deps, { clocks, now }, [one]));
      if (error !== undefined) bad.push({ ...one, error });
    }
  const moves: Move[] = [];
  for (const { work, bad, skipped } of sorted) {
    const { agent, piece, options } = work;
    const { epoch, last, chain } = piece;
    const at = { agent, epoch, now: new Date(now) };
    const gaps = piece.entries.flatMap((entry) => (entry.kind === "lost" ? [entry.lost] : []));
    await writeGaps(tx, at, gaps);
    await writeQuarantine(tx, at, bad);
    const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const { through } = options;
    const throughAt = through && observedAt(through, clocks.get(agent)?.clockOf(through.boot), now).at;
    moves.push({ agent, epoch, committed: last, chain, lost, quarantined: bad.length, skipped, through: throughAt });
  }
  for (const book of clocks.values()) await book.save(tx, new Date(now));
  await moveCursors(tx, moves);
  if (moves.some(({ lost }) => lost > 0)) await deps.onLost?.(tx, new Date(now));
}

async function sortRows(tx: Transaction, work: Work, now: number): Promise<Sorted> {
  const { agent, piece, copied, rows } = work;
  const { epoch } = piece;
  const here = await rowsHereAlready(tx, { agent, epoch, copied, now: new Date(now) }, rows);
  const bad: BadRow[] = [];
  const good: GoodRow[] = [];
  for (const { seq, chain, body, understood } of rows) {
    if (here.has(seq)) continue;
    if (understood.ok) good.push({ agent, epoch, seq, chain, body, observation: understood.observation });
    else bad.push({ seq, chain, body, error: understood.error });
  }
  return { work, good, bad, skipped: here.size };
}

/** What dates rows that are appended. */
interface Dating {
  /** By agent. */
  readonly clocks: ReadonlyMap<string, ClockBook>;
  readonly now: number;
  /** They come out of their turn: a clock among them does not overrule what was learnt since. */
  readonly late?: boolean;
}

/** Appends rows, those of each epoch in their order, dated by what is known of their boots and what they tell of them. */
export async function appendRows(
  tx: Transaction,
  { journal, tags }: Pick<CommitDeps, "journal" | "tags">,
  dating: Dating,
  rows: readonly GoodRow[],
): Promise<void> {
  const named = rows.flatMap(({ observation }) => tagsOf(observation));
  const numbers = named.length === 0 ? new Map<string, number>() : await tags.numbers(tx, named);
  const batches = new Map<number, NewJournalRow[]>();
  for (const { agent, epoch, seq, chain, observation } of rows) {
    const date = dated(agent, { epoch, seq }, observation, dating);
    const chained = chain === undefined ? {} : { chain };
    const { type } = observation;
    const row = { agent, epoch, seq, ...chained, type, ...date, body: withTagNumbers(observation, numbers) };
    const partition = partitionOf(agent);
    const batch = batches.get(partition);
    if (batch === undefined) batches.set(partition, [row]);
    else batch.push(row);
  }
  await journal.appendAll(tx, batches);
}

/** The date of a row that stands at this place of its agent's sequences; the agent's clocks learn from it. */
function dated(
  agent: string,
  place: Place,
  observation: Observation,
  { clocks, now, late = false }: Dating,
): Pick<NewJournalRow, "observedAt" | "monoOffset" | "dated"> {
  const book = clocks.get(agent);
  if (late) book?.learnLate(observation, place);
  else book?.learn(observation, place);
  const { boot } = observation.at;
  const { at, monoOffset, dated } = observedAt(observation.at, book?.clockOf(boot), now);
  if (dated !== "clock") book?.undated(boot, place);
  return { observedAt: at, monoOffset, dated };
}

/** What went wrong, undone; an error of the database's state is thrown. */
export async function inSavepoint(tx: Transaction, work: () => Promise<void>): Promise<string | undefined> {
  try {
    await tx.savepoint(work);
    return undefined;
  } catch (error) {
    if (isTransient(error)) throw error;
    return describeError(error);
  }
}

function isRow(entry: Entry): entry is Extract<Entry, { kind: "row" }> {
  return entry.kind === "row";
}

/** The boots whose clocks date a piece. */
function bootsOf({ work: { agent, options }, good }: Sorted): { agent: string; boot: string }[] {
  const boots = new Set(good.map(({ observation }) => observation.at.boot));
  if (options.through !== undefined) boots.add(options.through.boot);
  return [...boots].map((boot) => ({ agent, boot }));
}
