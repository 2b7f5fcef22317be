import { arrayOf, type Transaction } from "../database/index.js";
import type { Follower, JournalLog, JournalRow, Log, RedatedRow } from "../journal/index.js";
import type { TagAssignments } from "./types.js";

interface Sighting {
  readonly tag: number;
  readonly at: Date;
  readonly readPoint: string;
}

/** Keeps, for every tag that was on no item when it was seen, when and where that was first and last. */
export class UnknownTagsFollower implements Follower<JournalRow> {
  readonly name = "unknown-tags";
  readonly log: Log<JournalRow>;
  readonly #journal: JournalLog;
  readonly #tags: TagAssignments;

  constructor({ journal, tags }: { readonly journal: JournalLog; readonly tags: TagAssignments }) {
    this.log = journal;
    this.#journal = journal;
    this.#tags = tags;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    await this.#count(tx, rows.flatMap(sightingsOf));
    for (const { body } of rows)
      if (body.type === "redated") await redateUnknown(tx, await this.#journal.redatedRows(tx, body));
  }

  async #count(tx: Transaction, sightings: readonly Sighting[]): Promise<void> {
    const items = await this.#tags.itemsAt(tx, sightings);
    const unknown = new Map<number, { first: Date; last: Sighting; count: number }>();
    sightings.forEach((sighting, i) => {
      if (items[i] !== undefined) return;
      const { tag, at } = sighting;
      const met = unknown.get(tag);
      if (met === undefined) unknown.set(tag, { first: at, last: sighting, count: 1 });
      else {
        met.count++;
        if (at < met.first) met.first = at;
        if (at >= met.last.at) met.last = sighting;
      }
    });
    if (unknown.size === 0) return;
    // In the order of the tags: followers of other partitions see the same tags at the same time.
    const found = [...unknown.entries()].sort(([a], [b]) => a - b);
    await tx.query(
      `insert into unknown_tag as u (tag, first_seen_at, last_seen_at, read_point, observations)
       select * from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::bigint[])
       on conflict (tag) do update set
         first_seen_at = least(u.first_seen_at, excluded.first_seen_at),
         last_seen_at = greatest(u.last_seen_at, excluded.last_seen_at),
         read_point = case when excluded.last_seen_at >= u.last_seen_at then excluded.read_point else u.read_point end,
         observations = u.observations + excluded.observations`,
      [
        arrayOf("int8", found, ([tag]) => tag),
        arrayOf("timestamptz", found, ([, { first }]) => first),
        arrayOf("timestamptz", found, ([, { last }]) => last.at),
        arrayOf("text", found, ([, { last }]) => last.readPoint),
        arrayOf("int8", found, ([, { count }]) => count),
      ],
    );
  }
}

/** The first and the last that was seen of a tag move with the sightings that they were: nothing is counted again. */
async function redateUnknown(tx: Transaction, rows: readonly RedatedRow[]): Promise<void> {
  const sightings = rows.flatMap((row) => sightingsOf(row).map((sighting) => ({ ...sighting, was: row.was })));
  if (sightings.length === 0) return;
  await tx.query(
    `with n as (
       select tag, min(was) as first_was, max(was) as last_was, min(at) as first_at, max(at) as last_at
       from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) as s (tag, at, was) group by tag
     ), held as (select u.tag from unknown_tag u join n using (tag) order by u.tag for update of u)
     update unknown_tag u set
       first_seen_at = case when u.first_seen_at between n.first_was and n.last_was then n.first_at else least(u.first_seen_at, n.first_at) end,
       last_seen_at = case when u.last_seen_at between n.first_was and n.last_was then n.last_at else greatest(u.last_seen_at, n.last_at) end
     from n, held where u.tag = n.tag and held.tag = u.tag`,
    [sightings.map(({ tag }) => tag), sightings.map(({ at }) => at), sightings.map(({ was }) => was)],
  );
}

/** A departure tells of a tag that is not seen. */
function sightingsOf({ body, observedAt: at }: JournalRow): Sighting[] {
  switch (body.type) {
    case "arrived":
    case "seen":
    case "passed":
      return [{ tag: body.tag, at, readPoint: body.readPoint }];
    case "inventoried":
      return body.tags.map(({ tag }) => ({ tag, at, readPoint: body.readPoint }));
    default:
      return [];
  }
}
