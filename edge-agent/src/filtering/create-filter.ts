import { createHash } from "node:crypto";
import type { StorewardError } from "@storeward/runtime";
import type { Entry } from "../journal/journal.js";
import type { ReaderEvent, TagRead } from "../readers/driver.js";
import { Crowd } from "./crowd.js";
import { EpcGate } from "./epc-gate.js";
import type { Filter, FilterOptions } from "./filter.js";
import { Portal } from "./portal/portal.js";
import { Whereabouts } from "./portal/whereabouts.js";
import { ReadPointState } from "./read-point-state.js";
import type { Board } from "./shelf/board.js";
import { ShelfPresence } from "./shelf/shelf-presence.js";
import { type Mount, SitePlan } from "./site-plan.js";

/** What is not decided after so long holds `through` back no longer, ms. */
const UNDECIDED_MS = 30_000;
const FELL_SILENT = "nothing at all is read where several tags were read a moment ago: look at cable and antenna";

/** A filter of one device over all its readers and read points. */
export function createFilter(options: FilterOptions): Filter {
  return new DeviceFilter(options);
}

/** One read point: where its reads go. */
type Point = { readonly id: string; readonly state: ReadPointState } & (
  | { readonly board: Board; readonly portal?: undefined }
  | { readonly portal: Portal; readonly board?: undefined }
);

/** Where the reads of one antenna go. */
interface Route extends Mount {
  readonly point: Point;
  readonly persons: boolean;
}

class DeviceFilter implements Filter {
  readonly #gate: EpcGate;
  readonly #points = new Map<string, Point>();
  readonly #portals: (Point & { readonly portal: Portal })[] = [];
  /** By reader and antenna. */
  readonly #routes = new Map<string, Map<number, Route>>();
  readonly #shelves: ShelfPresence;
  readonly #whereabouts = new Whereabouts();
  readonly #crowd = new Crowd();
  /** Rows that say how this boot begins, told with the first event or tick. */
  #beginning: Entry[] = [];
  #now: number;
  #through: number;

  constructor({ readers, readPoints, epcFilter, clock, stored, lastAlive, boot, ...told }: FilterOptions) {
    const plan = new SitePlan(readers, readPoints);
    this.#gate = new EpcGate(epcFilter);
    this.#now = clock.mono();
    this.#through = this.#now;
    const newId = idsOf(boot);
    const aliveAt = lastAlive === undefined ? this.#now : Math.min(this.#now, this.#now - (clock.wall() - lastAlive));
    const why = told.why ?? (lastAlive === undefined ? "the device starts" : "the device was not running");
    this.#shelves = new ShelfPresence({
      readPoints: readPoints.filter((readPoint) => readPoint.role === "shelf"),
      canTell: (readPoint) => this.#points.get(readPoint)?.state.canTell ?? false,
      watches: (readPoint) => this.#points.get(readPoint)?.state.coverage.state === "watching",
      doubt: (readPoint, lastRead) => this.#points.get(readPoint)?.state.doubt(lastRead, FELL_SILENT, this.#now) ?? [],
      isDoubted: (readPoint) => this.#points.get(readPoint)?.state.coverage.isDoubted ?? false,
    });
    for (const planned of plan.readPoints) {
      const { readPoint } = planned;
      const { id } = readPoint;
      const state = new ReadPointState(planned, plan, { since: aliveAt, why, newId });
      const board = this.#shelves.board(id);
      if (readPoint.role === "portal") {
        const portal = new Portal(readPoint, this.#whereabouts, newId, this.#crowd);
        this.#points.set(id, { id, state, portal });
        this.#portals.push({ id, state, portal });
      } else if (board !== undefined) this.#points.set(id, { id, state, board });
      this.#beginning.push(state.coverage.entry());
    }
    for (const { ref, mount } of plan.mounts()) {
      const point = this.#points.get(mount.readPoint.id);
      if (point === undefined) continue;
      const antennas = this.#routes.get(ref.reader) ?? new Map<number, Route>();
      antennas.set(ref.antenna, { ...mount, point, persons: mount.readPoint.persons ?? false });
      this.#routes.set(ref.reader, antennas);
    }
    for (const presence of stored) this.#restore(presence.readPoint, presence.epc, presence.state, aliveAt);
  }

  handle(reader: string, event: ReaderEvent): Entry[] {
    const entries = this.#begin();
    switch (event.type) {
      case "reads":
        this.#reads(reader, event.reads, event.held ?? false, entries);
        break;
      case "round":
        this.#now = Math.max(this.#now, event.at);
        for (const point of this.#pointsOf(reader, event.antennas)) this.#round(point, event.at, entries);
        break;
      case "coverage":
        for (const antenna of event.antennas) this.#coverage(reader, antenna, event, entries);
        break;
      case "input":
        entries.push({ draft: { type: "input", reader, port: event.port, high: event.high } });
    }
    this.#leaveShelves(entries);
    return entries;
  }

  tick(now: number): Entry[] {
    this.#now = Math.max(this.#now, now);
    const entries = this.#begin();
    for (const { portal, state } of this.#portals) if (looks(state)) portal.tick(this.#now, entries);
    this.#leaveShelves(entries);
    return entries;
  }

  nextDue(): number | undefined {
    let next: number | undefined;
    for (const { portal, state } of this.#portals) {
      const due = looks(state) ? portal.nextDue() : undefined;
      if (due !== undefined) next = Math.min(next ?? due, due);
    }
    return this.#beginning.length > 0 ? this.#now : next;
  }

  filtered(): ReturnType<Filter["filtered"]> {
    const { reads } = this.#crowd;
    return { ...this.#gate.counts(), ...(reads === 0 ? {} : { crowded: reads }) };
  }

  problems(): StorewardError[] {
    return this.#crowd.problems(this.#now);
  }

  through(): number {
    let oldest = this.#shelves.oldestUndecided(this.#now - UNDECIDED_MS) ?? this.#now;
    for (const { portal } of this.#portals) oldest = Math.min(oldest, portal.oldestUndecided() ?? oldest);
    this.#through = Math.max(this.#through, Math.min(oldest, this.#now), this.#now - UNDECIDED_MS);
    return this.#through;
  }

  coverage() {
    return [...this.#points.values()].map(({ id, state }) => ({ readPoint: id, state: state.coverage.state }));
  }

  readPointOf(reader: string, antenna: number): string | undefined {
    return this.#routes.get(reader)?.get(antenna)?.readPoint.id;
  }

  takeInventory(readPoint: string | undefined, reason: string): string[] {
    const points = [...this.#points.values()].filter(({ id }) => readPoint === undefined || id === readPoint);
    return points.flatMap(({ id, state }) => (state.takeInventory(this.#now, reason) ? [id] : []));
  }

  /** Who went through a door, or was as near to it as that, has left every shelf, also one that hardly ever reads it. */
  #leaveShelves(entries: readonly Entry[]): void {
    for (const { draft } of entries) if (draft.type === "passed") this.#shelves.passed(draft.tag.epc);
  }

  #begin(): Entry[] {
    const beginning = this.#beginning;
    this.#beginning = [];
    return beginning;
  }

  #restore(readPoint: string, epc: string, state: string, aliveAt: number): void {
    const portal = this.#points.get(readPoint)?.portal;
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

  #reads(reader: string, reads: readonly TagRead[], held: boolean, entries: Entry[]): void {
    const routes = this.#routes.get(reader);
    if (routes === undefined) return;
    let now = this.#now;
    for (const read of inOrder(reads)) {
      const route = routes.get(read.antenna);
      if (route === undefined || !this.#gate.passes(read.epc, route.persons, read.count)) continue;
      if (!held) now = Math.max(now, read.last);
      const { point, side } = route;
      if (point.board !== undefined) {
        if (!held && !this.#shelves.read(point.board, read)) this.#crowd.count(read.count, now);
      } else if (side !== undefined) {
        point.portal.read(read, side, held, entries);
        if (!held) point.state.inventory?.read(read);
      }
    }
    this.#now = now;
  }

  #round({ state, board, portal }: Point, at: number, entries: Entry[]): void {
    if (state.coverage.state === "blind") {
      if (board !== undefined) this.#shelves.discard(board);
      return;
    }
    if (portal !== undefined) {
      entries.push(...state.inventoryRound(at, { usualRate: () => undefined, lists: () => true }));
      if (state.coverage.state === "watching") portal.round(at, entries);
      return;
    }
    const before = entries.length;
    this.#shelves.round(board, at, entries, state.inventory);
    for (let index = before; index < entries.length; index++) {
      const draft = entries[index]?.draft;
      if (draft?.type === "arrived") this.#whereabouts.forget(draft.tag.epc);
    }
    if (board.silentRounds === 0) entries.push(...state.trust(at, "something is read here again"));
    if (state.inventory === undefined) return;
    const { isAskedFor, rounds } = state.inventory;
    const inventory = state.inventoryRound(at, {
      usualRate: () => this.#shelves.usualRate(board),
      lists: (epc) => this.#shelves.isAt(board, epc),
    });
    if (inventory.length === 0) return;
    entries.push(...inventory);
    if (isAskedFor && board.silentRounds > rounds) {
      board.isKnownEmpty = true;
      entries.push(...state.trust(at, "an inventory that was asked for read nothing either"));
    }
    this.#shelves.settleAll(board, at, entries);
  }

  #pointsOf(reader: string, antennas: readonly number[]): Set<Point> {
    const points = new Set<Point>();
    const routes = this.#routes.get(reader);
    for (const antenna of antennas) {
      const point = routes?.get(antenna)?.point;
      if (point !== undefined) points.add(point);
    }
    return points;
  }

  #coverage(
    reader: string,
    antenna: number,
    event: Extract<ReaderEvent, { type: "coverage" }>,
    entries: Entry[],
  ): void {
    const point = this.#routes.get(reader)?.get(antenna)?.point;
    if (point === undefined) return;
    const { state, board, portal } = point;
    if (event.state !== "watching" && board !== undefined) this.#shelves.discard(board);
    const looked = looks(state);
    const { inventory } = state;
    entries.push(...state.cover(reader, antenna, event, this.#now));
    if (board !== undefined) {
      board.isBlind = state.coverage.state === "blind";
      if (state.inventory !== undefined && state.inventory !== inventory) this.#shelves.goBack(board);
    }
    if (!looked && looks(state)) portal?.resume(this.#now);
  }
}

/** Every antenna of the read point looks: with one of them dark, silence says nothing of a side. */
function looks({ coverage }: ReadPointState): boolean {
  return coverage.wholly;
}

/** By their times; nearly always they are. */
function inOrder(reads: readonly TagRead[]): readonly TagRead[] {
  for (let index = 1, last = reads[0]?.last ?? 0; index < reads.length; index++) {
    const next = reads[index]?.last ?? last;
    if (next < last) return reads.toSorted((a, b) => a.last - b.last);
    last = next;
  }
  return reads;
}

/** Random-looking ids that repeat for the same boot, so that the filter stays a function of what it is told. */
function idsOf(boot: string): () => string {
  let count = 0;
  return () => createHash("sha256").update(`${boot} ${count++}`).digest("hex").slice(0, 32);
}
