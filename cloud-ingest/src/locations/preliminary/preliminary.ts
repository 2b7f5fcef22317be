import { MAX_SNAPSHOT_BYTES, Snapshot, type SnapshotReadPoint } from "@storeward/contracts";
import { type Clock, type Logger, type Part, systemClock, type Timer, validator } from "@storeward/runtime";
import type { Database, Sql, Transaction } from "../../database/index.js";
import type { PlaceDirectory } from "../../places/index.js";
import type { AgentsThrough, PreliminaryPlace, PreliminaryPlaces } from "../types.js";
import { Assembly } from "./assembly.js";

export interface PreliminaryOptions {
  readonly db: Database;
  readonly agents: AgentsThrough;
  readonly directory: Pick<PlaceDirectory, "readPoint" | "observableOf">;
  readonly log: Logger;
  readonly clock?: Clock;
}

interface Whole {
  readonly readPoints: readonly SnapshotReadPoint[];
  readonly asOf: Date;
}

const TICK_MS = 1_000;
const CLEAR_EVERY_TICKS = 15;

const asSnapshot = validator(Snapshot);

/**
 * What devices that are catching up see now, until their journals have told it (journals.md, "Present before past"). It moves nothing: a
 * place told here is shown beside where the journal has the thing, as preliminary.
 */
export class Preliminary implements Part, PreliminaryPlaces {
  readonly name = "preliminary";
  readonly #options: PreliminaryOptions;
  readonly #clock: Clock;
  readonly #assembly = new Assembly();
  /** Whole and not written yet, the latest of each agent. */
  readonly #whole = new Map<string, Whole>();
  #timer: Timer | undefined;
  #ticks = 0;
  #working: Promise<void> | undefined;

  constructor(options: PreliminaryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  async start(): Promise<void> {
    this.#timer = this.#clock.every(TICK_MS, () => {
      this.#working ??= this.tick().finally(() => {
        this.#working = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.stop();
    await this.#working;
  }

  /** A part of a snapshot of `agent`. What cannot be read is passed over: the next one is a complete one again. */
  receive(agent: string, payload: Buffer): void {
    if (payload.length > MAX_SNAPSHOT_BYTES) return;
    const read = asSnapshot(parse(payload));
    if (!read.ok || read.value.agent !== agent || read.value.part > read.value.parts) return;
    const readPoints = this.#assembly.take(read.value, payload.length, this.#clock.mono());
    // Taken a moment before it was sent, so this is when it held, whatever the device's clock says.
    if (readPoints !== undefined) this.#whole.set(agent, { readPoints, asOf: new Date(this.#clock.wall()) });
  }

  /** Writes down what has come whole, and forgets what the journals have told meanwhile. */
  async tick(): Promise<void> {
    const { db, log } = this.#options;
    const whole = [...this.#whole];
    this.#whole.clear();
    try {
      for (const [agent, one] of whole) await db.transaction((tx) => write(tx, agent, one));
      if (this.#ticks++ % CLEAR_EVERY_TICKS === 0) await this.#clear();
    } catch (error) {
      log.debug({ err: error }, "Snapshots were not written down; the next ones come soon");
    }
  }

  async of(sql: Sql, items: readonly string[]): Promise<Map<string, PreliminaryPlace>> {
    const rows = await sql.query<{ item: string; agent: string; read_point: string; as_of: Date }>(
      `SELECT c.item, s.agent, s.read_point, s.as_of FROM current_tag c JOIN preliminary_sighting s ON s.tag = c.tag
       WHERE c.item = ANY ($1) ORDER BY s.as_of`,
      [items],
    );
    const found = new Map<string, PreliminaryPlace>();
    if (rows.length === 0) return found;
    const { agents, directory } = this.#options;
    const through = await agents.through(sql);
    for (const { item, agent, read_point, as_of } of rows) {
      const point = directory.readPoint(read_point);
      const told = through.get(agent);
      if (point?.role !== "shelf" || (told !== undefined && told >= as_of)) continue;
      found.set(item, { placeId: directory.observableOf(point.placeId), asOf: as_of });
    }
    return found;
  }

  async #clear(): Promise<void> {
    const { db, agents } = this.#options;
    const kept = await db.query<{ agent: string; as_of: Date }>(
      "SELECT agent, max(as_of) AS as_of FROM preliminary_sighting GROUP BY agent",
    );
    if (kept.length === 0) return;
    const through = await agents.through(db);
    const over = kept.filter(({ agent, as_of }) => (through.get(agent) ?? new Date(0)) >= as_of);
    await db.query("DELETE FROM preliminary_sighting WHERE agent = ANY ($1)", [over.map(({ agent }) => agent)]);
  }
}

/** Tags that nothing is bound to say nothing here: the journal will tell of them. */
async function write(tx: Transaction, agent: string, { readPoints, asOf }: Whole): Promise<void> {
  const seen = readPoints
    .filter(({ state }) => state !== "blind")
    .flatMap(({ readPoint, tags }) => tags.map((epc) => [readPoint, epc]));
  await tx.query("DELETE FROM preliminary_sighting WHERE agent = $1", [agent]);
  await tx.query(
    `INSERT INTO preliminary_sighting (agent, tag, read_point, as_of)
     SELECT $1, c.tag, r.read_point, $4 FROM unnest($2::text[], $3::text[]) AS r (read_point, epc) JOIN current_tag c ON c.epc = r.epc
     ON CONFLICT (tag, read_point) DO UPDATE SET agent = excluded.agent, as_of = excluded.as_of`,
    [agent, seen.map(([readPoint]) => readPoint), seen.map(([, epc]) => epc), asOf],
  );
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}
