import type { Clock } from "@storeward/runtime";
import type { Database, Transaction } from "../database/index.js";
import { CoverageFollower } from "../gateways/index.js";
import { ACTS_PARTITION, type Follower, Journal, type LogRow, type PlainLog } from "../journal/index.js";
import { createEvidenceLog, createStayChangeLog, EvidenceFollower, LocationsFollower } from "../locations/index.js";
import type { PlaceHistory } from "../places/index.js";
import { Tags } from "../tags/index.js";
import { SeriesFollower, type SeriesItems, StaysFollower } from "../time-series/index.js";
import { catchUp, type Positions, positionsOf } from "./catch-up.js";
import { type Checkpoint, usableCheckpoints } from "./checkpoints.js";
import { compare, type Difference, firstDifferences } from "./differences.js";
import { E } from "./errors.js";
import { repair } from "./repair.js";
import { dropShadow, makeShadow } from "./shadow.js";
import { FROM_LOGS, STATE_FOLLOWERS } from "./state-tables.js";

/** Any constant: it names this lock among the advisory locks of the database. */
const LOCK = 7_105_190_181;
/** So few rows are caught up with while the live followers wait. */
const NEAR = 1000;
/** Batches of evidence between two runs of what follows it: bounds what lies between. */
const EVIDENCE_BATCHES = 20;
const LISTED = 20;

export interface RebuildOptions {
  readonly db: Database;
  /** The same database, with the tables beside the live ones before them: a search path of {@link SHADOW_PATH}. */
  readonly shadow: Database;
  readonly directory: PlaceHistory;
  readonly items: SeriesItems;
  readonly clock: Clock;
  /** The edge of a checkpoint, or "start"; default: the journal's start where that is still there, else the oldest checkpoint. */
  readonly from?: string | undefined;
  /** Put what was rebuilt in place of what is live; else only compare. */
  readonly swap: boolean;
  /** How long to wait for the live followers at the end, ms; default 60,000. */
  readonly patienceMs?: number;
  progress?(done: { readonly rows: number; readonly total: number }): void;
}

export interface RebuildResult {
  /** "start", or the edge of a checkpoint. */
  readonly from: string;
  /** Followed again; a row of the journal counts once for each follower of it. */
  readonly rows: number;
  readonly differences: number;
  /** The first twenty. */
  readonly listed: readonly Difference[];
}

/**
 * Runs the state followers over the journal into tables beside the live ones while the service runs, and compares. At the end the live followers
 * wait, for as long as the last rows and the comparison take; intake does not. With `swap` the live rows that differ are brought to what was
 * rebuilt, in one transaction: ended at any moment, everything is as before. The tables beside are left for whoever wants to look; the next rebuild
 * removes them. Errors: REBUILD_RUNNING, REBUILD_NO_START, REBUILD_LIVE_BEHIND, REBUILD_PARKED, REBUILD_ROWS_MISSING.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildResult> {
  const { db } = options;
  return db.transaction(async (tx) => {
    const [lock] = await tx.query<{ free: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS free", [LOCK]);
    if (lock?.free !== true) throw E.REBUILD_RUNNING();
    const from = await startOf(db, options.from);
    await dropShadow(db);
    const horizon = await makeShadow(options.shadow, from);
    const followers = new ShadowFollowers(options);
    for (let caps = await caughtUp(db); (await followers.catchUp(caps)) > NEAR; ) caps = await caughtUp(db);
    const found = await db.transaction((meeting) => meet(meeting, followers, options, horizon));
    return { from: from?.edge ?? "start", rows: followers.rows, ...found };
  });
}

async function startOf(db: Database, wanted: string | undefined): Promise<Checkpoint | undefined> {
  const logs = Object.keys(FROM_LOGS).map(
    (log) => `SELECT f.day, f.pos > 1 OR f.pos IS NULL AS cut FROM ${log}_head h
     LEFT JOIN LATERAL (SELECT min(first_pos) AS pos, min(day) AS day FROM ${log}_day d WHERE d.partition = h.partition) f ON true
     WHERE h.pos > 0`,
  );
  const [first] = await db.query<{ day: string | null; cut: boolean }>(
    `SELECT min(day)::text AS day, coalesce(bool_or(cut), false) AS cut FROM (${logs.join(" UNION ALL ")}) l`,
  );
  const whole = first?.cut !== true;
  if (whole && (wanted === undefined || wanted === "start")) return undefined;
  const checkpoints = await usableCheckpoints(db);
  const found = wanted === undefined ? checkpoints[0] : checkpoints.find(({ edge }) => edge === wanted);
  if (found !== undefined) return found;
  const edges = checkpoints.map(({ edge }) => edge).join(", ");
  throw E.REBUILD_NO_START({ oldest: first?.day ?? "nothing", edges: edges === "" ? "none" : edges });
}

/** How far the live followers have come. */
async function caughtUp(db: Database | Transaction): Promise<Map<string, Positions>> {
  const found = new Map<string, Positions>();
  for (const name of Object.values(FROM_LOGS).flat()) found.set(name, await positionsOf(db, name));
  return found;
}

/** Both sides at the same position, and nobody moves: compares, and repairs where that is wanted. */
async function meet(
  tx: Transaction,
  followers: ShadowFollowers,
  { swap, clock, patienceMs = 60_000 }: RebuildOptions,
  horizon: Date | "-infinity",
): Promise<Pick<RebuildResult, "differences" | "listed">> {
  // Tags are read as they are bound now: a binding that the live follower has not heard of would be known on one side only. No more come meanwhile.
  await tx.query("LOCK TABLE tag_assignment IN EXCLUSIVE MODE");
  await followed(tx, "evidence", "journal", [ACTS_PARTITION], clock, patienceMs);
  // Runners pass over a cursor that is locked.
  await hold(tx, Object.values(FROM_LOGS).flat());
  await followers.catchUp(await caughtUp(tx));
  await followed(tx, "locations", "evidence", null, clock, patienceMs);
  await hold(tx, ["locations"]);
  // The settler and the forgetter; in the order in which they take them.
  await tx.query("LOCK TABLE item_location IN EXCLUSIVE MODE");
  await tx.query("LOCK TABLE item_stay IN EXCLUSIVE MODE");
  if (swap) await refuseParked(tx);
  const differences = await compare(tx, horizon);
  const listed = await firstDifferences(tx, LISTED);
  if (swap) await repair(tx, clock.wall());
  return { differences, listed };
}

async function hold(tx: Transaction, followers: readonly string[]): Promise<void> {
  await tx.query("SELECT FROM follower_cursor WHERE follower = ANY ($1) ORDER BY follower, partition FOR UPDATE", [
    followers,
  ]);
}

/** Waits until a live follower has everything that its log has now, in these partitions or in all: what is on its way is on one side only. */
async function followed(
  tx: Transaction,
  follower: string,
  log: "journal" | "evidence",
  partitions: readonly number[] | null,
  clock: Clock,
  patienceMs: number,
): Promise<void> {
  const heads = await tx.query<{ partition: number; pos: number }>(
    `SELECT partition, pos FROM ${log}_head WHERE $1::int4[] IS NULL OR partition = ANY ($1)`,
    [partitions],
  );
  for (const since = clock.mono(); ; await clock.sleep(20)) {
    const [behind] = await tx.query<{ rows: number }>(
      `SELECT coalesce(sum(greatest(0, h.pos - coalesce(c.pos, 0))), 0)::int8 AS rows FROM unnest($2::int4[], $3::int8[]) AS h(partition, pos)
       LEFT JOIN follower_cursor c ON c.follower = $1 AND c.partition = h.partition`,
      [follower, heads.map(({ partition }) => partition), heads.map(({ pos }) => pos)],
    );
    const rows = behind?.rows ?? 0;
    if (rows === 0) return;
    if (clock.mono() - since > patienceMs)
      throw E.REBUILD_LIVE_BEHIND({ seconds: Math.round(patienceMs / 1000), rows });
  }
}

async function refuseParked(tx: Transaction): Promise<void> {
  const parked = await tx.query<{ follower: string; rows: number }>(
    "SELECT follower, count(*) AS rows FROM parked_row WHERE follower = ANY ($1) GROUP BY 1 ORDER BY 1",
    [STATE_FOLLOWERS],
  );
  if (parked.length === 0) return;
  const rows = parked.reduce((sum, each) => sum + each.rows, 0);
  throw E.REBUILD_PARKED({ rows, followers: parked.map(({ follower }) => follower).join(", ") });
}

/** The followers themselves, over the tables beside. What they tell listeners goes nowhere. */
class ShadowFollowers {
  rows = 0;
  readonly #options: RebuildOptions;
  readonly #coverage: CoverageFollower;
  readonly #evidence: EvidenceFollower;
  readonly #locations: LocationsFollower;
  readonly #series: SeriesFollower;
  readonly #stays: StaysFollower;
  readonly #log: PlainLog<never>;

  constructor(options: RebuildOptions) {
    const { directory, items, clock } = options;
    const journal = new Journal({ clock });
    const evidence = createEvidenceLog(clock);
    const live = { append: async () => undefined, appendAll: async () => undefined };
    const cards = { cards: async () => new Map() };
    this.#options = options;
    this.#log = evidence as unknown as PlainLog<never>;
    this.#coverage = new CoverageFollower(journal);
    this.#evidence = new EvidenceFollower({ journal, evidence, directory, tags: new Tags(), cards, live, clock });
    this.#locations = new LocationsFollower({ evidence, directory, live, clock });
    this.#series = new SeriesFollower({ journal });
    this.#stays = new StaysFollower({ stayChanges: createStayChangeLog(clock), items, directory });
  }

  /** Runs up to these positions; returns how many rows that were. */
  async catchUp(caps: ReadonlyMap<string, Positions>): Promise<number> {
    const { shadow: db } = this.#options;
    const total = this.rows + (await this.#ahead(caps));
    const before = this.rows;
    const done = (rows: number): void => {
      this.rows += rows;
      this.#options.progress?.({ rows: this.rows, total });
    };
    const of = (name: string): Positions => caps.get(name) ?? new Map();
    const alone = <Row extends LogRow<unknown>>(follower: Follower<Row>) =>
      catchUp({ db, follower, upTo: of(follower.name), onBatch: async (rows) => done(rows) });
    await alone(this.#coverage);
    await alone(this.#series);
    await alone(this.#stays);
    let batches = 0;
    await catchUp({
      db,
      follower: this.#evidence,
      upTo: of("evidence"),
      // A binding judges again everything that was seen of its tag. After all of it, the result does not depend on the order in which agents came.
      last: [ACTS_PARTITION],
      onBatch: async (rows) => {
        done(rows);
        if (++batches % EVIDENCE_BATCHES === 0) await this.#locate();
      },
    });
    await this.#locate();
    return this.rows - before;
  }

  async #ahead(caps: ReadonlyMap<string, Positions>): Promise<number> {
    let ahead = 0;
    for (const [name, positions] of caps) {
      const at = await positionsOf(this.#options.shadow, name);
      for (const [partition, pos] of positions) ahead += pos - (at.get(partition) ?? 0);
    }
    return ahead;
  }

  async #locate(): Promise<void> {
    const { shadow: db } = this.#options;
    const upTo = await this.#log.heads(db);
    await catchUp({ db, follower: this.#locations, upTo, onBatch: async () => undefined });
    // It is transport only, and all of it has arrived.
    await db.query("TRUNCATE evidence");
  }
}
