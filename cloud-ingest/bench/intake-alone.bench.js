/**
 * What a row costs intake: batches handed to it in its own process, into the embedded PostgreSQL with its default settings and fsync; no broker and no followers. By
 * processor time, which says the same on a busy machine; beside bare inserts of as many rows.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, GENESIS_CHAIN, nextChain, randomHex } from "@storeward/runtime";
import { homeOf } from "../dist/database/embedded/placement.js";
import { arrayOf, migrate, openDatabase } from "../dist/database/index.js";
import { Intake } from "../dist/intake/index.js";
import { Journal } from "../dist/journal/index.js";
import { schema } from "../dist/schema.js";
import { Tags } from "../dist/tags/index.js";
import { agentName, Ward } from "./load/rows.js";

const ROWS = Number(process.env.STOREWARD_BENCH_ROWS ?? 60_000);
/** Most bytes that wait for intake, as its agents' credit would hold them back. */
const WAITING = 16 * 1024 * 1024;

const log = createLogger("bench", { level: "warn" });
const data = mkdtempSync(join(tmpdir(), "storeward-intake-bench-"));
// PostgreSQL runs under an account of its own.
chmodSync(data, 0o711);
const db = openDatabase({ data, log });
try {
  await db.start();
  await migrate(db, schema);
  const floor = await cost(inserts);
  for (const [name, agents, size] of [
    ["intake-alone", 200, 180],
    ["intake-alone-live", 1_000, 10],
  ]) {
    const value = await cost(() => intake(agents, size));
    const unit = `us of CPU a row in batches of ${size}, PostgreSQL not counted`;
    print({
      name,
      value,
      unit,
      baseline: "bare inserts",
      baselineValue: floor,
      ratio: Math.round((100 * value) / floor) / 100,
    });
  }
} finally {
  await db.stop();
  for (const path of [homeOf(data), data]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
}

/** Microseconds of this process a row; `prepare` gives what is measured. */
async function cost(prepare) {
  const work = await prepare();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return Math.round((10 * (user + system)) / ROWS) / 10;
}

/** Every row handed to an intake, until all are acknowledged. */
async function intake(agents, size) {
  const batches = Array.from({ length: agents }, (_, agent) => batchesOf(agent, ROWS / agents, size));
  let left = ROWS;
  const committed = new Map();
  let finish;
  const heard = new Promise((resolve) => {
    finish = resolve;
  });
  const send = (agent, text) => {
    const ack = JSON.parse(text);
    left -= ack.committed - (committed.get(agent) ?? 0);
    committed.set(agent, ack.committed);
    if (left === 0) finish();
  };
  const part = new Intake({ db, journal: new Journal(), tags: new Tags(), log, ledger: randomHex(16), send });
  await part.start();
  return async () => {
    for (let n = 0; n < batches[0].length; n++)
      for (const [agent, list] of batches.entries()) {
        while (part.gauges().bytes > WAITING) await new Promise((resolve) => setTimeout(resolve, 1));
        part.receive(agentName(agent), list[n]);
      }
    await heard;
    await part.stop();
  };
}

function batchesOf(number, rows, size) {
  const [agent, ward] = [agentName(number), new Ward(number)];
  const [boot, epoch, session] = [randomHex(16), randomHex(16), randomHex(16)];
  const at = (mono) => ({ boot, mono, wall: new Date().toISOString() });
  const batches = [];
  let chain = GENESIS_CHAIN;
  for (let first = 1; first <= rows; first += size) {
    const [last, prev] = [Math.min(rows, first + size - 1), chain];
    const head = { v: 1, kind: "batch", agent, session, epoch, first, last, prev, lost: [], through: at(last) };
    const bodies = [];
    for (let seq = first; seq <= last; seq++) {
      const body = ward.next(at(seq));
      chain = nextChain(chain, seq, body);
      bodies.push(body);
    }
    batches.push(Buffer.from([JSON.stringify(head), ...bodies].join("\n")));
  }
  return batches;
}

/** As many rows of bodies into a plain table, 3,000 at a time, in binary form. */
async function inserts() {
  await db.query("CREATE TABLE bare (seq int8 PRIMARY KEY, body jsonb)");
  const ward = new Ward(0);
  const at = { boot: randomHex(16), mono: 1, wall: new Date().toISOString() };
  const bodies = Array.from({ length: 3_000 }, () => ward.next(at));
  return async () => {
    for (let first = 0; first < ROWS; first += bodies.length)
      await db.query("INSERT INTO bare SELECT * FROM unnest($1::int8[], $2::jsonb[])", [
        arrayOf(
          "int8",
          bodies.map((_, index) => first + index),
          (seq) => seq,
        ),
        arrayOf("jsonb", bodies, (body) => body),
      ]);
  };
}

function print(figure) {
  console.log(JSON.stringify(figure));
}
