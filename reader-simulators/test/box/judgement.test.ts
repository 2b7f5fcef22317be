import type { Item, LocationEvent, PassageEvent, SimulatedTruth } from "@storeward/contracts";
import { describe, expect, it } from "vitest";
import { Judgement } from "./judgement.js";

/* A watch of a minute of one thing. Times are seconds after its beginning. */
const BEGUN = Date.UTC(2026, 2, 1, 8);
const EPC = "3034";
const DOOR = "storeroom-1-door";
const DARK = "shelf-b-1";
const iso = (s: number) => new Date(BEGUN + s * 1000).toISOString();
const ref = (code: string) => ({ id: `id of ${code}`, code }) as NonNullable<Item["place"]>;
const said = (place: string) => ({ id: "item", epc: EPC, place: ref(place), state: "here" }) as Item;
const list = (place: string) => new Map([[EPC, said(place)]]);

const truth = (at: number, place: string, since = -3600, carried = false): SimulatedTruth => ({
  at: iso(at),
  items: [{ epc: EPC, place, observablePlace: place, since: iso(since), carried }],
  passages: [],
});
const passing = (...passages: (readonly [at: number, direction: "in" | "out"])[]): SimulatedTruth => ({
  ...truth(70, "store"),
  passages: passages.map(([at, direction]) => ({ at: iso(at), readPoint: DOOR, direction, epcs: [EPC] })),
});
const passage = (at: number, direction: PassageEvent["direction"], pass = `${at}`) =>
  ({ pass, readPoint: DOOR, direction, observedAt: iso(at), items: [{ id: "item" }] }) as PassageEvent;
const move = (at: number, from: string, to: string): LocationEvent => ({
  item: said(to),
  from: ref(from),
  observedAt: iso(at),
});

const begin = () => new Judgement(BEGUN, { parked: [], unwatched: [DARK] });
/** Looks at these seconds, of a thing that rests in the store. */
const rests = (judgement: Judgement, places: Readonly<Record<number, string>>) => {
  for (const [s, place] of Object.entries(places))
    judgement.look(truth(Number(s), "store"), list(place), truth(Number(s), "store"));
};
const ends = (judgement: Judgement) => {
  judgement.end(BEGUN + 60_000);
  return judgement.figures(list("store"), truth(70, "store"));
};
/** Of what passed, by what was told of it. */
const passed = (real: SimulatedTruth, ...told: PassageEvent[]) => {
  const judgement = begin();
  for (const event of told) judgement.toldPassage(BEGUN, event);
  judgement.end(BEGUN + 60_000);
  const { passages, recalled, wrongDirection, falsePassages, repeated } = judgement.figures(list("store"), real);
  return { passages, recalled, wrongDirection, falsePassages, repeated };
};

describe("the judgement of what the box says", () => {
  it("counts a move that never was, also to where nobody looks", () => {
    for (const to of ["shelf-a-1", DARK]) {
      const judgement = begin();
      rests(judgement, { 1: "store", 30: "store" });
      judgement.toldMove(BEGUN + 31_000, move(30, "store", to));
      rests(judgement, { 32: to });
      expect(ends(judgement)).toMatchObject({ unmoved: 1, falseMoves: 1 });
    }
  });

  it("does not judge what was, or was said from the first to be, where nobody looks: it may have been taken from there before", () => {
    const taken = begin();
    rests(taken, { 1: DARK });
    taken.toldMove(BEGUN + 31_000, move(30, DARK, "store"));
    expect(ends(taken)).toMatchObject({ unmoved: 0, falseMoves: 0 });
    const was = begin();
    was.look(truth(1, DARK), list(DARK), truth(1, DARK));
    was.toldMove(BEGUN + 31_000, move(30, DARK, "store"));
    expect(ends(was)).toMatchObject({ unmoved: 0, falseMoves: 0 });
  });

  it("counts a move that is told in time and dated after it, and none that is both told and dated after it", () => {
    const judgement = begin();
    rests(judgement, { 1: "store" });
    judgement.toldMove(BEGUN + 30_000, move(600, "store", "shelf-a-1"));
    judgement.toldMove(BEGUN + 62_000, move(61, "store", "shelf-a-1"));
    expect(ends(judgement)).toMatchObject({ falseMoves: 1 });
  });

  it("counts what is in no list although it is there", () => {
    const of = (lists: readonly ReadonlyMap<string, Item>[], last: ReadonlyMap<string, Item>) => {
      const judgement = begin();
      for (const items of lists) judgement.look(truth(1, "store"), items, truth(1, "store"));
      return judgement.figures(last, truth(70, "store")).missing;
    };
    const [whole, empty] = [list("store"), new Map()];
    expect(of([whole, whole], whole)).toEqual([]);
    expect(of([whole, empty], whole)).toEqual([EPC]);
    expect(of([whole, whole], empty)).toEqual([EPC]);
  });

  it("wants a word of its own for each passage", () => {
    const both = passing([20, "in"], [23, "out"]);
    const right = { passages: 2, recalled: 2, wrongDirection: 0, falsePassages: 0, repeated: 0 };
    expect(passed(both, passage(21, "in"), passage(22, "out"))).toEqual(right);
    expect(passed(both, passage(22, "out"))).toEqual({ ...right, recalled: 1 });
    expect(passed(both, passage(20, "in"), passage(23, "in"))).toEqual({ ...right, wrongDirection: 1 });
    expect(passed(both)).toEqual({ ...right, recalled: 0 });
  });

  it("counts what is told of a passage once too often", () => {
    const one = passing([20, "in"]);
    const right = { passages: 1, recalled: 1, wrongDirection: 0, falsePassages: 0, repeated: 0 };
    expect(passed(one, passage(20, "in"))).toEqual(right);
    expect(passed(one, passage(20, "in"), passage(22, "in"))).toEqual({ ...right, falsePassages: 1 });
    expect(passed(one, passage(20, "in"), passage(22, "out"))).toEqual({ ...right, falsePassages: 1 });
    expect(passed(one, passage(20, "in", "x"), passage(20, "in", "x"))).toMatchObject({ repeated: 1 });
    expect(passed(one, passage(20, "unknown"))).toEqual({ ...right, wrongDirection: 1 });
  });
});
