/**
 * What the whole agent uses while little happens: its own process, four simulated LLRP readers over TCP at 100 reads a second each (25 tags
 * that stay before each of four antennas), and a broker that it is connected to, without a cloud behind it. Share of one core over
 * twenty seconds, and memory at rest.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { LlrpReader } from "@storeward/reader-simulators";
import { createLogger, systemClock } from "@storeward/runtime";
import { Aedes } from "aedes";
import Database from "better-sqlite3";
import { INSTALLED_FLAGS } from "./installed.js";
import { print } from "./shelves.js";

const READERS = 4;
const ANTENNAS = [1, 2, 3, 4];
const TURN_MS = 250;
/** Each is read once a second: 25 tags at each of four antennas. */
const TAGS_OF_ANTENNA = 25;
const SETTLE_MS = 10_000;
const MEASURE_MS = 20_000;
const log = createLogger("bench", { level: "silent" });
const dir = mkdtempSync(join(tmpdir(), "storeward-bench-"));
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
let reads = 0;

/** Tags that stay: one antenna after the other has its turn, and reads each of its own once. */
class Still {
  antennas = ANTENNAS;
  region = /** @type {const} */ ("ETSI");
  #number;

  constructor(number) {
    this.#number = number;
  }

  turnMs() {
    return TURN_MS;
  }

  connected() {
    return true;
  }

  read(antenna, _power, from, to) {
    reads += TAGS_OF_ANTENNA;
    return Array.from({ length: TAGS_OF_ANTENNA }, (_, i) => ({
      epc: `3034257BF468D480${(this.#number * 1_000 + antenna * 100 + i).toString(16).toUpperCase().padStart(8, "0")}`,
      rssi: -50 - (i % 5),
      at: from + ((to - from) * i) / TAGS_OF_ANTENNA,
      channel: 1,
      phase: 0,
    }));
  }
}

const time = { now: () => systemClock.mono(), utc: () => BigInt(Date.now()) * 1_000n };
const simulated = Array.from({ length: READERS }, (_, n) => {
  const identity = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, n]);
  const common = { port: new Still(n), time, clock: systemClock, log, identity, firmware: "1", tcpPort: 0 };
  return new LlrpReader({ id: `r${n}`, ...common });
});
for (const reader of simulated) await reader.start();
const ticks = systemClock.every(25, () => {
  for (const reader of simulated) reader.tick(time.now());
});
const aedes = await Aedes.createBroker();
const broker = createServer(aedes.handle).listen(0, "127.0.0.1");
await once(broker, "listening");
const { port: brokerPort } = /** @type {import("node:net").AddressInfo} */ (broker.address());

const antennas = ANTENNAS.map((antenna) => ({ antenna, power: 25 }));
const config = {
  version: 1,
  agent: "bench",
  data: "data",
  cloud: {
    url: `mqtt://127.0.0.1:${brokerPort}`,
    username: "bench",
    passwordFile: "password",
    ledger: "5".repeat(32),
  },
  readers: simulated.map(({ id, address }) => ({
    id,
    agent: "bench",
    region: "ETSI",
    driver: "llrp",
    host: "127.0.0.1",
    port: address.port,
    antennas,
  })),
  readPoints: simulated.flatMap(({ id }) =>
    ANTENNAS.map((antenna) => ({
      id: `${id}-${antenna}`,
      role: "shelf",
      place: `${id}-${antenna}`,
      antennas: [{ reader: id, antenna }],
    })),
  ),
};
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, "password"), "secret\n", { mode: 0o600 });
writeFileSync(join(dir, "agent.yaml"), JSON.stringify(config));
const agent = fork(path("../bin/storeward-edge.js"), ["--config", join(dir, "agent.yaml")], {
  execArgv: [...INSTALLED_FLAGS, "--import", pathToFileURL(path("cpu-report.js")).href],
  env: { ...process.env, STOREWARD_LOG_LEVEL: "silent" },
  stdio: ["ignore", "ignore", "inherit", "ipc"],
});
const exited = once(agent, "exit").then(([code]) => {
  throw new Error(`the agent ended with ${code}`);
});
exited.catch(() => undefined);
async function ask() {
  agent.send("usage");
  const [answer] = await Promise.race([once(agent, "message"), exited]);
  return { ...answer, reads, at: performance.now() };
}

async function end() {
  if (agent.exitCode !== null) return;
  agent.kill("SIGTERM");
  await exited.catch(() => undefined);
}

/** Tags of which the agent's journal says that they arrived. */
function arrivals() {
  const db = new Database(join(dir, "data", "journal.db"), { readonly: true });
  const count = db.prepare('select count(*) from journal_row where body like \'%"type":"arrived"%\'').pluck().get();
  db.close();
  return count;
}

try {
  await Promise.race([wait(SETTLE_MS), exited]);
  const before = await ask();
  await Promise.race([wait(MEASURE_MS), exited]);
  const after = await ask();
  const seconds = (after.at - before.at) / 1_000;
  const rate = (after.reads - before.reads) / seconds;
  if (Math.abs(rate / (READERS * 100) - 1) > 0.1) throw new Error(`the readers read ${rate.toFixed(0)} a second`);
  const used = (after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system) / 1e6;
  const share = Math.round((10_000 * used) / seconds) / 100;
  await end();
  const tags = READERS * ANTENNAS.length * TAGS_OF_ANTENNA;
  if (arrivals() !== tags) throw new Error(`${arrivals()} of ${tags} tags arrived`);
  console.error(`${rate.toFixed(0)} reads a second by ${READERS} readers; peak ${(after.peak / 1024).toFixed(0)} MiB`);
  console.log(
    JSON.stringify({
      name: "edge-idle",
      value: share,
      unit: "% of a core",
      baseline: null,
      baselineValue: null,
      ratio: null,
    }),
  );
  print({ name: "edge-idle-memory", value: after.rss / 2 ** 20, unit: "MiB" });
} finally {
  ticks.stop();
  await end();
  for (const reader of simulated) await reader.stop();
  broker.close();
  await new Promise((resolve) => aedes.close(() => resolve(undefined)));
  rmSync(dir, { recursive: true });
}
process.exit();
