import type { ItemState } from "@storeward/contracts";
import { type Clock, systemClock } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { alternativesOf, remaining, type Since, shelvesOf, stateOf, watchersOf } from "./confidence.js";
import { unpackState } from "./fold/packing.js";
import type { FoldState } from "./fold/state.js";
import type { Blindness, WhereAbouts, Whereabout, WhereaboutCount } from "./types.js";
import { duration, Words } from "./words.js";

/** Places whose things are counted together. */
const PLACES_AT_ONCE = 250;

const JUST_NOW: Since = { elapsed: 0, blind: 0 };

interface Row {
  readonly item: string;
  readonly place: string | null;
  readonly state_base: "here" | "moving" | "left" | null;
  readonly since: Date | null;
  readonly seen_at: Date | null;
  readonly p: number;
}

interface Detailed extends Row, Pick<FoldState, "belief" | "basis" | "pending"> {}

export interface WhereaboutsDeps {
  readonly directory: PlaceDirectory;
  readonly blindness: Blindness;
  readonly clock?: Clock;
}

/** Where things are, with what has been blind since taken off. Rows change only when evidence names their item; the rest is joined here. */
export class Whereabouts implements WhereAbouts {
  readonly #directory: PlaceDirectory;
  readonly #blindness: Blindness;
  readonly #clock: Clock;
  readonly #words: Words;

  constructor({ directory, blindness, clock = systemClock }: WhereaboutsDeps) {
    this.#directory = directory;
    this.#blindness = blindness;
    this.#clock = clock;
    this.#words = new Words(directory);
  }

  async of(sql: Sql, items: readonly string[]): Promise<Map<string, Whereabout>> {
    const found = new Map<string, Whereabout>(items.map((item) => [item, this.#nowhere(undefined)]));
    if (items.length === 0) return found;
    const stored = await sql.query<Row & { state: string | null }>(
      "SELECT w.*, l.state FROM item_whereabout w JOIN item_location l ON l.item = w.item WHERE w.item = ANY ($1)",
      [items],
    );
    const rows = stored.map((row): Detailed => ({ ...unpackState(row.state), ...row }));
    const since = await this.#since(sql, rows);
    for (const [index, row] of rows.entries()) found.set(row.item, this.#whereabout(row, since[index] ?? JUST_NOW));
    return found;
  }

  async count(sql: Sql, groupOf: ReadonlyMap<string, string>): Promise<WhereaboutCount[]> {
    const rows = await sql.query<Row>("SELECT * FROM item_whereabout WHERE item = ANY ($1)", [[...groupOf.keys()]]);
    const said = await this.#states(sql, rows);
    const states = new Map(
      rows.map((row, index) => [row.item, { placeId: row.place, state: said[index] ?? "unknown" }]),
    );
    const counts = new Map<string, { group: string; placeId: string | null; state: ItemState; count: number }>();
    for (const [item, group] of groupOf) {
      const { placeId, state } = states.get(item) ?? { placeId: null, state: "unknown" as const };
      const key = `${placeId} ${state} ${group}`;
      const entry = counts.get(key) ?? { group, placeId, state, count: 0 };
      entry.count++;
      counts.set(key, entry);
    }
    return [...counts.values()];
  }

  async countByPlace(
    sql: Sql,
    rest: (tookMs: number) => Promise<void> = async () => undefined,
  ): Promise<Map<string, { items: number; unknown: number }>> {
    const rows = await sql.query<{ place: string }>("SELECT DISTINCT place FROM item_location WHERE place IS NOT NULL");
    const places = rows.map(({ place }) => place);
    const counts = new Map<string, { items: number; unknown: number }>();
    for (let from = 0; from < places.length; from += PLACES_AT_ONCE) {
      const begun = this.#clock.mono();
      await this.#countSome(sql, places.slice(from, from + PLACES_AT_ONCE), counts);
      if (from + PLACES_AT_ONCE < places.length) await rest(this.#clock.mono() - begun);
    }
    return counts;
  }

  async #countSome(
    sql: Sql,
    places: readonly string[],
    counts: Map<string, { items: number; unknown: number }>,
  ): Promise<void> {
    // By minute: a place with ten thousand things is a few rows.
    const rows = await sql.query<Row & { place: string; items: number }>(
      `SELECT place, 'here' AS state_base, date_trunc('minute', seen_at) AS seen_at, round(p::numeric, 2)::float8 AS p, count(*) AS items
       FROM item_whereabout WHERE place = ANY ($1::uuid[]) GROUP BY 1, 3, 4`,
      [places],
    );
    const states = await this.#states(sql, rows);
    for (const [index, { place, items }] of rows.entries()) {
      const count = counts.get(place) ?? { items: 0, unknown: 0 };
      count.items += items;
      if (states[index] === "unknown") count.unknown += items;
      counts.set(place, count);
    }
  }

  async #states(sql: Sql, rows: readonly Row[]): Promise<ItemState[]> {
    const since = await this.#since(sql, rows);
    const shelves = shelvesOf(this.#directory);
    return rows.map((row, index) => stateOf(row, since[index] ?? JUST_NOW, shelves.has(row.place ?? "")).state);
  }

  async #since(sql: Sql, rows: readonly Pick<Row, "place" | "seen_at">[]): Promise<Since[]> {
    const now = this.#clock.wall();
    const blind = await this.#blindSeconds(sql, rows);
    return rows.map(({ seen_at }, index) => ({
      elapsed: seen_at === null ? 0 : (now - seen_at.getTime()) / 1000,
      blind: blind[index] ?? 0,
    }));
  }

  /** For every row the longest that anything watching its place was blind since the item was seen. */
  async #blindSeconds(sql: Sql, rows: readonly Pick<Row, "place" | "seen_at">[]): Promise<number[]> {
    const watchers = watchersOf(this.#directory);
    // Many things were seen at the same place in the same minute: each question is asked once.
    const asked = new Map<string, { readonly readPoint: string; readonly after: Date; readonly rows: number[] }>();
    for (const [row, { place, seen_at: after }] of rows.entries())
      if (place !== null && after !== null)
        for (const readPoint of watchers.get(place) ?? []) {
          const key = `${after.getTime()} ${readPoint}`;
          const question = asked.get(key);
          if (question === undefined) asked.set(key, { readPoint, after, rows: [row] });
          else question.rows.push(row);
        }
    const questions = await this.#doubtful(sql, [...asked.values()]);
    const seconds = questions.length === 0 ? [] : await this.#blindness.blindSeconds(sql, questions);
    const blind = rows.map(() => 0);
    for (const [index, question] of questions.entries())
      for (const row of question.rows) blind[row] = Math.max(blind[row] ?? 0, seconds[index] ?? 0);
    return blind;
  }

  /** Most read points have watched without a break: one question each settles that. Those about the others. */
  async #doubtful<Asked extends { readonly readPoint: string; readonly after: Date }>(
    sql: Sql,
    asked: readonly Asked[],
  ): Promise<Asked[]> {
    const longest = new Map<string, Date>();
    for (const { readPoint, after } of asked) {
      const known = longest.get(readPoint);
      if (known === undefined || after < known) longest.set(readPoint, after);
    }
    const points = [...longest].map(([readPoint, after]) => ({ readPoint, after }));
    const most = points.length === 0 ? [] : await this.#blindness.blindSeconds(sql, points);
    const doubtful = new Set(points.filter((_, index) => (most[index] ?? 0) > 0).map(({ readPoint }) => readPoint));
    return asked.filter(({ readPoint }) => doubtful.has(readPoint));
  }

  #whereabout(row: Detailed, passed: Since): Whereabout {
    const { place, since, seen_at: seenAt, belief } = row;
    if (place === null) return this.#nowhere(seenAt ?? undefined);
    const held = shelvesOf(this.#directory).has(place);
    const { state, confidence } = stateOf(row, passed, held);
    const alternatives = alternativesOf(belief, place, remaining(passed, held)).map((one) => ({
      placeId: one.place,
      p: one.p,
    }));
    const why = this.#why(row, passed.blind, state);
    return { placeId: place, state, since, seenAt, confidence, alternatives, why };
  }

  #nowhere(seenAt: Date | undefined): Whereabout {
    const why =
      seenAt === undefined
        ? "Never seen"
        : `Only read at a door, last ${this.#words.when(seenAt.getTime(), this.#clock.wall())}: which side it is on is not known`;
    return {
      placeId: null,
      state: "unknown",
      since: null,
      seenAt: seenAt ?? null,
      confidence: 0,
      alternatives: [],
      why,
    };
  }

  #why({ basis, pending, place, state_base }: Detailed, blind: number, state: ItemState): string {
    const now = this.#clock.wall();
    const parts = basis === null ? [] : [this.#words.basis(basis, now)];
    if (pending !== null && state_base === "moving")
      parts.push(`${this.#words.basis(pending.basis, now)}, not confirmed yet`);
    if (blind >= 1) parts.push(`what watches ${this.#words.place(place ?? "")} was blind for ${duration(blind)} since`);
    if (state === "unknown") parts.push("too little to say that it still is there");
    return parts.join("; ");
  }
}
