import type { Sql } from "../database/index.js";
import { asideBefore, behindEdge, nextDay } from "../journal/index.js";
import { hasCheckpointAfter } from "../rebuild/index.js";

/** Logs, each with all its followers. The start of the service refuses one not listed here. */
export const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  journal: ["coverage", "evidence", "series"],
  evidence: ["locations"],
  stay_change: ["series-stays", "alerts"],
  telemetry_sample: ["series-telemetry"],
};

/**
 * Why a day of a log must stay, in words; none when nobody needs it. Every follower must have handled the day, also what it has put
 * aside, and what state followers made of it must be in a checkpoint, for nobody can do either again without the day. The rule of `journal detach` and of `keep` alike.
 */
export async function whyNeeded(sql: Sql, log: string, day: string, followers: readonly string[]): Promise<string[]> {
  const edge = nextDay(day);
  const reasons = new Map<string, { rows: number; partitions: number }>();
  for (const { follower, pos, edge: to } of await behindEdge(sql, log, edge, followers)) {
    const { rows, partitions } = reasons.get(follower) ?? { rows: 0, partitions: 0 };
    reasons.set(follower, { rows: rows + to - pos, partitions: partitions + 1 });
  }
  const words = [...reasons].map(
    ([follower, { rows, partitions }]) =>
      `the follower ${follower} has ${rows} rows of it or before it to read, in ${partitions} partitions`,
  );
  for (const { follower, rows } of await asideBefore(sql, log, edge, followers))
    words.push(
      `the follower ${follower} has put ${rows} rows of it or before it aside: \`storeward-cloud retry\` says why, with --yes has them tried again, and with --give-up lets them go`,
    );
  // Evidence is what a checkpoint has on its way; from telemetry nothing is rebuilt.
  if (log !== "journal" && log !== "stay_change") return words;
  const isEmpty = (await sql.query(`SELECT FROM ${log}_day WHERE day < $1 LIMIT 1`, [edge])).length === 0;
  if (!isEmpty && !(await hasCheckpointAfter(sql, edge)))
    words.push(
      `no checkpoint of coverage, locations and time series has been written at its end (${edge} 00:00 UTC) or later; there is none while rows are put aside`,
    );
  return words;
}
