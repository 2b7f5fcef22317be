import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** What a running server writes into `postmaster.pid` (miscadmin.h: pid, data folder, start, port, socket folder). */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
}

/** The server that runs on this database folder, or undefined. A pid that another program has by now does not count. */
export function runningPostmaster(dir: string): Postmaster | undefined {
  const lines = pidFile(dir);
  const pid = pidIn(dir);
  if (pid === undefined || !commandOf(pid).includes(dir)) return undefined;
  return { pid, port: Number(lines[3]), socketFolder: lines[4] ?? "" };
}

/**
 * Ends the server that an earlier process left on this folder, and removes a pid file whose pid another program has by now (as in a
 * container, where pids repeat): PostgreSQL itself would believe it.
 */
export async function stopLeftover(dir: string): Promise<void> {
  for (const [signal, ms] of [
    ["SIGINT", 10_000],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 5_000],
  ] as const) {
    const left = runningPostmaster(dir);
    if (left === undefined) break;
    kill(left.pid, signal);
    for (let waited = 0; waited < ms && runningPostmaster(dir) !== undefined; waited += 20) await wait(20);
  }
  // Of a dead server's pid file PostgreSQL itself judges by it whether children of that server still write.
  const pid = pidIn(dir);
  if (pid !== undefined && isAlive(pid) && runningPostmaster(dir) === undefined)
    rmSync(join(dir, "postmaster.pid"), { force: true });
}

function pidFile(dir: string): string[] {
  try {
    return readFileSync(join(dir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

function pidIn(dir: string): number | undefined {
  const pid = Number(pidFile(dir)[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it has just ended
  }
}

/** The command line of a process; empty when there is none. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    if (process.platform === "linux") return "";
  }
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
  } catch {
    return "";
  }
}
