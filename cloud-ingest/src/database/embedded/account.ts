import { execFileSync, spawnSync } from "node:child_process";
import { E } from "../errors.js";

/** Who the database server runs as, where that is not this process's own user. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: then it is `postgres`, else `nobody`. Undefined for an ordinary user. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const uid = idOf("-u", name);
    const gid = idOf("-g", name);
    if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid };
  }
  throw E.EMBEDDED_NO_ACCOUNT();
}

function idOf(flag: string, name: string): number | undefined {
  try {
    const id = Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return Number.isSafeInteger(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the account may run `file`: asked of the system itself, which knows every rule on the way. */
export function mayRun(account: Account, file: string): boolean {
  return ask(account, 'test -x "$1"', file);
}

/** Whether the account may pass through `folder`. */
export function mayEnter(account: Account, folder: string): boolean {
  return ask(account, 'cd "$1"', folder);
}

function ask({ uid, gid }: Account, script: string, path: string): boolean {
  return spawnSync("/bin/sh", ["-c", script, "sh", path], { uid, gid, cwd: "/", stdio: "ignore" }).status === 0;
}
