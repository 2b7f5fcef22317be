import type { Sql, Transaction } from "../database/index.js";
import type { TagSet } from "./types.js";

/** The same tags are the same text, whatever order they come in. */
export function canonical(tags: TagSet): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
}

/** Tags whose values others choose: so many of each become series, what comes after is one of the others. */
export const BOUNDED_TAGS = {
  kind: { most: 500, others: "(other kinds)" },
  read_point: { most: 2000, others: "(other read points)" },
} as const;
type BoundedTag = keyof typeof BOUNDED_TAGS;

/** Read points as they are tags. */
export type ReadPointTags = ReadonlyMap<string, string>;

const MAX_LENGTH = 80;

/** Text as the value of a tag: on one line, without what line protocol cannot hold at an end, and never empty. */
export function tagValue(text: string): string {
  const line = text
    .normalize("NFC")
    .replaceAll("\\", "/")
    .replace(/[\p{C}\s]+/gu, " ");
  return [...line].slice(0, MAX_LENGTH).join("").trim() || "unknown";
}

/**
 * The values that a tag may have, kept in the database. A value is written as it was when it was first met, whatever case it is written in
 * later. Beyond the bound there are no new ones, so that nobody's catalogue or gateway makes series without end.
 */
export class TagBook {
  readonly #tag: BoundedTag;
  readonly #most: number;
  /** By key, what is committed. */
  readonly #known = new Map<string, string>();

  constructor(tag: BoundedTag, most: number = BOUNDED_TAGS[tag].most) {
    this.#tag = tag;
    this.#most = most;
  }

  /** The tag of each text. */
  async tags(tx: Transaction, texts: readonly string[]): Promise<Map<string, string>> {
    const keys = new Map(texts.map((text) => [text, tagValue(text).toLowerCase()]));
    const strange = new Map([...keys].flatMap(([text, key]) => (this.#known.has(key) ? [] : [[key, tagValue(text)]])));
    const met = strange.size === 0 ? new Map<string, string>() : await this.#meet(tx, strange);
    const { others } = BOUNDED_TAGS[this.#tag];
    return new Map([...keys].map(([text, key]) => [text, this.#known.get(key) ?? met.get(key) ?? others]));
  }

  async #meet(tx: Transaction, strange: ReadonlyMap<string, string>): Promise<Map<string, string>> {
    const keys = [...strange.keys()];
    let met = await this.#read(tx, keys);
    if (keys.some((key) => !met.has(key))) {
      // One at a time, so that the count holds.
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('series.tags'))");
      await tx.query(
        `INSERT INTO series_tag (tag, key, value)
         SELECT $1, key, value FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n(key, value, nth)
         WHERE NOT EXISTS (SELECT FROM series_tag k WHERE k.tag = $1 AND k.key = n.key)
         ORDER BY nth LIMIT greatest(0, $4 - (SELECT count(*) FROM series_tag WHERE tag = $1))`,
        [this.#tag, keys, [...strange.values()], this.#most],
      );
      met = await this.#read(tx, keys);
    }
    tx.afterCommit(() => {
      for (const [key, value] of met) this.#known.set(key, value);
    });
    return met;
  }

  async #read(sql: Sql, keys: readonly string[]): Promise<Map<string, string>> {
    const rows = await sql.query<{ key: string; value: string }>(
      "SELECT key, value FROM series_tag WHERE tag = $1 AND key = ANY ($2)",
      [this.#tag, keys],
    );
    return new Map(rows.map(({ key, value }) => [key, value]));
  }
}
