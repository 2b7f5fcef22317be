import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindKey, searchWords, sortKey, wordsOf } from "./words.js";

describe("words", () => {
  it("know neither case nor accents nor punctuation", () => {
    expect(wordsOf("Défibrillateur (nº 12), IP-0034")).toEqual(["defibrillateur", "no", "12", "ip", "0034"]);
    expect(wordsOf("Spritzenpumpe groß")).toEqual(wordsOf("SPRITZENPUMPE GROSS"));
    expect(wordsOf("ØRE Łódź")).toEqual(["ore", "lodz"]);
    expect(wordsOf("  — ")).toEqual([]);
    expect(kindKey("Infusion  Pump")).toBe(kindKey("infusion pump"));
  });

  it("of any text begin with what one has typed of them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        for (const word of wordsOf(text)) expect(wordsOf(word)).toEqual([word]);
      }),
    );
  });

  it("sort numbers by their value", () => {
    const names = ["Pump 10", "pump 9", "Pump 1 b", "Bed 200"];
    expect(names.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))).toEqual([
      "Bed 200",
      "Pump 1 b",
      "pump 9",
      "Pump 10",
    ]);
  });

  it("include a number without the zeros that nobody types", () => {
    const words = searchWords({
      name: "Pump",
      kind: "Infusion pump",
      gtin: "09506000134352",
      giai: null,
      serial: "0012",
    });
    expect(words).toEqual(["pump", "infusion", "09506000134352", "0012", "9506000134352", "12"]);
  });
});
