import type { KeptEpoch } from "@storeward/contracts";
import { type Clock, crashPoint, type Logger, nextChain, randomHex } from "@storeward/runtime";
import { bodyOf, headText, instantNow } from "./body.js";
import { type DamagedEpoch, DamagedFile, type Place } from "./damaged-file.js";
import type { Sqlite } from "./database.js";
import type { EpochRow } from "./epoch-store.js";
import { sqliteCode } from "./errors.js";
import type { KnownHead } from "./head-file.js";
import { salvagedNote } from "./lasting-problems.js";
import { carried, type Position, WHY } from "./lost.js";
import { copyOf } from "./origin.js";
import { type Found, provenRows } from "./proven-rows.js";
import { RowStore } from "./row-store.js";

export interface SalvageParts {
  /** The new journal. */
  readonly db: Sqlite;
  /** The damaged file. */
  readonly aside: string;
  readonly reason: string;
  /** What the damaged journal is known to have had. */
  readonly known: KnownHead | undefined;
  readonly config: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the disk has room for the new journal to work in after this. */
  readonly hasRoom: () => boolean;
}

export interface Salvaged {
  readonly rows: number;
  readonly lost: number;
}

/** Of one transaction. */
const ROWS = 200;
/** Notes that are about one run of the agent, or about the file. */
const NOT_CARRIED = new Set(["stopped", "alive", "salvaged"]);

/** Carries what is readable of a damaged journal into a new one, and declares what is not. */
export function salvageInto(parts: SalvageParts): Salvaged {
  const file = new DamagedFile(parts.aside);
  try {
    return new Salvage(parts, file).run();
  } finally {
    file.close();
  }
}

class Salvage {
  readonly #parts: SalvageParts;
  readonly #file: DamagedFile;
  readonly #store: RowStore;
  readonly #target: EpochRow;
  #head: Position;
  #rows = 0;
  #lost = 0;
  #isFull = false;

  constructor(parts: SalvageParts, file: DamagedFile) {
    this.#parts = parts;
    this.#file = file;
    this.#store = new RowStore(parts.db);
    const [target] = this.#store.epochs.kept(randomHex(16));
    if (target === undefined) throw new RangeError("a new journal has an epoch");
    this.#target = target;
    this.#head = this.#store.head(target);
  }

  run(): Salvaged {
    const places = this.#file.places();
    const kept = this.#parts.known?.kept ?? [];
    const named = epochsOf(this.#file.epochs(), places, kept);
    for (const { number, known, row } of named) {
      const epoch = known?.epoch ?? row?.epoch;
      if (epoch === undefined) continue;
      const head = known === undefined ? undefined : { seq: known.head, chain: known.headChain };
      const start = row === undefined ? undefined : { seq: row.cut, chain: row.cut_chain };
      const own = places.filter((place) => place.epoch === number);
      this.#carry(epoch, provenRows(this.#file, own, { start, head, acked: known?.acked ?? 0 }));
      this.#store.epochs.addEnded(epoch);
    }
    this.#finish(named.map(({ known, row }) => known?.epoch ?? row?.epoch ?? "unknown"));
    return { rows: this.#rows, lost: this.#lost };
  }

  #carry(epoch: string, found: Iterable<Found>): void {
    let group: Found[] = [];
    for (const one of found) {
      group.push(one);
      if (group.length < ROWS) continue;
      this.#write(epoch, group);
      group = [];
    }
    this.#write(epoch, group);
  }

  /** When the disk is full, the rest is declared lost, and that the file put aside has it. */
  #write(epoch: string, group: readonly Found[]): void {
    this.#isFull ||= !this.#parts.hasRoom();
    try {
      if (!this.#isFull) {
        this.#store.transaction(() => this.#add(epoch, group));
        crashPoint("while-salvaging");
        return;
      }
    } catch (error) {
      if (sqliteCode(error) !== "SQLITE_FULL") throw error;
      this.#isFull = true;
    }
    const lost = group.map((one): Found => (one.kind === "row" ? lostRow(one.row) : one));
    this.#store.transaction(() => this.#add(epoch, lost));
  }

  #add(epoch: string, group: readonly Found[]): void {
    let head = this.#head;
    let [rows, lost] = [0, 0];
    for (const one of group) {
      if (one.kind === "lost") {
        const run = carried(one.lost, epoch, head);
        this.#store.lost.add(this.#target.number, [run]);
        head = { seq: run.to, chain: run.chain };
        lost += run.to - run.from + 1;
      } else {
        const { seq, chain, through } = one.row;
        const body = copyOf(one.row.body, { epoch, seq, chain });
        head = { seq: head.seq + 1, chain: nextChain(head.chain, head.seq + 1, body) };
        this.#store.addRow(this.#target.number, { ...head, body, through });
        rows++;
      }
    }
    this.#head = head;
    this.#rows += rows;
    this.#lost += lost;
  }

  /** Presence, notes, and the gap that covers what nobody knows of: rows between the last mark and the end. */
  #finish(epochs: readonly string[]): void {
    const { clock, known, config, reason, aside } = this.#parts;
    const notes = this.#file.notes();
    const alive = Number(notes.get("alive") ?? Number.NaN);
    const wall = known?.wall ?? (Number.isFinite(alive) ? alive : undefined);
    const to = Math.floor(clock.mono());
    const from = Math.floor(to - (wall === undefined ? 0 : Math.max(0, clock.wall() - wall)));
    const last = known === undefined ? "" : ` after ${known.seq}`;
    const why = `the journal was damaged: rows${last} of ${epochs.map((epoch) => `epoch ${epoch}`).join(", ") || "it"} may be missing`;
    const at = instantNow(clock, randomHex(16));
    const gap = bodyOf({ type: "gap", why: why.slice(0, 500), from, to }, headText({ at, config }));
    const noted = salvagedNote({ wall: clock.wall(), file: aside, reason, rows: this.#rows, lost: this.#lost });
    const presences = this.#file.presences();
    if (this.#isFull)
      this.#parts.log.error("the disk is full: not all that is readable was carried into the new journal");
    const small = () => {
      this.#store.add(this.#target.number, this.#head, [{ ...gap, through: to, note: noted }]);
      if (wall !== undefined) this.#store.setNote("alive", String(wall));
    };
    const whole = () => {
      for (const [key, value] of notes) if (!NOT_CARRIED.has(key)) this.#store.setNote(key, value);
      this.#store.presence.restore(presences);
    };
    this.#store.transaction(small);
    try {
      if (!this.#isFull) this.#store.transaction(whole);
    } catch (error) {
      // A new inventory heals what was present.
      if (sqliteCode(error) !== "SQLITE_FULL") throw error;
    }
  }
}

function lostRow({ seq, chain }: { readonly seq: number; readonly chain: string }): Found {
  return { kind: "lost", lost: { from: seq, to: seq, chain, why: WHY.diskFull, types: {} } };
}

interface Named {
  readonly number: number;
  readonly known: KeptEpoch | undefined;
  readonly row: DamagedEpoch | undefined;
}

/**
 * The epochs of a damaged file, oldest first, each with what is known of it. A name that the file has and the head beside it has not is taken
 * from there when only one can be meant; an epoch without a name is left in the file: its rows could be in the cloud already.
 */
function epochsOf(rows: readonly DamagedEpoch[], places: readonly Place[], kept: readonly KeptEpoch[]): Named[] {
  const numbers = new Set([...rows.map(({ number }) => number), ...places.map(({ epoch }) => epoch)]);
  const free = new Set(kept);
  const named = [...numbers].map((number): Named => {
    const row = rows.find((one) => one.number === number);
    const known = kept.find(({ epoch }) => epoch === row?.epoch);
    if (known !== undefined) free.delete(known);
    return { number, known, row };
  });
  const unknown = named.filter(
    ({ known, number }) => known === undefined && places.some(({ epoch }) => epoch === number),
  );
  const [only] = free;
  const result = named.map((one) =>
    only !== undefined && free.size === 1 && unknown.length === 1 && one === unknown[0] ? { ...one, known: only } : one,
  );
  // What the head beside it names and the file does not is missing as a whole.
  const rest = kept.filter((epoch) => !result.some(({ known }) => known === epoch));
  return [
    ...result.sort((a, b) => a.number - b.number),
    ...rest.map((known) => ({ number: -1, known, row: undefined })),
  ];
}
