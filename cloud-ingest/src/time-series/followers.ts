import type { Transaction } from "../database/index.js";
import type { Follower, JournalRow, Log, LogRow } from "../journal/index.js";
import type { ItemCards, StayChangeBody } from "../locations/index.js";
import { markDirty } from "./dirty.js";

/** Marks the minutes in which something was journaled, or went through a portal. */
export class SeriesFollower implements Follower<JournalRow> {
  readonly name = "series";
  readonly log: Log<JournalRow>;

  constructor({ journal }: { readonly journal: Log<JournalRow> }) {
    this.log = journal;
  }

  async handle(tx: Transaction, rows: readonly JournalRow[]): Promise<void> {
    // In the order of the measurements' names, as the other followers: nobody waits in a circle.
    await markDirty(
      tx,
      "observations",
      rows.map(({ recordedAt }) => recordedAt),
    );
    const passed = rows.flatMap(({ body, observedAt }) => (body.type === "passed" ? [{ ...body, observedAt }] : []));
    if (passed.length === 0) return;
    const fresh = await tx.query<{ at: Date }>(
      `INSERT INTO series_passage (read_point, pass, direction, at)
       SELECT DISTINCT ON (1, 2) * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) AS n(read_point, pass, direction, at)
       ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING at`,
      [
        passed.map(({ readPoint }) => readPoint),
        passed.map(({ pass }) => pass),
        passed.map(({ direction }) => direction),
        passed.map(({ observedAt }) => observedAt.toISOString()),
      ],
    );
    await markDirty(
      tx,
      "passages",
      fresh.map(({ at }) => at),
    );
  }
}

export interface ArrivalsDeps {
  readonly stayChanges: Log<LogRow<StayChangeBody>>;
  readonly cards: ItemCards;
}

/** Keeps when things came to places, and marks the minutes; what is corrected later marks the minute it was in as well. */
export class ArrivalsFollower implements Follower<LogRow<StayChangeBody>> {
  readonly name = "series-arrivals";
  readonly log: Log<LogRow<StayChangeBody>>;
  readonly #cards: ItemCards;

  constructor({ stayChanges, cards }: ArrivalsDeps) {
    this.log = stayChanges;
    this.#cards = cards;
  }

  keyOf({ body }: LogRow<StayChangeBody>): string {
    return body.item;
  }

  async handle(tx: Transaction, rows: readonly LogRow<StayChangeBody>[]): Promise<void> {
    const last = new Map(rows.map(({ body }) => [body.stay, body]));
    const ids = [...last.keys()];
    const before = await tx.query<{ at: Date }>("DELETE FROM series_arrival WHERE stay = ANY ($1) RETURNING at", [ids]);
    const now = [...last.values()].filter(({ op }) => op !== "retract");
    const cards = await this.#cards.cards(tx, [...new Set(now.map(({ item }) => item))]);
    await tx.query(
      `INSERT INTO series_arrival (stay, place, kind, at) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[])`,
      [
        now.map(({ stay }) => stay),
        now.map(({ place }) => place),
        now.map(({ item }) => cards.get(item)?.kind ?? "unknown"),
        now.map(({ from }) => new Date(from).toISOString()),
      ],
    );
    const moments = [...before.map(({ at }) => at), ...now.map(({ from }) => new Date(from))];
    await markDirty(tx, "arrivals", moments);
  }
}
