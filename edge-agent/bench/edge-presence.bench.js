/**
 * Reads a second through the filter alone, on one core: 10,000 tags on 40 boards, each read once a round of 400 ms, now and then by the
 * board beside its own. Beside it the plainest rule there is on the same reads: a tag is where it was read last, and gone after two
 * seconds without a read. Both take turns; the best turn counts. Then what a tag takes in memory where 50,000 are known.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createFilter } from "../dist/filtering/index.js";
import { ANTENNAS, antennaOf, epcOf, hear, print, ROUND_MS, randomOf, readerOf, storeroom } from "./shelves.js";

const TAGS = 10_000;
const BOARDS = 40;
/** Rounds that are made once and told again and again. */
const ROUNDS = 24;
const TURNS = 6;
const TURN_MS = 1_000;
const WINDOW_MS = 2_000;
const MANY = 50_000;
const MANY_BOARDS = 200;

/** Reads by reader of each of the rounds. Their times are set when they are told. */
function roundsOf(tags, boards, rounds, seed = 7) {
  const random = randomOf(seed);
  return Array.from({ length: rounds }, () => {
    const byReader = new Map();
    for (let tag = 0; tag < tags; tag++)
      hear(random, tag % boards, boards, (board, rssi) => {
        const reads = byReader.get(readerOf(board)) ?? [];
        // A string of its own for every read, as a decoder makes it.
        reads.push({
          epc: `${epcOf(tag).slice(0, 12)}${epcOf(tag).slice(12)}`,
          antenna: antennaOf(board),
          rssi,
          first: 0,
          last: 0,
          count: 1,
        });
        byReader.set(readerOf(board), reads);
      });
    return byReader;
  });
}

function filterOf(boards) {
  const site = storeroom(boards);
  const filter = createFilter({
    ...site,
    epcFilter: { prefixes: ["30", "34"] },
    clock: { mono: () => 0, wall: () => 0 },
    stored: [],
    boot: "0".repeat(32),
  });
  for (const reader of site.readers)
    filter.handle(reader.id, { type: "coverage", antennas: ANTENNAS, state: "watching", since: 0, why: "bench" });
  return filter;
}

/** Tells a round to a filter; gives how many reads it had. */
function tell(filter, byReader, now, observe) {
  let count = 0;
  for (const [reader, reads] of byReader) {
    for (const read of reads) read.first = read.last = now;
    count += reads.length;
    observe(filter.handle(reader, { type: "reads", reads }));
    observe(filter.handle(reader, { type: "round", antennas: ANTENNAS, at: now }));
  }
  return count;
}

class FixedWindow {
  #tags = new Map();

  handle(reader, event) {
    const entries = [];
    if (event.type === "reads") {
      for (const { epc, antenna, last } of event.reads) {
        const place = `${reader} ${antenna}`;
        const known = this.#tags.get(epc);
        if (known?.place !== place) entries.push({ epc, place });
        if (known === undefined) this.#tags.set(epc, { place, last });
        else {
          known.place = place;
          known.last = last;
        }
      }
    } else
      for (const [epc, { last }] of this.#tags)
        if (event.at - last > WINDOW_MS) {
          this.#tags.delete(epc);
          entries.push({ epc });
        }
    return entries;
  }
}

const rounds = roundsOf(TAGS, BOARDS, ROUNDS);
const ways = { ours: filterOf(BOARDS), window: new FixedWindow() };
const state = { ours: { now: 0, round: 0, best: 0 }, window: { now: 0, round: 0, best: 0 } };
const told = { ours: {}, window: {} };

function turn(name, ms) {
  const at = state[name];
  const start = performance.now();
  let reads = 0;
  let elapsed = 0;
  while (elapsed < ms) {
    at.now += ROUND_MS;
    reads += tell(ways[name], rounds[at.round++ % ROUNDS], at.now, (entries) => {
      for (const { draft } of entries)
        told[name][draft?.type ?? "change"] = (told[name][draft?.type ?? "change"] ?? 0) + 1;
    });
    elapsed = performance.now() - start;
  }
  return (reads * 1000) / elapsed;
}

for (const name of Object.keys(ways)) turn(name, TURN_MS);
for (let i = 0; i < TURNS; i++)
  for (const name of Object.keys(ways)) state[name].best = Math.max(state[name].best, turn(name, TURN_MS));

const { arrived = 0, departed = 0 } = told.ours;
if (arrived - departed !== TAGS) throw new Error(`${arrived - departed} of ${TAGS} tags are on a board`);
console.error(
  `told in ${state.ours.round} rounds: ${JSON.stringify(told.ours)}, in ${state.window.round} by the window: ${JSON.stringify(told.window)}`,
);
const baseline = "a window of 2 s";
print({ name: "edge-presence", value: state.ours.best, unit: "reads/s", baseline, baselineValue: state.window.best });

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
function bytes() {
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What a filter takes that has `tags` tags on its boards, each with an EPC of its own, beside the same filter without any. */
function bytesPerTag(tags) {
  const filter = filterOf(MANY_BOARDS);
  const before = bytes();
  let arrived = 0;
  for (let round = 1; round <= 20; round++)
    // Made anew each time, so that nothing but the filter keeps the texts.
    tell(filter, roundsOf(tags, MANY_BOARDS, 1, round)[0], round * ROUND_MS, (entries) => {
      for (const { draft } of entries) if (draft.type === "arrived") arrived++;
    });
  const after = bytes();
  if (arrived < 0.95 * tags) throw new Error(`${arrived} of ${tags} tags arrived`);
  filter.tick(0);
  return (after - before) / tags;
}
print({ name: "edge-presence-memory", value: bytesPerTag(MANY), unit: "bytes/tag" });
