import { type Random, randomStream } from "../random.js";
import { E } from "./errors.js";
import type { FloorPlan } from "./floor-plan.js";
import type { HospitalOptions } from "./hospital.js";
import { floorSpot, randomAxis, roomOf, spotIn } from "./places.js";
import type { HospitalState, Person, Thing } from "./state.js";

const PEOPLE = 9;
const MAX_PEOPLE = 40;

/**
 * The state a hospital starts with: the one given, with the things that have been added to or taken from the list
 * since; else everything at home and people anywhere.
 */
export function beginning(plan: FloorPlan, options: HospitalOptions): HospitalState {
  const { seed, startedAt, scenario } = options;
  const random = randomStream(seed, "beginning");
  const before = new Map(options.state?.things.map((thing) => [thing.epc, thing]));
  const wanted = [
    ...options.items.map((item) => ({ ...item, listed: true })),
    ...scenario.unlisted.map((tag) => ({ ...tag, listed: false })),
  ];
  const things = wanted.map(({ epc, kind, home, listed }): Thing => {
    const known = before.get(epc);
    if (known !== undefined && roomOf(plan, known.place) !== undefined) return { ...known, kind, home, listed };
    if (roomOf(plan, home) === undefined) {
      throw E.SITE_NOT_SIMULATED({ problem: `${epc} has its home in ${home}, which is no room and no shelf board` });
    }
    const position = spotIn(plan, home, kind, random);
    const axis = randomAxis(random);
    const at = { place: home, position, axis, since: startedAt };
    return { epc, kind, home, listed, ...at, carrier: undefined, reserved: false, parkedUntil: undefined };
  });

  const people = staff(plan, options, random);
  const state: HospitalState = {
    version: 1,
    seed,
    step: options.state?.step ?? 0,
    random: options.state?.random ?? randomStream(seed, "people").state,
    things,
    people,
    passages: options.state?.passages ?? [],
    errands: (options.state?.errands ?? []).filter(({ epc }) => things.some((thing) => thing.epc === epc)),
  };
  settle(plan, state, random);
  return state;
}

function staff(plan: FloorPlan, { pace, scenario, state }: HospitalOptions, random: Random): Person[] {
  const count = 1 + Math.min(MAX_PEOPLE, Math.round(PEOPLE * pace));
  return Array.from({ length: count }, (_, id): Person => {
    // The first person only runs errands, and is seldom seen.
    const badge = scenario.badges[id - 1];
    const known = state?.people[id];
    const room = random.pick([...plan.rooms.values()]);
    const at = room === undefined ? ([0, 0] as const) : floorSpot(plan, room, random);
    // Nobody stands still for long in the beginning: something is to be seen at once.
    const first = { do: "wait", ms: random.between(0, 2500) } as const;
    if (known !== undefined && plan.rooms.has(known.room)) return { ...known, badge };
    return {
      id,
      badge,
      room: room?.id ?? "",
      at,
      heading: [0, 1],
      pace: 1.2,
      plan: [first],
      waitedMs: 0,
      carrying: [],
    };
  });
}

/** Things whose carrier is not there any more stand where they were; people whose things are gone begin anew. */
function settle(plan: FloorPlan, { people, things }: HospitalState, random: Random): void {
  const known = new Map(things.map((thing) => [thing.epc, thing]));
  for (const person of people) {
    const wanted = [...person.carrying, ...person.plan.flatMap((action) => (action.do === "take" ? action.epcs : []))];
    const possible = person.plan.every(
      (action) =>
        (action.do !== "put" || roomOf(plan, action.place) !== undefined) &&
        (action.do !== "walk" || action.crosses === undefined || plan.rooms.has(action.crosses.into)),
    );
    if (possible && wanted.every((epc) => known.has(epc))) continue;
    person.plan = [];
    person.carrying = [];
    person.waitedMs = 0;
  }
  const planned = new Set(
    people.flatMap(({ plan }) => plan.flatMap((action) => (action.do === "take" ? action.epcs : []))),
  );
  for (const thing of things) {
    const carrier = thing.carrier === undefined ? undefined : people[thing.carrier];
    const held = carrier?.carrying.includes(thing.epc) === true;
    if (thing.carrier !== undefined && !held) {
      thing.carrier = undefined;
      thing.position = spotIn(plan, thing.place, thing.kind, random);
    }
    if (!held && !planned.has(thing.epc)) thing.reserved = false;
  }
}
