/**
 * Evidence folded a second: as it comes; when each piece comes a second late and is put in its place from the kept state,
 * beside folding the item's whole day again; and of 100,000 items among 400 shelves, whose states are kept as text, beside a forward filter over
 * all places of the site for each of them.
 */

import { fold, NOTHING_KEPT, restartFrom, runOn } from "../dist/locations/fold/fold.js";
import { packState, unpackState } from "../dist/locations/fold/packing.js";
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

const ITEMS = 100_000;
const SHELVES = 400;
const PIECES = 6;
/** Rounds of the peer: each costs the same. */
const DENSE_ROUNDS = 20_000;

/** Places of a site go by ids as those of the service. */
const idOf = (kind, number) => `0198c1a2-6f10-7cc3-${kind}-${String(number).padStart(12, "0")}`;
const EPOCH = "ab".repeat(16);

/**
 * From shelf to shelf: there, gone, there again.
 * @returns {import("../dist/locations/fold/evidence.js").Evidence}
 */
function pieceOf(item, number) {
  const n = (item * 7 + Math.floor(number / 2) * 131) % SHELVES;
  const shelf = {
    readPoint: idOf("aaaa", n),
    place: idOf("bbbb", n),
    zone: { place: idOf("cccc", n >> 4), watched: true },
  };
  const at = 1_790_000_000_000 + number * 10 * MINUTE + item;
  const present = /** @type {const} */ ({ kind: "present", ...shelf, seenAt: at, rounds: 18, reads: 12, rssi: -44 });
  const fact = number % 2 === 0 ? present : /** @type {const} */ ({ kind: "gone", ...shelf });
  return { at, agent: `edge-${n >> 4}`, epoch: EPOCH, seq: item * PIECES + number, tag: item, fact };
}

/** As the service does it: the state of each item is read from its text and becomes text again. */
function sparse() {
  const texts = new Array(ITEMS).fill(null);
  const start = process.cpuUsage();
  for (let number = 0; number < PIECES; number++)
    for (let item = 0; item < ITEMS; item++) {
      const state = unpackState(texts[item]);
      texts[item] = packState(runOn({ ...NOTHING_KEPT, state }, state, [pieceOf(item, number)]).state);
    }
  const { user, system } = process.cpuUsage(start);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0) / ITEMS;
  return { rate: (ITEMS * PIECES * 1e6) / (user + system), bytes: Math.round(bytes) };
}

/**
 * A likelihood for every place, from text and to text: each piece moves a little to the place that it names from all others, and weighs every one. It knows
 * nothing else: no stay, no shelf that reads, no departure.
 */
function dense() {
  const places = SHELVES + (SHELVES >> 4) + 1;
  let text = Buffer.from(new Float64Array(places).fill(1 / places).buffer).toString("base64");
  const start = process.cpuUsage();
  for (let round = 0; round < DENSE_ROUNDS; round++) {
    const belief = new Float64Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
    const named = (round * 131) % SHELVES;
    const floor = SHELVES + (named >> 4);
    let sum = 0;
    for (let place = 0; place < belief.length; place++) {
      const near = place >> 4 === named >> 4 || place === floor;
      const moved = belief[place] * (place === named ? 1 : near ? 0.5 : 0.97);
      belief[place] = (place === named ? moved + 0.2 : moved) * (place === named ? 150 : 1);
      sum += belief[place];
    }
    for (let place = 0; place < belief.length; place++) belief[place] /= sum;
    text = Buffer.from(belief.buffer).toString("base64");
  }
  const { user, system } = process.cpuUsage(start);
  return { rate: (DENSE_ROUNDS * 1e6) / (user + system), bytes: text.length };
}

const [few, every] = [sparse(), dense()];
line({
  name: "fold-items",
  value: Math.round(few.rate),
  unit: "evidence/s of CPU",
  baseline: "a likelihood for every place, and nothing else",
  baselineValue: Math.round(every.rate),
  ratio: Math.round((few.rate / every.rate) * 100) / 100,
});
line({
  name: "item-state",
  value: few.bytes,
  unit: "bytes an item",
  baseline: "a likelihood for every place",
  baselineValue: every.bytes,
  ratio: Math.round((few.bytes / every.bytes) * 100) / 100,
});
