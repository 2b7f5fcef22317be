import { isSource, partitionOf } from "@storeward/contracts";
import type { AuditSource } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import { ACTS_PARTITION, type Journal, type NewJournalRow, type Redated } from "../journal/index.js";
import type { MovedAct } from "../tags/index.js";
import { type PerformDeps, perform } from "./perform.js";
import { doActsAgain } from "./redated.js";
import { writeRefusals } from "./refused.js";
import type { ActedBody, ToldAct } from "./types.js";

export interface ActingJournalOptions extends PerformDeps {
  readonly journal: Pick<Journal, "appendAll" | "appendActs" | "appendRedated" | "rowsOf" | "redatedRows">;
  /** Who has sent it. */
  readonly by: AuditSource;
}

/**
 * The journal as intake appends to it what sources send: what was done is done in the transaction that appends it, so that it is done once. What
 * cannot be done is journaled all the same, and listed for somebody to decide. What a clock dates anew is done again as of then.
 */
export class ActingJournal implements Pick<Journal, "appendAll" | "appendRedated" | "rowsOf"> {
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

  async appendRedated(tx: Transaction, agent: string, bodies: readonly Redated[]): Promise<number> {
    const { journal, by, ...deps } = this.#options;
    if (isSource(agent)) {
      const { acts } = await doActsAgain(tx, deps, await this.#moved(tx, bodies), by);
      await journal.appendAll(tx, new Map([ACTS_PARTITION, partitionOf(agent)].map((partition) => [partition, []])));
      if (acts.length > 0) await journal.appendActs(tx, acts);
    }
    return journal.appendRedated(tx, agent, bodies);
  }

  rowsOf: Journal["rowsOf"] = (...asked) => this.#options.journal.rowsOf(...asked);

  async #moved(tx: Transaction, bodies: readonly Redated[]): Promise<MovedAct[]> {
    const { journal } = this.#options;
    const moved: MovedAct[] = [];
    for (const redated of bodies)
      for (const { agent, epoch, seq, body, observedAt, recordedAt } of await journal.redatedRows(tx, redated)) {
        // As when it came: nobody does anything in the future.
        const at = observedAt < recordedAt ? observedAt : recordedAt;
        if (body.type === "acted") moved.push({ of: { agent, epoch, seq }, at });
      }
    return moved;
  }
}

function toldBy({ agent: source, epoch, seq, type, observedAt: at, body }: NewJournalRow): ToldAct[] {
  if (type !== "acted") return [];
  const { act, tag, item, context } = body as ActedBody;
  return [{ source, epoch, seq, act, tag, item, at, context }];
}
