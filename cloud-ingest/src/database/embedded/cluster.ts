import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { E } from "../errors.js";
import type { Account } from "./account.js";
import type { Placement } from "./placement.js";

const run = promisify(execFile);

/** The only account of the database server; the socket's folder admits nobody else. */
export const SERVER_USER = "storeward";
const SOCKET_NAME = "/.s.PGSQL.5432";
/** sun_path holds 108 bytes on Linux and 104 on macOS, with the ending zero. */
const MAX_SOCKET_PATH = 103;

export function clusterFolder(home: string): string {
  return join(home, "postgres");
}

/** Makes the database's files on the first start. An attempt that was cut off is made again from the beginning. */
export async function ensureCluster(
  { native, home, account }: Placement,
  options: { fsync: boolean },
): Promise<string> {
  const dir = clusterFolder(home);
  if (existsSync(dir)) {
    checkVersion(dir, native);
    return dir;
  }
  const making = `${dir}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  give(making, account);
  const flags = ["-D", making, "-U", SERVER_USER, "-E", "UTF8", "--locale=C", "--auth=trust", "--wal-segsize=4"];
  if (!options.fsync) flags.push("--no-sync");
  try {
    await run(join(native, "bin", "initdb"), flags, { ...identity(account), cwd: making, env: serverEnv() });
  } catch (cause) {
    const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
    const reason = said.split("\n").at(-1) || (cause instanceof Error ? cause.message : String(cause));
    throw E.EMBEDDED_INIT_FAILED({ dir, reason }, { cause });
  }
  renameSync(making, dir);
  return dir;
}

/** Where the server's Unix socket goes: beside the database, or in a temporary folder where that path is too long for a socket. */
export function socketFolder({ home, account }: Placement): { folder: string; temporary: boolean } {
  const beside = join(home, "run");
  const temporary = Buffer.byteLength(beside + SOCKET_NAME) > MAX_SOCKET_PATH;
  const folder = temporary ? mkdtempSync(join(shortTmp(), "storeward-")) : beside;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  give(folder, account);
  return { folder, temporary };
}

/** How a child process becomes the account. */
export function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Nothing of our own environment (PGDATA, PGPORT, secrets) reaches the server. */
export function serverEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };
}

function give(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

function shortTmp(): string {
  const own = tmpdir();
  return Buffer.byteLength(join(own, "storeward-XXXXXX") + SOCKET_NAME) > MAX_SOCKET_PATH ? "/tmp" : own;
}

function checkVersion(dir: string, native: string): void {
  const found = readFileSync(join(dir, "PG_VERSION"), "utf8").trim();
  const said = execFileSync(join(native, "bin", "postgres"), ["--version"], { encoding: "utf8" });
  const own = /\d+/.exec(said)?.[0] ?? "";
  if (own !== found) throw E.EMBEDDED_VERSION({ dir, found, own });
}
