import { partitionOf } from "@storeward/contracts";
import { describeError } from "@storeward/runtime";
import { isTransient, type Transaction } from "../database/index.js";
import type { Journal, NewJournalRow, Told } from "../journal/index.js";
import type { TagRegister } from "../tags/index.js";
import type { ClockBook } from "./clock-book.js";
import { observedAt } from "./dating.js";
import type { Place } from "./redatings.js";
import { tagsOf, withTagNumbers } from "./understand.js";

export interface AppendDeps {
  readonly journal: Pick<Journal, "appendAll">;
  readonly tags: TagRegister;
}

/** A row that is understood. */
export interface GoodRow {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** Absent of rows that stood aside since before there were chains. */
  readonly chain: string | undefined;
  readonly body: Buffer;
  readonly observation: Told;
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
  { journal, tags }: AppendDeps,
  dating: Dating,
  rows: readonly GoodRow[],
): Promise<void> {
  const named = rows.flatMap(({ observation }) => tagsOf(observation));
  const numbers = named.length === 0 ? new Map<string, number>() : await tags.numbers(tx, named);
  const batches = new Map<number, NewJournalRow[]>();
  for (const good of rows) {
    const { agent, epoch, seq, chain, observation } = good;
    const { observedAt, monoOffset, dated } = dateOf(good, dating);
    const body = withTagNumbers(observation, numbers);
    const row = { agent, epoch, seq, chain, type: observation.type, observedAt, monoOffset, dated, body };
    const partition = partitionOf(agent);
    const batch = batches.get(partition);
    if (batch === undefined) batches.set(partition, [row]);
    else batch.push(row);
  }
  await journal.appendAll(tx, batches);
}

/** The date of a row; its agent's clocks learn from it. */
function dateOf(
  { agent, epoch, seq, observation }: GoodRow,
  { clocks, now, late = false }: Dating,
): Required<Pick<NewJournalRow, "observedAt" | "monoOffset" | "dated">> {
  const book = clocks.get(agent);
  const place: Place = { epoch, seq };
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
