import { describe, expect, it } from "vitest";
import { InferredMisses } from "./inferred-misses.js";
import { Visits } from "./visits.js";

const EPC = "30AA";

/** Rounds of 90 s by two lines, 30 s apart; `missed` are the visits that no antenna reads, and `offset` is where time begins. */
function run(visits: Visits, rounds: number, missed: readonly string[] = [], offset = 0): void {
  for (let round = 0; round < rounds; round++)
    for (const [index, line] of ["line-0", "line-1"].entries())
      if (!missed.includes(`${round} ${line}`)) visits.read(EPC, line, offset + round * 90_000 + index * 30_000);
}

describe("visits at lines", () => {
  it("are one for reads that follow each other, and another after a while", () => {
    const visits = new Visits(["line-0"], 10_000);
    for (const at of [0, 4_000, 13_000, 24_000]) visits.read(EPC, "line-0", at);
    expect(visits.lines).toEqual([{ readPoint: "line-0", reads: 4, visits: 2, tags: 1, misses: 0 }]);
  });

  it("infer no miss where a tag comes by every line in turn", () => {
    const visits = new Visits(["line-0", "line-1"], 10_000);
    run(visits, 20);
    expect(visits.lines.map(({ visits: count, misses }) => [count, misses])).toEqual([
      [20, 0],
      [20, 0],
    ]);
    expect(visits.usualRoundMs).toBe(90_000);
  });

  it("infer each miss at the line where it was", () => {
    const visits = new Visits(["line-0", "line-1"], 10_000);
    run(visits, 20, ["5 line-1", "9 line-1", "12 line-0"]);
    expect(visits.lines.map(({ misses }) => misses)).toEqual([1, 2]);
  });

  it("take the time of all for one who has hardly gone round", () => {
    const visits = new Visits(["line-0", "line-1"], 10_000);
    run(visits, 20);
    // Seen twice an hour apart by both lines, and an hour later by one of them only.
    for (const at of [0, 30_000, 3_600_000, 3_630_000, 7_230_000])
      visits.read("30BB", at === 0 || at === 3_600_000 ? "line-0" : "line-1", 2_000_000 + at);
    expect(visits.lines.map(({ misses }) => misses)).toEqual([0, 0]);
  });

  it("infer nothing of one who rests, or turns round", () => {
    const visits = new Visits(["line-0", "line-1"], 10_000);
    run(visits, 10, ["9 line-1"]);
    run(visits, 10, [], 4_000_000);
    visits.read(EPC, "line-1", 4_000_000 + 9 * 90_000 + 45_000);
    expect(visits.lines.map(({ misses }) => misses)).toEqual([0, 0]);
  });
});

describe("inferred misses at portals", () => {
  it("are passages from a room into which the tag was not seen to go", () => {
    const antennas = { inside: [{ reader: "r", antenna: 1 }], outside: [{ reader: "r", antenna: 2 }] };
    const inferred = new InferredMisses([
      { id: "a", role: "portal", inside: "store-a", outside: "corridor", antennas },
      { id: "b", role: "portal", inside: "store-b", outside: "corridor", antennas },
    ]);
    const passes = [
      ["a", "in"], // nothing was known
      ["a", "out"],
      ["b", "in"],
      ["b", "in"], // it must have gone out
      ["a", "out"], // it was in store-b
    ] as const;
    for (const [readPoint, direction] of passes)
      inferred.take({ type: "passed", epc: EPC, readPoint, direction, at: 0, told: 0 });
    expect(inferred).toMatchObject({ misses: 2, checked: 4 });
  });
});
