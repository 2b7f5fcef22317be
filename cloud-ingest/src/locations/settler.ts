import {
  type Clock,
  crashPoint,
  describeError,
  type Logger,
  type Part,
  Recurring,
  systemClock,
} from "@storeward/runtime";
import { type Database, lookUpByIndex, type Transaction } from "../database/index.js";
import type { PlainLog } from "../journal/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceDirectory } from "../places/index.js";
import { itemsDue, lookLater, stillDue, type Through } from "./item-due.js";
import { endMotions, motionsOver } from "./item-motion.js";
import { lockItems } from "./kept-items.js";
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
/** So many are locked at a time: what locates them waits for that long. */
const AT_ONCE = 250;
/** So many are looked for together, for which all that wait are read. */
const AT_A_LOOK = 5000;
/** While others are busy, so many and no more. */
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
    while ((await this.#settleSome()) === AT_A_LOOK);
    while ((await this.#endMotions()) === AT_A_LOOK);
  }

  /** Returns how many were looked at. */
  async #settleSome(): Promise<number> {
    const { db, agents, busy = () => false } = this.#deps;
    const through = await agents.through(db);
    const due = await itemsDue(db, through, busy() ? A_FEW : AT_A_LOOK);
    return this.#inPieces(due, (tx, items) => this.#settle(tx, through, items), busy);
  }

  async #settle(tx: Transaction, through: Through, items: readonly string[]): Promise<number> {
    await lookUpByIndex(tx);
    const due = await stillDue(tx, through, await lockItems(tx, items));
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
    await lookLater(
      tx,
      looked.map(({ item, known, settled: { due, done } }) => ({ item, due, pendingFrom: firstOpened(known, done) })),
    );
    const words = wordsByShard(looked);
    if (words.size > 0) await this.#deps.stayChanges.appendAll(tx, words);
    crashPoint("before-settled-commit");
    return due.length;
  }

  /** Returns how many have ended. */
  async #endMotions(): Promise<number> {
    const now = this.#clock.wall();
    const over = await motionsOver(this.#deps.db, now, AT_A_LOOK);
    return this.#inPieces(over, (tx, items) => this.#endSome(tx, items, now));
  }

  async #endSome(tx: Transaction, items: readonly string[], now: number): Promise<number> {
    const ended = await endMotions(tx, await lockItems(tx, items), now);
    const fresh = ended.filter(({ state }) => (state.movingUntil ?? 0) > now - TELL_WITHIN_MS);
    const moved = fresh.map(({ item, state }) => ({
      item,
      before: { ...state, movingUntil: Number.MAX_SAFE_INTEGER },
      after: state,
    }));
    tellLocations(tx, { ...this.#deps, clock: this.#clock }, moved);
    return ended.length;
  }

  /** Does the work in transactions of {@link AT_ONCE} items, and leaves others as long between them as each took; the sum of what it returns. */
  async #inPieces(
    items: readonly string[],
    work: (tx: Transaction, some: readonly string[]) => Promise<number>,
    busy = () => false,
  ): Promise<number> {
    let done = 0;
    for (let from = 0; from < items.length && (from < A_FEW || !busy()); from += AT_ONCE) {
      const some = items.slice(from, from + AT_ONCE);
      const begun = this.#clock.mono();
      done += await this.#deps.db.transaction((tx) => work(tx, some), { prepared: true });
      if (from + AT_ONCE < items.length) await this.#recurring.rest(this.#clock.mono() - begun);
    }
    return done;
  }
}

/** An item that was looked at for what has settled. */
interface Looked {
  readonly item: string;
  readonly shard: number;
  readonly known: readonly Unsettled[];
  readonly settled: Settled;
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
