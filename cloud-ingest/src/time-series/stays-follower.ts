import { arrayOf, columns, type Transaction } from "../database/index.js";
import type { Follower, Log, LogRow } from "../journal/index.js";
import type { StayChangeBody } from "../locations/index.js";
import type { PlaceHistory } from "../places/index.js";
import { markDirty, markLevels } from "./dirty.js";
import { changeLevels, rangesOf, type Stay } from "./levels.js";
import { TagBook } from "./tags.js";
import type { SeriesItems } from "./types.js";

export interface StaysFollowerDeps {
  readonly stayChanges: Log<LogRow<StayChangeBody>>;
  readonly items: SeriesItems;
  readonly directory: Pick<PlaceHistory, "at">;
}

const STAY = columns({
  stay: "uuid",
  place: "uuid",
  kind: "text",
  role: "text",
  from_at: "timestamptz",
  to_at: "timestamptz",
});

/**
 * Keeps the stays as they are told, how many things that makes in each place, and marks the minutes. What turns out otherwise takes back what
 * it had been counted as.
 */
export class StaysFollower implements Follower<LogRow<StayChangeBody>> {
  readonly name = "series-stays";
  readonly log: Log<LogRow<StayChangeBody>>;
  readonly #deps: StaysFollowerDeps;
  readonly #kinds = new TagBook("kind");

  constructor(deps: StaysFollowerDeps) {
    this.log = deps.stayChanges;
    this.#deps = deps;
  }

  keyOf({ body }: LogRow<StayChangeBody>): string {
    return body.item;
  }

  async handle(tx: Transaction, rows: readonly LogRow<StayChangeBody>[]): Promise<void> {
    const last = new Map(rows.map(({ body }) => [body.stay, body]));
    const before = await tx.query<Stay>(
      `DELETE FROM series_stay WHERE stay = ANY ($1::uuid[]) RETURNING stay, place, kind, role, from_at AS "from", to_at AS "to"`,
      [arrayOf("uuid", [...last.keys()], (stay) => stay)],
    );
    const now = await this.#counted(tx, [...last.values()]);
    await tx.query(`INSERT INTO series_stay (${STAY.names}) ${STAY.rows}`, [
      arrayOf("uuid", now, ({ stay }) => stay),
      arrayOf("uuid", now, ({ place }) => place),
      arrayOf("text", now, ({ kind }) => kind),
      arrayOf("text", now, ({ role }) => role),
      arrayOf("timestamptz", now, ({ from }) => from),
      arrayOf("timestamptz", now, ({ to }) => to),
    ]);
    await changeLevels(tx, before, now);
    const both = [...before, ...now];
    await markDirty(tx, { arrivals: both.map(({ from }) => from), dwell: both.flatMap(({ to }) => to ?? []) });
    await markLevels(tx, rangesOf(before, now));
  }

  async #counted(tx: Transaction, bodies: readonly StayChangeBody[]): Promise<Stay[]> {
    const told = bodies.filter(({ op }) => op !== "retract");
    const known = await this.#deps.items.seriesItems(
      tx,
      told.map(({ item, from }) => ({ item, at: from })),
    );
    const kinds = known.map((item) => item?.kind ?? "unknown");
    const tags = await this.#kinds.tags(tx, [...new Set(kinds)]);
    return told.map(({ stay, place, from, to }, index) => {
      const kind = kinds[index] ?? "unknown";
      return {
        stay,
        place,
        kind: tags.get(kind) ?? kind,
        role: this.#role(place, known[index]?.home ?? null, from),
        from: new Date(from),
        to: to === null ? null : new Date(to),
      };
    });
  }

  /** By the map of the moment at which the stay began. */
  #role(place: string, home: string | null, began: number): Stay["role"] {
    if (home === null) return "none";
    const directory = this.#deps.directory.at(began);
    return directory.observableOf(home) === place || directory.within(home).includes(place) ? "home" : "away";
  }
}
