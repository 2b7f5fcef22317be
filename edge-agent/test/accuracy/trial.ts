import { SimulatedTime } from "@storeward/reader-simulators";
import type { Ground } from "../../src/evaluate/claims.js";
import { Contender } from "../../src/evaluate/contender.js";
import { allMethods } from "../../src/evaluate/methods/index.js";
import type { PassageFigures } from "../../src/evaluate/scores/passages.js";
import type { PresenceFigures } from "../../src/evaluate/scores/presence.js";
import type { ReaderEvent } from "../../src/readers/driver.js";
import { CONDITIONS, type Condition, type Trouble } from "./conditions.js";
import { drivenReaders } from "./driven-reader.js";
import { SimulatedFacts } from "./simulated-facts.js";

/** How lively the hospital is: about twenty people. */
const PACE = 2;
/** What is told so early is no mistake: the filters find what is there, ms. */
const SETTLING_MS = 20_000;
/** Somebody lifts a thing when it is nearly told to be gone, ms. */
const TOLERANCE_MS = 2_000;
/** Two things are left at each door so often, ms. */
const PARK_EVERY_MS = 240_000;
/** Time passes for the methods in steps of this, ms. */
const TICK_MS = 250;
const LOOK_MS = 1_000;

/** What one method made of one seed under one condition. */
export interface Outcome {
  readonly seed: number;
  readonly condition: string;
  readonly method: string;
  readonly portalHours: number;
  readonly presence: PresenceFigures;
  readonly passages: PassageFigures;
}

/** The same hospital under every condition at once: each has its own readers' events and its own filters. */
export function trial(seed: number, minutes: number, conditions: readonly Condition[] = CONDITIONS): Outcome[] {
  const time = new SimulatedTime({ seed, pace: PACE });
  const { site } = time;
  const ms = minutes * 60_000;
  const epcs = time.truth().items.map(({ epc }) => epc);
  const facts = new SimulatedFacts(
    new Set(site.readPoints.flatMap((one) => (one.role === "shelf" ? [one.place] : []))),
  );
  const arenas = conditions.map(
    (condition) =>
      new Arena(condition.id, condition.make({ site, epcs, seed, ms }), { ...site, startsAt: 0 }, new Set(epcs)),
  );
  const doors = site.readPoints.filter(({ role }) => role === "portal");
  const park = () => {
    for (const door of doors)
      if (door.role === "portal")
        for (const { epc } of time
          .truth()
          .items.filter((item) => item.place === door.inside && !item.carried)
          .slice(0, 2))
          time.park(epc, door.id);
  };
  park();
  while (time.now < ms) {
    const turns = time.step();
    for (const arena of arenas) arena.step(turns, time.now);
    if (time.now % PARK_EVERY_MS === 0) park();
    if (time.now % LOOK_MS !== 0) continue;
    const found = facts.look(time.truth());
    for (const arena of arenas) for (const contender of arena.contenders) contender.settle(found, time.now);
  }
  const portalHours = (doors.length * ms) / 3_600_000;
  return arenas.flatMap(({ condition, contenders }) =>
    contenders.map((contender): Outcome => {
      contender.end(time.now);
      const { presence, passages, method } = contender;
      const figures = { presence: presence.figures, passages: passages.figures };
      return { seed, condition, method: method.name, portalHours, ...figures };
    }),
  );
}

/** All methods under one condition. */
class Arena {
  readonly condition: string;
  readonly contenders: readonly Contender[];
  readonly #trouble: Trouble;
  readonly #readers: ReturnType<typeof drivenReaders>;

  constructor(
    condition: string,
    trouble: Trouble,
    ground: Ground & Parameters<typeof drivenReaders>[0],
    known: ReadonlySet<string>,
  ) {
    this.condition = condition;
    this.#trouble = trouble;
    this.#readers = drivenReaders(ground);
    const options = { from: SETTLING_MS, tolerance: TOLERANCE_MS, knows: (epc: string) => known.has(epc) };
    this.contenders = allMethods(ground).map((method) => new Contender(method, ground.readPoints, options));
    for (const [id, reader] of this.#readers) this.#tell(id, reader.covers("watching", 0), 0);
  }

  step(turns: ReturnType<SimulatedTime["step"]>, now: number): void {
    for (const { reader: id, antennas, state } of this.#trouble.says(now)) {
      const reader = this.#readers.get(id);
      if (reader !== undefined) this.#tell(id, reader.covers(state, now, antennas), now);
    }
    for (const turn of turns) {
      const left = this.#trouble.turn(turn);
      if (left === undefined) continue;
      for (const event of this.#readers.get(turn.reader)?.turn(left) ?? []) this.#tell(turn.reader, event, now);
    }
    if (now % TICK_MS === 0) for (const contender of this.contenders) contender.tick(now);
  }

  #tell(reader: string, event: ReaderEvent, now: number): void {
    for (const contender of this.contenders) contender.handle(reader, event, now);
  }
}
