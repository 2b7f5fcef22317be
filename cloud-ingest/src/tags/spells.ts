import { SYSTEM } from "../audit/index.js";
import type { Transaction } from "../database/index.js";
import type { Act } from "../journal/index.js";
import type { RowPlace } from "./act-list.js";

/** A tag on an item, and the act by which that is known. */
export interface KnownSpell {
  readonly tag: number;
  readonly item: string;
  readonly from: Date;
  readonly to: Date | null;
  readonly boundBy: string;
  /** Who did it; null: it is known from an earlier release. */
  readonly actor: string | null;
  readonly agent: string | null;
  readonly epoch: string | null;
  readonly seq: number | null;
}

/** What is known now of these tags, in the order of time. */
export function spellsOf(tx: Transaction, tags: ReadonlySet<number>): Promise<KnownSpell[]> {
  return tx.query<KnownSpell>(
    `select s.tag, s.item, s.valid_from as "from", s.valid_to as "to", s.bound_by as "boundBy", a.actor, a.agent, a.epoch, a.seq
     from tag_assignment s left join tag_act a on a.id = s.made_by
     where s.recorded_to is null and s.tag = any($1::bigint[]) order by s.tag, s.valid_from`,
    [[...tags]],
  );
}

/** The tags that are on these items, or that were until the act `first` or one after it. */
export async function tagsOn(tx: Transaction, items: ReadonlySet<string>, first: number): Promise<number[]> {
  const rows = await tx.query<{ tag: number }>(
    `select tag from tag_assignment where item = any($1::uuid[]) and recorded_to is null
     union select tag from tag_assignment where item = any($1::uuid[]) and made_by >= $2
     union select tag from tag_assignment where item = any($1::uuid[]) and ended_by >= $2`,
    [[...items], first],
  );
  return rows.map(({ tag }) => tag);
}

/** What the journal is to be told where tags are on other items than before, or since or until another time; last of each tag what holds now. */
export function told(before: readonly KnownSpell[], after: readonly KnownSpell[]): Act[] {
  const tags = new Set([...before, ...after].map(({ tag }) => tag));
  return [...tags].flatMap((tag) => {
    const was = before.filter((spell) => spell.tag === tag);
    const is = after.filter((spell) => spell.tag === tag);
    const same = is.findIndex((spell, n) => !isSame(spell, was[n]));
    const first = same === -1 ? is.length : same;
    const never = was.slice(first).filter((spell) => !is.some((other) => overlap(spell, other)));
    return [...never.map(neverWas), ...is.slice(first).flatMap(wordsOf)];
  });
}

function isSame(a: KnownSpell, b: KnownSpell | undefined): boolean {
  return b !== undefined && a.item === b.item && ms(a.from) === ms(b.from) && ms(a.to) === ms(b.to);
}

function overlap(a: KnownSpell, b: KnownSpell): boolean {
  return a.item === b.item && ms(a.from) < ms(b.to) && ms(b.from) < ms(a.to);
}

/** Milliseconds since 1970; of an end that is to come: infinity. */
function ms(at: Date | null): number {
  return at === null ? Number.POSITIVE_INFINITY : at.getTime();
}

/** As of one that is retired in the moment it was bound. */
function neverWas({ tag, item, from }: KnownSpell): Act {
  return { type: "act", act: "tag-retired", tag, item, validFrom: from.toISOString(), actor: SYSTEM.actor };
}

function wordsOf(spell: KnownSpell): Act[] {
  const { tag, item, from, to, boundBy } = spell;
  const of = placeOf(spell);
  const word = { type: "act" as const, tag, item, ...(of !== undefined && { of }) };
  const bound: Act = { ...word, act: "tag-bound", validFrom: from.toISOString(), actor: boundBy };
  if (to === null) return [bound];
  return [bound, { ...word, act: "tag-retired", validFrom: to.toISOString(), actor: spell.actor ?? boundBy }];
}

function placeOf({ agent, epoch, seq }: KnownSpell): RowPlace | undefined {
  return agent === null || epoch === null || seq === null ? undefined : { agent, epoch, seq };
}
