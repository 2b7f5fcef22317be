import { join } from "node:path";
import { Site } from "@storeward/contracts";
import { loadConfig } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { itemsCsv } from "../../site/make-items.js";
import { contains } from "./geometry.js";
import { Hospital, type HospitalOptions, STEP_MS } from "./hospital.js";
import { parseItems } from "./items.js";
import { loadScenario } from "./scenario.js";
import type { HospitalState } from "./state.js";

const folder = join(import.meta.dirname, "../../site");
const startedAt = Date.UTC(2026, 2, 1, 8);
const options: Omit<HospitalOptions, "seed"> = {
  site: loadConfig(Site, join(folder, "site.yaml")),
  items: parseItems(itemsCsv()),
  scenario: loadScenario(join(folder, "scenario.yaml")),
  pace: 1,
  startedAt,
};
const run = (hospital: Hospital, seconds: number, each?: () => void) => {
  for (let step = 0; step < (seconds * 1000) / STEP_MS; step++) {
    hospital.step();
    each?.();
  }
  return hospital;
};
const copy = (state: HospitalState) => JSON.parse(JSON.stringify(state)) as HospitalState;
const place = (hospital: Hospital, epc: string) => hospital.truth().items.find((item) => item.epc === epc);

describe("the simulated hospital", () => {
  it("is lively: something comes through a door with a portal every five to ten seconds, soon after the start", () => {
    for (const seed of [1, 2, 3]) {
      const { passages } = run(new Hospital({ ...options, seed }), 600).truth();
      expect(passages.length).toBeGreaterThan(60);
      expect(passages.length).toBeLessThan(120);
      expect(Date.parse(passages[0]!.at) - startedAt).toBeLessThan(30_000);
    }
  });

  it("is the same for the same seed, and another for another", () => {
    const after = (seed: number) => run(new Hospital({ ...options, seed }), 120).truth();
    expect(after(7)).toEqual(after(7));
    expect(after(7)).not.toEqual(after(8));
  });

  it("goes on where it was from its stored state", () => {
    const whole = run(new Hospital({ ...options, seed: 4 }), 200);
    const first = run(new Hospital({ ...options, seed: 4 }), 100);
    const state = copy(first.state);
    const second = new Hospital({ ...options, seed: 4, state, startedAt: first.now });
    expect(second.truth()).toEqual(first.truth());
    expect(run(second, 100).truth()).toEqual(whole.truth());
  });

  it("takes up a stored state though the list and the staff have changed", () => {
    const state = copy(run(new Hospital({ ...options, seed: 4 }), 65).state);
    const items = options.items.slice(20);
    const fewer = new Hospital({ ...options, seed: 4, items, state, pace: 0.2 });
    expect(fewer.truth().items.length).toBe(180);
    run(fewer, 120);
    for (const item of fewer.truth().items.filter((one) => one.carried)) {
      expect(fewer.state.people.some((person) => person.carrying.includes(item.epc))).toBe(true);
    }
  });

  it("keeps every thing in one place, held by one person at most, and passages agree with places", {
    timeout: 60_000,
  }, () => {
    const hospital = new Hospital({ ...options, seed: 11 });
    const { observable, doors } = hospital.plan;
    const before = new Map(hospital.truth().items.map((item) => [item.epc, item.observablePlace]));
    let known = 0;
    run(hospital, 600, () => {
      const { things, people, passages } = hospital.state;
      const held = people.flatMap((person) => person.carrying);
      if (new Set(held).size !== held.length) expect.fail("two hold the same thing");
      const crossed = new Map(
        passages.slice(known).flatMap((passage) => passage.epcs.map((epc) => [epc, passage] as const)),
      );
      known = passages.length;
      for (const thing of things) {
        const now = observable.get(thing.place)!;
        const was = before.get(thing.epc) ?? now;
        const passage = crossed.get(thing.epc);
        if (passage !== undefined) {
          const door = doors.find((one) => one.readPoint === passage.readPoint)!;
          const [from, to] = passage.direction === "in" ? [door.outside, door.inside] : [door.inside, door.outside];
          expect([was, now]).toEqual([observable.get(from), observable.get(to)]);
        } else if (was !== now) {
          // Without a portal only a shelf in the same zone is reached, or left.
          const board = [was, now].filter((id) => hospital.plan.boards.has(id));
          expect(board.length).toBe(1);
        }
        before.set(thing.epc, now);
        if (thing.carrier !== undefined && !people[thing.carrier]!.carrying.includes(thing.epc)) {
          expect.fail(`${thing.epc} is in nobody's hands`);
        }
      }
    });
    expect(known).toBeGreaterThan(50);
  });

  it("nothing walks through walls: whoever changes room does it in a door", () => {
    const hospital = new Hospital({ ...options, seed: 5 });
    const rooms = hospital.state.people.map((person) => person.room);
    run(hospital, 300, () => {
      for (const [index, person] of hospital.state.people.entries()) {
        if (rooms[index] === person.room) continue;
        const near = hospital.plan.doors.some(
          ({ centre }) => Math.hypot(centre[0] - person.at[0], centre[1] - person.at[1]) < 0.6,
        );
        expect(near).toBe(true);
        rooms[index] = person.room;
      }
    });
  });

  it("things come to rest in the outline of their place", () => {
    const hospital = run(new Hospital({ ...options, seed: 6 }), 600);
    for (const thing of hospital.state.things) {
      if (thing.carrier !== undefined) continue;
      const outline = options.site.places.find((one) => one.id === thing.place)!.outline!;
      const [x, y] = thing.position;
      expect(
        contains(
          outline.map((point) => [point[0]!, point[1]!] as const),
          [x, y],
        ),
      ).toBe(true);
    }
  });

  it("brings what is asked for, also where nobody else moves", () => {
    const hospital = new Hospital({ ...options, seed: 3, pace: 0 });
    const pump = options.items.find((item) => item.kind === "infusion pump")!.epc;
    hospital.carry(pump, "or-1");
    hospital.carry(pump, "shelf-a-2");
    const there = (to: string) => place(hospital, pump)?.place === to && place(hospital, pump)?.carried === false;
    for (let second = 0; second < 90 && !there("or-1"); second++) run(hospital, 1);
    expect(place(hospital, pump)).toMatchObject({ place: "or-1", observablePlace: "clinical-area", carried: false });
    for (let second = 0; second < 90 && !there("shelf-a-2"); second++) run(hospital, 1);
    expect(place(hospital, pump)).toMatchObject({ place: "shelf-a-2", carried: false });
    const doors = hospital.truth().passages.map(({ readPoint, direction }) => `${readPoint} ${direction}`);
    expect(doors).toEqual(["storeroom-2-door out", "storeroom-1-door in"]);
    expect(Date.parse(place(hospital, pump)!.since)).toBeGreaterThan(startedAt);
  });

  it("leaves a thing about a metre inside a door when asked", () => {
    const hospital = new Hospital({ ...options, seed: 3, pace: 0 });
    const chair = options.items.find((item) => item.kind === "wheelchair")!.epc;
    hospital.park(chair, "storeroom-1-door");
    run(hospital, 60);
    const thing = hospital.state.things.find((one) => one.epc === chair)!;
    expect(thing.place).toBe("storeroom-1");
    expect(thing.position[1] - 11).toBeGreaterThan(0.8);
    expect(thing.position[1] - 11).toBeLessThan(1.3);
  });

  it("keeps the time of the wall when it could not simulate for a while", () => {
    const hospital = run(new Hospital({ ...options, seed: 3 }), 1);
    hospital.skip(60_000);
    expect([hospital.elapsed, hospital.now]).toEqual([1000, startedAt + 61_000]);
  });

  it("refuses errands that cannot be, and more than it can remember", () => {
    const hospital = new Hospital({ ...options, seed: 3, pace: 0 });
    const [first] = options.items;
    expect(() => hospital.carry("00", "or-1")).toThrow(/No thing/);
    expect(() => hospital.carry(first!.epc, "level-1")).toThrow(/Nothing can be brought/);
    expect(() => hospital.park(first!.epc, "shelf-a-1")).toThrow(/no door/);
    for (let count = 0; count < 100; count++) hospital.carry(first!.epc, "or-1");
    expect(() => hospital.carry(first!.epc, "or-1")).toThrow(/errands/);
  });
});

describe("a list of items", () => {
  const header = "epc,name,kind,gtin,giai,home\n";
  it("is read with quotes, any order of columns and either line end", () => {
    const [item] = parseItems('home,kind,name,epc,giai,gtin\r\nor-1,implant,"Stent, 3 ""x"" 18",3034,,\r\n');
    expect(item).toEqual({ epc: "3034", name: 'Stent, 3 "x" 18', kind: "implant", gtin: "", giai: "", home: "or-1" });
  });
  it("says which line is wrong", () => {
    expect(() => parseItems(`${header}3034,a,b,,,x\n303,a,b,,,x`, "my.csv")).toThrow("my.csv:3 epc: no EPC in hex");
    expect(() => parseItems(`${header}3034,a,b,,,x\n3034,a,b,,,x`)).toThrow("items.csv:3 epc: twice");
    expect(() => parseItems("epc,name\n")).toThrow('no column "kind"');
  });
});
