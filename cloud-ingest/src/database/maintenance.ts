import { lockDataFolder } from "@storeward/runtime";
import { runningConnection } from "./embedded/server.js";
import { E } from "./errors.js";
import { type DatabaseOptions, openDatabase, SERVICE_NAME } from "./open.js";
import { type Connection, PooledDatabase } from "./pool.js";
import type { Database } from "./types.js";

/** What the server calls the connections of commands. */
const NAME = "storeward-command";

export interface MaintenanceOptions extends Omit<DatabaseOptions, "limits"> {
  /** Name of the data folder's lock, as the service takes it. */
  readonly lock: string;
  /** Refuse while the service runs (DATA_FOLDER_IN_USE, DATABASE_IN_USE), instead of working beside it. */
  readonly exclusive: boolean;
}

export interface Maintenance {
  readonly db: Database;
  /** The same database through a few connections of its own, which look names up in these schemas: `rebuild,public`. Closed with it. */
  beside(searchPath: string): Database;
  close(): Promise<void>;
}

/**
 * The service's database for a command: an outside one, the one of the running service, or the embedded one started for the while. Without limits:
 * a backup takes as long as it takes, and somebody watches it.
 */
export async function openForMaintenance(options: MaintenanceOptions): Promise<Maintenance> {
  const { data, url, lock, exclusive } = options;
  const running = exclusive || url !== undefined ? undefined : runningConnection(data);
  if (running !== undefined) {
    const db = new PooledDatabase(running, { max: 4, applicationName: NAME });
    return {
      db,
      ...besides(
        () => running,
        () => db.close(),
      ),
    };
  }
  const held = exclusive || url === undefined ? await lockDataFolder(data, lock) : undefined;
  const db = openDatabase({ ...options, applicationName: NAME });
  try {
    await db.start();
    const close = async (): Promise<void> => {
      await db.stop();
      await held?.release();
    };
    if (exclusive) await refuseInUse(db).catch((error) => close().then(() => Promise.reject(error)));
    return { db, ...besides(() => db.connection, close) };
  } catch (error) {
    await held?.release();
    throw error;
  }
}

function besides(connection: () => Connection, close: () => Promise<void>): Pick<Maintenance, "beside" | "close"> {
  const pools: PooledDatabase[] = [];
  return {
    beside: (searchPath) => {
      const pool = new PooledDatabase(connection(), { max: 2, applicationName: NAME, searchPath });
      pools.push(pool);
      return pool;
    },
    close: async () => {
      for (const pool of pools) await pool.close();
      await close();
    },
  };
}

/** A service on another machine may use an outside database. */
async function refuseInUse(db: Database): Promise<void> {
  const [row] = await db.query<{ count: number }>(
    `SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND (application_name = $1 OR starts_with(application_name, $1 || ' '))`,
    [SERVICE_NAME],
  );
  if ((row?.count ?? 0) > 0) throw E.DATABASE_IN_USE({ count: row?.count ?? 0 });
}
