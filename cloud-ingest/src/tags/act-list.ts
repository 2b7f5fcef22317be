import type { TagActKind } from "@storeward/contracts";
import { arrayOf, type Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";

/** Where a row of a source's journal stands. */
export type RowPlace = NonNullable<Act["of"]>;

/** An act that was done, or of a source: refused. */
export interface NewAct {
  readonly act: TagActKind;
  readonly tag: number;
  readonly item: string;
  /** As of when. */
  readonly at: Date;
  readonly actor: string;
  /** Where a source has told it. */
  readonly of?: RowPlace | undefined;
}

export interface ListedAct extends Omit<NewAct, "of"> {
  readonly id: number;
  readonly epc: string | null;
  readonly of: RowPlace | null;
  readonly refused: boolean;
}

/**
 * Lists an act before it is done: from here on until the transaction ends nothing is done again. A source's act that is done once more is
 * the last one. Returns its number.
 */
export async function listAct(
  tx: Transaction,
  act: NewAct,
  { refused }: { readonly refused: boolean },
): Promise<number> {
  const { of } = act;
  if (of !== undefined) await unlistAct(tx, of);
  const [row] = await tx.query<{ id: number }>(
    `insert into tag_act (act, tag, item, at, actor, agent, epoch, seq, refused) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [act.act, act.tag, act.item, act.at, act.actor, of?.agent ?? null, of?.epoch ?? null, of?.seq ?? null, refused],
  );
  return row?.id ?? 0;
}

/** The same for many that bind tags; their numbers by tag. */
export async function listBound(
  tx: Transaction,
  bound: readonly { readonly tag: number; readonly item: string }[],
  { at, actor }: Pick<NewAct, "at" | "actor">,
): Promise<Map<number, number>> {
  const rows = await tx.query<{ id: number; tag: number }>(
    `insert into tag_act (act, tag, item, at, actor) select 'bind', tag, item, $3, $4 from unnest($1::bigint[], $2::uuid[]) as x (tag, item)
     returning id, tag`,
    [bound.map(({ tag }) => tag), bound.map(({ item }) => item), at, actor],
  );
  return new Map(rows.map(({ id, tag }) => [tag, id]));
}

/** Nothing is to come of it any more. */
export async function unlistAct(tx: Transaction, { agent, epoch, seq }: RowPlace): Promise<void> {
  await tx.query("delete from tag_act where agent = $1 and epoch = $2 and seq = $3", [agent, epoch, seq]);
}

/** Waits for acts that are being done; no more are begun until the transaction ends. */
export async function holdActs(tx: Transaction): Promise<void> {
  await tx.query("lock table tag_act in share row exclusive mode");
}

/** Waits for acts that are being done again: before tags are held, and before it is seen what they are on. To list an act does so too. */
export async function waitForAgain(tx: Transaction): Promise<void> {
  await tx.query("lock table tag_act in row exclusive mode");
}

interface Stored extends Omit<ListedAct, "of"> {
  readonly agent: string | null;
  readonly epoch: string | null;
  readonly seq: number | null;
}

const SELECT = `select a.id, a.act, a.tag, t.epc, a.item, a.at, a.actor, a.agent, a.epoch, a.seq, a.refused
  from tag_act a join tag t on t.number = a.tag`;

/** Those of these rows that are listed, in the order in which they were done. */
export async function actsOf(tx: Transaction, places: readonly RowPlace[]): Promise<ListedAct[]> {
  const rows = await tx.query<Stored>(
    `${SELECT} where (a.agent, a.epoch, a.seq) in (select * from unnest($1::text[], $2::text[], $3::int8[])) order by a.id`,
    [
      arrayOf("text", places, ({ agent }) => agent),
      arrayOf("text", places, ({ epoch }) => epoch),
      arrayOf("int8", places, ({ seq }) => seq),
    ],
  );
  return rows.map(listed);
}

/** From the act `first` on those about these tags and items, in their order; at most `limit`. */
export async function actsAbout(
  tx: Transaction,
  { tags, items }: { readonly tags: ReadonlySet<number>; readonly items: ReadonlySet<string> },
  first: number,
  limit: number,
): Promise<ListedAct[]> {
  const rows = await tx.query<Stored>(
    `${SELECT} where a.id >= $1 and (a.tag = any($2::bigint[]) or a.item = any($3::uuid[])) order by a.id limit $4`,
    [first, [...tags], [...items], limit],
  );
  return rows.map(listed);
}

function listed({ agent, epoch, seq, ...rest }: Stored): ListedAct {
  const of = agent === null || epoch === null || seq === null ? null : { agent, epoch, seq };
  return { ...rest, of };
}

/** Writes down as of when it holds, and whether it does. */
export async function noteAgain(
  tx: Transaction,
  id: number,
  { at, refused }: Pick<ListedAct, "at" | "refused">,
): Promise<void> {
  await tx.query("update tag_act set at = $2, refused = $3 where id = $1", [id, at, refused]);
}
