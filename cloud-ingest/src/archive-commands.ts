import { resolve } from "node:path";
import { createLogger, defineCommand, systemClock, usageError } from "@storeward/runtime";
import { attach, detach, exportDay, FOLLOWERS, logDays } from "./archive/index.js";
import { audit, SYSTEM } from "./audit/index.js";
import { ItemBook } from "./catalog/index.js";
import { configOption, say, withDatabase } from "./commands.js";
import { loadCloudConfig } from "./config.js";
import type { Database } from "./database/index.js";
import { Places } from "./places/index.js";
import { describeDifference, rebuild, SHADOW_PATH } from "./rebuild/index.js";

/** Those of `FOLLOWERS` whose days are worth keeping: evidence is what is on its way between two followers, telemetry is of the day. */
const LOGS = Object.keys(FOLLOWERS).filter((log) => !["evidence", "telemetry_sample"].includes(log));
const DAY = /^\d{4}-\d\d-\d\d$/;
/** How often a terminal's line is written again, and how often a line is written where there is no terminal, ms. */
const EVERY_MS = { terminal: 200, file: 10_000 };

interface LogOptions {
  readonly log: string;
  readonly day: string | undefined;
  readonly to: string | undefined;
  readonly withoutExport: boolean;
}

const actions: Readonly<Record<string, (db: Database, options: LogOptions) => Promise<void>>> = {
  list: async (db, { log }) => {
    for (const { day, rows, bytes, exported, needed } of await logDays(db, log)) {
      say(`${day}  ${rows} rows, ${bytes} bytes, ${exported === null ? "not exported" : `exported to ${exported}`}`);
      for (const reason of needed) say(`            ${reason}`);
    }
  },
  export: async (db, { log, day, to }) => {
    if (day === undefined || to === undefined) throw usageError("name the day and the folder: --day DAY --to FOLDER");
    const folder = resolve(to);
    const { file, rows, sha256 } = await exportDay(db, { log, day, folder, now: new Date() });
    await audit(db, { ...SYSTEM, action: "log.exported", subject: `${log} ${day}`, detail: { folder, rows, sha256 } });
    say(`${rows} rows are in ${file} in ${folder}, read back and whole; SHA-256 ${sha256}`);
  },
  detach: async (db, { log, day, withoutExport }) => {
    if (day === undefined) throw usageError("name the day: --day DAY");
    const table = await detach(db, { log, day, now: new Date(), withoutExport });
    await audit(db, { ...SYSTEM, action: "log.detached", subject: `${log} ${day}`, detail: { table, withoutExport } });
    say(`${day} is no longer read; its rows are in the table ${table} until that is dropped`);
  },
  attach: async (db, { log, day, to: folder }) => {
    if (day === undefined || folder === undefined)
      throw usageError("name the day and the folder it was exported to: --day DAY --to FOLDER");
    const rows = await attach(db, { log, day, folder: resolve(folder) });
    await audit(db, { ...SYSTEM, action: "log.attached", subject: `${log} ${day}`, detail: { folder, rows } });
    say(`${rows} rows of ${day} are read again. keep.days must reach that far, or they are dropped within ten minutes`);
  },
};

export const archiveCommands = {
  journal: defineCommand({
    description: `Lists, exports, detaches or attaches days of the journal, also while the service runs

ACTION is list, export, detach or attach. docs/retention.md tells when a day can be detached.`,
    usage: "ACTION --config FILE [--log LOG] [--day DAY] [--to FOLDER]",
    positionals: ["ACTION"],
    options: {
      config: configOption,
      log: { type: "string", placeholder: "LOG", default: "journal", description: `one of ${LOGS.join(", ")}` },
      day: { type: "string", placeholder: "DAY", description: "2026-03-01, a day of recording, UTC" },
      to: { type: "string", placeholder: "FOLDER", description: "where export writes, and attach reads" },
      "without-export": { type: "boolean", description: "detach although there is no export" },
    },
    run: async ({ values, positionals: [name = ""] }) => {
      const action = actions[name];
      const { log, day, to } = values;
      if (action === undefined) throw usageError(`choose one of ${Object.keys(actions).join(", ")}`);
      if (!LOGS.includes(log)) throw usageError(`there is no log ${log}: choose one of ${LOGS.join(", ")}`);
      if (day !== undefined && !DAY.test(day)) throw usageError(`${day} is no day: write it as 2026-03-01`);
      const options = { log, day, to, withoutExport: values["without-export"] ?? false };
      await withDatabase(loadCloudConfig(values.config), false, ({ db }) => action(db, options));
    },
  }),
  rebuild: defineCommand({
    description: `Makes locations, coverage and time series again from the journal beside the live ones, and compares, while the service runs

Without --swap nothing is changed. With it, what differs is put in place and told as corrections.`,
    usage: "--config FILE [--from start|DAY] [--swap]",
    options: {
      config: configOption,
      from: {
        type: "string",
        placeholder: "DAY",
        description: "start, or the day at whose edge a checkpoint was written; by default as early as there is",
      },
      swap: { type: "boolean", description: "put in place what differs" },
    },
    run: async ({ values }) => {
      const settings = loadCloudConfig(values.config);
      const { swap = false, from } = values;
      await withDatabase(settings, false, async ({ db, beside }) => {
        const directory = new Places({ db, log: createLogger("storeward-cloud", { level: "warn" }) });
        await directory.load(settings.site.site.id);
        const line = new ProgressLine();
        const shadow = beside(SHADOW_PATH);
        const done = await rebuild({
          db,
          shadow,
          directory,
          items: new ItemBook(),
          clock: systemClock,
          swap,
          from,
          progress: (at) => line.show(at),
        }).finally(() => line.end());
        const { differences, listed, rows } = done;
        if (swap)
          await audit(db, { ...SYSTEM, action: "state.rebuilt", subject: done.from, detail: { rows, differences } });
        say(
          `${rows} rows were followed again, each row of the journal by three followers, from ${done.from}; ${differences} rows differ`,
        );
        for (const each of listed) say(`  ${describeDifference(each)}`);
        if (differences > listed.length) say(`  and ${differences - listed.length} more`);
        if (differences > 0) say(swap ? "They were put in place." : "Nothing was changed: --swap puts them in place.");
      });
    },
  }),
};

/** Rows, rows a second and time left: one line written again and again on a terminal, else a line now and then. */
class ProgressLine {
  readonly #since = performance.now();
  #shown = Number.NEGATIVE_INFINITY;
  #open = false;

  show({ rows, total }: { readonly rows: number; readonly total: number }): void {
    const now = performance.now();
    const { isTTY = false } = process.stdout;
    if (now - this.#shown < (isTTY ? EVERY_MS.terminal : EVERY_MS.file)) return;
    this.#shown = now;
    const rate = rows / Math.max(0.001, (now - this.#since) / 1000);
    const left = Math.ceil((total - rows) / Math.max(1, rate));
    const text = `${rows} of ${total} rows, ${Math.round(rate)} a second, ${left} s left`;
    process.stdout.write(isTTY ? `\r\u001b[K${text}` : `${text}\n`);
    this.#open = isTTY;
  }

  end(): void {
    if (this.#open) process.stdout.write("\n");
    this.#open = false;
  }
}
