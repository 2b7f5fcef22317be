import { createHash } from "node:crypto";
import type { Entry } from "../journal/journal.js";
import type { ReaderEvent, TagRead } from "../readers/driver.js";
import { EpcGate } from "./epc-gate.js";
import type { Filter, FilterOptions } from "./filter.js";
import { Portal } from "./portal/portal.js";
import { Whereabouts } from "./portal/whereabouts.js";
import { ReadPointState } from "./read-point-state.js";
import { ShelfPresence } from "./shelf/shelf-presence.js";
import { SitePlan } from "./site-plan.js";

/** What is not decided after so long holds `through` back no longer, ms. */
const UNDECIDED_MS = 30_000;

/** A filter of one device over all its readers and read points. */
export function createFilter(options: FilterOptions): Filter {
  return new DeviceFilter(options);
}

class DeviceFilter implements Filter {
  readonly #plan: SitePlan;
  readonly #gate: EpcGate;
  readonly #states = new Map<string, ReadPointState>();
  readonly #portals = new Map<string, Portal>();
  readonly #shelves: ShelfPresence;
  readonly #whereabouts = new Whereabouts();
  /** Rows that say how this boot begins, told with the first event or tick. */
  #beginning: Entry[] = [];
  #now: number;
  #through: number;

  constructor({ readers, readPoints, epcFilter, clock, stored, lastAlive, boot, ...told }: FilterOptions) {
    this.#plan = new SitePlan(readers, readPoints);
    this.#gate = new EpcGate(epcFilter);
    this.#now = clock.mono();
    this.#through = this.#now;
    const newId = idsOf(boot);
    const aliveAt = lastAlive === undefined ? this.#now : Math.min(this.#now, this.#now - (clock.wall() - lastAlive));
    const why = told.why ?? (lastAlive === undefined ? "the device starts" : "the device was not running");
    for (const point of this.#plan.readPoints) {
      const { readPoint } = point;
      this.#states.set(readPoint.id, new ReadPointState(point, this.#plan, { since: aliveAt, why, newId }));
      if (readPoint.role === "portal") this.#portals.set(readPoint.id, new Portal(readPoint, this.#whereabouts, newId));
    }
    this.#shelves = new ShelfPresence({
      readPoints: readPoints.filter((readPoint) => readPoint.role === "shelf"),
      canTell: (readPoint) => this.#states.get(readPoint)?.canTell ?? false,
      watches: (readPoint) => this.#states.get(readPoint)?.coverage.state === "watching",
    });
    this.#beginning = [...this.#states.values()].map(({ coverage }) => coverage.entry());
    for (const presence of stored) this.#restore(presence.readPoint, presence.epc, presence.state, aliveAt);
  }

  handle(reader: string, event: ReaderEvent): Entry[] {
    const entries = this.#told(reader, event);
    this.#leaveShelves(entries);
    return entries;
  }

  #told(reader: string, event: ReaderEvent): Entry[] {
    const entries = this.#begin();
    switch (event.type) {
      case "reads":
        entries.push(...this.#reads(reader, event.reads, event.held ?? false));
        break;
      case "round":
        this.#now = Math.max(this.#now, event.at);
        entries.push(...this.#round(reader, event.antennas, event.at));
        break;
      case "coverage":
        for (const antenna of event.antennas) entries.push(...this.#coverage(reader, antenna, event));
        break;
      case "input":
        entries.push({ draft: { type: "input", reader, port: event.port, high: event.high } });
    }
    return entries;
  }

  tick(now: number): Entry[] {
    this.#now = Math.max(this.#now, now);
    const entries = this.#begin();
    for (const [id, portal] of this.#portals) if (this.#looks(id)) entries.push(...portal.tick(this.#now));
    this.#leaveShelves(entries);
    return entries;
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const [id, portal] of this.#portals) {
      const due = this.#looks(id) ? portal.nextDue() : undefined;
      if (due !== undefined) next = Math.min(next ?? due, due);
    }
    return this.#beginning.length > 0 ? this.#now : next;
  }

  filtered(): { foreign: number; persons: number } {
    return this.#gate.counts();
  }

  through(): number {
    const open = [this.#shelves.oldestUndecided(this.#now - UNDECIDED_MS)];
    for (const portal of this.#portals.values()) open.push(portal.oldestUndecided());
    const oldest = open.reduce<number>((least, at) => Math.min(least, at ?? least), this.#now);
    this.#through = Math.max(this.#through, oldest, this.#now - UNDECIDED_MS);
    return this.#through;
  }

  coverage() {
    return [...this.#states].map(([readPoint, { coverage }]) => ({ readPoint, state: coverage.state }));
  }

  readPointOf(reader: string, antenna: number): string | undefined {
    return this.#plan.mount(reader, antenna)?.readPoint.id;
  }

  takeInventory(readPoint: string | undefined, reason: string): string[] {
    const states = [...this.#states].filter(([id]) => readPoint === undefined || id === readPoint);
    return states.flatMap(([id, state]) => (state.takeInventory(this.#now, reason) ? [id] : []));
  }

  /** Who went through a door, or was as near to it as that, has left every shelf, also one that hardly ever reads it. */
  #leaveShelves(entries: readonly Entry[]): void {
    for (const { draft } of entries) if (draft.type === "passed") this.#shelves.passed(draft.tag.epc);
  }

  /** Every antenna of the read point looks: with one of them dark, silence says nothing of a side. */
  #looks(readPoint: string): boolean {
    return this.#states.get(readPoint)?.coverage.wholly ?? false;
  }

  #begin(): Entry[] {
    const beginning = this.#beginning;
    this.#beginning = [];
    return beginning;
  }

  #restore(readPoint: string, epc: string, state: string, aliveAt: number): void {
    const portal = this.#portals.get(readPoint);
    const known =
      portal === undefined
        ? this.#shelves.restore(readPoint, epc, state, aliveAt)
        : portal.restore(epc, state, aliveAt);
    // Of a read point that is no more, or of an older program: nobody would ever tell its departure.
    if (known) return;
    const draft = {
      type: "departed" as const,
      tag: { epc },
      readPoint,
      last: aliveAt,
      decided: this.#now,
      expectedRate: 0,
    };
    this.#beginning.push({ draft, presence: { readPoint, epc, state: null } });
  }

  #reads(reader: string, reads: readonly TagRead[], held: boolean): Entry[] {
    const entries: Entry[] = [];
    for (const read of reads.toSorted((a, b) => a.last - b.last)) {
      const mount = this.#plan.mount(reader, read.antenna);
      if (mount === undefined || !this.#gate.passes(read.epc, mount.readPoint.persons ?? false, read.count)) continue;
      if (!held) this.#now = Math.max(this.#now, read.last);
      const { readPoint, side } = mount;
      const portal = side === undefined ? undefined : this.#portals.get(readPoint.id);
      if (portal !== undefined && side !== undefined) {
        entries.push(...portal.read(read, side, held));
        if (!held) this.#states.get(readPoint.id)?.inventory?.read(read);
      } else if (!held) this.#shelves.read(readPoint.id, read);
    }
    return entries;
  }

  #round(reader: string, antennas: readonly number[], at: number): Entry[] {
    const entries: Entry[] = [];
    for (const id of this.#readPointsOf(reader, antennas)) {
      const state = this.#states.get(id);
      const portal = this.#portals.get(id);
      if (state === undefined || state.coverage.state === "blind") {
        this.#shelves.discard(id);
        continue;
      }
      if (portal !== undefined) {
        entries.push(...state.inventoryRound(at, { usualRate: undefined, lists: () => true }));
        if (state.coverage.state === "watching") entries.push(...portal.round(at));
        continue;
      }
      const round = this.#shelves.round(id, at);
      for (const reads of round.reads.values()) state.inventory?.readRound(reads);
      entries.push(...round.entries);
      for (const { draft } of round.entries) if (draft.type === "arrived") this.#whereabouts.forget(draft.tag.epc);
      const usualRate = this.#shelves.usualRate(id);
      const inventory = state.inventoryRound(at, { usualRate, lists: (epc) => this.#shelves.isAt(id, epc) });
      if (inventory.length > 0) entries.push(...inventory, ...this.#shelves.settleAll(at));
    }
    return entries;
  }

  #readPointsOf(reader: string, antennas: readonly number[]): Set<string> {
    const ids = new Set<string>();
    for (const antenna of antennas) {
      const mount = this.#plan.mount(reader, antenna);
      if (mount !== undefined) ids.add(mount.readPoint.id);
    }
    return ids;
  }

  #coverage(reader: string, antenna: number, event: Extract<ReaderEvent, { type: "coverage" }>): Entry[] {
    const mount = this.#plan.mount(reader, antenna);
    const state = mount === undefined ? undefined : this.#states.get(mount.readPoint.id);
    if (mount === undefined || state === undefined) return [];
    if (event.state !== "watching") this.#shelves.discard(mount.readPoint.id);
    const looked = this.#looks(mount.readPoint.id);
    const entries = state.cover(reader, antenna, event, this.#now);
    if (!looked && this.#looks(mount.readPoint.id)) this.#portals.get(mount.readPoint.id)?.resume(this.#now);
    return entries;
  }
}

/** Random-looking ids that repeat for the same boot, so that the filter stays a function of what it is told. */
function idsOf(boot: string): () => string {
  let count = 0;
  return () => createHash("sha256").update(`${boot} ${count++}`).digest("hex").slice(0, 32);
}
