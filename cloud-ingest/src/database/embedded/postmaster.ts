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
  let lines: string[];
  try {
    lines = readFileSync(join(dir, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1 || !commandOf(pid).includes(dir)) return undefined;
  return { pid, port: Number(lines[3]), socketFolder: lines[4] ?? "" };
}

/**
 * Ends the server that an earlier process left on this folder, and removes the pid file of a dead one, which PostgreSQL itself would believe
 * when another program has that pid by now (as in a container, where pids repeat).
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
  if (runningPostmaster(dir) === undefined) rmSync(join(dir, "postmaster.pid"), { force: true });
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
