import type { ReadPoint, Site } from "@storeward/contracts";
import type { Sql } from "../database/index.js";
import { Directory, type PlaceRow } from "./directory.js";
import type { PlaceDirectory } from "./types.js";

/** A version with the moments between which it holds, ms since 1970; both may be infinite. */
interface Version {
  readonly from: number;
  readonly to: number;
}
type PlaceVersion = Version & Omit<PlaceRow, "open">;
type ReadPointVersion = Version & { readonly definition: ReadPoint };

/** Directories that are kept; of more moments the one that was needed first is made again. */
const KEPT = 16;

/** What the site was before its last change, by all versions of its places and read points. */
export class EarlierPlaces {
  static readonly NONE = new EarlierPlaces({ id: "", name: "", timeZone: "", locale: "", dayStarts: "" }, [], []);

  readonly #site: Site["site"];
  readonly #places: readonly PlaceVersion[];
  readonly #readPoints: readonly ReadPointVersion[];
  /** The moments at which anything changed, in order. */
  readonly #changes: readonly number[];
  readonly #made = new Map<number, PlaceDirectory>();

  private constructor(site: Site["site"], places: readonly PlaceVersion[], readPoints: readonly ReadPointVersion[]) {
    this.#site = site;
    this.#places = places;
    this.#readPoints = readPoints;
    const moments = [...places, ...readPoints].flatMap(({ from, to }) => [from, to]).filter(Number.isFinite);
    this.#changes = [...new Set(moments)].sort((a, b) => a - b);
  }

  static async load(sql: Sql, site: Site["site"]): Promise<EarlierPlaces> {
    const between = (column: string) => `extract(epoch from ${column}) * 1000`;
    const spell = `(${between("v.valid_from")})::float8 as "from", coalesce(${between("v.valid_to")}, 'infinity')::float8 as "to"`;
    const places = await sql.query<PlaceVersion>(
      `select p.id, p.code, v.name, v.type, v.parent, v.outline, v.position, v.neighbours, ${spell}
       from place p join place_version v on v.place = p.id where p.site = $1 order by p.id, v.valid_from`,
      [site.id],
    );
    const readPoints = await sql.query<ReadPointVersion>(
      `select v.definition, ${spell} from read_point_version v where v.site = $1 order by v.read_point, v.valid_from`,
      [site.id],
    );
    return new EarlierPlaces(site, places, readPoints);
  }

  /** Undefined from the last change on: that is what holds today. */
  at(moment: number): PlaceDirectory | undefined {
    const next = this.#changes.findIndex((change) => moment < change);
    if (next === -1) return undefined;
    const made = this.#made.get(next) ?? this.#make(moment);
    if (!this.#made.has(next) && this.#made.size >= KEPT) {
      const [oldest] = this.#made.keys();
      if (oldest !== undefined) this.#made.delete(oldest);
    }
    this.#made.set(next, made);
    return made;
  }

  /**
   * Places that were closed by then count too, as they were called last: a read point that was entered later holds since ever, and may be in a
   * place that was not always open.
   */
  #make(moment: number): Directory {
    const places = new Map<string, PlaceRow>();
    for (const { from, to: _, ...place } of this.#places)
      if (from <= moment) places.set(place.id, { ...place, open: true });
    const readPoints = this.#readPoints.flatMap(({ from, to, definition }) =>
      from <= moment && moment < to ? [definition] : [],
    );
    return new Directory(this.#site, [...places.values()], readPoints);
  }
}
