import { mkdir, open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isoMs } from "./clock.js";
import { defineErrors } from "./errors.js";
import { identifyProcess } from "./process-identity.js";
import { randomHex } from "./random.js";

const E = defineErrors({
  DATA_FOLDER_IN_USE: {
    template:
      "The data folder {dir} is in use by process {pid} ({name}): stop that process, or use another data folder. If no such process runs, remove {lock}",
    status: 500,
    retryable: false,
  },
});

/** Two starters that meet settle it within this time; the later one then takes the earlier for a running process. */
const CONTEST_MS = 300;
/** How long the earliest of them waits for the others to step back. */
const STEP_BACK_MS = 2000;

export interface DataFolderLock {
  /** Gives the folder free. Called again, does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the folder (made when missing, 0700) for this process, or throws DATA_FOLDER_IN_USE with the other's pid. `name` (`[a-z0-9-]+`)
 * tells apart programs that may share a folder. The lock of a process that is gone is removed.
 *
 * Every starter makes a file of its own, `<name>.lock.<pid>.<start>.<claim>`, and then looks for others: of two that
 * race at least one sees the other, and as no file name is ever used twice, removing one of a dead process can never
 * remove a living lock.
 * Processes in different containers cannot see each other: do not mount one folder in two.
 */
export async function lockDataFolder(dir: string, name: string): Promise<DataFolderLock> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const begun = performance.now();
  for (;;) {
    const own = await claim(dir, name);
    let others = await livingLocks(dir, name, own);
    // The earliest claim stays while the others step back; they come again with a later one.
    while (others.every((other) => own.claim < other.claim)) {
      if (others.length === 0) return { release: () => remove(dir, own) };
      if (performance.now() - begun > STEP_BACK_MS) break;
      await wait(10);
      others = await livingLocks(dir, name, own);
    }
    await remove(dir, own);
    const [first] = others;
    if (first !== undefined && performance.now() - begun > CONTEST_MS) {
      throw E.DATA_FOLDER_IN_USE({ dir, name, pid: first.pid, lock: join(dir, first.file) });
    }
    await wait(20 + Math.random() * 30);
  }
}

interface LockFile {
  readonly file: string;
  readonly pid: number;
  readonly started: string;
  /** Orders claims by their time; two never have the same. */
  readonly claim: string;
}

async function claim(dir: string, name: string): Promise<LockFile> {
  const started = identifyProcess(process.pid).started ?? "0";
  const order = `${String(Date.now()).padStart(14, "0")}-${randomHex(4)}`;
  const file = `${name}.lock.${process.pid}.${started}.${order}`;
  const handle = await open(join(dir, file), "wx", 0o600);
  // For people who look; everything that is judged is in the name, which appears at once and whole.
  await handle.writeFile(`${JSON.stringify({ pid: process.pid, host: hostname(), since: isoMs(Date.now()) })}\n`);
  await handle.close();
  return { file, pid: process.pid, started, claim: order };
}

async function livingLocks(dir: string, name: string, own: LockFile): Promise<LockFile[]> {
  const living: LockFile[] = [];
  for (const file of await readdir(dir)) {
    if (file === own.file || !file.startsWith(`${name}.lock.`)) continue;
    const [pidText = "", started = "", order = ""] = file.slice(name.length + ".lock.".length).split(".");
    const lock = { file, pid: Number(pidText), started, claim: order };
    if (!Number.isSafeInteger(lock.pid) || lock.pid < 1) continue;
    if (isHeld(lock)) living.push(lock);
    else await remove(dir, lock);
  }
  return living;
}

function isHeld({ pid, started }: LockFile): boolean {
  const now = identifyProcess(pid);
  return now.alive && (now.started ?? "0") === started;
}

function remove(dir: string, { file }: LockFile): Promise<void> {
  return rm(join(dir, file), { force: true });
}
