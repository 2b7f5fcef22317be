import type { ObservationDraft, Site } from "@storeward/contracts";
import { partitionOf } from "@storeward/contracts";
import { createLogger, systemClock } from "@storeward/runtime";
import { uuidv7 } from "uuidv7";
import { migrations as auditMigrations } from "../audit/index.js";
import type { Migration, Sql } from "../database/index.js";
import { type TestDatabase, testDatabase } from "../database/testing.js";
import {
  type Follower,
  Journal,
  migrations as journalMigrations,
  type LogRow,
  type RecordedObservation,
} from "../journal/index.js";
import { LiveHub, migrations as liveMigrations } from "../live/index.js";
import { Places, migrations as placesMigrations } from "../places/index.js";
import { KnownAssignments, TagActs, Tags, migrations as tagMigrations } from "../tags/index.js";
import { EvidenceFollower } from "./evidence-follower.js";
import { createEvidenceLog } from "./evidence-log.js";
import { LocationsFollower } from "./locations-follower.js";
import { migrations } from "./migrations.js";
import { Settler } from "./settler.js";
import { createStayChangeLog } from "./stay-change.js";
import type { ItemCard, ItemCards } from "./types.js";

/** Two stores with a door each to one corridor; shelf A of the first with two boards, a bin in the second. */
export const SITE: Site = {
  site: { id: "mercy", name: "Mercy", timeZone: "UTC", locale: "en", dayStarts: "06:00" },
  places: [
    { id: "mercy", name: "Mercy", type: "site" },
    { id: "floor", name: "Floor", type: "floor", parent: "mercy" },
    { id: "store-1", name: "Store 1", type: "room", parent: "floor" },
    { id: "store-2", name: "Store 2", type: "room", parent: "floor" },
    { id: "corridor", name: "Corridor", type: "room", parent: "floor", neighbours: [] },
    { id: "shelf-a", name: "Shelf A", type: "shelf", parent: "store-1" },
    { id: "board-1", name: "board 1", type: "bin", parent: "shelf-a" },
    { id: "board-2", name: "board 2", type: "bin", parent: "shelf-a" },
    { id: "bin-1", name: "bin 1", type: "bin", parent: "store-2" },
  ],
  readPoints: [
    portal("door-1", "store-1", 1),
    portal("door-2", "store-2", 3),
    { id: "a1", role: "shelf", place: "board-1", antennas: [{ reader: "shelves", antenna: 1 }] },
    { id: "a2", role: "shelf", place: "board-2", antennas: [{ reader: "shelves", antenna: 2 }] },
    { id: "b1", role: "shelf", place: "bin-1", antennas: [{ reader: "shelves", antenna: 3 }] },
  ],
  readers: [reader("doors", "doors"), reader("shelves", "shelves")],
  agents: [{ id: "doors" }, { id: "shelves" }],
};

function portal(id: string, inside: string, antenna: number): Site["readPoints"][number] {
  return {
    id,
    role: "portal",
    inside,
    outside: "corridor",
    antennas: { inside: [{ reader: "doors", antenna }], outside: [{ reader: "doors", antenna: antenna + 1 }] },
  };
}

function reader(id: string, agent: string): Site["readers"][number] {
  const antennas = [1, 2, 3, 4].map((antenna) => ({ antenna, power: 30 }));
  return { id, agent, driver: "llrp", host: "127.0.0.1", region: "ETSI", antennas };
}

type Numbered<T> = T extends { tag: unknown }
  ? Omit<T, "tag"> & { tag: number }
  : T extends { tags: readonly unknown[] }
    ? Omit<T, "tags"> & { tags: { tag: number; strength: unknown }[] }
    : T;
/** What an agent observes; its times are milliseconds since 1970. */
export type Draft = Numbered<ObservationDraft>;

const EPOCH = "ab".repeat(16);
export const BOOT = "cd".repeat(16);

/** The whole path from the journal to locations on a database of its own, followed by hand. */
export class LocatedSite {
  readonly test: TestDatabase;
  readonly places: Places;
  readonly tags = new Tags();
  readonly assignments = new KnownAssignments(this.tags);
  readonly journal = new Journal();
  readonly evidence = createEvidenceLog();
  readonly stayChanges = createStayChangeLog();
  readonly live: LiveHub;
  readonly evidenceFollower: EvidenceFollower;
  readonly locationsFollower: LocationsFollower;
  readonly settler: Settler;
  readonly cards = new FakeCatalog();
  /** How far each agent has looked. */
  readonly through = new Map<string, Date>();
  readonly #seqs = new Map<string, number>();
  readonly #cursors = new Map<string, number>();

  private constructor(test: TestDatabase) {
    const log = createLogger("test", { level: "silent" });
    this.test = test;
    this.places = new Places({ db: test.db, log });
    this.live = new LiveHub({ db: test.db, names: this.cards, log });
    const deps = {
      db: test.db,
      log,
      journal: this.journal,
      evidence: this.evidence,
      stayChanges: this.stayChanges,
      directory: this.places,
      tags: this.assignments,
      cards: this.cards,
      live: this.live,
      clock: systemClock,
      agents: { through: async () => this.through },
    };
    this.evidenceFollower = new EvidenceFollower(deps);
    this.locationsFollower = new LocationsFollower(deps);
    this.settler = new Settler(deps);
  }

  static readonly migrations: readonly Migration[] = [
    journalMigrations,
    placesMigrations,
    tagMigrations,
    auditMigrations,
    liveMigrations,
    migrations,
  ].flat();

  static async open(extra: readonly Migration[] = []): Promise<LocatedSite> {
    const site = new LocatedSite(await testDatabase([...LocatedSite.migrations, ...extra]));
    await site.places.sync(SITE);
    return site;
  }

  get sql(): Sql {
    return this.test.db;
  }

  placeId(code: string): string {
    const id = this.places.byCode(code)?.id;
    if (id === undefined) throw new RangeError(`no place ${code}`);
    return id;
  }

  placeCode(id: string | null): string | null {
    return id === null ? null : (this.places.byId(id)?.code ?? null);
  }

  /** A new item without a tag; `home` is the code of a place. */
  item({ kind = "Infusion pump", home }: { kind?: string; home?: string } = {}): string {
    const id = uuidv7();
    this.cards.add({ id, epc: null, name: "Pump", kind }, home === undefined ? null : this.placeId(home));
    return id;
  }

  /** A tag that no item has. */
  async tag(epc: string): Promise<number> {
    const numbers = await this.test.db.transaction((tx) => this.tags.numbers(tx, [{ epc }]));
    return numbers.get(epc) ?? Number.NaN;
  }

  /** A new item with a tag bound to it since long. */
  async tagged(epc: string, about: { kind?: string; home?: string } = {}): Promise<{ item: string; tag: number }> {
    const item = this.item(about);
    await this.act("bind", item, epc, new Date(0));
    return { item, tag: await this.tag(epc) };
  }

  async act(act: "bind" | "retire" | "replace", item: string, epc: string, at: Date): Promise<void> {
    const items = { names: async () => new Map<string, string>(), accept: async () => undefined };
    const acts = new TagActs({ tags: this.tags, journal: this.journal, items });
    const source = { actor: "tester", ip: null, requestId: null };
    await this.test.db.transaction((tx) => acts.act(tx, item, { act, epc, validFrom: at.toISOString() }, source));
  }

  /** Journals rows of an agent as observed at a moment (ms since 1970). Their followers run only when told. */
  observe(agent: string, observedAt: number, ...drafts: Draft[]): Promise<void> {
    return this.observeWrong(agent, 0, observedAt, ...drafts);
  }

  /** The same with a clock that is ahead by so many ms: what {@link redate} puts right. */
  async observeWrong(agent: string, ahead: number, observedAt: number, ...drafts: Draft[]): Promise<void> {
    const at = { boot: BOOT, mono: observedAt, wall: "2026-01-01T00:00:00.000Z" };
    const rows = drafts.map((draft) => {
      const seq = (this.#seqs.get(agent) ?? 0) + 1;
      this.#seqs.set(agent, seq);
      const body = { ...draft, at, config: 1 } as unknown as RecordedObservation;
      const dated = { observedAt: new Date(observedAt + ahead), monoOffset: ahead };
      return { agent, epoch: EPOCH, seq, type: draft.type, ...dated, body };
    });
    await this.test.db.transaction((tx) => this.journal.append(tx, partitionOf(agent), rows));
  }

  /** Journals that rows of the agent were dated by a clock that was wrong; now by one that is ahead by so many ms. */
  async redate(agent: string, from: number, to: number, until = to, ahead = 0): Promise<void> {
    const what = { agent, epoch: EPOCH, boot: BOOT, from, to, until, recorded: ["-infinity", "infinity"] as const };
    const body = { type: "redated" as const, ...what, offsetMs: ahead, was: [0, 0] as const };
    await this.test.db.transaction((tx) => this.journal.appendRedated(tx, agent, [body]));
  }

  /** Runs both followers until they have seen everything. */
  async follow(): Promise<void> {
    await this.followAll(this.evidenceFollower);
    await this.followAll(this.locationsFollower);
  }

  /** Runs a follower over everything it has not seen. */
  async followAll<Row extends LogRow<unknown>>(follower: Follower<Row>): Promise<void> {
    const heads = await follower.log.heads(this.sql);
    for (const [partition, head] of heads) {
      const key = `${follower.name} ${partition}`;
      for (let cursor = this.#cursors.get(key) ?? 0; cursor < head; cursor = this.#cursors.get(key) ?? head)
        await this.test.db.transaction(async (tx) => {
          const rows = await follower.log.read(tx, partition, cursor, 100);
          await follower.handle(tx, rows);
          this.#cursors.set(key, rows.at(-1)?.pos ?? head);
        });
    }
  }

  close(): Promise<void> {
    return this.test.close();
  }
}

class FakeCatalog implements ItemCards {
  readonly #cards = new Map<string, ItemCard>();

  readonly #homes = new Map<string, string | null>();

  add(card: ItemCard, home: string | null): void {
    this.#cards.set(card.id, card);
    this.#homes.set(card.id, home);
  }

  async seriesItems(
    _sql: Sql,
    asked: readonly { readonly item: string }[],
  ): Promise<({ kind: string; home: string | null } | undefined)[]> {
    return asked.map(({ item }) => {
      const card = this.#cards.get(item);
      return card && { kind: card.kind, home: this.#homes.get(item) ?? null };
    });
  }

  async cards(_sql: Sql, items: readonly string[]): Promise<Map<string, ItemCard>> {
    return new Map(
      items.flatMap((id) => {
        const card = this.#cards.get(id);
        return card === undefined ? [] : [[id, card]];
      }),
    );
  }
}
