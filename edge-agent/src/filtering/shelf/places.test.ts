import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LAST_READ, MAX_BOARDS, NOWHERE, OPEN, PlaceRows, Places, RSSI, WEIGHT } from "./places.js";

/** A tag that does nothing else. */
class Bare extends Places {
  override addPlace = () => super.addPlace();
  override removePlace = (place: number) => super.removePlace(place);
  override removeAll = () => super.removeAll();
  override rank = () => super.rank();
}

const FIELDS = [WEIGHT, RSSI, LAST_READ, OPEN];
const numbersOf = (tag: Places) =>
  Array.from({ length: tag.boards }, (_, place) => FIELDS.map((field) => tag.numberOf(place, field)));

describe("the places of tags", () => {
  it("keep each board's numbers, whichever boards and tags come and go and take each other's rows", () => {
    const step = fc.record({
      tag: fc.nat(3),
      what: fc.constantFrom("add", "add", "add", "remove", "away", "clear"),
      at: fc.nat(MAX_BOARDS - 1),
      value: fc.double({ noNaN: true, min: -100, max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const rows = new PlaceRows();
        const tags = Array.from({ length: 4 }, () => ({ tag: new Bare(rows), away: 0, boards: [] as number[][] }));
        for (const { tag: index, what, at, value } of steps) {
          const each = tags[index]!;
          const { tag, boards } = each;
          if (what === "add" && boards.length < MAX_BOARDS) {
            const place = tag.addPlace();
            expect(place).toBe(boards.length);
            expect(FIELDS.map((field) => tag.numberOf(place, field))).toEqual([0, 0, 0, 0]);
            boards.push(FIELDS.map((field) => value + field));
            for (const field of FIELDS) tag.setNumber(place, field, value + field);
          } else if (what === "remove" && boards.length > 1) {
            tag.removePlace(at % boards.length);
            boards.splice(at % boards.length, 1);
          } else if (what === "away" && boards.length > 0) tag.away = each.away = value;
          else if (what === "clear") {
            tag.removeAll();
            boards.length = each.away = 0;
          }
          tag.rank();
          for (const { tag, boards, away } of tags) {
            expect(numbersOf(tag)).toEqual(boards);
            expect(tag.away).toBe(away);
          }
          const weights = boards.map(([weight = 0]) => weight);
          const best = Math.max(each.away, ...weights);
          expect(tag.leading).toBe(best > each.away ? weights.indexOf(best) : NOWHERE);
          const others = [each.away, ...weights].sort((a, b) => b - a);
          expect(tag.lead).toBe(others.length < 2 ? Number.POSITIVE_INFINITY : best - (others[1] ?? 0));
        }
      }),
    );
  });

  it("has no room for more boards than a tag is followed at", () => {
    const tag = new Bare(new PlaceRows());
    for (let board = 0; board < MAX_BOARDS; board++) tag.addPlace();
    expect(() => tag.addPlace()).toThrow(RangeError);
  });
});
