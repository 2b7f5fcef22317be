import {
  type EpcFilter,
  OBSERVATION_SCHEMAS,
  type ObservationDraft,
  type Reader,
  type ReadPoint,
} from "@storeward/contracts";
import { ManualClock, validator } from "@storeward/runtime";
import { expect } from "vitest";
import { createFilter, type Filter } from "../src/filtering/index.js";
import type { Entry, StoredPresence } from "../src/journal/journal.js";
import type { ReaderEvent, TagRead } from "../src/readers/driver.js";

const BOOT = "0".repeat(32);
const antennas = (...numbers: number[]) => numbers.map((antenna) => ({ antenna, power: 20 }));
export const readers: Reader[] = [
  { id: "shelf", agent: "a", region: "ETSI", driver: "llrp", host: "127.0.0.1", antennas: antennas(1, 2, 3) },
  { id: "door", agent: "a", region: "ETSI", driver: "llrp", host: "127.0.0.1", antennas: antennas(1, 2) },
];
const readPoints: ReadPoint[] = [
  { id: "b1", role: "shelf", place: "b1", antennas: [{ reader: "shelf", antenna: 1 }] },
  { id: "b2", role: "shelf", place: "b2", antennas: [{ reader: "shelf", antenna: 2 }], persons: true },
  { id: "b3", role: "shelf", place: "b3", antennas: [{ reader: "shelf", antenna: 3 }] },
  {
    id: "d",
    role: "portal",
    inside: "store",
    outside: "corridor",
    antennas: { inside: [{ reader: "door", antenna: 1 }], outside: [{ reader: "door", antenna: 2 }] },
  },
];

/** Seeded numbers in [0, 1): the same seed gives the same stream. */
export function randomOf(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export const epcOf = (n: number): string => `30${n.toString(16).toUpperCase().padStart(22, "0")}`;
export const spread = (random: () => number, sd: number): number =>
  sd * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

interface Options {
  stored?: StoredPresence[];
  lastAlive?: number;
  epcFilter?: EpcFilter;
  now?: number;
}

/** A filter with what it has told, and generated readers before it. */
export class Rig {
  readonly filter: Filter;
  readonly told: { now: number; draft: ObservationDraft }[] = [];
  readonly kept = new Map<string, StoredPresence>();
  readonly random: () => number;
  now: number;

  constructor(seed = 1, { stored = [], lastAlive, epcFilter, now = 1_000 }: Options = {}) {
    this.random = randomOf(seed);
    this.now = now;
    const clock = new ManualClock({ mono: now, wall: 1_700_000_000_000 + now });
    for (const presence of stored) this.kept.set(`${presence.readPoint} ${presence.epc}`, presence);
    this.filter = createFilter({
      readers,
      readPoints,
      epcFilter,
      clock,
      stored,
      lastAlive: lastAlive === undefined ? undefined : 1_700_000_000_000 + lastAlive,
      boot: BOOT,
    });
  }

  take(entries: Entry[]): void {
    for (const { draft, presence } of entries) {
      this.told.push({ now: this.now, draft });
      if (presence === undefined) continue;
      const { readPoint, epc, state } = presence;
      if (state === null) this.kept.delete(`${readPoint} ${epc}`);
      else this.kept.set(`${readPoint} ${epc}`, { readPoint, epc, state });
    }
  }

  event(reader: string, event: ReaderEvent): void {
    this.take(this.filter.handle(reader, event));
  }

  cover(
    reader: string,
    numbers: number[],
    state: "watching" | "blind" | "doubtful",
    since = this.now,
    why = "test",
  ): void {
    this.event(reader, { type: "coverage", antennas: numbers, state, since, why });
  }

  read(epc: string, antenna: number, rssi: number, last = this.now): TagRead {
    return { epc, antenna, rssi: Math.round(rssi), first: last, last, count: 1 };
  }

  /**
   * Cycles of the shelf reader, 400 ms each. `where` says on which board each tag lies: it is read there in two of three rounds around
   * -50 dBm, and at the neighbours in one of five around -64 dBm: `across`, of all boards or by board. `deaf` antennas take their turns and
   * read nothing.
   */
  shelf(
    where: ReadonlyMap<string, number>,
    ms: number,
    {
      own = 0.65,
      across = 0.2,
      acrossLevel = -64,
      deaf = [],
    }: {
      own?: number;
      across?: number | ((board: number) => number);
      acrossLevel?: number;
      deaf?: readonly number[];
    } = {},
  ): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 400;
      for (const antenna of [1, 2, 3]) {
        const reads: TagRead[] = [];
        for (const [epc, board] of where) {
          const aside = typeof across === "number" ? across : across(board);
          const rate = board === antenna ? own : Math.abs(board - antenna) === 1 ? aside : 0;
          if (this.random() >= rate || deaf.includes(antenna)) continue;
          const level = board === antenna ? -50 : acrossLevel;
          reads.push(this.read(epc, antenna, level + spread(this.random, 4.5), this.now - 100));
        }
        if (reads.length > 0) this.event("shelf", { type: "reads", reads });
      }
      this.event("shelf", { type: "round", antennas: [1, 2, 3], at: this.now });
      this.take(this.filter.tick(this.now));
    }
  }

  /** Time at the door, 50 ms a step; each side gets a chance every 100 ms. `level` gives a side's RSSI now, or undefined out of range. */
  door(
    ms: number,
    level: (side: "inside" | "outside", at: number) => number | undefined,
    epc = epcOf(1),
    rate = 0.65,
  ): void {
    const start = this.now;
    for (let at = 0; at < ms; at += 50) {
      this.now = start + at;
      const side = at % 100 === 0 ? "inside" : "outside";
      const rssi = level(side, at);
      if (rssi !== undefined && this.random() < rate) {
        const read = this.read(epc, side === "inside" ? 1 : 2, rssi + spread(this.random, 4));
        this.event("door", { type: "reads", reads: [read] });
      }
      if (at % 250 === 0) this.event("door", { type: "round", antennas: [1, 2], at: this.now });
      this.take(this.filter.tick(this.now));
    }
    this.now = start + ms;
  }

  of<T extends ObservationDraft["type"]>(type: T): Extract<ObservationDraft, { type: T }>[] {
    return this.told.flatMap(({ draft }) =>
      draft.type === type ? [draft as Extract<ObservationDraft, { type: T }>] : [],
    );
  }

  /** Where the rows have each tag. */
  places(): Map<string, string[]> {
    const places = new Map<string, string[]>();
    for (const { draft } of this.told) {
      if (draft.type !== "arrived" && draft.type !== "departed") continue;
      const at = (places.get(draft.tag.epc) ?? []).filter((place) => place !== draft.readPoint);
      places.set(draft.tag.epc, draft.type === "arrived" ? [...at, draft.readPoint] : at);
    }
    return places;
  }

  valid(): void {
    for (const { draft } of this.told) {
      const body = { ...draft, at: { boot: BOOT, mono: 1, wall: "2026-01-01T00:00:00.000Z" }, config: 1 };
      const result = validators[draft.type](body);
      expect(result.ok ? [] : [draft, result.errors]).toEqual([]);
    }
  }
}

const validators = Object.fromEntries(
  Object.entries(OBSERVATION_SCHEMAS).map(([type, schema]) => [type, validator(schema)]),
) as Record<ObservationDraft["type"], (value: unknown) => { ok: boolean; errors?: readonly string[] }>;

export const shelves = (rig: Rig) => rig.cover("shelf", [1, 2, 3], "watching");
export const doors = (rig: Rig) => rig.cover("door", [1, 2], "watching");
export const filled = (count: number, board = (n: number) => 1 + (n % 3)) =>
  new Map(Array.from({ length: count }, (_, n) => [epcOf(n), board(n)]));
