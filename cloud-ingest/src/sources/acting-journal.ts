import type { AuditSource } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import { ACTS_PARTITION, type Journal, type NewJournalRow } from "../journal/index.js";
import { type PerformDeps, perform } from "./perform.js";
import { writeRefusals } from "./refused.js";
import type { ActedBody, ToldAct } from "./types.js";

export interface ActingJournalOptions extends PerformDeps {
  readonly journal: Pick<Journal, "appendAll" | "appendActs">;
  /** Who has sent it. */
  readonly by: AuditSource;
}

/**
 * The journal as intake appends to it what sources send: what was done is done in the transaction that appends it, so that it is done once. What
 * cannot be done is journaled all the same, and listed for somebody to decide.
 */
export class ActingJournal implements Pick<Journal, "appendAll"> {
  readonly #options: ActingJournalOptions;

  constructor(options: ActingJournalOptions) {
    this.#options = options;
  }

  async appendAll(tx: Transaction, batches: ReadonlyMap<number, readonly NewJournalRow[]>): Promise<void> {
    const { journal, by, ...deps } = this.#options;
    const told = [...batches.values()].flat().flatMap(toldBy);
    if (told.length === 0) return journal.appendAll(tx, batches);
    const { acts, refusals } = await perform(tx, deps, told, by);
    await writeRefusals(tx, refusals, by.actor);
    // The heads of both in one go, for they are taken in ascending order.
    await journal.appendAll(tx, new Map([[ACTS_PARTITION, []], ...batches]));
    if (acts.length > 0) await journal.appendActs(tx, acts);
  }
}

function toldBy({ agent: source, epoch, seq, type, observedAt: at, body }: NewJournalRow): ToldAct[] {
  if (type !== "acted") return [];
  const { act, tag, item, context } = body as ActedBody;
  return [{ source, epoch, seq, act, tag, item, at, context }];
}
