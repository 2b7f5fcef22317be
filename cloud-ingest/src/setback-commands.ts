import { defineCommand, usageError } from "@storeward/runtime";
import { audit, SYSTEM } from "./audit/index.js";
import { ItemBook } from "./catalog/index.js";
import { configOption, say, withDatabase } from "./commands.js";
import { loadCloudConfig } from "./config.js";
import type { Database } from "./database/index.js";
import {
  type QuarantinedAt,
  quarantined,
  quarantinedRow,
  quarantineReasons,
  type Retaken,
  retake,
} from "./intake/index.js";
import { askRetry, giveUp, Journal, parkedGroups } from "./journal/index.js";
import { ActingJournal } from "./sources/index.js";
import { Tags } from "./tags/index.js";
import { version } from "./version.js";

const PAGE = 500;

/** As the service does it: what a phone's rows say was done, is done when they are taken in. */
export function retakeAll(db: Database, agent?: string): Promise<Retaken> {
  const tags = new Tags();
  const journal = new ActingJournal({ journal: new Journal(), tags, items: new ItemBook(), by: SYSTEM });
  return retake({ db, journal, tags, version, agent });
}

/** Gives up what a follower has put aside, and writes down why it had; returns how many rows that were. */
export function letGo(db: Database, follower: string): Promise<number> {
  return db.transaction(async (tx) => {
    const groups = (await parkedGroups(tx)).filter((group) => group.follower === follower);
    const given = await giveUp(tx, follower);
    const detail = { given, errors: groups.map(({ error }) => error) };
    await audit(tx, { ...SYSTEM, action: "parked.given-up", subject: follower, detail });
    return given;
  });
}

/** Commands for what was put aside; they work beside a running service. */
export const setbackCommands = {
  quarantine: defineCommand({
    description:
      "What agents sent and could not be understood: list it, show one row's bytes, or retake what this release understands",
    usage: "list|show|retake [AGENT] [EPOCH] [SEQ] --config FILE",
    positionals: ["list|show|retake", "[AGENT]", "[EPOCH]", "[SEQ]"],
    options: { config: configOption },
    run: async ({ values, positionals: [what = "", agent, epoch, seq] }) => {
      const doing = ACTIONS[what];
      if (doing === undefined) throw usageError(`quarantine knows list, show and retake, and not '${what}'`);
      await withDatabase(loadCloudConfig(values.config), false, ({ db }) => doing(db, { agent, epoch, seq }));
    },
  }),
  retry: defineCommand({
    description:
      "Lets the service try again what its followers have put aside, of FOLLOWER or of all, or gives up what FOLLOWER has; without --yes only says what there is",
    usage: "[FOLLOWER] --config FILE [--give-up] [--yes]",
    positionals: ["[FOLLOWER]"],
    options: {
      config: configOption,
      "give-up": {
        type: "boolean",
        description: "never do it, so that the days of these rows need not be kept for it",
      },
      yes: { type: "boolean", description: "ask for it" },
    },
    run: async ({ values, positionals: [follower] }) => {
      if (values["give-up"] === true && follower === undefined)
        throw usageError("name the FOLLOWER that is to give up");
      await withDatabase(loadCloudConfig(values.config), false, async ({ db }) => {
        for (const group of await parkedGroups(db))
          say(`${group.count} of ${group.follower} since ${group.first.toISOString()}: ${group.error}`);
        if (values.yes !== true) return;
        if (values["give-up"] === true && follower !== undefined) {
          say(
            `${await letGo(db, follower)} rows will never be handled by ${follower}; a rebuild handles those of days that are kept`,
          );
          return;
        }
        const asked = await askRetry(db, follower);
        await audit(db, {
          ...SYSTEM,
          action: "parked.retried",
          subject: follower ?? "all followers",
          detail: { asked },
        });
        say(`${asked} rows will be tried again within seconds, or when the service starts`);
      });
    },
  }),
};

interface Named {
  readonly agent: string | undefined;
  readonly epoch: string | undefined;
  readonly seq: string | undefined;
}

const ACTIONS: Readonly<Record<string, (db: Database, named: Named) => Promise<void>>> = {
  list: async (db, { agent }) => {
    for (const { agent: of, count, error } of await quarantineReasons(db))
      if (agent === undefined || agent === of) say(`${count} of ${of}: ${error}`);
    let after: QuarantinedAt | undefined;
    for (;;) {
      const rows = await quarantined(db, { agent, after, limit: PAGE });
      for (const row of rows)
        say(`${row.agent} ${row.epoch} ${row.seq}  ${row.recordedAt.toISOString()}  ${row.error}`);
      after = rows.at(-1);
      if (rows.length < PAGE) return;
    }
  },
  show: async (db, { agent, epoch, seq }) => {
    if (agent === undefined || epoch === undefined || !/^[1-9]\d{0,14}$/.test(seq ?? ""))
      throw usageError("name the row: quarantine show AGENT EPOCH SEQ");
    const row = await quarantinedRow(db, { agent, epoch, seq: Number(seq) });
    if (row === undefined) throw usageError("no such row is in quarantine");
    const taken = row.retakenAt === null ? "waits" : `was taken in on ${row.retakenAt.toISOString()}`;
    say(`${row.error}; recorded ${row.recordedAt.toISOString()}; ${taken}`);
    process.stdout.write(row.body);
    say("");
  },
  retake: async (db, { agent }) => {
    const { taken, left } = await retakeAll(db, agent);
    await audit(db, {
      ...SYSTEM,
      action: "quarantine.retaken",
      subject: agent ?? "all agents",
      detail: { taken, left },
    });
    say(`${taken} rows are in the journal now; ${left} are not understood by ${version} either`);
  },
};
