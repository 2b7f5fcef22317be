import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomHex } from "@storeward/runtime";
import { E } from "../errors.js";
import { type Account, mayEnter, mayRun, serverAccount } from "./account.js";
import { nativeFolder } from "./binaries.js";
import { clusterFolder } from "./cluster.js";
import { stopLeftover } from "./postmaster.js";

/** Where the server and its files are, and who runs it. */
export interface Placement {
  /** Holds `bin`, `lib` and `share`. */
  readonly native: string;
  /** The folder in which the database's own folder lives; the account may write in the latter only. */
  readonly home: string;
  readonly account: Account | undefined;
  /** What somebody who looks for the files must know; undefined when everything is in the data folder. */
  readonly notice: string | undefined;
}

/** In the data folder: where the database is, when it is not there. */
const POINTER = "postgres.location";
/** Beside a database that lives elsewhere: whose it is. */
const OWNER = "owner.json";

/**
 * Decides where the embedded server lives. An ordinary user keeps everything in the data folder. Started by root it runs under an unprivileged
 * account: the data folder is opened for that account's group to pass through; where the way to it is barred (a private home), the
 * database goes to a folder of its own elsewhere, named by a pointer file, and so do the binaries.
 */
export async function place(data: string, account = serverAccount()): Promise<Placement> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const folder = realpathSync(data);
  const native = nativeFolder();
  if (account === undefined) return { native, home: folder, account, notice: undefined };
  const reachable = mayRun(account, join(native, "bin", "postgres"));
  const binaries = reachable ? native : copyBinaries(native, account);
  const home = await homeFor(folder, account);
  const moved = [
    home === folder ? "" : `its data is in ${home}`,
    reachable ? "" : `its programs were copied to ${binaries}`,
  ].filter((text) => text !== "");
  const notice =
    moved.length === 0
      ? undefined
      : `PostgreSQL does not run as root and runs as ${account.name}, which cannot enter ${dirname(folder)}: ${moved.join(", ")}`;
  return { native: binaries, home, account, notice };
}

async function homeFor(folder: string, account: Account): Promise<string> {
  const pointer = join(folder, POINTER);
  if (existsSync(pointer)) return pointedHome(folder, pointer);
  if (mayEnter(account, dirname(folder))) {
    const { uid, mode } = statSync(folder);
    if (!mayEnter(account, folder)) {
      chownSync(folder, uid, account.gid);
      chmodSync(folder, (mode & 0o700) | 0o010);
    }
    if (mayEnter(account, folder)) return folder;
  }
  const base = placesBase();
  await removeAbandoned(base, folder);
  const home = join(base, `data-${randomHex(6)}`);
  mkdirSync(home, { mode: 0o711 });
  writeFileSync(join(home, OWNER), JSON.stringify({ data: folder }));
  writeFileSync(pointer, `${home}\n`);
  return home;
}

/** Where the database of this data folder is, without making anything; undefined when the folder does not exist. */
export function homeOf(data: string): string | undefined {
  if (!existsSync(data)) return undefined;
  const folder = realpathSync(data);
  const pointer = join(folder, POINTER);
  return existsSync(pointer) ? readFileSync(pointer, "utf8").trim() : folder;
}

/** Whether an embedded database has been made for this data folder. */
export function hasDatabase(data: string): boolean {
  const home = homeOf(data);
  return home !== undefined && existsSync(join(clusterFolder(home), "PG_VERSION"));
}

/** A pointer is believed only when what it points to says the same; a data folder that was moved takes its database along. */
function pointedHome(folder: string, pointer: string): string {
  const home = readFileSync(pointer, "utf8").trim();
  const owner = ownerOf(home);
  if (owner === folder) return home;
  if (owner !== undefined && existsSync(join(owner, POINTER)))
    throw E.EMBEDDED_PLACE_TAKEN({ dir: home, owner, pointer });
  mkdirSync(home, { recursive: true, mode: 0o711 });
  writeFileSync(join(home, OWNER), JSON.stringify({ data: folder }));
  return home;
}

/** Databases of this data folder from before it was emptied, and of temporary folders that are gone: nothing points to them any more. */
async function removeAbandoned(base: string, folder: string): Promise<void> {
  for (const name of readdirSync(base)) {
    const home = join(base, name);
    const owner = ownerOf(home);
    // Elsewhere a folder that is not there may be on a disk that is not mounted now.
    const gone = owner?.startsWith(tmpdir()) && !existsSync(owner);
    if (!name.startsWith("data-") || (owner !== folder && !gone)) continue;
    await stopLeftover(clusterFolder(home));
    rmSync(home, { recursive: true, force: true });
  }
}

function ownerOf(home: string): string | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(home, OWNER), "utf8"));
    return typeof owner === "object" && owner !== null && "data" in owner ? String(owner.data) : undefined;
  } catch {
    return undefined;
  }
}

/** Programs where every account may read them, one copy for each release. */
function copyBinaries(native: string, account: Account): string {
  const version = createHash("sha256")
    .update(statSync(join(native, "bin", "postgres")).size.toString())
    .update(readFileSync(join(native, "..", "package.json")));
  const target = join(placesBase(), `postgresql-${version.digest("hex").slice(0, 12)}`);
  if (mayRun(account, join(target, "bin", "postgres"))) return target;
  const making = `${target}.${process.pid}`;
  cpSync(native, making, { recursive: true, verbatimSymlinks: true });
  openForReading(making);
  rmSync(target, { recursive: true, force: true });
  renameSync(making, target);
  return target;
}

function openForReading(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(file, 0o755);
    else if (entry.isFile()) chmodSync(file, (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  chmodSync(path, 0o755);
}

/** `/var/lib/storeward`, or a folder of root's in the temporary folder where that cannot be made. */
function placesBase(): string {
  for (const base of ["/var/lib/storeward", join(tmpdir(), "storeward-root")]) {
    try {
      mkdirSync(base, { recursive: true, mode: 0o755 });
      // A folder in a temporary folder may have been laid there by somebody else.
      if (statSync(base).uid === 0) {
        chmodSync(base, 0o755);
        return base;
      }
    } catch {
      // a read-only file system: try the next
    }
  }
  throw E.EMBEDDED_INIT_FAILED({ dir: "/var/lib/storeward", reason: "root may not make that folder" });
}
