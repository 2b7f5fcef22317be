import { describeError, isStorewardError } from "@storeward/runtime";
import type { AuditSource } from "../audit/index.js";
import { isTransient, type Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";
import { listAct, type RowPlace, TagActs, type TagActsDeps, TagErrors, waitForAgain } from "../tags/index.js";
import type { ToldAct } from "./types.js";

export type PerformDeps = Omit<TagActsDeps, "journal">;

export interface Refusal {
  readonly told: ToldAct;
  readonly code: string;
  /** One sentence, with `{epc}` in place of the EPC. */
  readonly reason: string;
}

export interface Performed {
  /** To be appended to the journal, in this order. */
  readonly acts: readonly Act[];
  readonly refusals: readonly Refusal[];
}

const MAX_REASON = 1_000;

/**
 * Does what was done elsewhere, one after the other, in the caller's transaction, as of when it was done. What cannot be done leaves nothing behind
 * and keeps nothing else from being done.
 */
export async function perform(
  tx: Transaction,
  deps: PerformDeps,
  told: readonly ToldAct[],
  source: AuditSource,
): Promise<Performed> {
  await waitForAgain(tx);
  const epcs = await lockTags(tx, told);
  const acts: Act[] = [];
  const refusals: Refusal[] = [];
  for (const one of told) {
    const epc = epcs.get(one.tag);
    try {
      if (epc === undefined) throw TagErrors.TAG_ERASED();
      acts.push(...(await actOf(tx, deps, one, epc, source)));
    } catch (error) {
      if (isTransient(error)) throw error;
      refusals.push({ told: one, ...reasonOf(error, epc) });
      await listAct(tx, { ...one, actor: source.actor, of: placeOf(one) }, { refused: true });
    }
  }
  return { acts, refusals };
}

/** Their EPCs, by number; held in one order, as by everybody who binds several. */
async function lockTags(tx: Transaction, told: readonly ToldAct[]): Promise<Map<number, string>> {
  const rows = await tx.query<{ number: number; epc: string }>(
    "select number, epc from tag where number = any($1::bigint[]) and epc is not null order by epc for no key update",
    [[...new Set(told.map(({ tag }) => tag))]],
  );
  return new Map(rows.map(({ number, epc }) => [number, epc]));
}

/** What it is to the journal; nothing where it held already. */
async function actOf(
  tx: Transaction,
  deps: PerformDeps,
  told: ToldAct,
  epc: string,
  source: AuditSource,
): Promise<Act[]> {
  const { act, item, at } = told;
  const acts: Act[] = [];
  const journal = { appendAct: async (_: Transaction, one: Act) => void acts.push(one) };
  const asked = { act, epc, validFrom: at.toISOString() };
  await tx.savepoint(() => new TagActs({ ...deps, journal }).act(tx, item, asked, source, placeOf(told)));
  return acts;
}

function placeOf({ source: agent, epoch, seq }: ToldAct): RowPlace {
  return { agent, epoch, seq };
}

/** What is told of an error, with `{epc}` in place of the EPC. */
export function reasonOf(error: unknown, epc: string | null | undefined): Pick<Refusal, "code" | "reason"> {
  const code = isStorewardError(error) ? error.code : "ACT_FAILED";
  const text = isStorewardError(error) ? error.message : describeError(error);
  return { code, reason: (epc == null ? text : text.replaceAll(epc, "{epc}")).slice(0, MAX_REASON) };
}
