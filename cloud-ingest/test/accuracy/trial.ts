import { readFileSync } from "node:fs";
import type { Site } from "@storeward/contracts";
import { type AntennaTurn, SimulatedTime } from "@storeward/reader-simulators";
import type { ReaderEvent } from "../../../edge-agent/src/readers/driver.js";
import type { Trouble } from "../../../edge-agent/test/accuracy/conditions.js";
import { drivenReaders } from "../../../edge-agent/test/accuracy/driven-reader.js";
import { SiteFilters } from "../../../edge-agent/test/accuracy/site-filters.js";
import { Arena, type Sendable } from "./arena.js";
import { CONDITIONS, type Condition } from "./conditions.js";
import type { Move } from "./locator.js";
import type { Score, TrueMove } from "./score.js";

/** How lively the hospital is: 1 is about nine people. */
const PACE = 1;
/** What is told in the beginning is not judged, at most so long and at most a sixth of the time: the filters find what is there. */
const SETTLING_MS = 60_000;
const LOOK_MS = 2_000;

export interface Outcome {
  readonly seed: number;
  readonly minutes: number;
  /** Of who always names the usual place of a kind, and knows it beforehand. */
  readonly usualBrier: number;
  readonly condition: string;
  readonly method: string;
  readonly score: Score;
}

/** The same hospital under every condition at once, and where each method says that its things are. */
export function trial(seed: number, minutes: number, conditions: readonly Condition[] = CONDITIONS): Outcome[] {
  const time = new SimulatedTime({ seed, pace: PACE });
  const { site } = time;
  const ms = minutes * 60_000;
  const settling = Math.min(SETTLING_MS, ms / 6);
  const epcs = time.truth().items.map(({ epc }) => epc);
  const usual = new UsualPlaces();
  const moves = new Map<string, Move[]>(epcs.map((epc) => [epc, []]));
  const edges = [...new Set(conditions.map(({ edge }) => edge))].map((edge) => {
    const arenas = conditions
      .filter((one) => one.edge === edge)
      .map((one) => new Arena(site, epcs, one.delivery(ms), settling, one.id));
    return new Edge(site, edge.make({ site, epcs, seed, ms }), arenas);
  });
  while (time.now < ms) {
    const turns = time.step();
    for (const edge of edges) edge.step(turns, time.now);
    if (time.now % LOOK_MS !== 0) continue;
    const truth = time.truth().items.map(({ epc, observablePlace, since }) => {
      const at = Date.parse(since);
      const known = moves.get(epc) ?? [];
      if (known.at(-1)?.place !== observablePlace) known.push({ at, place: observablePlace });
      return { epc, place: observablePlace, at };
    });
    if (time.now >= settling) usual.look(LOOK_MS / 1000, truth);
    for (const edge of edges) edge.look(time.now, LOOK_MS / 1000, truth);
  }
  return edges
    .flatMap(({ arenas }) => arenas)
    .flatMap((arena) =>
      arena.end(time.now, moves).map(({ method, score }): Outcome => {
        return { seed, minutes, usualBrier: usual.brier(), condition: arena.condition, method, score };
      }),
    );
}

/** The devices under one condition of reads. */
class Edge {
  readonly arenas: readonly Arena[];
  readonly #trouble: Trouble;
  readonly #readers: ReturnType<typeof drivenReaders>;
  readonly #filters: SiteFilters;
  readonly #agentOf: ReadonlyMap<string, string>;

  constructor(site: Site, trouble: Trouble, arenas: readonly Arena[]) {
    this.arenas = arenas;
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
    for (const { agent, draft } of this.#filters.tick(now)) this.#send({ agent, at: now, draft });
  }

  look(now: number, seconds: number, truth: readonly TrueMove[]): void {
    const through = this.#filters.through();
    for (const arena of this.arenas) arena.look(now, seconds, truth, through);
  }

  #handle(reader: string, event: ReaderEvent, now: number): void {
    const agent = this.#agentOf.get(reader) ?? "";
    for (const said of this.#filters.handle(reader, event)) this.#send({ ...said, at: now });
    if (event.type === "reads") this.#send({ agent, at: now, reader, reads: event.reads });
  }

  #send(what: Sendable): void {
    for (const arena of this.arenas) arena.send(what);
  }
}

const ITEMS = new URL("../../../reader-simulators/site/items.csv", import.meta.url);

/** The kind of each thing, by EPC. */
function kindsOf(): Map<string, string> {
  const lines = readFileSync(ITEMS, "utf8").trim().split(/\r?\n/).slice(1);
  return new Map(
    lines.map((line) => {
      const cells = line.match(/(?:"[^"]*"|[^,])+/g) ?? [];
      return [cells[0] ?? "", cells[2] ?? ""];
    }),
  );
}

/** How long things of each kind were where: who always names the usual place of a kind knows that beforehand. */
class UsualPlaces {
  readonly #kinds = kindsOf();
  readonly #seconds = new Map<string, Map<string, number>>();

  look(seconds: number, truth: readonly TrueMove[]): void {
    for (const { epc, place } of truth) {
      const kind = this.#kinds.get(epc) ?? "";
      const places = this.#seconds.get(kind) ?? new Map<string, number>();
      this.#seconds.set(kind, places.set(place, (places.get(place) ?? 0) + seconds));
    }
  }

  /** The mean Brier score of naming the place where a kind mostly is, as sure of it as that is often right. */
  brier(): number {
    let [sum, all] = [0, 0];
    for (const places of this.#seconds.values()) {
      const whole = [...places.values()].reduce((a, b) => a + b, 0);
      const share = Math.max(...places.values()) / whole;
      sum += whole * (share * (1 - share) ** 2 + (1 - share) * (1 + share ** 2));
      all += whole;
    }
    return sum / all;
  }
}
