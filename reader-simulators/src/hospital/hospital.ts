import type { SimulatedTruth, Site } from "@storeward/contracts";
import { isoMs } from "@storeward/runtime";
import type { RadioTag, Scene } from "../radio/scene.js";
import { isFaulty, tagTraits } from "../radio/tag-traits.js";
import { Random } from "../random.js";
import { beginning } from "./beginning.js";
import { E } from "./errors.js";
import { type FloorPlan, floorPlan } from "./floor-plan.js";
import type { Item } from "./items.js";
import { kindTraits } from "./kinds.js";
import { act } from "./people.js";
import { roomOf } from "./places.js";
import type { Scenario } from "./scenario.js";
import type { Errand, HospitalState, Person, Thing } from "./state.js";
import { errandTask, nextTask, type TaskWorld } from "./tasks.js";

/** The hospital's own step, ms. */
export const STEP_MS = 50;
const PASSAGES_KEPT_MS = 3_600_000;
const MAX_ERRANDS = 100;
/** Between two tasks, ms. */
const MEAN_REST = 5000;

export interface HospitalOptions {
  readonly site: Site;
  readonly items: readonly Item[];
  readonly scenario: Scenario;
  readonly seed: number;
  /** How lively: 1 is about nine people; 0 leaves only errands. */
  readonly pace: number;
  /** Wall time of the first step, ms. */
  readonly startedAt: number;
  /** What to continue. */
  readonly state?: HospitalState | undefined;
}

/**
 * A hospital with known truth. The same seed and the same steps give the same truth; between steps nothing happens.
 */
export class Hospital {
  readonly plan: FloorPlan;
  readonly #state: HospitalState;
  #origin: number;
  readonly #random: Random;
  readonly #things: Map<string, Thing>;
  readonly #homes: ReadonlyMap<string, readonly string[]>;
  /** In the order of the things, then those of badges. */
  readonly #tags: RadioTag[] = [];
  readonly #badges: { readonly tag: RadioTag; readonly person: Person }[] = [];
  readonly #scene: Scene;
  readonly #bodies: { x: number; y: number }[];
  readonly #pace: number;

  constructor(options: HospitalOptions) {
    this.plan = floorPlan(options.site);
    this.#pace = options.pace;
    this.#state = beginning(this.plan, options);
    this.#origin = options.startedAt - this.#state.step * STEP_MS;
    this.#random = new Random(this.#state.random);
    this.#things = new Map(this.#state.things.map((thing) => [thing.epc, thing]));
    this.#homes = homesByKind(this.#state.things);
    this.#bodies = this.#state.people.map(({ at: [x, y] }) => ({ x, y }));
    const attach = (epc: string, kind: string): RadioTag => {
      const traits = tagTraits(options.seed, epc, kindTraits(kind).material);
      const at = { position: [0, 0, 0], axis: [0, 0, 1], board: undefined } as const;
      const tag: RadioTag = { id: this.#tags.length + 1, epc, ...traits, ...at };
      this.#tags.push(tag);
      return tag;
    };
    for (const { epc, kind } of this.#state.things) attach(epc, kind);
    for (const person of this.#state.people) {
      if (person.badge !== undefined) this.#badges.push({ tag: attach(person.badge, "badge"), person });
    }
    this.#scene = { tags: this.#tags, bodies: this.#bodies, walls: this.plan.walls };
    this.#placeTags();
  }

  /** Simulated time since the very first step, ms. */
  get elapsed(): number {
    return this.#state.step * STEP_MS;
  }

  /** Wall time of the present, ms. */
  get now(): number {
    return this.#origin + this.elapsed;
  }

  /** What radio finds, as it is now: the same object at every call. */
  get scene(): Scene {
    return this.#scene;
  }

  /** What is to be stored; the same object that goes on changing. */
  get state(): HospitalState {
    this.#state.random = this.#random.state;
    return this.#state;
  }

  /** Fifty milliseconds pass. */
  step(): void {
    const state = this.#state;
    state.step++;
    const world = this.#world();
    for (const person of state.people) {
      if (person.plan.length === 0) this.#task(world, person);
      act(person, { plan: this.plan, random: this.#random, things: this.#things, now: this.now, state });
    }
    if (state.step % 1200 === 0) {
      const oldest = this.now - PASSAGES_KEPT_MS;
      state.passages = state.passages.filter((passage) => passage.at >= oldest);
    }
    this.#placeTags();
  }

  /** Time in which nothing happened, because nobody simulated it: the clocks of everything here go on by so much, ms. */
  skip(ms: number): void {
    this.#origin += ms;
  }

  /** The truth, as the contract has it. Things that are in no list are left out. */
  truth(): SimulatedTruth {
    const listed = (epc: string) => this.#things.get(epc)?.listed === true;
    return {
      at: isoMs(this.now),
      items: this.#state.things
        .filter(({ listed }) => listed)
        .map((thing) => ({
          epc: thing.epc,
          place: thing.place,
          observablePlace: this.plan.observable.get(thing.place) ?? thing.place,
          since: isoMs(thing.since),
          carried: thing.carrier !== undefined,
        })),
      passages: this.#state.passages
        .filter(({ at }) => at >= this.now - PASSAGES_KEPT_MS)
        .map((passage) => ({ ...passage, at: isoMs(passage.at), epcs: passage.epcs.filter(listed) }))
        .filter(({ epcs }) => epcs.length > 0),
    };
  }

  /** For the status page: what is not in the truth. */
  status(): Readonly<Record<string, unknown>> {
    const { things, people, errands, seed } = this.#state;
    const unlisted = things.filter(({ listed }) => !listed);
    return {
      seed,
      at: isoMs(this.now),
      people: people.length,
      errands: errands.length,
      parked: things.filter(({ parkedUntil }) => parkedUntil !== undefined).map(({ epc, place }) => ({ epc, place })),
      // What no reader can be blamed for.
      faulty: this.#tags.filter(isFaulty).map(({ epc, dead }) => ({ epc, dead })),
      unlisted: unlisted.map(({ epc, kind, place }) => ({ epc, kind, place })),
    };
  }

  /** Asks that a thing be brought to a room or a board. The next who is free does it; things in other hands wait. */
  carry(epc: string, to: string): void {
    if (roomOf(this.plan, to) === undefined) throw E.PLACE_UNKNOWN({ place: to });
    this.#ask({ epc, to });
  }

  /** Asks that a thing be left standing a metre inside a door. */
  park(epc: string, readPoint: string): void {
    const door = this.plan.doors.find((one) => one.readPoint === readPoint);
    if (door === undefined) throw E.PORTAL_UNKNOWN({ readPoint });
    this.#ask({ epc, to: door.inside, readPoint });
  }

  #ask(errand: Errand): void {
    if (!this.#things.has(errand.epc)) throw E.THING_UNKNOWN({ epc: errand.epc });
    const { errands } = this.#state;
    if (errands.length >= MAX_ERRANDS) throw E.REQUESTS_FULL({ count: errands.length });
    errands.push(errand);
  }

  #world(): TaskWorld {
    return { plan: this.plan, random: this.#random, things: this.#things, homes: this.#homes, now: this.now };
  }

  /** Errands go first; the first person does nothing else, so that somebody always has time. */
  #task(world: TaskWorld, person: Person): void {
    const { errands } = this.#state;
    for (const [index, errand] of errands.entries()) {
      const task = errandTask(world, person, errand);
      if (task === undefined) continue;
      errands.splice(index, 1);
      this.#begin(person, task);
      return;
    }
    if (person.id === 0 || this.#pace === 0) return;
    this.#begin(person, [
      ...nextTask(world, person),
      { do: "wait", ms: Math.min(30_000, this.#random.exponential(MEAN_REST)) },
    ]);
  }

  #begin(person: Person, plan: Person["plan"]): void {
    person.plan = plan;
    person.waitedMs = 0;
    person.pace = Math.min(1.7, Math.max(0.7, this.#random.normal(1.2, 0.12)));
  }

  #placeTags(): void {
    for (const [index, person] of this.#state.people.entries()) {
      const body = this.#bodies[index];
      if (body !== undefined) [body.x, body.y] = person.at;
    }
    for (const [index, thing] of this.#state.things.entries()) {
      const tag = this.#tags[index];
      if (tag === undefined) continue;
      const carrier = thing.carrier === undefined ? undefined : this.#state.people[thing.carrier];
      tag.position = carrier === undefined ? thing.position : inHand(carrier, thing);
      tag.axis = carrier === undefined ? thing.axis : turned(thing.axis, carrier.heading);
      tag.board = carrier === undefined && this.plan.boards.has(thing.place) ? thing.place : undefined;
    }
    for (const { tag, person } of this.#badges) {
      tag.position = badgeOf(person);
      tag.axis = [person.heading[1], -person.heading[0], 0];
    }
  }
}

function homesByKind(things: readonly Thing[]): Map<string, string[]> {
  const homes = new Map<string, string[]>();
  for (const { kind, home } of things) {
    const known = homes.get(kind);
    if (known === undefined) homes.set(kind, [home]);
    else if (!known.includes(home)) known.push(home);
  }
  return homes;
}

function inHand({ at: [x, y], heading: [hx, hy], carrying }: Person, thing: Thing): RadioTag["position"] {
  const { ahead, height } = kindTraits(thing.kind);
  const index = Math.max(0, carrying.indexOf(thing.epc));
  const side = 0.12 * (index % 2 === 0 ? index : -index - 1);
  return [x + ahead * hx + side * hy, y + ahead * hy - side * hx, height + 0.08 * index];
}

function badgeOf({ at: [x, y], heading: [hx, hy] }: Person): RadioTag["position"] {
  return [x + 0.24 * hx, y + 0.24 * hy, 1.3];
}

function turned([a, b, c]: RadioTag["axis"], [hx, hy]: Person["heading"]): RadioTag["axis"] {
  return [a * hx - b * hy, a * hy + b * hx, c];
}
