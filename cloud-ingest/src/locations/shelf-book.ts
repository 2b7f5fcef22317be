import { arrayOf, columns, type Transaction } from "../database/index.js";
import type { JournalRow, RecordedObservation } from "../journal/index.js";
import type { DatedZones, Sighting, Zones } from "./sighting.js";

type Inventoried = Extract<RecordedObservation, { type: "inventoried" }>;

const SHELF_TAG = columns({ read_point: "text", tag: "int8" });

/** What an inventory of a shelf says of the tags that it should have found and did not. */
export function missedAt(row: JournalRow, body: Inventoried, zones: Zones, tags: readonly number[]): Sighting[] {
  const point = zones.readPoint(body.readPoint);
  if (point?.role !== "shelf") return [];
  const { completeness } = body;
  return tags.map((tag) => ({
    tag,
    at: Math.round(body.to + row.monoOffset),
    agent: row.agent,
    epoch: row.epoch,
    seq: row.seq,
    type: body.type,
    readPoint: body.readPoint,
    observedAt: row.observedAt.getTime(),
    fact: { kind: "missed", ...zones.shelf(point), completeness },
  }));
}

/**
 * Which tags each shelf holds by its agent's own words, so that an inventory that is whole tells which of them it missed. An agent's rows come in
 * its own order, so this is the same however agents are interleaved.
 */
export class ShelfBook {
  readonly #tx: Transaction;
  readonly #zones: DatedZones;
  readonly #notes = new Map<string, { readPoint: string; tag: number; held: boolean }>();
  /** What the shelves hold that are inventoried. */
  readonly #shelves = new Map<string, Set<number>>();

  constructor(tx: Transaction, zones: DatedZones) {
    this.#tx = tx;
    this.#zones = zones;
  }

  /** Reads what the shelves hold that these rows inventory: to be called first. */
  async load(rows: readonly JournalRow[]): Promise<void> {
    for (const { body } of rows) if (body.type === "inventoried") this.#shelves.set(body.readPoint, new Set());
    if (this.#shelves.size === 0) return;
    const held = await this.#tx.query<{ read_point: string; tag: number }>(
      "SELECT read_point, tag FROM shelf_tag WHERE read_point = ANY ($1)",
      [[...this.#shelves.keys()]],
    );
    for (const { read_point, tag } of held) this.#shelves.get(read_point)?.add(tag);
  }

  note({ readPoint, tag, fact }: Sighting): void {
    if (fact.kind !== "present" && fact.kind !== "gone") return;
    const held = fact.kind === "present";
    this.#notes.set(`${readPoint} ${tag}`, { readPoint, tag, held });
    if (held) this.#shelves.get(readPoint)?.add(tag);
    else this.#shelves.get(readPoint)?.delete(tag);
  }

  /** What the inventory that this row ends should have found and did not; nothing while parts of it are to come. */
  async missedBy(row: JournalRow, body: Inventoried): Promise<Sighting[]> {
    const zones = this.#zones.of(row);
    if (zones.readPoint(body.readPoint)?.role !== "shelf") return [];
    const found = await this.#whole(row.agent, body);
    if (found === undefined) return [];
    const present = new Set(found);
    const missed = [...(this.#shelves.get(body.readPoint) ?? [])].filter((tag) => !present.has(tag));
    return missedAt(
      row,
      body,
      zones,
      missed.sort((a, b) => a - b),
    );
  }

  async flush(): Promise<void> {
    const notes = [...this.#notes.values()];
    this.#notes.clear();
    if (notes.length === 0) return;
    const lists = (held: boolean) => {
      const some = notes.filter((note) => note.held === held);
      return [arrayOf("text", some, ({ readPoint }) => readPoint), arrayOf("int8", some, ({ tag }) => tag)];
    };
    await Promise.all([
      this.#tx.query(
        `DELETE FROM shelf_tag s USING (${SHELF_TAG.rows}) n WHERE s.read_point = n.read_point AND s.tag = n.tag`,
        lists(false),
      ),
      this.#tx.query(
        `INSERT INTO shelf_tag (${SHELF_TAG.names}) ${SHELF_TAG.rows} ON CONFLICT DO NOTHING`,
        lists(true),
      ),
    ]);
  }

  /** The tags of all parts, once all are here. */
  async #whole(agent: string, { inventory, part, parts, tags }: Inventoried): Promise<number[] | undefined> {
    const numbers = tags.map(({ tag }) => tag);
    if (parts === 1) return numbers;
    await this.#tx.query(
      "INSERT INTO inventory_part (agent, inventory, part, tags) VALUES ($1, $2, $3, $4::int8[]) ON CONFLICT DO NOTHING",
      [agent, inventory, part, numbers],
    );
    const kept = await this.#tx.query<{ tags: number[] }>(
      "SELECT tags FROM inventory_part WHERE agent = $1 AND inventory = $2",
      [agent, inventory],
    );
    if (kept.length < parts) return undefined;
    await this.#tx.query("DELETE FROM inventory_part WHERE agent = $1 AND inventory = $2", [agent, inventory]);
    return kept.flatMap((each) => each.tags);
  }
}
