import {
  type Clock,
  crashPoint,
  describeError,
  isoMs,
  type Logger,
  type Part,
  Recurring,
  systemClock,
} from "@storeward/runtime";
import { arrayOf, type Database, type Transaction } from "../database/index.js";
import type { PlainLog } from "../journal/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import { unpackState } from "./fold/packing.js";
import { tellLocations } from "./live-locations.js";
import { type KnownStay, type Settled, type StayChange, settle } from "./settle.js";
import type { StayChangeBody } from "./stay-change.js";
import { markTold, type Unsettled, unsettledStays } from "./stays.js";
import type { AgentsThrough } from "./types.js";

export interface SettlerDeps {
  readonly db: Database;
  readonly stayChanges: PlainLog<StayChangeBody>;
  readonly agents: AgentsThrough;
  readonly directory: PlaceDirectory;
  readonly live: LiveFeed;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Whether there is so much else to do that what is settled is told a little at a time; default never. */
  readonly busy?: () => boolean;
}

const EVERY_MS = 1000;
const AT_ONCE = 2000;
/** While others are busy. */
const A_FEW = 500;
/** A motion that ended longer ago, while nobody was here to tell, is not told: whoever listens has loaded everything since. */
const TELL_WITHIN_MS = 60_000;

/**
 * Does what follows from time alone: tells stays that have settled to those who keep books, and listeners that something no longer counts as
 * moving. Several processes may run it: what one has in hand the others pass over.
 */
export class Settler implements Part {
  readonly name = "settler";
  readonly #deps: SettlerDeps;
  readonly #clock: Clock;
  readonly #recurring: Recurring;

  constructor(deps: SettlerDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#recurring = new Recurring({
      everyMs: EVERY_MS,
      work: () => this.run(),
      failed: (error) => this.#deps.log.debug({ error: describeError(error) }, "nothing can be settled now"),
      clock: this.#clock,
    });
  }

  async start(): Promise<void> {
    this.#recurring.start();
  }

  async stop(): Promise<void> {
    await this.#recurring.stop();
  }

  /** Everything that is due now; while others are busy, the oldest of it. What has come and gone until it is told is fewer words then. */
  async run(): Promise<void> {
    const { db, busy = () => false } = this.#deps;
    const some = () => db.transaction((tx) => this.#settleSome(tx, busy() ? A_FEW : AT_ONCE));
    while ((await some()) === AT_ONCE);
    while ((await db.transaction((tx) => this.#endMotions(tx))) === AT_ONCE);
  }

  async #settleSome(tx: Transaction, limit: number): Promise<number> {
    const through = [...(await this.#deps.agents.through(tx))];
    const latest = Math.max(0, ...through.map(([, at]) => at.getTime()));
    // The oldest first, by the index: thousands of others are due later. Who waits for nobody may lock in any order.
    const due = await tx.query<{ item: string; shard: number; through: Date }>(
      `SELECT l.item, l.shard, a.through
       FROM item_location l JOIN unnest($1::text[], $2::timestamptz[]) AS a(agent, through) ON a.agent = l.due_agent
       WHERE l.due_at <= $4 AND l.due_at <= a.through ORDER BY l.due_at LIMIT $3 FOR UPDATE OF l SKIP LOCKED`,
      [through.map(([agent]) => agent), through.map(([, at]) => at.toISOString()), limit, isoMs(latest)],
    );
    if (due.length === 0) return 0;
    const stays = await unsettledStays(
      tx,
      due.map(({ item }) => item),
    );
    const looked = due.map(({ item, shard, through: now }): Looked => {
      const known = stays.get(item) ?? [];
      return { item, shard, known, settled: settle(known, now.getTime()) };
    });
    await markTold(tx, looked);
    await lookLater(tx, looked);
    const words = wordsByShard(looked);
    if (words.size > 0) await this.#deps.stayChanges.appendAll(tx, words);
    crashPoint("before-settled-commit");
    return due.length;
  }

  async #endMotions(tx: Transaction): Promise<number> {
    const now = this.#clock.wall();
    const ended = await tx.query<{ item: string; state: string | null }>(
      `UPDATE item_location SET moving_until = NULL WHERE item IN (
         SELECT item FROM item_location WHERE moving_until <= $1 ORDER BY moving_until LIMIT $2 FOR UPDATE SKIP LOCKED
       ) RETURNING item, state`,
      [isoMs(now), AT_ONCE],
    );
    const states = ended.map(({ item, state }) => ({ item, state: unpackState(state) }));
    const fresh = states.filter(({ state }) => (state.movingUntil ?? 0) > now - TELL_WITHIN_MS);
    const moved = fresh.map(({ item, state }) => ({
      item,
      before: { ...state, movingUntil: Number.MAX_SAFE_INTEGER },
      after: state,
    }));
    await tellLocations(tx, { ...this.#deps, clock: this.#clock }, moved);
    return ended.length;
  }
}

/** An item that was looked at for what has settled. */
interface Looked {
  readonly item: string;
  readonly shard: number;
  readonly known: readonly Unsettled[];
  readonly settled: Settled;
}

/** When these items are to be looked at again. */
async function lookLater(tx: Transaction, looked: readonly Looked[]): Promise<void> {
  await tx.query(
    `UPDATE item_location l SET due_at = n.at, due_agent = n.agent, pending_from = n.pending_from
     FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::timestamptz[]) AS n(item, at, agent, pending_from)
     WHERE l.item = n.item`,
    [
      arrayOf("uuid", looked, ({ item }) => item),
      arrayOf("timestamptz", looked, ({ settled: { due } }) => due?.at ?? null),
      arrayOf("text", looked, ({ settled: { due } }) => due?.agent ?? null),
      arrayOf("timestamptz", looked, ({ known, settled: { done } }) => firstOpened(known, done)),
    ],
  );
}

/** What is told of these items. */
function wordsByShard(looked: readonly Looked[]): Map<number, StayChangeBody[]> {
  const shards = new Map<number, StayChangeBody[]>();
  for (const { item, shard, known, settled } of looked) {
    const bodies = settled.changes.map((change) => bodyOf(item, change, known));
    const before = shards.get(shard);
    if (before !== undefined) before.push(...bodies);
    else if (bodies.length > 0) shards.set(shard, bodies);
  }
  return shards;
}

/** When the first of the stays was opened of which more may be to be told. */
function firstOpened(known: readonly KnownStay[], done: readonly string[]): number | null {
  const open = known.filter(({ id }) => !done.includes(id));
  return open.length === 0 ? null : Math.min(...open.map(({ opening }) => opening.at));
}

function bodyOf(item: string, { stay, revision, op, told }: StayChange, known: readonly KnownStay[]): StayChangeBody {
  const cause = known.find(({ id }) => id === stay)?.opening;
  if (cause === undefined) throw new RangeError(`nothing is known of the stay ${stay}`);
  return { item, stay, revision, op, ...told, cause };
}
