/**
 * A backlog of a million observations out of the journal, over MQTT, into an ingest in a process of its own that checks every
 * row's chain and acknowledges: observations a second from hello to the last row. Beside it the floor: messages of the same
 * bytes by bare publish, without journal, chain and answers.
 *
 *     STOREWARD_BENCH_ROWS=1000000 node uplink-drain.bench.js
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createLogger, systemClock } from "@storeward/runtime";
import mqtt from "mqtt";
import { openJournal } from "../dist/journal/sqlite-journal.js";
import { Uplink } from "../dist/uplink/uplink.js";

const ROWS = Number(process.env.STOREWARD_BENCH_ROWS ?? 1_000_000);
const LEDGER = "7".repeat(32);
const AGENT = "bench-1";
const log = createLogger("bench", { level: "silent" });
const self = fileURLToPath(import.meta.url);
const open = (file) => openJournal({ file, maxBytes: 2 ** 31, config: 1, clock: systemClock, log });

if (process.argv[2] === "fill") await fill(process.argv[3]);
else {
  const folder = mkdtempSync(join(tmpdir(), "storeward-drain-"));
  try {
    const file = join(folder, "journal.db");
    // In a process of its own, so that the memory measured is that of sending.
    const { status } = spawnSync(process.execPath, [self, "fill", file], { stdio: "inherit" });
    if (status !== 0) throw new Error("the journal could not be filled");
    await bench(open(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bench(journal) {
  const { ms, peakMb } = await drain(journal);
  const value = Math.round((ROWS * 1000) / ms);
  const floor = Math.round(await bare(journal));
  journal.close();
  const ratio = Math.round((value / floor) * 100) / 100;
  const beside = { baseline: "bare publish of the same bytes", baselineValue: floor, ratio };
  console.log(JSON.stringify({ name: "uplink-drain", value, unit: "observations/s", ...beside }));
  console.log(JSON.stringify({ name: "uplink-drain-memory", value: peakMb, unit: "MB peak RSS of the agent" }));
}

/**
 * Arrivals as a filter makes them, some 330 bytes each.
 * @returns {import("../dist/journal/journal.js").Entry}
 */
function entry(n) {
  const epc = `3066C4409047E140${n.toString(16).toUpperCase().padStart(8, "0")}`;
  const antennas = [{ antenna: 1, reads: 3, rssiMax: -51.5, rssiMean: -53.2 }];
  const strength = { rounds: 4, reads: 3, antennas };
  return { draft: { type: "arrived", tag: { epc }, readPoint: "shelf-a-1", first: 6102, strength } };
}

async function fill(file) {
  const journal = open(file);
  const AT_ONCE = 2_560;
  for (let n = 0; n < ROWS; n += AT_ONCE) {
    const entries = Array.from({ length: Math.min(AT_ONCE, ROWS - n) }, (_, i) => entry(n + i));
    await Promise.all(
      Array.from({ length: Math.ceil(entries.length / 256) }, (_, k) =>
        journal.append(entries.slice(k * 256, k * 256 + 256)),
      ),
    );
  }
  journal.close();
}

async function drain(journal) {
  const cloud = await startCloud(ROWS);
  const uplink = new Uplink({
    config: {
      agent: AGENT,
      version: 1,
      cloud: { url: `mqtt://127.0.0.1:${cloud.port}`, username: AGENT, passwordFile: "-", ledger: LEDGER },
    },
    password: "x",
    ca: undefined,
    hardware: "bench",
    software: "bench",
    journal,
    through: () => systemClock.mono(),
    coverage: () => [],
    onClock: () => undefined,
    clock: systemClock,
    log,
  });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  await uplink.start();
  const { ms } = await cloud.done;
  clearInterval(watch);
  await uplink.stop();
  await cloud.stop();
  return { ms, peakMb: Math.round(peak / 1e6) };
}

/** Observations a second when batches of the same size are published with a window, and nothing else is done. */
async function bare(journal) {
  const cloud = await startCloud(Number.MAX_SAFE_INTEGER);
  const client = mqtt.connect(`mqtt://127.0.0.1:${cloud.port}`, { protocolVersion: 4, clientId: AGENT });
  await new Promise((resolve) => client.once("connect", resolve));
  const rows = journal.read(0, 180, 1e6);
  const payload = Buffer.from(rows.map(({ body }) => body).join("\n"));
  const messages = Math.min(2_000, Math.ceil(ROWS / rows.length));
  const start = performance.now();
  let next = 0;
  const one = async () => {
    while (next++ < messages) await client.publishAsync("bare", payload, { qos: 1 });
  };
  await Promise.all(Array.from({ length: 16 }, one));
  const ms = performance.now() - start;
  await client.endAsync(true);
  await cloud.stop();
  return (messages * rows.length * 1000) / ms;
}

async function startCloud(rows) {
  const file = fileURLToPath(new URL("acknowledging-cloud.js", import.meta.url));
  const child = spawn(process.execPath, [file, LEDGER, String(rows)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the acknowledging cloud has ended");
    return JSON.parse(value);
  };
  const port = await next();
  return {
    port,
    done: rows === Number.MAX_SAFE_INTEGER ? undefined : next(),
    stop: () =>
      new Promise((resolve) => {
        child.once("close", resolve);
        child.kill();
      }),
  };
}
