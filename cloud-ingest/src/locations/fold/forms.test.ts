import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { compareKeys, type Evidence } from "./evidence.js";
import { fold } from "./fold.js";
import { packState, unpackState } from "./packing.js";
import { EMPTY, type FoldState } from "./state.js";
import { beside, crossed, gone, missed, near, present } from "./testing-evidence.js";

/* By docs/decisions/0036: what is read for each row has few forms, however it came about. */

setFlagsFromString("--allow-natives-syntax");
/** Whether V8 gives both objects the same form (its "hidden class", `Map`). */
const haveSameForm = runInThisContext("(a, b) => %HaveSameMap(a, b)") as (a: object, b: object) => boolean;
// It is parsed when it is called first.
haveSameForm({}, {});
setFlagsFromString("--no-allow-natives-syntax");

/** How many forms these objects have. */
function formsOf(objects: readonly object[]): number {
  const forms: object[] = [];
  for (const one of objects) if (!forms.some((other) => haveSameForm(one, other))) forms.push(one);
  return forms.length;
}

/** Some of everything that can be observed of a thing, several times over. */
const EVIDENCE: readonly Evidence[] = Array.from({ length: 12 }, (_, round) => round * 600_000)
  .flatMap((at) => [
    present(at + 1_000, "a1"),
    present(at + 60_000, "a2", { rssi: -60 }),
    missed(at + 90_000, "a2"),
    gone(at + 120_000, "a1"),
    crossed(at + 125_000, "store", "out", 0.97),
    gone(at + 126_000, "a2"),
    crossed(at + 180_000, "other", "in"),
    present(at + 200_000, "b1"),
    crossed(at + 240_000, "other", "unknown"),
    gone(at + 300_000, "b1"),
    beside(at + 310_000, -50),
    crossed(at + 320_000, "other", "out"),
    near(at + 330_000),
    crossed(at + 340_000, "store", "in"),
  ])
  .sort(compareKeys);

function statesOf(evidence: readonly Evidence[]): FoldState[] {
  const states: FoldState[] = [];
  fold(EMPTY, evidence, (state) => states.push(state));
  return states;
}

describe("what is kept of things", () => {
  const states = statesOf(EVIDENCE);

  it("has one form whatever was observed, and none of its own for each thing", () => {
    expect(formsOf(states)).toBe(1);
    expect(formsOf(states.flatMap(({ stay }) => stay ?? []))).toBe(1);
    expect(formsOf(fold(EMPTY, EVIDENCE).stays)).toBe(1);
    expect(states.length).toBe(EVIDENCE.length);
  });

  it("has that form too where it was stored and is read again", () => {
    const read = states.map((state) => unpackState(packState(state)));
    expect(formsOf([...read, ...states])).toBe(1);
  });

  it("has few forms in its parts: shelves that read it, with or without a passage that was believed, and likely places of each kind", () => {
    expect(formsOf(states.flatMap(({ presences }) => [...presences]))).toBe(2);
    expect(formsOf(states.flatMap(({ belief }) => [...belief]))).toBeLessThanOrEqual(12);
  });
});
