import { readFileSync } from "node:fs";

/** What tells a running process from a later one with the same pid. */
interface ProcessIdentity {
  readonly alive: boolean;
  /** Start in clock ticks since the machine's boot; only where /proc exists (Linux). */
  readonly started?: string;
}

/** Looks a pid up. A zombie (ended, not yet reaped) is not alive; a process of another user is. */
export function identifyProcess(pid: number): ProcessIdentity {
  const stat = readStat(pid);
  if (stat !== undefined) {
    // proc(5): the command, in parentheses, may hold anything; state is field 3, starttime field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    const started = fields[19];
    if (state === "Z" || state === "X") return { alive: false };
    if (started !== undefined) return { alive: true, started };
  }
  return { alive: answersSignal(pid) };
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
