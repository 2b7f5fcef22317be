import { partitionOf } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import type { Sql, Transaction } from "../database/index.js";
import { type LogColumn, LogStore } from "./log-store.js";
import { redatedRow } from "./redating.js";
import { JOURNAL_PARTITIONS } from "./tables.js";
import type {
  Act,
  JournalLog,
  JournalRow,
  Log,
  LogRow,
  RecordedObservation,
  Redated,
  RedatedRow,
  SeqRange,
} from "./types.js";

/** What intake appends. */
export interface NewJournalRow {
  readonly agent: string;
  readonly epoch: string;
  readonly seq: number;
  /** The chain at `seq`; acts have none. */
  readonly chain?: string | undefined;
  readonly type: string;
  readonly observedAt: Date;
  readonly monoOffset: number;
  /** How `observedAt` was found: by a learnt clock, by the device's own, or cut off because it claimed the future. */
  readonly dated?: "clock" | "wall" | "clamped";
  readonly body: RecordedObservation | Act | Redated;
}

/** The agent of acts: nobody else may have this name. */
export const CLOUD_AGENT = "storeward-cloud";
/** Where acts are. */
export const ACTS_PARTITION = partitionOf(CLOUD_AGENT);
/** The epoch of acts in a database that has no ledger yet (in tests). */
const NO_LEDGER = "0".repeat(32);

/** About what a row takes in memory, and each tag of an inventory. */
const ROW_BYTES = 1_500;
const TAG_BYTES = 500;

const COLUMNS: readonly LogColumn<NewJournalRow>[] = [
  { name: "agent", type: "text", of: ({ agent }) => agent },
  { name: "epoch", type: "text", of: ({ epoch }) => epoch },
  { name: "seq", type: "int8", of: ({ seq }) => seq },
  { name: "chain", type: "text", of: ({ chain }) => chain ?? null },
  { name: "type", type: "text", of: ({ type }) => type },
  { name: "observed_at", type: "timestamptz", of: ({ observedAt }) => observedAt },
  { name: "mono_offset", type: "float8", of: ({ monoOffset }) => monoOffset },
  { name: "dated", type: "text", of: ({ dated }) => dated ?? "clock" },
  { name: "body", type: "jsonb", of: ({ body }) => JSON.stringify(body) },
];

/** Everything that was observed or done, once, in order in each partition. */
export class Journal implements JournalLog {
  readonly name = "journal";
  readonly partitions: readonly number[] = range(JOURNAL_PARTITIONS);
  readonly #store: LogStore<NewJournalRow, JournalRow>;
  readonly #clock: Clock;

  constructor({ clock = systemClock }: { clock?: Clock } = {}) {
    this.#clock = clock;
    this.#store = new LogStore({
      table: "journal",
      headTable: "journal_head",
      partitions: this.partitions,
      columns: COLUMNS,
      clock,
      reads: "partition, pos, recorded_at, body, agent, epoch, seq, observed_at, mono_offset",
      decode: (row) => journalRow(row as unknown as Stored),
      row: ({ partition, pos, recordedAt, row: { agent, epoch, seq, observedAt, monoOffset, body } }) => ({
        partition,
        pos,
        recordedAt,
        body,
        agent,
        epoch,
        seq,
        observedAt,
        monoOffset,
      }),
      isShared: true,
      bytes: ({ body }) => ROW_BYTES + ("tags" in body ? body.tags.length * TAG_BYTES : 0),
    });
  }

  /** Appends in the caller's transaction; partitions in ascending order where there are several. Followers wake after the commit. */
  async append(tx: Transaction, partition: number, rows: readonly NewJournalRow[]): Promise<void> {
    await this.appendAll(tx, new Map([[partition, rows]]));
  }

  /** The same for several partitions at once. */
  async appendAll(tx: Transaction, batches: ReadonlyMap<number, readonly NewJournalRow[]>): Promise<void> {
    await this.#store.append(tx, batches);
  }

  /** Journals what a person or the service has done, now, in the caller's transaction. */
  appendAct(tx: Transaction, act: Act): Promise<void> {
    return this.appendActs(tx, [act]);
  }

  /** The same for a list, with consecutive numbers. */
  async appendActs(tx: Transaction, acts: readonly Act[]): Promise<void> {
    await this.#appendOwn(tx, ACTS_PARTITION, acts);
  }

  /** Journals that rows of an agent are dated otherwise, behind them. Returns the position of the last of these words. */
  appendRedated(tx: Transaction, agent: string, bodies: readonly Redated[]): Promise<number> {
    return this.#appendOwn(tx, partitionOf(agent), bodies);
  }

  async #appendOwn(tx: Transaction, partition: number, bodies: readonly (Act | Redated)[]): Promise<number> {
    const [ledger] = await tx.query<{ id: string }>("SELECT id FROM ledger");
    const epoch = ledger?.id ?? NO_LEDGER;
    const [head] = await tx.query<{ seq: number }>(
      `INSERT INTO act_head (epoch, seq) VALUES ($1, $2)
       ON CONFLICT (epoch) DO UPDATE SET seq = act_head.seq + excluded.seq RETURNING seq`,
      [epoch, bodies.length],
    );
    const first = (head?.seq ?? bodies.length) - bodies.length + 1;
    const source = { agent: CLOUD_AGENT, epoch, monoOffset: 0, observedAt: new Date(this.#clock.wall()) };
    const rows = bodies.map((body, index) => ({ ...source, seq: first + index, type: body.type, body }));
    const firsts = await this.#store.append(tx, new Map([[partition, rows]]));
    return (firsts.get(partition) ?? 0) + rows.length - 1;
  }

  /** Rows of an agent's sequence as they were recorded, in order; `recorded` (ISO 8601) spares a look into other days. */
  async rowsOf(
    sql: Sql,
    { agent, epoch, from, to }: SeqRange,
    { limit, recorded: [first, last] = ["-infinity", "infinity"] }: RowsOfOptions,
  ): Promise<JournalRow[]> {
    const rows = await sql.query<Stored>(
      `SELECT * FROM journal WHERE agent = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND recorded_at BETWEEN $5 AND $6
       ORDER BY seq LIMIT $7`,
      [agent, epoch, from, to, first, last, limit],
    );
    return rows.map(journalRow);
  }

  async rowsAt(
    sql: Sql,
    { agent, epoch }: Pick<SeqRange, "agent" | "epoch">,
    seqs: readonly number[],
  ): Promise<JournalRow[]> {
    if (seqs.length === 0) return [];
    const rows = await sql.query<Stored>(
      "SELECT * FROM journal WHERE agent = $1 AND epoch = $2 AND seq = ANY ($3) ORDER BY seq",
      [agent, epoch, seqs],
    );
    return rows.map(journalRow);
  }

  async redatedRows(sql: Sql, redated: Redated): Promise<RedatedRow[]> {
    const rows = await this.rowsOf(sql, redated, { limit: null, recorded: redated.recorded });
    return rows.flatMap((row) => redatedRow(row, redated) ?? []);
  }

  read(sql: Sql, partition: number, afterPos: number, limit: number): Promise<JournalRow[]> {
    return this.#store.read(sql, partition, afterPos, limit);
  }

  readAll(sql: Sql, after: ReadonlyMap<number, number>, limit: number, share: number): Promise<JournalRow[]> {
    return this.#store.readAll(sql, after, limit, share);
  }

  heads(sql: Sql): Promise<ReadonlyMap<number, number>> {
    return this.#store.heads(sql);
  }

  onAppend(wake: (partition: number, rows: number) => void): () => void {
    return this.#store.onAppend(wake);
  }
}

interface RowsOfOptions {
  readonly limit: number | null;
  readonly recorded?: readonly [string, string];
}

/** When each of these rows was recorded, by `agent epoch seq`; rows that are kept no more are absent. */
export async function recordedAtOf(
  sql: Sql,
  rows: readonly { readonly agent: string; readonly epoch: string; readonly seq: number }[],
): Promise<Map<string, Date>> {
  const found = await sql.query<{ key: string; at: Date }>(
    `SELECT concat_ws(' ', agent, epoch, seq) AS key, j.recorded_at AS at
     FROM unnest($1::text[], $2::text[], $3::int8[]) AS n(agent, epoch, seq) JOIN journal j USING (agent, epoch, seq)`,
    [rows.map(({ agent }) => agent), rows.map(({ epoch }) => epoch), rows.map(({ seq }) => seq)],
  );
  return new Map(found.map(({ key, at }) => [key, at]));
}

export interface PlainLog<Body> extends Log<LogRow<Body>> {
  /** Appends in the caller's transaction; partitions in ascending order. Returns the position of the first. */
  append(tx: Transaction, partition: number, bodies: readonly Body[]): Promise<number>;
  /** The same for several partitions at once. */
  appendAll(tx: Transaction, batches: ReadonlyMap<number, readonly Body[]>): Promise<void>;
}

export interface PlainLogOptions {
  readonly table: string;
  readonly headTable: string;
  /** How many; they are numbered from 0. */
  readonly partitions: number;
  readonly clock?: Clock;
}

/** A body as a short text, in a column `packed` of its own: objects with many names cost PostgreSQL as much as the rest of a row. */
export interface Packing<Body> {
  /** About how many bytes a body takes in memory. */
  readonly bytes: number;
  pack(body: Body): string;
  /** RangeError or SyntaxError for a text that it has not made. */
  unpack(text: string): Body;
}

/** A log on tables made by `logTables`, whose rows are JSON bodies; with `packing` they may be, and new ones are packed. */
export function createLog<Body>(
  { table, headTable, partitions, clock }: PlainLogOptions,
  packing?: Packing<Body>,
): PlainLog<Body> {
  const numbers = range(partitions);
  const store = new LogStore<Body, LogRow<Body>>({
    table,
    headTable,
    partitions: numbers,
    columns: [
      packing === undefined
        ? { name: "body", type: "jsonb", of: (body) => JSON.stringify(body) }
        : { name: "packed", type: "text", of: (body) => packing.pack(body) },
    ],
    ...(clock === undefined ? {} : { clock }),
    decode: (row) => logRow<Body>(row as unknown as Stored, packing),
    row: ({ partition, pos, recordedAt, row: body }) => ({ partition, pos, recordedAt, body }),
    bytes: () => packing?.bytes ?? ROW_BYTES,
  });
  return {
    name: table,
    partitions: numbers,
    append: async (tx, partition, bodies) =>
      (await store.append(tx, new Map([[partition, bodies]]))).get(partition) ?? 0,
    appendAll: async (tx, batches) => void (await store.append(tx, batches)),
    read: (sql, partition, afterPos, limit) => store.read(sql, partition, afterPos, limit),
    readAll: (sql, after, limit, share) => store.readAll(sql, after, limit, share),
    heads: (sql) => store.heads(sql),
    onAppend: (wake) => store.onAppend(wake),
  };
}

interface Stored {
  partition: number;
  pos: number;
  recorded_at: Date;
  body: unknown;
  packed?: string | null;
  agent: string;
  epoch: string;
  seq: number;
  observed_at: Date;
  mono_offset: number;
}

function logRow<Body>({ partition, pos, recorded_at, body, packed }: Stored, packing?: Packing<Body>): LogRow<Body> {
  const unpacked = packing === undefined || packed == null ? (body as Body) : packing.unpack(packed);
  return { partition, pos, recordedAt: recorded_at, body: unpacked };
}

function journalRow(row: Stored): JournalRow {
  const { partition, pos, recordedAt, body } = logRow<JournalRow["body"]>(row);
  const { agent, epoch, seq, observed_at: observedAt, mono_offset: monoOffset } = row;
  return { partition, pos, recordedAt, body, agent, epoch, seq, observedAt, monoOffset };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
