import type { Sql } from "../database/index.js";
import { kindKey, wordsOf } from "./words.js";

export interface Match {
  readonly id: string;
  readonly nameKey: string;
}

export interface Filter {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  /** Only what is, or was last, in one of these. */
  readonly places?: readonly string[] | undefined;
  /** Only of these. */
  readonly ids?: readonly string[] | undefined;
  /** Only what comes after this in the order of names. */
  readonly after?: Match | undefined;
}

const MAX_WORDS = 12;
/** A beginning that more EPCs share is that of a company, and tells no things apart. */
const MAX_TAGS = 10_000;

/** Items that match, by name. Every word asked for must begin a word of the item, or its current EPC. */
export async function matches(sql: Sql, filter: Filter, limit: number): Promise<Match[]> {
  const words = wordsOf(filter.q ?? "").slice(0, MAX_WORDS);
  if (words.length === 0 && (filter.q ?? "").trim() !== "") return [];
  const values: unknown[] = [];
  const value = (one: unknown) => `$${values.push(one)}`;
  const conditions = words.map((word) => {
    const inWords = `words @@ ${value(`'${word}':*`)}::tsquery`;
    if (!/^[0-9a-f]{4,124}$/.test(word)) return `i.${inWords}`;
    // As a union each half goes by its own index.
    const onTag = `select item from current_tag where epc like ${value(`${word.toUpperCase()}%`)} limit ${MAX_TAGS}`;
    return `i.id in (select id from item where ${inWords} union all (${onTag}))`;
  });
  const { kind, places, ids, after } = filter;
  if (ids !== undefined) conditions.push(`i.id = any(${value(ids)}::uuid[])`);
  if (kind !== undefined) conditions.push(`i.kind_key = ${value(kindKey(kind))}`);
  if (places !== undefined)
    conditions.push(`i.id in (select item from item_whereabout where place = any(${value(places)}::uuid[]))`);
  if (after !== undefined) conditions.push(`(i.name_key, i.id) > (${value(after.nameKey)}, ${value(after.id)}::uuid)`);
  return sql.query<Match>(
    `select i.id, i.name_key as "nameKey" from item i
     where ${conditions.length === 0 ? "true" : conditions.join(" and ")}
     order by i.name_key, i.id limit ${value(limit)}`,
    values,
  );
}
