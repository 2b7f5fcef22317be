import { isPersonTag } from "@storeward/codecs/epc";
import { arrayOf, type Sql, type Transaction } from "../database/index.js";
import type { ReportedTag, TagAssignments, TagRegister, TagSpell } from "./types.js";

interface Numbered {
  readonly number: number;
  readonly epc: string;
}

/** The register of tags, and which item they were on. */
export class Tags implements TagRegister, TagAssignments {
  async numbers(tx: Transaction, tags: readonly ReportedTag[]): Promise<Map<string, number>> {
    const met = merged(tags);
    const epcs = [...met.keys()].sort();
    const numbers = new Map<string, number>();
    const learn = (rows: readonly Numbered[]) => {
      for (const { epc, number } of rows) numbers.set(epc, number);
    };
    const missing = () => epcs.filter((epc) => !numbers.has(epc));

    const known = await tx.query<Numbered & { bare: boolean }>(
      "select number, epc, pc is null or tid is null as bare from tag where epc = any($1)",
      [epcs],
    );
    learn(known);
    await addMemory(
      tx,
      known.flatMap(({ epc, bare }) => (bare ? (met.get(epc) ?? []) : [])),
    );
    const fresh = missing().flatMap((epc) => met.get(epc) ?? []);
    if (fresh.length > 0) learn(await insert(tx, fresh));
    // Another transaction has inserted it meanwhile, and the insert has waited for its commit.
    if (missing().length > 0) learn(await tx.query("select number, epc from tag where epc = any($1)", [missing()]));
    return numbers;
  }

  async itemsOf(sql: Sql, tags: readonly number[], at: Date): Promise<Map<number, string>> {
    const items = await this.itemsAt(
      sql,
      tags.map((tag) => ({ tag, at })),
    );
    return new Map(tags.flatMap((tag, i) => (items[i] === undefined ? [] : [[tag, items[i]]])));
  }

  async itemsAt(
    sql: Sql,
    sightings: readonly { readonly tag: number; readonly at: Date }[],
  ): Promise<(string | undefined)[]> {
    if (sightings.length === 0) return [];
    const rows = await sql.query<{ item: string | null }>(
      `select a.item from unnest($1::bigint[], $2::timestamptz[]) with ordinality s (tag, at, n)
       left join tag_assignment a on a.tag = s.tag and a.recorded_to is null
         and a.valid_from <= s.at and (a.valid_to is null or a.valid_to > s.at)
       order by s.n`,
      [arrayOf("int8", sightings, ({ tag }) => tag), arrayOf("timestamptz", sightings, ({ at }) => at)],
    );
    return rows.map(({ item }) => item ?? undefined);
  }

  async boundAfter(sql: Sql, sightings: readonly { readonly tag: number; readonly at: Date }[]): Promise<number[]> {
    if (sightings.length === 0) return [];
    const rows = await sql.query<{ tag: number }>(
      `select distinct s.tag from unnest($1::bigint[], $2::timestamptz[]) s (tag, at)
       join tag_assignment a on a.tag = s.tag and a.recorded_to is null and a.valid_from > s.at order by 1`,
      [arrayOf("int8", sightings, ({ tag }) => tag), arrayOf("timestamptz", sightings, ({ at }) => at)],
    );
    return rows.map(({ tag }) => tag);
  }

  async spellsOf(sql: Sql, tags: readonly number[]): Promise<TagSpell[]> {
    return sql.query<TagSpell>(
      `select tag, item, valid_from as "from", valid_to as "to" from tag_assignment
       where recorded_to is null and tag = any($1::bigint[]) order by valid_from, tag`,
      [arrayOf("int8", tags, (tag) => tag)],
    );
  }
}

/** One entry an EPC, with whatever any of its reports tells. */
function merged(tags: readonly ReportedTag[]): Map<string, ReportedTag> {
  const met = new Map<string, ReportedTag>();
  for (const tag of tags) {
    const before = met.get(tag.epc);
    met.set(tag.epc, { epc: tag.epc, pc: before?.pc ?? tag.pc, tid: before?.tid ?? tag.tid });
  }
  return met;
}

/** In the order given, which is that of the EPCs: two transactions with the same tags wait for each other and do not deadlock. */
function insert(tx: Transaction, tags: readonly ReportedTag[]): Promise<Numbered[]> {
  return tx.query<Numbered>(
    `insert into tag (epc, pc, tid, person)
     select epc, pc, tid, person from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) as x (epc, pc, tid, person)
     on conflict (epc) do nothing returning number, epc`,
    [
      tags.map(({ epc }) => epc),
      tags.map(({ pc }) => pc ?? null),
      tags.map(({ tid }) => tid ?? null),
      tags.map(({ epc }) => isPersonTag(epc)),
    ],
  );
}

/** The first PC word and TID that are told of a tag stay. */
async function addMemory(tx: Transaction, tags: readonly ReportedTag[]): Promise<void> {
  const telling = tags.filter(({ pc, tid }) => pc !== undefined || tid !== undefined);
  if (telling.length === 0) return;
  await tx.query(
    `with told as (select * from unnest($1::text[], $2::text[], $3::text[]) as x (epc, pc, tid)),
     locked as (
       select t.number, told.pc, told.tid from tag t join told using (epc)
       where (t.pc is null and told.pc is not null) or (t.tid is null and told.tid is not null)
       order by t.epc for update of t
     )
     update tag t set pc = coalesce(t.pc, l.pc), tid = coalesce(t.tid, l.tid) from locked l where l.number = t.number`,
    [telling.map(({ epc }) => epc), telling.map(({ pc }) => pc ?? null), telling.map(({ tid }) => tid ?? null)],
  );
}
