import type { ItemTrouble, TroubleKind } from "@storeward/contracts";
import { type Clock, isoMs, systemClock } from "@storeward/runtime";
import type { Sql } from "../database/index.js";
import type { PlaceWatch, WhereAbouts, Whereabout } from "../locations/index.js";
import type { PlaceDirectory } from "../places/index.js";
import { type StoredRule, storedRules } from "./kind-rules.js";
import { misplacement, type PlaceRule } from "./misplacement.js";

export interface TroublesDeps {
  readonly places: PlaceDirectory;
  readonly whereabouts: WhereAbouts;
  readonly watch: PlaceWatch;
  readonly clock?: Clock;
}

/** An item's kind and its own home, which goes before the kind's. */
interface Ruled {
  readonly id: string;
  readonly key: string;
  readonly home: string | null;
}

/** With where it is to be brought: its home, else where its kind may be. */
interface Rule extends PlaceRule {
  readonly belongs: readonly string[];
}

const NO_RULE: Omit<StoredRule, "key" | "kind"> = {
  allowedPlaces: [],
  homePlaces: [],
  wrongPlaceAfter: 600,
  missingAfter: 1800,
};
/** Things in trouble that are looked at for one answer, at most. */
const MAX_LOOKED_AT = 5_000;

/** How many things of a kind there are, and how many are in which trouble; of each trouble {@link MAX_LOOKED_AT} at most. */
export interface KindTroubles {
  readonly kind: string;
  readonly items: number;
  readonly wrongPlace: number;
  readonly missing: number;
}

/** Things that are where they should not be, or not where they should be. */
export class Troubles {
  readonly #deps: TroublesDeps;
  readonly #clock: Clock;

  constructor(deps: TroublesDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  /** Of these things those in trouble. */
  async of(sql: Sql, at: ReadonlyMap<string, Whereabout>): Promise<Map<string, ItemTrouble>> {
    if (at.size === 0) return new Map();
    const [items, stored] = await Promise.all([
      sql.query<Ruled>("select id, kind_key as key, home_place as home from item where id = any($1)", [[...at.keys()]]),
      storedRules(sql),
    ]);
    const rules = new Map(stored.map((rule) => [rule.key, rule]));
    const ruled = items.flatMap(({ id, key, home }) => {
      const whereabout = at.get(id);
      return whereabout === undefined ? [] : [{ id, whereabout, rule: this.#ruleOf(rules.get(key) ?? NO_RULE, home) }];
    });
    const watched = await this.#watched(sql, ruled);
    const found = new Map<string, ItemTrouble>();
    for (const { id, whereabout, rule } of ruled) {
      const trouble = this.#troubleOf(whereabout, rule, watched.get(id));
      if (trouble !== undefined) found.set(id, trouble);
    }
    return found;
  }

  /** Everything in this trouble; where there is very much, the first by id. */
  async all(sql: Sql, kind: TroubleKind): Promise<string[]> {
    const candidates = kind === "missing" ? await this.#maybeMissing(sql) : await this.#maybeWrong(sql);
    const found = await this.of(sql, await this.#deps.whereabouts.of(sql, candidates));
    return [...found].flatMap(([id, trouble]) =>
      (kind === "missing" ? trouble.missing : trouble.wrongPlace) === undefined ? [] : [id],
    );
  }

  /** Of each kind that can be in trouble how many things there are, and how many of them are. */
  async countByKind(sql: Sql): Promise<KindTroubles[]> {
    const wrong = await this.all(sql, "wrong-place");
    const missing = await this.all(sql, "missing");
    return sql.query<KindTroubles>(
      `select min(i.kind) as kind, count(*) as items, count(*) filter (where i.id = any($1)) as "wrongPlace",
         count(*) filter (where i.id = any($2)) as missing
       from item i left join kind_rule r using (kind_key) where i.home_place is not null or r.kind_key is not null group by i.kind_key`,
      [wrong, missing],
    );
  }

  /** By the tables alone; blindness is taken off afterwards. */
  async #maybeWrong(sql: Sql): Promise<string[]> {
    const candidates: string[] = [];
    for (const rule of await storedRules(sql)) {
      const { allowed } = this.#ruleOf(rule, null);
      if (allowed === undefined) continue;
      const rows = await sql.query<{ id: string }>(
        `select i.id from item i join item_whereabout w on w.item = i.id
         where i.kind_key = $1 and w.state_base = 'here' and w.place <> all($2::uuid[]) and w.since <= $3 order by i.id limit $4`,
        [rule.key, [...allowed], isoMs(this.#clock.wall() - rule.wrongPlaceAfter * 1000), MAX_LOOKED_AT],
      );
      candidates.push(...rows.map(({ id }) => id));
    }
    return candidates.slice(0, MAX_LOOKED_AT);
  }

  async #maybeMissing(sql: Sql): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      `select i.id from item i join item_whereabout w on w.item = i.id left join kind_rule r on r.kind_key = i.kind_key
       where (i.home_place is not null or cardinality(r.home_places) > 0) and w.seen_at is not null
         and (w.state_base = 'left' or w.p < 0.5) order by i.id limit $1`,
      [MAX_LOOKED_AT],
    );
    return rows.map(({ id }) => id);
  }

  #ruleOf(rule: Omit<StoredRule, "key" | "kind">, home: string | null): Rule {
    const { allowedPlaces, homePlaces, wrongPlaceAfter, missingAfter } = rule;
    const { places } = this.#deps;
    const expected = home === null ? homePlaces : [home];
    const allowed = new Set<string>();
    // Where readers tell no places apart, the whole is where it may be.
    const named = allowedPlaces.length === 0 ? [] : [...allowedPlaces, ...homePlaces, ...(home === null ? [] : [home])];
    for (const place of named)
      if (places.byId(place) !== undefined)
        for (const one of [places.observableOf(place), ...places.within(place)]) allowed.add(one);
    return {
      allowed: allowed.size === 0 ? undefined : allowed,
      expected,
      belongs: expected.length > 0 ? expected : allowedPlaces,
      wrongPlaceAfter,
      missingAfter,
    };
  }

  /** Of what may be missing: for how long all the places in question have been watched since. */
  async #watched(
    sql: Sql,
    ruled: readonly { readonly id: string; readonly whereabout: Whereabout; readonly rule: Rule }[],
  ): Promise<Map<string, number | undefined>> {
    const asked = ruled.flatMap(({ id, whereabout: { state, placeId, seenAt }, rule }) => {
      if (seenAt === null || (state !== "left" && state !== "unknown")) return [];
      const last = state === "unknown" && placeId !== null ? [placeId] : [];
      return [...new Set([...rule.expected, ...last])].map((place) => ({
        id,
        place,
        after: seenAt,
        withinSeconds: rule.missingAfter,
      }));
    });
    const seconds = asked.length === 0 ? [] : await this.#deps.watch.watchedSeconds(sql, asked);
    const found = new Map<string, number | undefined>();
    for (const [index, { id }] of asked.entries()) {
      const one = seconds[index];
      const before = found.has(id) ? found.get(id) : Number.POSITIVE_INFINITY;
      found.set(id, one === undefined || before === undefined ? undefined : Math.min(one, before));
    }
    return found;
  }

  #troubleOf(at: Whereabout, rule: Rule, watchedSeconds: number | undefined): ItemTrouble | undefined {
    const { state, placeId } = at;
    const moments = { since: at.since?.getTime() ?? null, seenAt: at.seenAt?.getTime() ?? null };
    const facts = { state, placeId, ...moments, watchedSeconds, now: this.#clock.wall() };
    const { wrongPlace, missing } = misplacement(facts, rule);
    if (wrongPlace === undefined && missing === undefined) return undefined;
    const { places } = this.#deps;
    const expected = rule.belongs.flatMap((place) => places.byId(place) ?? []);
    const lastPlace = placeId === null ? null : (places.byId(placeId) ?? null);
    return {
      ...(wrongPlace && { wrongPlace: { since: isoMs(wrongPlace.since), expected } }),
      ...(missing && {
        missing: {
          since: isoMs(missing.since),
          watchedSeconds: Math.round(missing.watchedSeconds),
          lastPlace,
          expected,
        },
      }),
    };
  }
}
