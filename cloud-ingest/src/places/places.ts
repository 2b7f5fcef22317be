import { checkSite, type PlaceRef, type ReadPoint, type Site } from "@storeward/contracts";
import { defineErrors, type Logger } from "@storeward/runtime";
import type { Database } from "../database/index.js";
import { Directory, type PlaceRow } from "./directory.js";
import { EarlierPlaces } from "./earlier.js";
import { type SyncResult, syncSite } from "./sync.js";
import type { DirectoryPlace, DirectoryReadPoint, PlaceDirectory, PlaceHistory } from "./types.js";

const E = defineErrors({
  SITE_INVALID: { template: "The site cannot be used: {problems}" },
  SITE_NOT_LOADED: { template: "The places have not been loaded yet", status: 503, retryable: true },
});

/** The directory that stays the same object while the site changes under it. */
export class Places implements PlaceHistory {
  readonly #db: Database;
  readonly #log: Logger;
  #directory: Directory | undefined;
  #earlier = EarlierPlaces.NONE;

  constructor({ db, log }: { readonly db: Database; readonly log: Logger }) {
    this.#db = db;
    this.#log = log;
  }

  /** Writes the site into the tables and loads it. SITE_INVALID names everything that is wrong with it. */
  async sync(site: Site): Promise<SyncResult> {
    const problems = checkSite(site);
    if (problems.length > 0)
      throw E.SITE_INVALID({ problems: problems.map(({ path, message }) => `${path}: ${message}`).join("; ") });
    const result = await this.#db.transaction((tx) => syncSite(tx, site), { long: true });
    await this.load(site.site.id);
    if (result.opened + result.changed + result.closed > 0)
      this.#log.info(result, "places brought to the site's description");
    return result;
  }

  /** Loads the directory from the tables. */
  async load(site: string): Promise<void> {
    const [head] = await this.#db.query<Site["site"]>(
      `select code as id, name, time_zone as "timeZone", locale, day_starts as "dayStarts" from site where code = $1`,
      [site],
    );
    if (head === undefined) throw E.SITE_NOT_LOADED();
    const rows = await this.#db.query<PlaceRow>(
      `select distinct on (p.id) p.id, p.code, v.valid_to is null as open, v.name, v.type, v.parent, v.outline, v.position, v.neighbours
       from place p join place_version v on v.place = p.id
       where p.site = $1 order by p.id, v.valid_from desc`,
      [site],
    );
    const points = await this.#db.query<{ definition: ReadPoint }>(
      "select definition from read_point_version where valid_to is null and site = $1 order by read_point",
      [site],
    );
    this.#directory = new Directory(
      head,
      rows,
      points.map(({ definition }) => definition),
    );
    this.#earlier = await EarlierPlaces.load(this.#db, head);
  }

  at(moment: number): PlaceDirectory {
    return this.#earlier.at(moment) ?? this.#current;
  }

  get #current(): Directory {
    if (this.#directory === undefined) throw E.SITE_NOT_LOADED();
    return this.#directory;
  }

  get site(): Site["site"] {
    return this.#current.site;
  }
  byCode(code: string): PlaceRef | undefined {
    return this.#current.byCode(code);
  }
  byId(id: string): PlaceRef | undefined {
    return this.#current.byId(id);
  }
  observableOf(id: string): string {
    return this.#current.observableOf(id);
  }
  zoneAroundShelf(readPoint: string): string | undefined {
    return this.#current.zoneAroundShelf(readPoint);
  }
  readPoint(code: string): DirectoryReadPoint | undefined {
    return this.#current.readPoint(code);
  }
  readPoints(): readonly DirectoryReadPoint[] {
    return this.#current.readPoints();
  }
  all(): readonly DirectoryPlace[] {
    return this.#current.all();
  }
  within(id: string): readonly string[] {
    return this.#current.within(id);
  }
  distancesFrom(id: string): ReadonlyMap<string, number> {
    return this.#current.distancesFrom(id);
  }
}
