import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLogger, ManualClock } from "@storeward/runtime";
import { openJournal } from "../../src/journal/sqlite-journal.js";
import { APPENDER_MAX_BYTES, Appender, faultsOf } from "../appender.js";
import type { Compiled } from "../compiled.js";
import { LoopDisk, onDisk } from "./disks.js";

/*
 * Why a copy of the image is a power loss. The journal lies on an ext4 of its own, on a loop device with direct I/O over a file. What the
 * process writes is first only in the page cache of that ext4: memory, which a power loss takes. It comes into the file when ext4 sends it
 * to the device: at a sync, or when the kernel gets to it after seconds. So the file, read past the page cache, holds what a disk holds
 * when the power goes: everything synced, and of the rest what the kernel happened to have sent. Mounting the copy replays ext4's own
 * journal, as the next start of the machine does.
 *
 * What it does not model: a disk that answers a sync and still has the bytes in a cache of its own (it lies, and no journal can help),
 * and a sync that is only half done, for the appender is stopped between two system calls. Of such a sync nothing has been promised yet;
 * kills (kills.ts) and SQLite's checksums over the WAL are for that.
 */

export interface PowerLossOptions {
  readonly compiled: Compiled;
  readonly dir: string;
  readonly rounds: number;
  /** The longest that two rounds are apart, ms. */
  readonly apartMs: number;
  /** How the journal's database is synced; "full" is ours, "normal" shows that this test can fail. */
  readonly synchronous: "full" | "normal";
}

export interface PowerLossRound {
  /** Rows that were promised to be kept when the power went. */
  readonly promised: number;
  /** How many of them are not there. */
  readonly missing: number;
  readonly faults: readonly string[];
}

const DISK_MIB = 32;
/** Small commits: with large ones the WAL is full after three or four, and written back with a sync however it is synced. */
const AT_ONCE = 20;
const log = createLogger("test", { level: "silent" });

/** The power goes `rounds` times, at random moments, while a journal is appended to as fast as it can. */
export function losePower(options: PowerLossOptions): Promise<PowerLossRound[]> {
  mkdirSync(options.dir, { recursive: true });
  return onDisk(LoopDisk.make(join(options.dir, "disk"), DISK_MIB), (disk) => losePowerOf(disk, options));
}

async function losePowerOf(
  disk: LoopDisk,
  { compiled, dir, rounds, apartMs, synchronous }: PowerLossOptions,
): Promise<PowerLossRound[]> {
  const appender = new Appender({
    compiled,
    file: join(disk.mount, "journal.db"),
    from: 0,
    promises: join(dir, "promises"),
    atOnce: AT_ONCE,
    sources: synchronous === "full" ? "src" : syncedLess(compiled),
  });
  try {
    await appender.begun();
    const results: PowerLossRound[] = [];
    for (let round = 0; round < rounds; round++) {
      await wait(Math.random() * apartMs);
      await appender.pause();
      const promised = appender.promised();
      await disk.snapshot(join(dir, "copy"));
      appender.resume();
      results.push(await onDisk(LoopDisk.open(join(dir, "copy")), (copy) => afterwards(copy, promised)));
    }
    return results;
  } finally {
    await appender.kill();
  }
}

/** The next start: the journal is opened on the copy. */
async function afterwards(disk: LoopDisk, promised: readonly number[]): Promise<PowerLossRound> {
  const file = join(disk.mount, "journal.db");
  const journal = openJournal({ file, maxBytes: APPENDER_MAX_BYTES, config: 1, clock: new ManualClock(), log });
  try {
    const { head } = journal.stats();
    // Row n + 1 holds number n.
    const missing = promised.filter((number) => number + 1 > head).length;
    return { promised: promised.length, missing, faults: faultsOf(journal) };
  } finally {
    journal.close();
  }
}

/** The same program with this one word changed; returns the name of its folder. */
function syncedLess(compiled: Compiled): string {
  const sources = "src-normal";
  cpSync(join(compiled.agent, "src"), join(compiled.agent, sources), { recursive: true });
  const file = join(compiled.agent, sources, "journal", "database.js");
  const before = readFileSync(file, "utf8");
  const after = before.replace("synchronous = full", "synchronous = normal");
  if (after === before) throw new Error("database.ts no longer says how it is synced in these words");
  writeFileSync(file, after);
  return sources;
}
