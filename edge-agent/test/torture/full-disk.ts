import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Observation } from "@storeward/contracts";
import { createLogger, isStorewardError, systemClock } from "@storeward/runtime";
import { openJournal } from "../../src/journal/sqlite-journal.js";
import { Uplink } from "../../src/uplink/uplink.js";
import { AedesBroker } from "../brokers.js";
import { CloudClient } from "../cloud-client.js";
import { ModelCloud } from "../model-cloud.js";
import { LEDGER, until } from "../whole-agent.js";
import { onDisk, SmallDisk } from "./disks.js";

export interface FullDiskOptions {
  readonly dir: string;
  /** How often the disk is filled and freed. */
  readonly times: number;
}

const DISK_MIB = 12;
const EVERY_MS = 4;
const log = createLogger("test", { level: "silent" });

interface Refused {
  readonly number: number;
  /** Mono ms. */
  readonly at: number;
}

/**
 * Numbered rows are appended all the time, and the cloud takes them, while the disk is filled and freed. Every one must have been kept, and
 * then be in the cloud once, or have been refused, and then be inside a declared gap.
 */
export function fillDisk({ dir, times }: FullDiskOptions) {
  mkdirSync(dir, { recursive: true });
  return onDisk(SmallDisk.make(join(dir, "disk"), DISK_MIB), (disk) => fillAndFree(disk, times));
}

async function fillAndFree(disk: SmallDisk, times: number) {
  const broker = new AedesBroker();
  await broker.start();
  const cloud = new ModelCloud({ ledger: LEDGER, now: () => Date.now(), releasable: (committed) => committed - 20 });
  const client = new CloudClient(cloud);
  client.start(broker.port);
  const file = join(disk.mount, "journal.db");
  const journal = openJournal({ file, maxBytes: 64 * 1024 * 1024, config: 1, clock: systemClock, log });
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const uplink = new Uplink({
    config: { agent: "agent-1", version: 1, cloud: { url, username: "agent-1", passwordFile: "-", ledger: LEDGER } },
    password: "secret",
    ca: undefined,
    hardware: "test",
    software: "test",
    journal,
    through: () => systemClock.mono(),
    coverage: () => [],
    onClock: () => undefined,
    clock: systemClock,
    log,
  });
  const kept: number[] = [];
  const refused: Refused[] = [];
  const unexpected: string[] = [];
  let next = 0;
  let waiting = 0;
  const append = () => {
    const number = next++;
    waiting++;
    const answer = journal.append([{ draft: { type: "input", reader: "r1", port: number, high: true } }]);
    // It is dated in the call, so not after this.
    const at = Math.floor(systemClock.mono());
    answer
      .then(
        () => kept.push(number),
        (error: unknown) => {
          if (!isStorewardError(error, "JOURNAL_FULL")) unexpected.push(String(error));
          return refused.push({ number, at });
        },
      )
      .finally(() => {
        waiting--;
        uplink.wake();
      });
  };
  const timer = systemClock.every(EVERY_MS, append);
  try {
    await uplink.start();
    for (let time = 0; time < times; time++) {
      await wait(300 + Math.random() * 500);
      disk.fill();
      await until("it is full", () => journal.stats().full);
      await wait(Math.random() * 1_000);
      disk.free();
      await until("it has room again", () => !journal.stats().full);
    }
    await wait(300);
    timer.stop();
    await until("every append is answered", () => waiting === 0);
    const { head } = journal.stats();
    const epoch = cloud.epoch(journal.epoch);
    await until("the cloud has every row", () => epoch.committed === head);
    const rows = [...epoch.rows.values()].map((body) => JSON.parse(body) as Observation);
    return {
      wrong: [...unexpected, ...silences(rows, kept, refused), ...cloud.violations],
      kept: kept.length,
      refused: refused.length,
    };
  } finally {
    timer.stop();
    await uplink.stop();
    journal.close();
    await client.stop();
    await broker.kill();
  }
}

/** What is missing in the cloud without a word, or there though it was refused. */
function silences(rows: readonly Observation[], kept: readonly number[], refused: readonly Refused[]): string[] {
  const times = new Map<number, number>();
  for (const row of rows) if (row.type === "input") times.set(row.port, (times.get(row.port) ?? 0) + 1);
  const gaps = rows.filter((row) => row.type === "gap");
  const counted = gaps.reduce((sum, { count = 0 }) => sum + count, 0);
  const isDeclared = ({ at }: Refused) => gaps.some(({ from, to }) => from <= at && at <= to);
  const wrong = [
    ...kept
      .filter((number) => times.get(number) !== 1)
      .map((number) => `${number} was kept, and is there ${times.get(number) ?? 0} times`),
    ...refused.filter(({ number }) => times.has(number)).map(({ number }) => `${number} was refused, and is there`),
    ...refused.filter((one) => !isDeclared(one)).map(({ number }) => `${number} was refused, and is in no gap`),
    ...(counted === refused.length ? [] : [`the gaps count ${counted} rows, ${refused.length} were refused`]),
    ...gaps.filter(({ why }) => why !== "the disk is full").map(({ why }) => `a gap says: ${why}`),
  ];
  return wrong.slice(0, 20);
}
