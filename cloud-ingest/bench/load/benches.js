import { loadavg } from "node:os";
import { startProcess } from "./processes.js";
import { FollowWatch, followed } from "./progress.js";
import { PASSWORD, startService } from "./service.js";

/*
 * The benches of the cloud, each over the embedded servers and over Debian's: what is set up, what is sent and what is printed. All with a
 * thousand agents connected, and the things of all of them in the catalogue.
 */

const AGENTS = Number(process.env.STOREWARD_BENCH_AGENTS ?? 1_000);
const ROWS = Number(process.env.STOREWARD_BENCH_ROWS ?? 300_000);
const SECONDS = Number(process.env.STOREWARD_BENCH_SECONDS ?? 20);
/** Rows a second of the steady run. */
const RATE = Number(process.env.STOREWARD_BENCH_RATE ?? 2_000);
/** Rows that an agent observes at a time: what a board tells when something is put on it, or a trolley that goes through a door. */
const BURST = 10;
const HOUR = 3_600_000;

/** From agents' journals to committed. */
export async function benchIntake({ outside, name, bar = 20_000 }) {
  await withLoad(outside, async (load) => {
    const { rate } = await drained(load, ROWS);
    await followed(load.service.db);
    const live = await load.agents.order("live", { rate: bar / 2, burst: BURST, seconds: SECONDS });
    printLive(`${name}-live-p99`, live, `ms observed to committed at ${bar / 2}/s`);
    const { inserted, insertedBinary, published } = await floors(load, outside);
    const floor = Math.min(inserted, published);
    print({ name, value: rate, unit: "observations/s", ...beside("the slower of both floors", floor, rate / floor) });
    print({ name: `${name}-floor-insert`, value: inserted, unit: "rows/s by bare inserts" });
    const binary = "rows/s by bare inserts of columns in binary form";
    print({ name: `${name}-floor-insert-binary`, value: insertedBinary, unit: binary });
    print({ name: `${name}-floor-publish`, value: published, unit: "rows/s by bare publish and subscribe" });
  });
}

/** From agents' journals to followed by everything that follows. */
export async function benchFollow({ outside, name, bar = 8_000 }) {
  await withLoad(outside, async (load) => {
    const { rate, ms } = await drained(load, ROWS / 2, async () => followed(load.service.db));
    print({ name, value: Math.round((ROWS / 2 / ms) * 1_000), unit: "observations/s", ...beside("committed", rate) });
    const watch = new FollowWatch(load.service.db);
    await watch.start();
    const live = await load.agents.order("live", { rate: bar / 2, burst: BURST, seconds: SECONDS });
    const result = await watch.stop();
    printLive(`${name}-live-p99`, { ...live, ...result }, `ms observed to followed at ${bar / 2}/s`);
  });
}

/** From agents' journals to committed and to followed by two processes that share the work, beside one. */
export async function benchTwo({ name }) {
  const rates = {};
  for (const processes of [1, 2])
    await withLoad(
      true,
      async (load) => {
        const { rate, ms } = await drained(load, ROWS / 2, async () => followed(load.service.db));
        rates[processes] = { committed: rate, followed: Math.round((ROWS / 2 / ms) * 1_000) };
      },
      processes,
    );
  for (const what of ["committed", "followed"]) {
    const [one, two] = [rates[1][what], rates[2][what]];
    print({ name: `${name}-${what}`, value: two, unit: "observations/s", ...beside("one process", one, two / one) });
  }
}

/** Agents that come back with a day while others are live; a service that is killed; memory. */
export async function benchBacklog({ outside, name, back = 200, rows = 1_000, rate = 1_000 }) {
  await withLoad(outside, async (load) => {
    const others = startProcess("agents.js");
    try {
      await join(others, load.service, { from: 0, to: back, rows, day: 24 * HOUR });
      await join(load.agents, load.service, { from: back, to: AGENTS, rows: 0 });
      const live = load.agents.order("live", { rate, burst: BURST, seconds: SECONDS });
      const { ms } = await others.order("drain");
      printLive(`${name}-live-p99`, await live, `ms observed to committed at ${rate}/s while ${back} agents catch up`);
      print({ name, value: Math.round((back * rows * 1_000) / ms), unit: "observations/s caught up" });
      await others.order("expectLoss");
      await restarted(load, name);
    } finally {
      await others.end();
    }
  });
}

/** Live data for a while: memory at its end beside what it was after a quarter of the time. */
export async function benchSteady({ outside, name, seconds = SECONDS * 3, rate = RATE }) {
  await withLoad(outside, async (load) => {
    await join(load.agents, load.service, { from: 0, to: AGENTS, rows: 0 });
    const samples = [];
    const timer = setInterval(() => samples.push(load.service.memory()), 1_000);
    const live = await load.agents.order("live", { rate, burst: BURST, seconds });
    clearInterval(timer);
    const [early, late] = [quarter(samples, 2), quarter(samples, 4)];
    const what = `of ${seconds} s at ${rate}/s`;
    const unit = `MiB of the service in the last quarter ${what}`;
    print({ name, value: late, unit, ...beside("in the second quarter", early, late / early) });
    const [before, after] = [quarter(load.service.heaps(), 2), quarter(load.service.heaps(), 4)];
    const left = `MiB of heap that collections leave in their last quarter ${what}`;
    print({
      name: `${name}-heap`,
      value: after,
      unit: left,
      ...beside("in their second quarter", before, after / before),
    });
    printLive(`${name}-live-p99`, live, `ms observed to committed at ${rate}/s`);
  });
}

/** The mean of the values of one quarter of them, 1 to 4. */
function quarter(values, number) {
  const some = values.slice(Math.floor((values.length * (number - 1)) / 4), Math.ceil((values.length * number) / 4));
  return Math.round(some.reduce((sum, each) => sum + each, 0) / some.length);
}

async function withLoad(outside, work, processes = 1) {
  const service = await startService({ agents: AGENTS, outside, processes });
  const agents = startProcess("agents.js");
  try {
    await work({ service, agents, outside });
    console.error(`load of the machine ${loadavg()[0].toFixed(1)}; memory of the service ${service.memory()} MiB`);
  } finally {
    await agents.end();
    await service.stop();
  }
}

function join(agents, service, { from, to, rows, day = HOUR }) {
  const { port, ledger } = service;
  const endMs = Date.now();
  return agents.order("join", { from, to, rows, startMs: endMs - day, endMs, port, password: PASSWORD, ledger });
}

/** Sends what a thousand agents have; `then` is waited for before the clock stops for `ms`. */
async function drained({ service, agents }, rows, then = async () => undefined) {
  await join(agents, service, { from: 0, to: AGENTS, rows: rows / AGENTS });
  const before = service.cpuSeconds();
  const start = performance.now();
  const { ms, resends } = await agents.order("drain");
  await then();
  const all = performance.now() - start;
  const cpu = (service.cpuSeconds() - before).toFixed(1);
  console.error(`${rows} rows: ${(all / 1_000).toFixed(1)} s, ${cpu} s of CPU in the service, ${resends} resends`);
  return { rate: Math.round((rows * 1_000) / ms), ms: all };
}

async function floors({ service }, outside) {
  const floor = startProcess("floor.js");
  try {
    await followed(service.db);
    const insert = { connection: service.connection, rows: ROWS };
    const inserted = await floor.order("insert", { ...insert, binary: false });
    const insertedBinary = await floor.order("insert", { ...insert, binary: true });
    const published = await floor.order("publish", {
      port: outside ? service.port : undefined,
      rows: ROWS * 4,
      size: 150,
    });
    return { inserted, insertedBinary, published };
  } finally {
    await floor.end();
  }
}

/** Kills the service while its followers are behind: until it answers again, and until an agent that comes back has its ack. */
async function restarted({ service, agents }, name) {
  await agents.order("expectLoss");
  await service.kill();
  const start = performance.now();
  await service.start();
  print({ name: `${name}-restart`, value: Math.round(performance.now() - start), unit: "ms from killed to answering" });
  await agents.order("again", { agent: 0, rows: BURST });
  const value = Math.round(performance.now() - start);
  print({ name: `${name}-restart-ack`, value, unit: "ms from killed to acknowledged" });
}

const round = (ratio) => Math.round(ratio * 100) / 100;

function beside(baseline, baselineValue, ratio) {
  return { baseline, baselineValue, ratio: ratio === undefined ? null : round(ratio) };
}

function printLive(name, { p50, p99, max, rows, resends, by = {} }, unit) {
  console.error(`${name}: p50 ${p50}, p99 ${p99}, most ${max} ms of ${rows} rows; ${resends} resends`);
  for (const [follower, ms] of Object.entries(by)) console.error(`  ${follower}: p50 ${ms.p50}, p99 ${ms.p99} ms`);
  print({ name, value: p99, unit });
}

function print(figure) {
  console.log(JSON.stringify({ baseline: null, baselineValue: null, ratio: null, ...figure }));
}
