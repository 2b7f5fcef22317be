import type { Clock } from "@storeward/runtime";
import type { Transaction } from "../database/index.js";
import type { Act, Follower, JournalLog, JournalRow, Log, PlainLog, Redated } from "../journal/index.js";
import type { LiveFeed } from "../live/types.js";
import type { PlaceHistory } from "../places/index.js";
import type { TagAssignments } from "../tags/index.js";
import { type EvidenceBody, shardOf } from "./evidence-log.js";
import { horizonOf } from "./forget.js";
import { isPassed, LIVE_WITHIN_MS, lastReadOf, passageEvents } from "./passages.js";
import { decidedAt, isBroughtAlong, reattribute } from "./reattribute.js";
import { redate } from "./redate.js";
import { ShelfBook } from "./shelf-book.js";
import { ShelfWords } from "./shelf-words.js";
import { DatedZones, type Sighting, sightingsOf } from "./sighting.js";
import { type Attributed, keepSightings } from "./sightings.js";
import type { ItemCards } from "./types.js";

export interface EvidenceDeps {
  readonly journal: JournalLog;
  readonly evidence: PlainLog<EvidenceBody>;
  readonly directory: PlaceHistory;
  readonly tags: TagAssignments;
  readonly cards: ItemCards;
  readonly live: LiveFeed;
  readonly clock: Clock;
}

/** Any constant: it names this lock among the advisory locks of the database. */
const ASSIGNMENTS = 7_105_190_070;
/** The same of the locks of single tags. */
const BOUND_LATER = 190_071;

/** The first step of locating, by agent: what each observation says of which item. Tells passages as they come by. */
export class EvidenceFollower implements Follower<JournalRow> {
  readonly name = "evidence";
  readonly log: Log<JournalRow>;
  readonly #deps: EvidenceDeps;

  constructor(deps: EvidenceDeps) {
    this.#deps = deps;
    this.log = deps.journal;
  }

  keyOf(row: JournalRow): string | undefined {
    return "tag" in row.body ? `tag ${row.body.tag}` : undefined;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    const acts = rows.map(({ body }) => body).filter((body): body is Act => body.type === "act");
    const redated = rows.map(({ body }) => body).filter((body): body is Redated => body.type === "redated");
    // An act judges all sightings of its tag again: none may be on its way meanwhile with the assignment of before.
    const lock = acts.length + redated.length > 0 ? "pg_advisory_xact_lock" : "pg_advisory_xact_lock_shared";
    const [, horizon, { found, book }] = await Promise.all([
      tx.query(`SELECT ${lock}($1)`, [ASSIGNMENTS]),
      horizonOf(tx),
      this.#sightings(tx, rows),
    ]);
    const kept = found.filter(({ at }) => at >= horizon);
    const [sightings, later] = await Promise.all([
      this.#attributed(tx, kept),
      this.#boundLater(tx, kept),
      book.flush(),
    ]);
    await keepSightings(tx, sightings);
    await lockTags(tx, later);
    const evidence: EvidenceBody[] = sightings.filter(isEvidence);
    const judged = new Set([...acts.map(({ tag }) => tag), ...later]);
    if (judged.size > 0) evidence.push(...(await reattribute(tx, this.#deps.tags, [...judged])));
    // They name rows from before these.
    for (const one of redated) evidence.push(...(await redate(tx, this.#deps, one, horizon)));
    await Promise.all([this.#append(tx, evidence), this.#tellPassages(tx, rows, sightings)]);
  }

  /** What the rows say, and the book of shelves with what is to be written into it. */
  async #sightings(tx: Transaction, rows: readonly JournalRow[]): Promise<{ found: Sighting[]; book: ShelfBook }> {
    const zones = new DatedZones(this.#deps.directory);
    const book = new ShelfBook(tx, zones);
    const words = new ShelfWords(tx);
    const raw = rows.map((row) => ({ row, found: sightingsOf(row, zones.of(row)) }));
    await Promise.all([book.load(rows), words.load(raw.flatMap(({ found }) => found))]);
    const sightings: Sighting[] = [];
    for (const { row, found } of raw) {
      const missed = row.body.type === "inventoried" ? await book.missedBy(row, row.body) : [];
      for (const sighting of onePerTag([...words.inOrder(found), ...missed])) {
        book.note(sighting);
        sightings.push(sighting);
      }
    }
    return { found: sightings, book };
  }

  async #attributed(tx: Transaction, sightings: readonly Sighting[]): Promise<Attributed[]> {
    if (sightings.length === 0) return [];
    const items = await this.#deps.tags.itemsAt(
      tx,
      sightings.map((sighting) => ({ tag: sighting.tag, at: new Date(decidedAt(sighting)) })),
    );
    return sightings.map((sighting, index) => ({ item: items[index] ?? null, ...sighting }));
  }

  /** Tags that were bound after they were seen so, which comes late: the binding is to be judged as if it had come in time. */
  #boundLater(tx: Transaction, sightings: readonly Sighting[]): Promise<number[]> {
    const telling = sightings.filter(isBroughtAlong);
    return this.#deps.tags.boundAfter(
      tx,
      telling.map((sighting) => ({ tag: sighting.tag, at: new Date(decidedAt(sighting)) })),
    );
  }

  async #append(tx: Transaction, evidence: readonly EvidenceBody[]): Promise<void> {
    const shards = new Map<number, EvidenceBody[]>();
    for (const body of evidence) {
      const shard = shardOf(body.item);
      const list = shards.get(shard);
      if (list === undefined) shards.set(shard, [body]);
      else list.push(body);
    }
    if (shards.size > 0) await this.#deps.evidence.appendAll(tx, shards);
  }

  async #tellPassages(tx: Transaction, rows: readonly JournalRow[], sightings: readonly Attributed[]): Promise<void> {
    const since = this.#deps.clock.wall() - LIVE_WITHIN_MS;
    const passed = rows.filter(isPassed).filter((row) => lastReadOf(row) >= since);
    if (passed.length === 0) return;
    const crossings = sightings.filter(({ type }) => type === "passed");
    const itemOf = new Map(crossings.map(({ agent, epoch, seq, item }) => [`${agent} ${epoch} ${seq}`, item]));
    const fresh = passed.map((row) => ({ row, item: itemOf.get(`${row.agent} ${row.epoch} ${row.seq}`) ?? null }));
    const items = [...new Set(fresh.flatMap(({ item }) => (item === null ? [] : [item])))];
    const cards = await this.#deps.cards.cards(tx, items);
    const events = passageEvents(fresh, cards, this.#deps.directory);
    this.#deps.live.appendAll(
      tx,
      events.map((data) => ({ type: "passage", data })),
    );
  }
}

/** Waits for followers of other partitions that have one of these tags in hand, so that one of them sees everything. */
async function lockTags(tx: Transaction, tags: readonly number[]): Promise<void> {
  if (tags.length === 0) return;
  await tx.query(
    `SELECT pg_advisory_xact_lock(${BOUND_LATER}, n) FROM (
       SELECT DISTINCT (tag % 2147483647)::int4 AS n FROM unnest($1::int8[]) AS t(tag) ORDER BY 1
     ) ordered`,
    [tags],
  );
}

/** The sightings of one row, which names a tag once; where it names it again at the same moment, the last counts. */
function onePerTag(sightings: readonly Sighting[]): readonly Sighting[] {
  if (sightings.length < 2) return sightings;
  return [...new Map(sightings.map((sighting) => [`${sighting.tag} ${sighting.at}`, sighting])).values()];
}

/** Of what is on no item nothing follows yet. */
function isEvidence(sighting: Attributed): sighting is Attributed & EvidenceBody {
  return sighting.item !== null;
}
