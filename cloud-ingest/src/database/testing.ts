import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isMainThread } from "node:worker_threads";
import { randomHex } from "@storeward/runtime";
import { ensureCluster, identity, SERVER_USER, serverEnv, socketFolder } from "./embedded/cluster.js";
import { place } from "./embedded/placement.js";
import { accepts } from "./embedded/server.js";
import type { Limits } from "./limits.js";
import { migrate } from "./migrate.js";
import { type Connection, PooledDatabase } from "./pool.js";
import type { Migration } from "./types.js";

/** Which PostgreSQL: the one that comes with us, or the one of the system. */
export type TestServer = "embedded" | "system";

/** Limits that a test can wait for, and a busy machine stays within. */
export const SHORT_LIMITS: Limits = {
  statementMs: 2_000,
  lockMs: 1_000,
  idleMs: 60_000,
  silentMs: 2_500,
  longMs: 60_000,
  connectMs: 10_000,
};

const DEBIAN = "/usr/lib/postgresql";

/** The folder of the system's PostgreSQL, the newest as Debian installs it; undefined where there is none. */
export function systemPostgres(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const version = readdirSync(DEBIAN)
    .sort((a, b) => Number(a) - Number(b))
    .at(-1);
  return version === undefined ? undefined : join(DEBIAN, version);
}

export interface TestDatabase {
  readonly db: PooledDatabase;
  /** For another pool on the same database. */
  readonly connection: Connection;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

/** Ends the server, and removes its files, once the test run is gone. */
const UNTIL_RUN_ENDS = `
run=$1; home=$2; shift 2
"$@" </dev/null >"$home/log" 2>&1 &
server=$!
alive() { kill -0 $1 2>/dev/null || [ -d /proc/$1 ] || ps -p $1 >/dev/null 2>&1; }
while alive $run && alive $server; do sleep 1; done
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$home"
`;

/**
 * A new, empty database with these migrations applied, on one server of its kind for the whole test run (started by whichever
 * test comes first, gone with the run). Nothing on it survives a crash: fsync is off.
 */
export async function testDatabase(
  migrations: readonly Migration[] = [],
  server: TestServer = "embedded",
): Promise<TestDatabase> {
  const socket = await sharedServer(server);
  const at = (database: string): Connection => ({ host: socket, port: 5432, user: SERVER_USER, database });
  const name = `test_${randomHex(8)}`;
  const template = migrations.length === 0 ? "template1" : await templateWith(migrations, at);
  await asAdmin(at("postgres"), `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const connection = at(name);
  const db = new PooledDatabase(connection, { max: 8, applicationName: "test" });
  return {
    db,
    connection,
    close: async () => {
      await db.close();
      await asAdmin(at("postgres"), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** A database with these migrations, to be copied: made by whichever test of the run asks first, for a copy takes a tenth of making one. */
async function templateWith(migrations: readonly Migration[], at: (database: string) => Connection): Promise<string> {
  const steps = createHash("sha256").update(JSON.stringify(migrations)).digest();
  const template = `template_${steps.toString("hex").slice(0, 16)}`;
  const admin = new PooledDatabase(at("postgres"), { max: 1, applicationName: "test-admin" });
  try {
    await admin.transaction(
      async (tx) => {
        await tx.query("SELECT pg_advisory_xact_lock($1)", [steps.readUInt32BE()]);
        const made = await tx.query("SELECT 1 FROM pg_database WHERE datname = $1", [template]);
        if (made.length > 0) return;
        // It has its name once it is whole.
        const making = `making_${randomHex(8)}`;
        await asAdmin(at("postgres"), `CREATE DATABASE ${making}`);
        const db = new PooledDatabase(at(making), { max: 1, applicationName: "test" });
        await migrate(db, migrations).finally(() => db.close());
        await asAdmin(at("postgres"), `ALTER DATABASE ${making} RENAME TO ${template}`);
      },
      { long: true },
    );
  } finally {
    await admin.close();
  }
  return template;
}

async function asAdmin(connection: Connection, sql: string): Promise<void> {
  const admin = new PooledDatabase(connection, { max: 1, applicationName: "test-admin" });
  try {
    await admin.query(sql);
  } finally {
    await admin.close();
  }
}

/** The folder of the shared server's socket. */
async function sharedServer(kind: TestServer): Promise<string> {
  const run = isMainThread ? process.ppid : process.pid;
  const home = join(tmpdir(), `storeward-test-pg-${kind}-${process.getuid?.() ?? 0}-${run}`);
  const ready = join(home, "ready");
  try {
    mkdirSync(home, { mode: 0o755 });
  } catch {
    for (let waited = 0; !existsSync(ready); waited += 20) {
      if (waited > 30_000) throw new Error(`the test database of this run has not started: see ${home}/log`);
      await wait(20);
    }
    return readFileSync(ready, "utf8");
  }
  try {
    const socket = await launch(home, run, kind);
    writeFileSync(`${ready}.new`, socket);
    renameSync(`${ready}.new`, ready);
    return socket;
  } catch (error) {
    rmSync(home, { recursive: true, force: true });
    throw error;
  }
}

async function launch(home: string, run: number, kind: TestServer): Promise<string> {
  const data = join(home, "data");
  const embedded = await place(data);
  const placement = kind === "system" ? { ...embedded, native: systemPostgres() ?? "" } : embedded;
  // Whoever runs the server also tidies up.
  const { account } = placement;
  if (account !== undefined) for (const folder of [home, data]) chownSync(folder, account.uid, account.gid);
  const dir = await ensureCluster(placement, { fsync: false });
  const { folder } = socketFolder(placement);
  const settings = [
    "listen_addresses=",
    `unix_socket_directories=${folder}`,
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=200",
    "shared_buffers=64MB",
    "timezone=UTC",
    "jit=off",
    "autovacuum=off",
  ].flatMap((setting) => ["-c", setting]);
  const command = [join(placement.native, "bin", "postgres"), "-D", dir, ...settings];
  const child = spawn("/bin/sh", ["-c", UNTIL_RUN_ENDS, "storeward-test-pg", String(run), home, ...command], {
    ...identity(placement.account),
    cwd: dir,
    env: serverEnv(),
    detached: true,
    stdio: "ignore",
  });
  child.unref();
  for (let waited = 0; !(await accepts(folder)); waited += 20) {
    if (waited > 30_000) throw new Error(`the test database does not start: see ${home}/log`);
    await wait(20);
  }
  return folder;
}
