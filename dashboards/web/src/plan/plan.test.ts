import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hospital, indexOf, rectangle } from "../places/testing.js";
import { floorsOf } from "./floors.js";
import { boundsOf, fitPlan, inside } from "./geometry.js";
import { findSpot, labelForms, overlap } from "./labels.js";
import { planModel } from "./model.js";
import { addMove, MOVE_MS } from "./moves.js";

const index = hospital();
const [floor] = floorsOf(index);
const model = (width: number, height: number) => planModel(index, floor!, width, height)!;

describe("a plan fitted to the screen", () => {
  it("keeps every point of the site inside the drawing, north up or turned, at any size", () => {
    const metres = fc.double({ min: -500, max: 500, noNaN: true });
    const points = fc.array(fc.tuple(metres, metres), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(
        points,
        fc.integer({ min: 300, max: 2000 }),
        fc.integer({ min: 200, max: 1200 }),
        (all, width, height) => {
          const fitted = fitPlan(boundsOf(all)!, width, height);
          for (const [x, y] of all.map(fitted.project)) {
            expect(x).toBeGreaterThanOrEqual(9);
            expect(x).toBeLessThanOrEqual(width - 9);
            expect(y).toBeGreaterThanOrEqual(9);
            expect(y).toBeLessThanOrEqual(fitted.height - 8);
          }
          expect(fitted.height).toBeLessThanOrEqual(height + 1);
        },
      ),
    );
  });

  it("has north up on a desk, and turns a long floor on an upright phone so that it is larger", () => {
    const bounds = { left: 0, right: 40, bottom: 0, top: 20 };
    const desk = fitPlan(bounds, 640, 600);
    expect(desk.turned).toBe(false);
    expect(desk.project([0, 20])[1]).toBeLessThan(desk.project([0, 0])[1]);
    const phone = fitPlan(bounds, 340, 620);
    expect(phone.turned).toBe(true);
    expect(phone.scale).toBeGreaterThan((340 / 40) * 1.5);
  });
});

describe("labels", () => {
  it("stand inside their place and off what is there", () => {
    const room = rectangle(0, 0, 200, 100);
    const taken = [{ x: 60, y: 0, width: 80, height: 100 }];
    const size = { width: 50, height: 30 };
    const at = findSpot(room, taken, size)!;
    expect(inside(at, room)).toBe(true);
    expect(overlap({ x: at[0] - 25, y: at[1] - 15, ...size }, taken[0]!)).toBe(false);
    expect(findSpot(room, taken, { width: 90, height: 30 })).toBeUndefined();
  });

  it("are broken, then shortened, before they are left out", () => {
    expect(labelForms("Operating room 1", "", 12).map(({ lines }) => lines)).toEqual([
      ["Operating room 1"],
      ["Operating", "room 1"],
      ["Operating", "room", "1"],
      ["OR 1"],
    ]);
  });
});

describe("the drawing of a floor", () => {
  it.each([
    [640, 600],
    [334, 620],
  ])("has a number for every place that is ever said to hold something, at %i by %i", (width, height) => {
    const { labels, spot } = model(width, height);
    const numbered = labels.filter(({ type }) => type !== "name").map(({ place }) => place.id);
    expect(numbered).toEqual(expect.arrayContaining(["store", "area", "away"]));
    // Boards too small for a number are counted at their shelf.
    expect(numbered).toContain("shelf");
    expect(numbered).not.toContain("board-1");
    for (const id of ["store", "area", "board-1", "ward"]) expect(spot(id)).not.toBeNull();
  });

  it("asks for the shelf where its boards are too small, and for the zone where rooms are not told apart", () => {
    const asks = new Map(model(640, 600).shapes.map(({ place, asks: asked }) => [place.id, asked]));
    expect([asks.get("shelf"), asks.get("ward"), asks.get("store")]).toEqual(["shelf", "area", "store"]);
  });

  it("shows what has no floor under the site, and nothing where nothing has an outline", () => {
    expect(floorsOf(indexOf({ id: "room", outline: rectangle(0, 0, 1, 1) }))[0]?.name).toBe("Site");
    expect(floorsOf(indexOf({ id: "room" }))).toEqual([]);
  });
});

describe("moves", () => {
  const move = (id: string, from: string | null, to: string | null) => {
    const ref = (code: string | null) => (code === null ? null : { id: code, code, name: code, path: code });
    const item = {
      id,
      name: id,
      kind: "k",
      epc: null,
      place: ref(to),
      state: "here" as const,
      since: null,
      seenAt: null,
    };
    return { item: { ...item, confidence: 1 }, from: ref(from), observedAt: "2026-01-01T00:00:00.000Z" };
  };

  it("that set out together go together, and are gone after a moment", () => {
    let moves = addMove([], move("a", "store", "area"), 0);
    moves = addMove(moves, move("b", "store", "area"), 100);
    moves = addMove(moves, move("c", "area", "store"), 100);
    expect(moves.map(({ names }) => names)).toEqual([["a", "b"], ["c"]]);
    expect(addMove(moves, move("d", "store", "area"), MOVE_MS + 200).map(({ names }) => names)).toEqual([["d"]]);
  });

  it("need two places", () => {
    expect(addMove([], move("a", null, "store"), 0)).toEqual([]);
    expect(addMove([], move("a", "store", "store"), 0)).toEqual([]);
  });
});
