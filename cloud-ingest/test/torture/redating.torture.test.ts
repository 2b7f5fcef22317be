import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Site } from "@storeward/contracts";
import { randomHex } from "@storeward/runtime";
import { describe, expect, it } from "vitest";
import { Mosquitto } from "../../../edge-agent/test/mosquitto.js";
import { PooledDatabase } from "../../src/database/pool.js";
import { hasServers, OutsidePostgres } from "../servers.js";
import { TestAgent } from "../test-agent.js";
import { ADMIN_PASSWORD, BROKER_PASSWORD } from "../test-service.js";
import { CloudProcess } from "./cloud-process.js";

const ROWS = Number(process.env.STOREWARD_TORTURE_ROWS ?? 100_000);
const THINGS = 1_000;
/** Between two rows of the boot, ms: 100,000 rows are some three hours. */
const STEP_MS = 100;
const BEHIND_MS = 90 * 60_000;
const LIMIT_MS = 12 * 60_000;

const strength = { rounds: 10, reads: 8, antennas: [{ antenna: 1, reads: 8, rssiMax: -42, rssiMean: -44 }] };
const epcOf = (n: number) => `3034257BF400B714${n.toString(16).toUpperCase().padStart(8, "0")}`;
const SITE: Site = {
  site: { id: "ward", name: "Ward", timeZone: "UTC", locale: "en", dayStarts: "00:00" },
  places: [
    { id: "ward", name: "Ward", type: "site" },
    { id: "store", name: "Store", type: "room", parent: "ward" },
    { id: "shelf-a", name: "Shelf A", type: "shelf", parent: "store" },
    { id: "shelf-b", name: "Shelf B", type: "shelf", parent: "store" },
  ],
  readPoints: [
    { id: "a-1", role: "shelf", place: "shelf-a", antennas: [{ reader: "ra", antenna: 1 }] },
    { id: "b-1", role: "shelf", place: "shelf-b", antennas: [{ reader: "rb", antenna: 1 }] },
  ],
  readers: ["a", "b"].map((name) => ({
    id: `r${name}`,
    agent: `edge-${name}`,
    region: "ETSI" as const,
    driver: "llrp" as const,
    host: "127.0.0.1",
    antennas: [{ antenna: 1, power: 30 }],
  })),
  agents: [{ id: "edge-a" }, { id: "edge-b" }],
};

/** How long it takes from a row's being observed until its thing is known to have been seen then. */
class Latency {
  readonly epc: string;
  /** When each was observed: by the calendar, and by our monotonic clock. */
  #waiting: { readonly at: number; readonly since: number }[] = [];
  readonly taken: number[] = [];

  constructor(epc: string) {
    this.epc = epc;
  }

  observed(at: number): void {
    this.#waiting.push({ at, since: performance.now() });
  }

  async look(db: PooledDatabase): Promise<void> {
    const [row] = await db.query<{ seen: Date | null }>(
      "SELECT seen_at AS seen FROM item_location JOIN current_tag USING (item) WHERE epc = $1",
      [this.epc],
    );
    const seen = row?.seen?.getTime() ?? 0;
    const now = performance.now();
    for (const { at, since } of this.#waiting) if (at <= seen + 1) this.taken.push(now - since);
    this.#waiting = this.#waiting.filter(({ at }) => at > seen + 1);
  }

  /** In words, and the 99th percentile in ms. */
  get figures(): string {
    const sorted = [...this.taken].sort((a, b) => a - b);
    const at = (share: number) => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) / 1_000).toFixed(1);
    return `${sorted.length} rows, half within ${at(0.5)} s, 99 % within ${at(0.99)} s, all within ${at(1)} s`;
  }
}

describe.skipIf(!hasServers)(
  "a boot without a clock (skipped where PostgreSQL and Mosquitto are not installed)",
  () => {
    it(
      "is dated anew by the clock that it learns after hours, in short transactions and bounded memory, behind live work, through a kill",
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "storeward-redating-"));
        const postgres = new OutsidePostgres(join(folder, "postgres"));
        const broker = new Mosquitto(join(folder, "mosquitto"));
        await Promise.all([postgres.start(), broker.start()]);
        const cloud = await CloudProcess.create({
          folder: join(folder, "cloud"),
          ledger: randomHex(16),
          site: SITE,
          brokerPort: broker.port,
          databaseUrl: postgres.url(),
        });
        const db = new PooledDatabase({ url: postgres.url() }, { max: 3, applicationName: "test" });
        let row = 0;
        const began = Date.now() - ROWS * STEP_MS;
        const old = new TestAgent("edge-a", {
          batch: 200,
          now: () => ({ mono: row * STEP_MS, wall: new Date(began + row * STEP_MS - BEHIND_MS).toISOString() }),
        });
        const other = new TestAgent("edge-b");
        const own = new Latency(epcOf(THINGS));
        const live = new Latency(epcOf(THINGS + 1));
        const timers: NodeJS.Timeout[] = [];
        let [rss, longest] = [0, 0];
        try {
          cloud.start();
          await cloud.healthy();
          await enter(cloud.url);
          const url = `mqtt://127.0.0.1:${broker.port}`;
          while (row < ROWS) old.observe(told(row++));
          const connected = performance.now();
          await old.connect(url, BROKER_PASSWORD);
          await other.connect(url, BROKER_PASSWORD);
          await until(async () => old.committed >= ROWS && (await behind(db)) === 0);
          const followed = ((performance.now() - connected) / 1_000).toFixed(0);
          console.log(`torture: ${ROWS} rows without a clock taken in and followed in ${followed} s`);

          // From here on both also tell what is now.
          timers.push(
            setInterval(() => {
              const mono = performance.now();
              live.observed(Date.now());
              other.observe({ ...seen(live.epc, mono), readPoint: "b-1" });
              row = Math.floor((Date.now() - began) / STEP_MS);
              own.observed(began + row * STEP_MS);
              old.observe(seen(own.epc, row * STEP_MS));
            }, 250),
          );
          const looking = (async () => {
            while (timers.length > 0) {
              await Promise.all([live.look(db), own.look(db)]);
              rss = Math.max(rss, rssOf(cloud.pid));
              longest = Math.max(longest, await longestTransaction(db));
              await wait(100);
            }
          })();
          await wait(5_000);
          const [liveBefore, rssBefore, longestBefore] = [live.figures, rss, longest];
          live.taken.length = own.taken.length = 0;
          [rss, longest] = [0, 0];

          const since = performance.now();
          old.observe({
            type: "clock",
            utc: new Date(began + row * STEP_MS).toISOString(),
            plusMinusMs: 20,
            source: "cloud",
          });
          await until(async () => (await count(db, "redating")) > 0);
          await until(async () => (await redatedTo(db)) > ROWS / 3);
          // What is measured is the work, and not how long a service is away.
          const [liveFirst, ownFirst] = [live.figures, own.figures];
          await cloud.end("SIGKILL");
          cloud.start();
          await cloud.healthy();
          await until(async () => (await count(db, "redating")) === 0);
          const seconds = (performance.now() - since) / 1_000;
          clearInterval(timers.pop());
          await looking;
          await until(
            async () => old.committed === old.head && other.committed === other.head && (await behind(db)) === 0,
          );

          const steps = await count(db, "journal WHERE type = 'redated'");
          console.log(
            `torture: ${ROWS} rows of one boot dated anew in ${seconds.toFixed(0)} s and ${steps} steps, with a kill`,
          );
          console.log(
            `torture:   before: the longest transaction ${longestBefore} ms, memory ${rssBefore} MB; another agent: ${liveBefore}`,
          );
          console.log(`torture:   meanwhile: the longest transaction ${longest} ms, memory ${rss} MB`);
          console.log(`torture:   another agent's rows, up to the kill: ${liveFirst}; its own: ${ownFirst}`);
          expect(await wrong(db, began)).toEqual([]);
          expect(await count(db, "parked_row")).toBe(0);
          // However many rows a boot has, a step is bounded: by far not what all of them take.
          expect(rss).toBeLessThan(1_500);
        } finally {
          for (const timer of timers.splice(0)) clearInterval(timer);
          await old.end();
          await other.end();
          await cloud.end("SIGKILL");
          await db.close();
          await broker.kill();
          await postgres.remove();
          rmSync(folder, { recursive: true, force: true });
        }
      },
      LIMIT_MS + 120_000,
    );
  },
);

const seen = (epc: string, at: number) => ({
  type: "seen",
  tag: { epc },
  readPoint: "a-1",
  from: at,
  to: at,
  strength,
});
const told = (n: number) => seen(epcOf(n % THINGS), n * STEP_MS);

/** What is not dated by the clock: sightings, and the minutes of reads. */
async function wrong(db: PooledDatabase, began: number): Promise<unknown[]> {
  const sightings = await db.query(
    `SELECT j.seq, s.observed_at FROM journal j LEFT JOIN tag_sighting s USING (agent, epoch, seq)
     WHERE j.agent = 'edge-a' AND j.type = 'seen'
       AND (s.seq IS NULL OR abs(extract(epoch FROM s.observed_at) * 1000 - $1 - (j.body #>> '{at,mono}')::float8) > 1) LIMIT 5`,
    [began],
  );
  const minutes = await db.query(
    `SELECT * FROM (
       SELECT date_trunc('minute', to_timestamp(($1 + (body #>> '{at,mono}')::float8) / 1000)) AS at, sum((body #>> '{strength,rounds}')::int8) AS rounds
       FROM journal WHERE agent = 'edge-a' AND type = 'seen' GROUP BY 1
     ) j FULL JOIN (SELECT at, rounds AS counted FROM series_detection WHERE read_point = 'a-1') d USING (at)
     WHERE rounds IS DISTINCT FROM counted LIMIT 5`,
    [began],
  );
  return [...sightings, ...minutes];
}

/** Rows of the boot that are dated anew; all, once nothing is to be done. */
async function redatedTo(db: PooledDatabase): Promise<number> {
  const [found] = await db.query<{ to: number }>("SELECT next_seq - 1 AS to FROM redating");
  return found?.to ?? Number.POSITIVE_INFINITY;
}

/** Rows that some follower has before it. */
async function behind(db: PooledDatabase): Promise<number> {
  const [found] = await db.query<{ rows: number }>(
    `SELECT coalesce(sum(h.pos - c.pos), 0)::int8 AS rows FROM follower_cursor c JOIN (
       SELECT 'journal' AS log, partition, pos FROM journal_head UNION ALL SELECT 'evidence', partition, pos FROM evidence_head
     ) h ON h.partition = c.partition AND h.log = CASE c.follower WHEN 'locations' THEN 'evidence' ELSE 'journal' END
     WHERE c.follower IN ('coverage', 'evidence', 'series', 'locations')`,
  );
  return found?.rows ?? 0;
}

async function count(db: PooledDatabase, of: string): Promise<number> {
  const [found] = await db.query<{ n: number }>(`SELECT count(*) AS n FROM ${of}`);
  return found?.n ?? 0;
}

async function longestTransaction(db: PooledDatabase): Promise<number> {
  const [found] = await db.query<{ ms: number }>(
    `SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start) * 1000), 0)::int4 AS ms
     FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'test' AND backend_type = 'client backend'`,
  );
  return found?.ms ?? 0;
}

/** Megabytes in use. */
function rssOf(pid: number | undefined): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const limit = performance.now() + LIMIT_MS; !(await holds()); await wait(500))
    if (performance.now() > limit) throw new Error("it never came to this");
}

/** A catalogue of all things. */
async function enter(url: string): Promise<void> {
  const post = async (path: string, body: object, token?: string) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { token: string };
  };
  const { token } = await post("/session", { username: "admin", password: ADMIN_PASSWORD });
  const items = Array.from({ length: THINGS + 2 }, (_, n) => ({ name: `Pump ${n}`, kind: "Pump", epc: epcOf(n) }));
  await post("/items/import", { items }, token);
}
