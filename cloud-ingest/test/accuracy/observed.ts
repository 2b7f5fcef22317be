import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Site } from "@storeward/contracts";
import { type AntennaTurn, SimulatedTime } from "@storeward/reader-simulators";
import type { ReaderEvent } from "../../../edge-agent/src/readers/driver.js";
import type { Trouble } from "../../../edge-agent/test/accuracy/conditions.js";
import { drivenReaders } from "../../../edge-agent/test/accuracy/driven-reader.js";
import { SiteFilters } from "../../../edge-agent/test/accuracy/site-filters.js";
import { Arena, type Sendable } from "./arena.js";
import type { Condition } from "./conditions.js";
import type { Move } from "./locator.js";
import type { Score, TrueMove } from "./score.js";
import { UsualPlaces } from "./usual-places.js";

/** How lively the hospital is: 1 is about nine people. */
const PACE = 1;
/** What is told in the beginning is not judged, at most so long and at most a sixth of the time: the filters find what is there. */
const SETTLING_MS = 60_000;
export const LOOK_MS = 2_000;

/** What the devices of the simulated hospital observed in one run while their reads were as one condition has them, and what was true. */
export interface Observed {
  readonly seed: number;
  readonly minutes: number;
  readonly site: Site;
  readonly epcs: readonly string[];
  /** Of who always names the usual place of a kind, and knows it beforehand. */
  readonly usualBrier: number;
  readonly sent: readonly Extract<Sendable, { draft: unknown }>[];
  /** At each look: how far each agent has looked. */
  readonly through: readonly (readonly [now: number, agents: readonly (readonly [string, number])[]])[];
  /** Where each thing was, as looks saw it: in order; `seen` is the first look at it. */
  readonly moves: readonly (readonly (Move & { readonly seen: number })[])[];
  /** What the rules on every read, which are not kept, made of it, by condition. */
  readonly onReads: readonly { readonly condition: string; readonly method: string; readonly score: Score }[];
}

export function settlingOf(ms: number): number {
  return Math.min(SETTLING_MS, ms / 6);
}

/** One run for every group of conditions that are of the same reads; by the id of those. */
export function observe(seed: number, minutes: number, conditions: readonly Condition[]): Map<string, Observed> {
  const time = new SimulatedTime({ seed, pace: PACE });
  const { site } = time;
  const ms = minutes * 60_000;
  const epcs = time.truth().items.map(({ epc }) => epc);
  const usual = new UsualPlaces();
  const moves: (Move & { seen: number })[][] = epcs.map(() => []);
  const edges = [...new Set(conditions.map(({ edge }) => edge))].map((edge) => {
    const arenas = conditions
      .filter((one) => one.edge === edge)
      .map(({ id, delivery }) => {
        return new Arena(site, epcs, delivery(ms), settlingOf(ms), { condition: id, kinds: ["reads"] });
      });
    return { id: edge.id, edge: new Edge(site, edge.make({ site, epcs, seed, ms }), arenas) };
  });
  while (time.now < ms) {
    const turns = time.step();
    for (const { edge } of edges) edge.step(turns, time.now);
    if (time.now % LOOK_MS !== 0) continue;
    const truth = time.truth().items.map(({ epc, observablePlace, since }, index) => {
      const now = { at: Date.parse(since), place: observablePlace, seen: time.now };
      const last = moves[index]?.at(-1);
      if (last?.place !== now.place || last.at !== now.at) moves[index]?.push(now);
      return { epc, place: observablePlace, at: now.at };
    });
    if (time.now >= settlingOf(ms)) usual.look(LOOK_MS / 1000, truth);
    for (const { edge } of edges) edge.look(time.now, LOOK_MS / 1000, truth);
  }
  const all = new Map(epcs.map((epc, index) => [epc, placesOf(moves[index] ?? [])]));
  return new Map(
    edges.map(({ id, edge }) => {
      const { sent, through } = edge;
      const onReads = edge.end(time.now, all);
      return [id, { seed, minutes, site, epcs, usualBrier: usual.brier(), sent, through, moves, onReads }];
    }),
  );
}

/** Moves from place to place. */
export function placesOf(moves: readonly Move[]): Move[] {
  return moves.filter(({ place }, index) => moves[index - 1]?.place !== place).map(({ at, place }) => ({ at, place }));
}

/** The same from files of a folder, where they are; what is not there is simulated and written there. */
export function observedIn(
  folder: string,
  seed: number,
  minutes: number,
  conditions: readonly Condition[],
): Map<string, Observed> {
  mkdirSync(folder, { recursive: true });
  const fileOf = (id: string) => join(folder, `${seed}-${minutes}-${id}.json`);
  const covers = ({ edge, id }: Condition) =>
    existsSync(fileOf(edge.id)) && readObserved(fileOf(edge.id)).onReads.some(({ condition }) => condition === id);
  const lacking = conditions.filter((one) => !covers(one));
  const groups = new Set(lacking.map(({ edge }) => edge));
  const again = conditions.filter(({ edge }) => groups.has(edge));
  const fresh = again.length === 0 ? new Map<string, Observed>() : observe(seed, minutes, again);
  for (const [id, observed] of fresh) {
    writeFileSync(`${fileOf(id)}.part`, JSON.stringify(observed));
    renameSync(`${fileOf(id)}.part`, fileOf(id));
  }
  return new Map(conditions.map(({ edge: { id } }) => [id, fresh.get(id) ?? readObserved(fileOf(id))]));
}

function readObserved(file: string): Observed {
  return JSON.parse(readFileSync(file, "utf8")) as Observed;
}

/** The devices under one condition of reads. */
class Edge {
  readonly sent: Extract<Sendable, { draft: unknown }>[] = [];
  readonly through: [number, [string, number][]][] = [];
  readonly #arenas: readonly Arena[];
  readonly #trouble: Trouble;
  readonly #readers: ReturnType<typeof drivenReaders>;
  readonly #filters: SiteFilters;
  readonly #agentOf: ReadonlyMap<string, string>;

  constructor(site: Site, trouble: Trouble, arenas: readonly Arena[]) {
    this.#arenas = arenas;
    this.#trouble = trouble;
    this.#readers = drivenReaders(site);
    this.#filters = new SiteFilters(site);
    this.#agentOf = new Map(site.readers.map(({ id, agent }) => [id, agent]));
    for (const [id, reader] of this.#readers) this.#handle(id, reader.covers("watching", 0), 0);
  }

  step(turns: readonly AntennaTurn[], now: number): void {
    for (const { reader: id, antennas, state } of this.#trouble.says(now)) {
      const reader = this.#readers.get(id);
      if (reader !== undefined) this.#handle(id, reader.covers(state, now, antennas), now);
    }
    for (const turn of turns) {
      const left = this.#trouble.turn(turn);
      if (left === undefined) continue;
      for (const event of this.#readers.get(turn.reader)?.turn(left) ?? []) this.#handle(turn.reader, event, now);
    }
    for (const { agent, draft } of this.#filters.tick(now)) this.sent.push({ agent, at: now, draft });
  }

  look(now: number, seconds: number, truth: readonly TrueMove[]): void {
    this.through.push([now, [...this.#filters.through()]]);
    for (const arena of this.#arenas) arena.look(now, seconds, truth, this.#filters.through());
  }

  end(now: number, moves: ReadonlyMap<string, readonly Move[]>): Observed["onReads"] {
    return this.#arenas.flatMap((arena) =>
      arena.end(now, moves).map((found) => ({ condition: arena.condition, ...found })),
    );
  }

  #handle(reader: string, event: ReaderEvent, now: number): void {
    const agent = this.#agentOf.get(reader) ?? "";
    for (const said of this.#filters.handle(reader, event)) this.sent.push({ ...said, at: now });
    if (event.type === "reads")
      for (const arena of this.#arenas) arena.send({ agent, at: now, reader, reads: event.reads });
  }
}
