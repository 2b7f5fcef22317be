/**
 * Evidence folded a second: as it comes; and when each piece comes a second late and is put in its place from the kept state,
 * beside folding the item's whole day again.
 */

import { fold, NOTHING_KEPT, restartFrom, runOn } from "../dist/locations/fold/fold.js";
import { EMPTY } from "../dist/locations/fold/state.js";

const MINUTE = 60_000;
const ROUNDS = 5;
const store = { place: "store", watched: true };
const corridor = { place: "corridor", watched: false };

/** A day of one item: on a shelf, seen every two minutes, carried out and back every hour. */
function day() {
  const evidence = [];
  const add = (at, agent, fact) => evidence.push({ at, agent, epoch: "e", seq: evidence.length + 1, tag: 1, fact });
  const shelf = { readPoint: "a1", place: "board", zone: store };
  const door = { kind: "crossed", readPoint: "door", inside: store, outside: corridor, p: 0.97 };
  for (let hour = 0; hour < 24; hour++) {
    const start = hour * 60 * MINUTE + 1;
    for (let at = start; at < start + 50 * MINUTE; at += 2 * MINUTE)
      add(at, "shelves", { kind: "present", ...shelf, seenAt: at, rounds: 18, reads: 12, rssi: -44 });
    add(start + 50 * MINUTE, "shelves", { kind: "gone", ...shelf });
    add(start + 51 * MINUTE, "doors", { ...door, direction: "out", seenAt: start + 51 * MINUTE });
    add(start + 58 * MINUTE, "doors", { ...door, direction: "in", seenAt: start + 58 * MINUTE });
  }
  return evidence;
}

const evidence = day();

function asItComes() {
  let kept = NOTHING_KEPT;
  for (const each of evidence) kept = runOn(kept, kept.state, [each]).kept;
  return kept.state;
}

const whole = asItComes();
const stayStates = fold(EMPTY, evidence).stays.flatMap(({ checkpoint }) => checkpoint ?? []);
const kept = runOn(NOTHING_KEPT, EMPTY, evidence).kept;
const late = { ...evidence.at(-2), agent: "other", fact: { kind: "near", readPoint: "door", seenAt: 1 } };
const all = [...evidence.slice(0, -1), late, evidence.at(-1)];

function lateFromKept() {
  const from = restartFrom(kept, stayStates, late);
  return runOn(kept, from, all.slice(all.findIndex(({ at }) => at > from.key.at))).state;
}
const lateFromStart = () => fold(EMPTY, all).state;
if (JSON.stringify(lateFromKept()) !== JSON.stringify(lateFromStart())) throw new Error("the two do not agree");
if (JSON.stringify(whole) !== JSON.stringify(kept.state)) throw new Error("the two ways do not agree");

/** Runs a second, over a quarter of a second; the best round counts. */
function best(run) {
  let most = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let runs = 0;
    let elapsed = 0;
    while (elapsed < 250) {
      run();
      runs++;
      elapsed = performance.now() - start;
    }
    most = Math.max(most, (runs * 1000) / elapsed);
  }
  return most;
}

const line = (figure) => console.log(JSON.stringify({ baseline: null, baselineValue: null, ratio: null, ...figure }));
line({ name: "fold", value: Math.round(best(asItComes) * evidence.length), unit: "evidence/s" });
const value = Math.round(best(lateFromKept));
const baselineValue = Math.round(best(lateFromStart));
line({
  name: "fold-late",
  value,
  unit: "late evidence/s",
  baseline: "the whole day again",
  baselineValue,
  ratio: Math.round((value / baselineValue) * 10) / 10,
});
