import type { Random } from "../random.js";
import type { FloorPlan } from "./floor-plan.js";
import { apart } from "./geometry.js";
import { STEP_MS } from "./hospital.js";
import { kindTraits } from "./kinds.js";
import { randomAxis, spotIn } from "./places.js";
import type { Action, HospitalState, Person, Thing } from "./state.js";

interface World {
  readonly plan: FloorPlan;
  readonly random: Random;
  readonly things: ReadonlyMap<string, Thing>;
  readonly now: number;
  readonly state: HospitalState;
}

/** One step of one person: walks, waits, takes and puts, as far as the time reaches. */
export function act(person: Person, world: World): void {
  let left = STEP_MS;
  while (left > 0) {
    const [action] = person.plan;
    if (action === undefined) return;
    if (action.do === "walk") left = walk(person, action, world, left);
    else if (action.do === "wait") left = wait(person, action.ms, left);
    else {
      person.plan.shift();
      if (action.do === "take") take(person, action.epcs, world);
      else put(person, action, world);
    }
  }
}

function walk(person: Person, { to, crosses }: Action & { do: "walk" }, world: World, left: number): number {
  const distance = apart(person.at, to);
  const speed = paceOf(person, world) / 1000;
  const reach = speed * left;
  if (distance > 1e-6) {
    person.heading = [(to[0] - person.at[0]) / distance, (to[1] - person.at[1]) / distance];
  }
  if (reach < distance) {
    const [hx, hy] = person.heading;
    person.at = [person.at[0] + hx * reach, person.at[1] + hy * reach];
    return 0;
  }
  person.at = to;
  person.plan.shift();
  if (crosses !== undefined) {
    person.room = crosses.into;
    for (const epc of person.carrying) place(world.things.get(epc), crosses.into, world);
    const { readPoint, direction } = crosses;
    if (readPoint !== undefined && direction !== undefined && person.carrying.length > 0) {
      world.state.passages.push({ at: world.now, readPoint, direction, epcs: [...person.carrying] });
    }
  }
  return left - distance / speed;
}

function paceOf({ pace, carrying }: Person, { things }: World): number {
  const slowest = carrying.map((epc) => kindTraits(things.get(epc)?.kind ?? "").pace);
  return pace * Math.min(1, ...slowest);
}

function wait(person: Person, ms: number, left: number): number {
  const rest = ms - person.waitedMs;
  if (rest > left) {
    person.waitedMs += left;
    return 0;
  }
  person.waitedMs = 0;
  person.plan.shift();
  return left - Math.max(0, rest);
}

function take(person: Person, epcs: readonly string[], world: World): void {
  for (const epc of epcs) {
    const thing = world.things.get(epc);
    if (thing === undefined || thing.carrier !== undefined) continue;
    thing.carrier = person.id;
    thing.parkedUntil = undefined;
    thing.axis = randomAxis(world.random);
    person.carrying.push(epc);
    place(thing, person.room, world);
  }
}

/** Everything in hand: the first where it was meant to be, the rest beside it. */
function put(person: Person, action: Action & { do: "put" }, world: World): void {
  const { plan, random, now } = world;
  for (const [index, epc] of person.carrying.entries()) {
    const thing = world.things.get(epc);
    if (thing === undefined) continue;
    const [x, y, z] = spotIn(plan, action.place, thing.kind, random);
    const [ax, ay] = index === 0 ? (action.at ?? [x, y]) : [x, y];
    thing.position = [ax, ay, z];
    thing.axis = randomAxis(random);
    thing.carrier = undefined;
    thing.reserved = false;
    if (action.parkMs !== undefined) thing.parkedUntil = now + action.parkMs;
    place(thing, action.place, world);
  }
  person.carrying = [];
}

function place(thing: Thing | undefined, place: string, { plan, now }: World): void {
  if (thing === undefined) return;
  const observable = (id: string) => plan.observable.get(id) ?? id;
  if (observable(place) !== observable(thing.place)) thing.since = now;
  thing.place = place;
}
