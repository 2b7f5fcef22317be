import { resolve } from "node:path";
import { createLogger, defineCommand, type Logger, usageError } from "@storeward/runtime";
import { audit, SYSTEM } from "./audit/index.js";
import { backup, restore } from "./backup/index.js";
import { type CloudSettings, loadCloudConfig } from "./config.js";
import { hasDatabase, type Maintenance, migrate, openForMaintenance } from "./database/index.js";
import { adoptLedger } from "./intake/index.js";
import { schema } from "./schema.js";
import { refillTargets } from "./time-series/index.js";

/** The lock of the data folder, of the service and of commands that need it stopped. */
export const LOCK = "storeward-cloud";

export const configOption = {
  type: "string",
  short: "c",
  placeholder: "FILE",
  default: "cloud.yaml",
  description: "configuration of this service",
} as const;

export const say = (text: string): void => void process.stdout.write(`${text}\n`);

export const commands = {
  backup: defineCommand({
    description: "Writes everything the database holds into FILE, also while the service runs",
    usage: "FILE --config FILE",
    positionals: ["FILE"],
    options: { config: configOption },
    run: async ({ values, positionals: [file] }) => {
      const settings = loadCloudConfig(values.config);
      const target = resolve(file ?? "");
      if (settings.databaseUrl === undefined && !hasDatabase(settings.config.data))
        throw usageError(
          `there is no database in ${settings.config.data}: name the service's own configuration and data folder`,
        );
      await withDatabase(settings, false, async ({ db }) => {
        const { rows, bytes } = await backup(db, target, say);
        await audit(db, { ...SYSTEM, action: "backup.written", subject: target, detail: { rows, bytes } });
        say(`${rows} rows are in ${target}, ${bytes} bytes`);
      });
    },
  }),
  restore: defineCommand({
    description: "Puts the backup FILE in the place of the database, while the service is stopped",
    usage: "FILE --config FILE [--force]",
    positionals: ["FILE"],
    options: {
      config: configOption,
      force: { type: "boolean", description: "replace what the database holds" },
    },
    run: async ({ values, positionals: [file] }) => {
      const settings = loadCloudConfig(values.config);
      const source = resolve(file ?? "");
      await withDatabase(settings, true, async ({ db }) => {
        const { ledger } = settings.config;
        const force = values.force ?? false;
        const { rows, takenAt } = await restore(db, source, { ledger, force, migrations: schema, progress: say });
        // They may hold what came after the backup.
        await refillTargets(db);
        say(`${rows} rows of ${takenAt} are restored; what agents still keep since then they send again`);
      });
    },
  }),
  adopt: defineCommand({
    description: "Makes the database carry on as the ledger that the configuration names, while the service is stopped",
    usage: "--config FILE --yes",
    options: {
      config: configOption,
      yes: {
        type: "boolean",
        description: "it is meant: agents of that ledger will delete what this database acknowledges",
      },
    },
    run: async ({ values }) => {
      const settings = loadCloudConfig(values.config);
      if (values.yes !== true) throw usageError("adopting a database is meant for good: add --yes");
      await withDatabase(settings, true, async ({ db }) => {
        const { ledger } = settings.config;
        await migrate(db, schema);
        const before = await adoptLedger(db, ledger);
        if (before === ledger) return say(`The database is ledger ${ledger} already`);
        await audit(db, { ...SYSTEM, action: "ledger.adopted", subject: ledger, detail: { before: before ?? null } });
        say(`The database was ledger ${before ?? "(none)"} and carries on as ${ledger}`);
      });
    },
  }),
};

/** The database for the while of a command: `exclusive` refuses while the service runs, else works beside it. */
export async function withDatabase(
  { config, databaseUrl }: CloudSettings,
  exclusive: boolean,
  work: (database: Maintenance) => Promise<void>,
): Promise<void> {
  const log: Logger = createLogger("storeward-cloud", { level: process.env.STOREWARD_LOG_LEVEL ?? "warn" });
  const database = await openForMaintenance({ data: config.data, url: databaseUrl, log, lock: LOCK, exclusive });
  try {
    await work(database);
  } finally {
    await database.close();
  }
}
