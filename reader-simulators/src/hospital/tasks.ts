import type { Random } from "../random.js";
import type { FloorPlan } from "./floor-plan.js";
import { kindTraits } from "./kinds.js";
import { floorSpot, roomOf, spotIn, standAt } from "./places.js";
import type { Action, Errand, Person, Thing } from "./state.js";
import { atDoor, walksTo } from "./walking.js";

/** How many things a board takes. */
const BOARD_HOLDS = 26;
/** Handling a thing, ms. */
const HANDLING = [900, 2600] as const;

export interface TaskWorld {
  readonly plan: FloorPlan;
  readonly random: Random;
  readonly things: ReadonlyMap<string, Thing>;
  /** Homes of a kind: where it may be brought. */
  readonly homes: ReadonlyMap<string, readonly string[]>;
  readonly now: number;
}

/** What somebody without a task does next, things reserved for it. */
export function nextTask(world: TaskWorld, person: Person): Action[] {
  const { random } = world;
  const overdue = free(world).find((thing) => (thing.parkedUntil ?? Number.POSITIVE_INFINITY) < world.now);
  if (overdue !== undefined) return bring(world, person, [overdue], destination(world, overdue, true));
  const draw = random.uniform();
  if (draw < 0.7) return carryOver(world, person);
  if (draw < 0.8) return rearrange(world, person);
  if (draw < 0.88) return walkPast(world, person);
  if (draw < 0.96) return dwell(world, person);
  return parkAtDoor(world, person);
}

/** What somebody was asked to do; undefined while the thing is in other hands. */
export function errandTask(world: TaskWorld, person: Person, errand: Errand): Action[] | undefined {
  const thing = world.things.get(errand.epc);
  if (thing === undefined || !isFree(thing)) return undefined;
  const door = world.plan.doors.find(({ readPoint }) => readPoint !== undefined && readPoint === errand.readPoint);
  if (door === undefined) return bring(world, person, [thing], errand.to);
  return park(world, person, thing, door);
}

function free({ things }: TaskWorld): Thing[] {
  return [...things.values()].filter(isFree);
}

function isFree(thing: Thing): boolean {
  return thing.carrier === undefined && !thing.reserved;
}

/** Something, and what stands with it, to another place, mostly through a door with a portal. */
function carryOver(world: TaskWorld, person: Person): Action[] {
  const { random, plan } = world;
  const kinds = [...world.homes.keys()];
  // By kind first, so that a dozen wheelchairs move as often as sixty cases.
  const kind = random.chance(0.5) ? random.pick(kinds) : undefined;
  const all = free(world).filter((thing) => kind === undefined || thing.kind === kind);
  const standing = all.filter((one) => one.parkedUntil === undefined);
  const here = random.chance(0.6) ? standing.filter((one) => roomOf(plan, one.place) === person.room) : [];
  const thing = random.pick(here.length > 0 ? here : standing);
  if (thing === undefined) return stroll(world, person);
  const to = destination(world, thing, random.chance(0.85));
  const many = random.integer(1, kindTraits(thing.kind).together);
  const beside = all.filter((one) => one !== thing && one.place === thing.place && one.kind === thing.kind);
  const group = [thing, ...beside.slice(0, many - 1)];
  if (roomOf(plan, to) === undefined) return stroll(world, person);
  return bring(world, person, group, to);
}

/** From a board to another in the same room. */
function rearrange(world: TaskWorld, person: Person): Action[] {
  const { random, plan } = world;
  const thing = random.pick(free(world).filter(({ place }) => plan.boards.has(place)));
  const room = thing === undefined ? undefined : plan.boards.get(thing.place)?.room;
  const boards = [...plan.boards.values()].filter(({ id, room: its }) => its === room && id !== thing?.place);
  const to = random.pick(boards.filter(({ id }) => filled(world, id) < BOARD_HOLDS));
  return thing === undefined || to === undefined ? stroll(world, person) : bring(world, person, [thing], to.id);
}

/** Along the corridor outside a portal, now and then with something in hand, without going in. */
function walkPast(world: TaskWorld, person: Person): Action[] {
  const { random, plan } = world;
  const door = random.pick(plan.doors.filter(({ readPoint }) => readPoint !== undefined));
  if (door === undefined) return stroll(world, person);
  const zone = plan.observable.get(door.outside);
  const things = free(world).filter(
    ({ place, parkedUntil }) =>
      parkedUntil === undefined && plan.observable.get(place) === zone && plan.rooms.has(place),
  );
  const thing = random.chance(0.6) ? random.pick(things) : undefined;
  const side = random.chance(0.5) ? 1 : -1;
  const distance = -random.between(0.7, 2.2);
  const past = [-4 * side, 4 * side].map((aside): Action => ({ do: "walk", to: atDoor(door, distance, aside) }));
  if (thing === undefined) return [...walkInto(world, person, door.outside), ...past];
  const start = fetch(world, person, [thing]);
  const back = roomOf(plan, thing.place) ?? door.outside;
  return [
    ...start,
    ...walksTo(plan, back, door.outside, atDoor(door, distance, -4 * side), aside(random)),
    ...past,
    ...putAway(world, door.outside, thing, back),
  ];
}

/** Up to a portal's door with something in hand, a talk there, and back again. */
function dwell(world: TaskWorld, person: Person): Action[] {
  const { random, plan } = world;
  const door = random.pick(plan.doors.filter(({ readPoint }) => readPoint !== undefined));
  if (door === undefined) return stroll(world, person);
  const inside = random.chance(0.5);
  const room = inside ? door.inside : door.outside;
  const zone = plan.observable.get(room);
  const thing = random.pick(
    free(world).filter(({ place, parkedUntil }) => {
      const at = roomOf(plan, place);
      return parkedUntil === undefined && at !== undefined && (at === room || plan.observable.get(at) === zone);
    }),
  );
  if (thing === undefined) return stroll(world, person);
  const from = roomOf(plan, thing.place) ?? room;
  const spot = atDoor(door, (inside ? 1 : -1) * random.between(0.7, 1.5), random.between(-0.5, 0.5));
  return [
    ...fetch(world, person, [thing]),
    ...walksTo(plan, from, room, spot, aside(random)),
    { do: "wait", ms: random.between(4_000, 15_000) },
    ...putAway(world, room, thing, plan.boards.has(thing.place) ? thing.place : from),
  ];
}

/** Something is left standing about a metre inside a door; at most two at a time. */
function parkAtDoor(world: TaskWorld, person: Person): Action[] {
  const { random, plan } = world;
  const door = random.pick(plan.doors.filter(({ readPoint }) => readPoint !== undefined));
  const parked = [...world.things.values()].filter(({ parkedUntil }) => parkedUntil !== undefined);
  const thing = random.pick(free(world).filter(({ parkedUntil }) => parkedUntil === undefined));
  if (door === undefined || thing === undefined || parked.length >= 2) return stroll(world, person);
  return park(world, person, thing, door);
}

function park(world: TaskWorld, person: Person, thing: Thing, door: FloorPlan["doors"][number]): Action[] {
  const { random, plan } = world;
  const from = roomOf(plan, thing.place) ?? door.inside;
  const side = random.chance(0.5) ? 1 : -1;
  const spot = atDoor(door, random.between(0.9, 1.2), side * random.between(0.7, 1));
  const stand = atDoor(door, 1.5, 0);
  return [
    ...fetch(world, person, [thing]),
    ...walksTo(plan, from, door.inside, stand, aside(random)),
    handling(random),
    { do: "put", place: door.inside, at: spot, parkMs: random.between(60_000, 240_000) },
    ...awayFrom(world, door.inside),
  ];
}

function bring(world: TaskWorld, person: Person, things: readonly Thing[], to: string): Action[] {
  const [first] = things;
  if (first === undefined) return [];
  const from = roomOf(world.plan, first.place) ?? person.room;
  return [...fetch(world, person, things), ...putAway(world, from, first, to)];
}

/** To the things, and takes them; from now on they are this person's. */
function fetch({ plan, random }: TaskWorld, person: Person, things: readonly Thing[]): Action[] {
  const actions: Action[] = [];
  let room = person.room;
  for (const thing of things) {
    const to = roomOf(plan, thing.place) ?? room;
    thing.reserved = true;
    actions.push(...walksTo(plan, room, to, standAt(plan, thing.place, thing.position), aside(random)));
    actions.push(handling(random), { do: "take", epcs: [thing.epc] });
    room = to;
  }
  return actions;
}

function putAway({ plan, random }: TaskWorld, from: string, thing: Thing, place: string): Action[] {
  const room = roomOf(plan, place) ?? from;
  const spot = spotIn(plan, place, thing.kind, random);
  return [
    ...walksTo(plan, from, room, standAt(plan, place, spot), aside(random)),
    handling(random),
    { do: "put", place, at: [spot[0], spot[1]] },
  ];
}

/** Mostly to one of its kind's homes; `elsewhere`: to one that read points can tell from where it is, if there is one. */
function destination(world: TaskWorld, thing: Thing, elsewhere: boolean): string {
  const { plan, random } = world;
  const homes = world.homes.get(thing.kind) ?? [thing.home];
  const room = roomOf(plan, thing.place);
  const zone = (place: string) => plan.observable.get(roomOf(plan, place) ?? place);
  const fits = homes.filter((place) => place !== thing.place && filled(world, place) < BOARD_HOLDS);
  const far = fits.filter((place) => zone(place) !== zone(thing.place));
  if (random.chance(0.06)) {
    const rooms = [...plan.rooms.keys()].filter((id) => id !== room);
    return random.pick(rooms) ?? thing.home;
  }
  if (far.includes(thing.home) && random.chance(0.5)) return thing.home;
  return random.pick(elsewhere && far.length > 0 ? far : fits) ?? thing.home;
}

function filled({ plan, things }: TaskWorld, place: string): number {
  if (!plan.boards.has(place)) return 0;
  return [...things.values()].filter((thing) => thing.place === place).length;
}

function stroll({ plan, random }: TaskWorld, person: Person): Action[] {
  const room = plan.rooms.get(random.pick([...plan.rooms.keys()]) ?? person.room);
  if (room === undefined) return [];
  return walksTo(plan, person.room, room.id, floorSpot(plan, room, random), aside(random));
}

function walkInto({ plan, random }: TaskWorld, person: Person, room: string): Action[] {
  const target = plan.rooms.get(room);
  if (target === undefined) return [];
  return walksTo(plan, person.room, room, floorSpot(plan, target, random), aside(random));
}

function awayFrom({ plan, random }: TaskWorld, room: string): Action[] {
  const here = plan.rooms.get(room);
  return here === undefined ? [] : [{ do: "walk", to: floorSpot(plan, here, random) }];
}

function handling(random: Random): Action {
  return { do: "wait", ms: random.between(...HANDLING) };
}

function aside(random: Random): number {
  return random.between(-0.3, 0.3);
}
