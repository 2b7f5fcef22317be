import { type Instant, type Observation, partitionOf } from "@storeward/contracts";
import { type Clock, crashPoint, describeError } from "@storeward/runtime";
import { type Database, isTransient, type Transaction } from "../database/index.js";
import type { Journal, NewJournalRow } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import { ClockBook } from "./clock-book.js";
import { type IntakeCursor, lockCursor, unknownEpoch } from "./cursor.js";
import { observedAt } from "./dating.js";
import { originOf, rowsHereAlready } from "./origins.js";
import type { Entry, Piece } from "./sequence.js";
import { writeGaps, writeQuarantine } from "./setbacks.js";
import { tagsOf, understand, withTagNumbers } from "./understand.js";

export interface CommitDeps {
  readonly db: Database;
  readonly journal: Pick<Journal, "append">;
  readonly tags: TagRegister;
  readonly clock: Clock;
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

/**
 * Appends a piece of an agent's sequence, in one transaction under the lock of its cursor, when it continues the chain; says where the agent
 * stands when it does not.
 */
export function commitPiece(
  deps: CommitDeps,
  agent: string,
  piece: Piece,
  options: CommitOptions = {},
): Promise<Committed> {
  return deps.db.transaction(async (tx) => {
    const { epoch, first, last, prev } = piece;
    const now = deps.clock.wall();
    const cursor = await lockCursor(tx, { agent, epoch, first, now: new Date(now) });
    const stands = cursor ?? unknownEpoch(epoch);
    if (cursor === undefined || first > cursor.committed + 1) return { outcome: "gap", cursor: stands };
    if (first <= cursor.committed) return { outcome: "duplicate", cursor };
    if (prev !== cursor.chain) return { outcome: "fork", cursor };

    const clocks = await ClockBook.of(tx, agent, bootsOf(options.through));
    const counts = await store(tx, deps, { agent, piece, copied: cursor.copied, clocks, now, options });
    await clocks.save(tx, new Date(now));
    const { through } = options;
    const throughAt = through && observedAt(through, clocks.clockOf(through.boot), now).at;
    await tx.query(
      `UPDATE intake_cursor SET committed = $3, chain = $4, lost = lost + $5, quarantined = quarantined + $6, skipped = skipped + $7,
         through = greatest(through, $8) WHERE agent = $1 AND epoch = $2`,
      [agent, epoch, last, piece.chain, counts.lost, counts.quarantined, counts.skipped, throughAt ?? null],
    );
    crashPoint("before-intake-commit");
    return { outcome: "appended", cursor: { ...cursor, committed: last, chain: piece.chain } };
  });
}

interface Work {
  readonly agent: string;
  readonly piece: Piece;
  /** Rows of this epoch may be here as copies. */
  readonly copied: boolean;
  readonly clocks: ClockBook;
  readonly now: number;
  readonly options: CommitOptions;
}

interface GoodRow {
  readonly seq: number;
  readonly chain: string;
  readonly body: Buffer;
  readonly observation: Observation;
}

interface Counts {
  readonly lost: number;
  readonly quarantined: number;
  /** Rows that are here already, by another place. */
  readonly skipped: number;
}

async function store(tx: Transaction, deps: CommitDeps, work: Work): Promise<Counts> {
  const { agent, piece, copied, clocks, now, options } = work;
  const bad: { seq: number; chain: string; body: Buffer; error: string }[] = [];
  const good: GoodRow[] = [];
  const gaps = piece.entries.flatMap((entry) => (entry.kind === "lost" ? [entry.lost] : []));
  const at = { agent, epoch: piece.epoch, now: new Date(now) };
  const read = piece.entries.filter(isRow).map(({ seq, chain, body }) => {
    const understood = options.opaque ? ({ ok: false, error: "sent as opaque" } as const) : understand(body);
    return { seq, chain, body, understood, origin: understood.ok ? understood.observation.origin : originOf(body) };
  });
  const here = await rowsHereAlready(tx, { ...at, copied }, read);
  for (const { seq, chain, body, understood } of read) {
    if (here.has(seq)) continue;
    if (understood.ok) good.push({ seq, chain, body, observation: understood.observation });
    else bad.push({ seq, chain, body, error: understood.error });
  }
  await clocks.load(
    tx,
    good.map(({ observation }) => observation.at.boot),
  );
  if (options.careful) {
    for (const one of good) {
      const error = await inSavepoint(tx, () => append(tx, deps, work, [one]));
      if (error !== undefined) bad.push({ ...one, error });
    }
  } else if (good.length > 0) await append(tx, deps, work, good);
  await writeGaps(tx, at, gaps);
  await writeQuarantine(tx, at, bad);
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return { lost, quarantined: bad.length, skipped: here.size };
}

async function append(
  tx: Transaction,
  { journal, tags }: CommitDeps,
  { agent, piece, clocks, now }: Work,
  rows: readonly GoodRow[],
): Promise<void> {
  const named = rows.flatMap(({ observation }) => tagsOf(observation));
  const numbers = named.length === 0 ? new Map<string, number>() : await tags.numbers(tx, named);
  const recorded = rows.map(({ seq, chain, observation }): NewJournalRow => {
    clocks.learn(observation);
    const { at, monoOffset, dated } = observedAt(observation.at, clocks.clockOf(observation.at.boot), now);
    const body = withTagNumbers(observation, numbers);
    const { type } = observation;
    return { agent, epoch: piece.epoch, seq, chain, type, observedAt: at, monoOffset, dated, body };
  });
  await journal.append(tx, partitionOf(agent), recorded);
}

/** What went wrong, undone; an error of the database's state is thrown. */
async function inSavepoint(tx: Transaction, work: () => Promise<void>): Promise<string | undefined> {
  await tx.query("SAVEPOINT one_row");
  try {
    await work();
    await tx.query("RELEASE SAVEPOINT one_row");
    return undefined;
  } catch (error) {
    if (isTransient(error)) throw error;
    await tx.query("ROLLBACK TO SAVEPOINT one_row");
    return describeError(error);
  }
}

function isRow(entry: Entry): entry is Extract<Entry, { kind: "row" }> {
  return entry.kind === "row";
}

function bootsOf(through: Instant | undefined): string[] {
  return through === undefined ? [] : [through.boot];
}
