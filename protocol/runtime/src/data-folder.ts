import { mkdir, open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
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

/** Two starters that meet settle it within this time. */
const CONTEST_MS = 300;

export interface DataFolderLock {
  /** Gives the folder free. Called again, does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the folder (made when missing, 0700) for this process, or throws DATA_FOLDER_IN_USE with the other's pid. `name` (`[a-z0-9-]+`)
 * tells apart programs that may share a folder. The lock of a process that is gone is removed.
 *
 * Every starter makes a file of its own, `<name>.lock.<pid>.<start>.<random>`, and then looks for others: of two that race at least one
 * sees the other, and as no file name is ever used twice, removing one of a dead process can never remove a living lock.
 * Processes in different containers cannot see each other: do not mount one folder in two.
 */
export async function lockDataFolder(dir: string, name: string): Promise<DataFolderLock> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const deadline = performance.now() + CONTEST_MS;
  for (;;) {
    const own = await claim(dir, name);
    for (;;) {
      const others = await livingLocks(dir, name, own);
      const [first] = others;
      if (first === undefined) return holding(join(dir, own));
      if (performance.now() > deadline) {
        await rm(join(dir, own), { force: true });
        throw E.DATA_FOLDER_IN_USE({ dir, name, pid: first.pid, lock: join(dir, first.file) });
      }
      // Of several that claim at once the lowest name stays and waits for the others to step back.
      const lowest = others.every((other) => own < other.file);
      if (!lowest) break;
      await wait(10);
    }
    await rm(join(dir, own), { force: true });
    await wait(20 + Math.random() * 30);
  }
}

interface LockFile {
  readonly file: string;
  readonly pid: number;
}

async function claim(dir: string, name: string): Promise<string> {
  const started = identifyProcess(process.pid).started ?? "0";
  const file = `${name}.lock.${process.pid}.${started}.${randomHex(4)}`;
  const handle = await open(join(dir, file), "wx", 0o600);
  // For people who look; everything that is judged is in the name, which appears at once and whole.
  await handle.writeFile(
    `${JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() })}\n`,
  );
  await handle.close();
  return file;
}

async function livingLocks(dir: string, name: string, own: string): Promise<LockFile[]> {
  const living: LockFile[] = [];
  for (const file of await readdir(dir)) {
    if (file === own || !file.startsWith(`${name}.lock.`)) continue;
    const [pidText, started] = file.slice(name.length + ".lock.".length).split(".");
    const pid = Number(pidText);
    if (!Number.isSafeInteger(pid) || pid < 1) continue;
    if (isSameProcess(pid, started)) living.push({ file, pid });
    else await rm(join(dir, file), { force: true });
  }
  return living;
}

function isSameProcess(pid: number, started: string | undefined): boolean {
  const now = identifyProcess(pid);
  return now.alive && (now.started ?? "0") === started;
}

function holding(path: string): DataFolderLock {
  return { release: () => rm(path, { force: true }) };
}
