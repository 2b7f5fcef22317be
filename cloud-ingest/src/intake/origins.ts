import { Origin } from "@storeward/contracts";
import { GENESIS_CHAIN, validator } from "@storeward/runtime";
import type { Sql } from "../database/index.js";

const isOrigin = validator(Origin);

/** A row with its place in the sequence it comes in, and where it stood first when it is a copy. */
export interface PlacedRow {
  readonly seq: number;
  readonly chain: string;
  readonly origin: Origin | undefined;
}

interface At {
  readonly agent: string;
  readonly epoch: string;
  /** Whether rows of this epoch have come as copies in another one. */
  readonly copied: boolean;
  readonly now: Date;
}

/** A copy's body ends with its origin, also one that cannot be understood. */
const AT_THE_END = /,"origin":(\{"epoch":"[0-9a-f]{32}","seq":\d{1,16},"chain":"[0-9a-f]{16}"\})\}$/;

export function originOf(body: Buffer): Origin | undefined {
  const [, text] = AT_THE_END.exec(body.subarray(-160).toString("latin1")) ?? [];
  if (text === undefined) return undefined;
  const read = isOrigin(JSON.parse(text));
  return read.ok ? read.value : undefined;
}

/**
 * Which of these rows the journal already has, by their numbers: a copy whose original is here, the original of a copy that is here, or another
 * copy of the same. Notes the origins of the others. Holds the cursors of all epochs concerned until the transaction ends.
 */
export async function rowsHereAlready(tx: Sql, at: At, rows: readonly PlacedRow[]): Promise<ReadonlySet<number>> {
  const here = new Set<number>();
  const direct = rows.filter(({ origin }) => origin === undefined);
  if (at.copied && direct.length > 0) {
    const noted = await notedOrigins(tx, at.agent, at.epoch, direct);
    for (const { seq, chain } of direct) if (noted.has(keyOf(seq, chain))) here.add(seq);
  }
  const epochs = new Set(rows.flatMap(({ origin }) => (origin === undefined ? [] : [origin.epoch])));
  for (const epoch of [...epochs].sort()) {
    const copies = rows.flatMap(({ seq, origin }) => (origin?.epoch === epoch ? [{ place: seq, ...origin }] : []));
    await holdOrigin(tx, at, epoch);
    const known = await notedOrigins(tx, at.agent, epoch, copies);
    for (const key of await recorded(tx, at.agent, epoch, copies)) known.add(key);
    const fresh = copies.filter(({ place, seq, chain }) => {
      const key = keyOf(seq, chain);
      if (known.has(key)) here.add(place);
      return !known.has(key) && known.add(key);
    });
    await noteOrigins(tx, at.agent, epoch, fresh);
  }
  return here;
}

const keyOf = (seq: number, chain: string) => `${seq} ${chain}`;

/** From here on the original may come too, and must be known for what it is. */
async function holdOrigin(tx: Sql, { agent, now }: At, epoch: string): Promise<void> {
  await tx.query(
    `INSERT INTO intake_cursor (agent, epoch, chain, created_at, copied) VALUES ($1, $2, $3, $4, true)
     ON CONFLICT (agent, epoch) DO UPDATE SET copied = true`,
    [agent, epoch, GENESIS_CHAIN, now],
  );
}

async function notedOrigins(
  tx: Sql,
  agent: string,
  epoch: string,
  rows: readonly { readonly seq: number }[],
): Promise<Set<string>> {
  const found = await tx.query<{ seq: number; chain: string }>(
    "SELECT seq, chain FROM intake_origin WHERE agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4",
    [agent, epoch, ...rangeOf(rows)],
  );
  return new Set(found.map(({ seq, chain }) => keyOf(seq, chain)));
}

/** Rows that came in the epoch itself. Lost ranges are not among them: a copy of what was declared lost is welcome. */
async function recorded(
  tx: Sql,
  agent: string,
  epoch: string,
  rows: readonly { readonly seq: number }[],
): Promise<string[]> {
  const found = await tx.query<{ seq: number; chain: string }>(
    `SELECT seq, chain FROM journal WHERE agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND chain IS NOT NULL
     UNION ALL
     SELECT seq, chain FROM quarantine WHERE agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND chain IS NOT NULL`,
    [agent, epoch, ...rangeOf(rows)],
  );
  return found.map(({ seq, chain }) => keyOf(seq, chain));
}

async function noteOrigins(
  tx: Sql,
  agent: string,
  epoch: string,
  rows: readonly { readonly seq: number; readonly chain: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO intake_origin (agent, epoch, seq, chain)
     SELECT $1, $2, s, c FROM unnest($3::int8[], $4::text[]) AS r(s, c) ON CONFLICT DO NOTHING`,
    [agent, epoch, rows.map(({ seq }) => seq), rows.map(({ chain }) => chain)],
  );
}

function rangeOf(rows: readonly { readonly seq: number }[]): [number, number] {
  const seqs = rows.map(({ seq }) => seq);
  return [Math.min(...seqs), Math.max(...seqs)];
}
