/**
 * Reads a second from the bytes of LLRP reports to rows on disk, on one core: decode, filter, recorder, and the SQLite journal with
 * `synchronous = FULL` and group commit. 10,000 tags on 40 boards of ten readers; each is put on another board and back so often that one
 * read in ten becomes a row. Time is the reports' own, and runs as fast as they are taken. Beside it, in the same process afterwards: the
 * same rows inserted and nothing else. Peak memory is that of the process before the baseline begins; Node runs as the installed agent's does.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMessage } from "@storeward/codecs/llrp";
import { createLogger, systemClock } from "@storeward/runtime";
import Database from "better-sqlite3";
import { createFilter } from "../dist/filtering/index.js";
import { openJournal } from "../dist/journal/sqlite-journal.js";
import { Counters } from "../dist/readers/counters.js";
import { ReaderClocks } from "../dist/readers/llrp/reader-clocks.js";
import { ReportReader } from "../dist/readers/llrp/report-reader.js";
import { Recorder } from "../dist/recorder.js";
import { asInstalled } from "./installed.js";
import { ANTENNAS, antennaOf, print, ROUND_MS, randomOf, storeroom } from "./shelves.js";

asInstalled(import.meta.url);
const TAGS = 10_000;
const BOARDS = 40;
const TAGS_OF_FRAME = 100;
const READ_RATE = 0.9;
/** Rounds for which a tag stays where it is. */
const STAY = 18;
/** Until what runs is compiled: after these it does the same for as long as one likes. */
const WARM_UP_ROUNDS = 100;
const MEASURE_MS = 10_000;
const START = 1_750_000_000_000;
const content = {
  EnableROSpecID: false,
  EnableSpecIndex: false,
  EnableInventoryParameterSpecID: false,
  EnableAntennaID: true,
  EnableChannelIndex: false,
  EnablePeakRSSI: true,
  EnableFirstSeenTimestamp: true,
  EnableLastSeenTimestamp: true,
  EnableTagSeenCount: true,
  EnableAccessSpecID: false,
  EnableCryptoResponse: false,
};

/** Where the fields stand in the report of a tag, found by encoding it with and without a change. */
function reportTemplate() {
  const report = { epc: 0, antenna: 0, rssi: 0, time: 0n };
  const encode = (change) => {
    const { epc, antenna, rssi, time } = { ...report, ...change };
    const TagReportData = [
      {
        EPC_96: {
          EPC: Uint8Array.from({ length: 12 }, (_, i) =>
            i < 8 ? [0x30, 0x34, 0x25, 0x7b, 0xf4, 0x68, 0xd4, 0x80][i] : epc,
          ),
        },
        AntennaID: { AntennaID: antenna },
        PeakRSSI: { PeakRSSI: rssi },
        FirstSeenTimestampUTC: { Microseconds: time },
        LastSeenTimestampUTC: { Microseconds: time },
        TagSeenCount: { TagCount: 1 },
      },
    ];
    return encodeMessage({ type: "RO_ACCESS_REPORT", id: 1, TagReportData });
  };
  const plain = encode({});
  const placesOf = (change) => [...encode(change)].flatMap((byte, at) => (byte === plain[at] ? [] : [at]));
  const header = 10;
  const all = 2n ** 64n - 1n;
  const time = placesOf({ time: all }).map((at) => at - header);
  return {
    header: plain.slice(0, header),
    body: plain.slice(header),
    epc: placesOf({ epc: 255 })[0] - header,
    antenna: placesOf({ antenna: 65_535 })[0] - header,
    rssi: placesOf({ rssi: -1 })[0] - header,
    times: [time[0], time[8]],
  };
}

/** Frames of one reader, written anew for every round. */
class Frames {
  #template = reportTemplate();
  #bytes = new Uint8Array(this.#template.header.length + TAGS_OF_FRAME * this.#template.body.length);
  #view = new DataView(this.#bytes.buffer);
  #count = 0;
  #onFrame;

  constructor(onFrame) {
    this.#onFrame = onFrame;
    const { header, body } = this.#template;
    this.#bytes.set(header);
    for (let i = 0; i < TAGS_OF_FRAME; i++) this.#bytes.set(body, header.length + i * body.length);
  }

  /** `micros`: a BigInt, made once for all reads of a moment, for what is measured is not the making of frames. */
  add(tag, antenna, rssi, micros) {
    const places = this.#template;
    const from = places.header.length + this.#count * places.body.length;
    this.#view.setUint32(from + places.epc, tag);
    this.#view.setUint16(from + places.antenna, antenna);
    this.#view.setInt8(from + places.rssi, rssi);
    this.#view.setBigUint64(from + places.times[0], micros);
    this.#view.setBigUint64(from + places.times[1], micros);
    this.#count++;
    if (this.#count === TAGS_OF_FRAME) this.flush();
  }

  flush() {
    if (this.#count === 0) return;
    const length = this.#template.header.length + this.#count * this.#template.body.length;
    this.#view.setUint32(2, length);
    this.#count = 0;
    this.#onFrame(this.#bytes.subarray(0, length));
  }
}

const dir = mkdtempSync(join(tmpdir(), "storeward-bench-"));
const log = createLogger("bench", { level: "silent" });
let now = START;
const clock = { ...systemClock, mono: () => now, wall: () => now };
const journal = openJournal({ file: join(dir, "journal.db"), maxBytes: 4 * 2 ** 30, config: 1, clock, log });
const site = storeroom(BOARDS);
const recorder = new Recorder({
  journal,
  makeFilter: (stored, lastAlive) =>
    createFilter({ ...site, epcFilter: { prefixes: ["30", "34"] }, clock, stored, lastAlive, boot: journal.boot }),
  clock,
  log,
  onKept: () => {},
});
await recorder.start();
for (const { id } of site.readers)
  recorder.handle(id, { type: "coverage", antennas: ANTENNAS, state: "watching", since: now, why: "bench" });

let reads = 0;

/** As the driver of one reader does. */
function takerOf(id) {
  const used = new Set(ANTENNAS);
  const reader = new ReportReader({ content, clocks: new ReaderClocks(), used, counters: new Counters() });
  return (frame) => {
    const list = reader.read(frame, now);
    reads += list.length;
    recorder.handle(id, { type: "reads", reads: list });
  };
}

const random = randomOf(3);
const tagsOfReader = site.readers.map(() => []);
const framesOf = site.readers.map(({ id }) => new Frames(takerOf(id)));
let round = 0;

/** Every tag is on one board or on the one half the storeroom away. */
const boardOf = (tag) => (tag + (Math.floor((round + tag) / STAY) % 2) * (BOARDS / 2)) % BOARDS;

async function runWhile(goesOn) {
  while (goesOn()) {
    now += ROUND_MS;
    round++;
    for (const tags of tagsOfReader) tags.length = 0;
    for (let tag = 0; tag < TAGS; tag++) tagsOfReader[Math.floor(boardOf(tag) / ANTENNAS.length)].push(tag);
    for (const [index, tags] of tagsOfReader.entries()) {
      const { id } = site.readers[index];
      const frames = framesOf[index];
      const micros = BigInt(now) * 1000n;
      for (const tag of tags)
        if (random() < READ_RATE) frames.add(tag, antennaOf(boardOf(tag)), Math.round(-50 - 8 * random()), micros);
      frames.flush();
      recorder.handle(id, { type: "round", antennas: ANTENNAS, at: now });
      // As between two chunks of a socket: timers and answers of the journal have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

await runWhile(() => round < WARM_UP_ROUNDS);
const before = { reads, rows: journal.stats().head, at: performance.now(), cpu: process.cpuUsage() };
await runWhile(() => performance.now() < before.at + MEASURE_MS);
const seconds = (performance.now() - before.at) / 1000;
const cpu = process.cpuUsage(before.cpu);
const told = { reads: reads - before.reads, rows: journal.stats().head - before.rows };
await recorder.stop();
const peak = process.resourceUsage().maxRSS / 1024;
const bodies = [];
for (let seq = before.rows; bodies.length < Math.min(told.rows, 100_000); ) {
  const rows = journal.read(seq, 1_000, 1e9);
  bodies.push(...rows);
  seq += rows.length;
  if (rows.length === 0) break;
}
journal.close();

/** Rows a second where they are only inserted, 256 in a transaction. */
function bareInserts() {
  const db = new Database(join(dir, "bare.db"));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec(
    "create table journal_row (epoch integer, seq integer, chain text, through integer, body text, primary key (epoch, seq)) without rowid",
  );
  const insert = db.prepare("insert into journal_row values (1, ?, ?, ?, ?)");
  const all = db.transaction((rows) => {
    for (const { seq, chain, through, body } of rows) insert.run(seq, chain, through, body);
  });
  const start = performance.now();
  for (let at = 0; at < bodies.length; at += 256) all.immediate(bodies.slice(at, at + 256));
  const rate = (bodies.length * 1000) / (performance.now() - start);
  db.close();
  return rate;
}

const share = told.rows / told.reads;
console.error(
  `${told.reads} reads, one in ${(1 / share).toFixed(1)} a row; ${((cpu.user + cpu.system) / 1e4 / seconds).toFixed(0)} % of a core; reports stand for ${((round * ROUND_MS) / 1000).toFixed(0)} s`,
);
if (share < 0.09) throw new Error("too few reads became rows");
const baseline = "the same rows inserted, and nothing else";
print({
  name: "edge-pipeline",
  value: told.reads / seconds,
  unit: "reads/s",
  baseline,
  baselineValue: bareInserts() / share,
});
// What it would be with a core to itself and a disk that never waits.
print({
  name: "edge-pipeline-cpu",
  value: (told.reads * 1e6) / (cpu.user + cpu.system),
  unit: "reads/s of processor time",
});
print({ name: "edge-pipeline-memory", value: peak, unit: "MiB peak" });
rmSync(dir, { recursive: true });
