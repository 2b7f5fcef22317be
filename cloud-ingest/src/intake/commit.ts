import type { Clock } from "@storeward/runtime";
import { crashPoint } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { type AppendDeps, appendRows, type GoodRow, inSavepoint } from "./append.js";
import { ClockBook } from "./clock-book.js";
import { cursorKey, type IntakeCursor, lockCursors, type Move, moveCursors, unknownEpoch } from "./cursor.js";
import { observedAt } from "./dating.js";
import { rowsHereAlready } from "./origins.js";
import type { Piece } from "./sequence.js";
import { writeGaps, writeQuarantine } from "./setbacks.js";
import type { Submission } from "./submission.js";

export interface CommitDeps extends AppendDeps {
  readonly db: Database;
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
  /** Each row in a savepoint of its own, so that one that cannot be stored does not keep the others out. */
  readonly careful?: boolean;
}

/**
 * Appends each piece of an agent's sequence that continues its chain, under the locks of the agents' cursors; says of each where the agent stands
 * after it. Pieces of one agent come in their order. What was taken when an error is thrown is a duplicate the next time.
 */
export async function commitPieces(
  deps: CommitDeps,
  submissions: readonly Submission[],
  options: CommitOptions = {},
): Promise<Committed[]> {
  const committed: Committed[] = [];
  while (committed.length < submissions.length) {
    const rest = submissions.slice(committed.length);
    committed.push(...(await deps.db.transaction((tx) => commitSome(tx, deps, rest, options), { prepared: true })));
  }
  return committed;
}

/** The first of these pieces, at least one: as many as can share a transaction. */
async function commitSome(
  tx: Transaction,
  deps: CommitDeps,
  submissions: readonly Submission[],
  options: CommitOptions,
): Promise<Committed[]> {
  const now = deps.clock.wall();
  const wanted = submissions.map(({ agent, piece: { epoch, first } }) => ({ agent, epoch, first }));
  const cursors = await lockCursors(tx, wanted, new Date(now));
  const works: Work[] = [];
  const committed: Committed[] = [];
  for (const submission of submissions) {
    const { agent, piece } = submission;
    const key = cursorKey(agent, piece.epoch);
    const { outcome, cursor } = judge(cursors.get(key), piece);
    if (outcome !== "appended") {
      committed.push({ outcome, cursor });
      continue;
    }
    const { hasCopies, chain } = submission.content();
    // One with copies is by itself, for it looks into the journal for what came before.
    if (hasCopies && works.length > 0) break;
    works.push({ submission, copied: cursor.copied });
    const next = { ...cursor, committed: piece.last, chain };
    cursors.set(key, next);
    committed.push({ outcome, cursor: next });
    if (hasCopies) break;
  }
  if (works.length > 0) {
    await store(tx, deps, works, { ...options, now });
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

interface Work {
  readonly submission: Submission;
  /** Rows of this epoch may be here as copies. */
  readonly copied: boolean;
}

/** The rows of a piece, told apart. */
interface Sorted {
  readonly submission: Submission;
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

async function store(
  tx: Transaction,
  deps: CommitDeps,
  works: readonly Work[],
  { now, careful = false }: CommitOptions & { readonly now: number },
): Promise<void> {
  const sorted: Sorted[] = [];
  for (const work of works) sorted.push(await sortRows(tx, work, now));
  const clocks = await ClockBook.of(tx, sorted.flatMap(bootsOf));
  const good = sorted.flatMap((each) => each.good);
  if (careful) await appendCarefully(tx, deps, { clocks, now }, sorted);
  else if (good.length > 0) await appendRows(tx, deps, { clocks, now }, good);
  const moves: Move[] = [];
  for (const { submission, bad, skipped } of sorted) {
    const { agent, piece, through } = submission;
    const { epoch, last } = piece;
    const { chain, lost: gaps } = submission.content();
    const at = { agent, epoch, now: new Date(now) };
    await writeGaps(tx, at, gaps);
    await writeQuarantine(tx, at, bad);
    const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    const throughAt = through && observedAt(through, clocks.get(agent)?.clockOf(through.boot), now).at;
    moves.push({ agent, epoch, committed: last, chain, lost, quarantined: bad.length, skipped, through: throughAt });
  }
  await ClockBook.save(tx, [...clocks.values()], new Date(now));
  await moveCursors(tx, moves);
  if (moves.some(({ lost }) => lost > 0)) await deps.onLost?.(tx, new Date(now));
}

/** Appends row by row; what the database does not take is bad. */
async function appendCarefully(
  tx: Transaction,
  deps: CommitDeps,
  dating: { readonly clocks: ReadonlyMap<string, ClockBook>; readonly now: number },
  sorted: readonly Sorted[],
): Promise<void> {
  for (const { good, bad } of sorted)
    for (const row of good) {
      const error = await inSavepoint(tx, () => appendRows(tx, deps, dating, [row]));
      if (error !== undefined) bad.push({ ...row, error });
    }
}

const NOTHING: ReadonlySet<number> = new Set();

async function sortRows(tx: Transaction, { submission, copied }: Work, now: number): Promise<Sorted> {
  const { agent, piece } = submission;
  const { epoch } = piece;
  const { rows, hasCopies } = submission.content();
  const here =
    copied || hasCopies ? await rowsHereAlready(tx, { agent, epoch, copied, now: new Date(now) }, rows) : NOTHING;
  const bad: BadRow[] = [];
  const good: GoodRow[] = [];
  for (const { seq, chain, body, understood } of rows) {
    if (here.has(seq)) continue;
    if (understood.ok) good.push({ agent, epoch, seq, chain, body, observation: understood.observation });
    else bad.push({ seq, chain, body, error: understood.error });
  }
  return { submission, good, bad, skipped: here.size };
}

/** The boots whose clocks date a piece. */
function bootsOf({ submission: { agent, through }, good }: Sorted): { agent: string; boot: string }[] {
  const boots = new Set<string>();
  for (const { observation } of good) boots.add(observation.at.boot);
  if (through !== undefined) boots.add(through.boot);
  return [...boots].map((boot) => ({ agent, boot }));
}
